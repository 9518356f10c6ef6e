/** Folds what the feed says into what clients show: every number arrives ready, nothing is added up here. */
import type { BudgetRow } from './contract/budget.ts'
import type { FeedMessage } from './contract/feed.ts'
import type { LimitRow, RequestRow, Standing } from './contract/rows.ts'
import type { Warning } from './contract/warning.ts'

/** A call that has begun and not ended. */
type Running = { attempt: string; id: string; provider: string; model: string; client: string }

export type View = {
  /** Who the feed said hello as; null before its first hello. */
  daemon: { instanceId: string; version: string; contract: number } | null
  /** Where the daemon listens and in which time zone its days begin; null until a summary came. */
  about: { url: string; timeZone: string } | null
  /** Of the last message taken in. */
  seq: number
  /** null until a summary came. */
  standing: Standing | null
  limits: readonly LimitRow[]
  budgets: readonly BudgetRow[]
  /** Newest first. */
  recent: readonly RequestRow[]
  running: readonly Running[]
  warnings: readonly Warning[]
}

/** As many as a summary brings. */
const recentShown = 50

export const emptyView: View = {
  daemon: null,
  about: null,
  seq: 0,
  standing: null,
  limits: [],
  budgets: [],
  recent: [],
  running: [],
  warnings: [],
}

/** The view after one more message. Changes that come before the first summary are dropped: the summary holds them. */
export function foldFeed(view: View, message: FeedMessage): View {
  if (message.type === 'hello') return greeted(view, message)
  if (message.type === 'summary') {
    const { summary } = message
    const { simulated, today, month, headline, in_flight } = summary
    return {
      ...view,
      about: { url: summary.url, timeZone: summary.time_zone },
      seq: message.seq,
      standing: { simulated, today, month, headline, in_flight },
      limits: summary.limits,
      budgets: summary.budgets,
      recent: summary.recent,
      // what runs is told by name only as it starts; a summary knows just how many
      running: in_flight === 0 ? [] : view.running,
      warnings: summary.warnings,
    }
  }
  if (view.standing === null || message.seq <= view.seq) return view
  const next: View = { ...view, seq: message.seq }
  switch (message.type) {
    case 'attempt.started': {
      const { attempt, id, provider, model, client, standing } = message
      return {
        ...next,
        standing,
        running: [...without(view.running, attempt), { attempt, id, provider, model, client }],
      }
    }
    case 'attempt.ended': {
      const { attempt, request, standing } = message
      const recent = request === null ? view.recent : [request, ...view.recent.filter((r) => r.id !== request.id)]
      const limits = request === null ? view.limits : view.limits.map((limit) => namedBy(limit, request))
      return {
        ...next,
        standing,
        limits,
        running: without(view.running, attempt),
        recent: recent.slice(0, recentShown),
      }
    }
    case 'call.refused':
      return { ...next, standing: message.standing }
    case 'quota':
      return { ...next, standing: message.standing, limits: withLimit(view.limits, message.limit) }
    case 'cooldown': {
      const { standing, provider, limits } = message
      return { ...next, standing, limits: withProvider(view.limits, provider, limits) }
    }
    case 'budget':
      return { ...next, standing: message.standing, budgets: message.budgets }
    case 'alert':
      // a list of them is asked for over REST
      return next
    case 'warning':
      return { ...next, warnings: message.warnings }
  }
}

/** A new instance voids what the one before it said; the same one, met again, is about to send a fresh summary. */
function greeted(view: View, hello: Extract<FeedMessage, { type: 'hello' }>): View {
  const daemon = { instanceId: hello.instance_id, version: hello.version, contract: hello.contract }
  const kept = view.daemon?.instanceId === hello.instance_id ? view : emptyView
  // numbering is the feed's own and starts anew with it; what ran while nobody listened may have ended unheard
  return { ...kept, daemon, seq: 0, running: [] }
}

function without(running: readonly Running[], attempt: string): readonly Running[] {
  return running.filter((one) => one.attempt !== attempt)
}

/** An account's first limits are read before its first call has ended, which is when its billing, and so its name, is known. */
function namedBy(limit: LimitRow, { provider, account, account_label, billing }: RequestRow): LimitRow {
  return limit.provider === provider && limit.account === account ? { ...limit, account_label, billing } : limit
}

/** A row that says nothing any more goes, as it does in a summary. */
function withLimit(limits: readonly LimitRow[], limit: LimitRow): readonly LimitRow[] {
  const isSame = isOfSame(limit)
  if (limit.windows.length === 0 && limit.cooldown === null) return limits.filter((row) => !isSame(row))
  return limits.some(isSame) ? limits.map((row) => (isSame(row) ? limit : row)) : [...limits, limit]
}

/** Rows that stay keep their place, so that nothing jumps where it is shown. */
function withProvider(limits: readonly LimitRow[], provider: string, now: readonly LimitRow[]): readonly LimitRow[] {
  const kept = limits.flatMap((row) => (row.provider === provider ? (now.find(isOfSame(row)) ?? []) : [row]))
  return [...kept, ...now.filter((row) => !kept.includes(row))]
}

function isOfSame({ provider, account, model }: LimitRow): (row: LimitRow) => boolean {
  return (row) => row.provider === provider && row.account === account && row.model === model
}
