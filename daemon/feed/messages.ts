/** What the feed says of one entry of the history. */
import type { AlertRow } from '../../shared/contract/alert.ts'
import type { BudgetRow } from '../../shared/contract/budget.ts'
import type { Entry } from '../../shared/contract/event.ts'
import type { FeedMessage } from '../../shared/contract/feed.ts'
import type { LimitRow, Standing } from '../../shared/contract/rows.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { budgetRowsOf } from '../ledger/views/budgets.ts'
import { limitOf, limitsOf } from '../ledger/views/limits.ts'
import { requestRowOf } from '../ledger/views/rows.ts'

/** What is shown of limits: of one target, of all of a provider, and the budgets. */
export type Limits = {
  of(provider: string, account: string, model: string | null): LimitRow | undefined
  ofProvider(provider: string): LimitRow[]
  /** Those that the user has set. */
  budgets(): BudgetRow[]
}

/** `now` in epoch ms. */
export function limitsIn(ledger: Ledger, now: () => number): Limits {
  return {
    of: (provider, account, model) => limitOf(ledger, now(), provider, account, model),
    ofProvider: (provider) => limitsOf(ledger, now()).filter((row) => row.provider === provider),
    budgets: () => budgetRowsOf(ledger, now()),
  }
}

/** How an alert stands, by its id; undefined: it is no longer kept. */
export type AlertOf = (id: string) => AlertRow | undefined

/**
 * undefined: the entry changes nothing that a client shows. `standing` is as it is after the entry. Where real calls are shown,
 * a simulated one moves no list: it tells only that something ran and has ended.
 */
export function messageOf(
  entry: Entry,
  seq: number,
  standing: Standing,
  limits: Limits,
  alertOf: AlertOf,
): FeedMessage | undefined {
  const { e } = entry
  switch (e.type) {
    case 'attempt.started': {
      const { call: id, attempt, provider, model, client } = e
      return { type: 'attempt.started', seq, id, attempt, provider, model, client, standing }
    }
    case 'attempt.ended': {
      const isShown = e.last && (e.billing === 'simulated') === standing.simulated
      const request = isShown ? requestRowOf(e, entry.t) : null
      return { type: 'attempt.ended', seq, attempt: e.attempt, request, standing }
    }
    case 'call.refused': {
      const { call: id, code, client, provider } = e
      return { type: 'call.refused', seq, id, code, client, provider, standing }
    }
    case 'quota.read': {
      const limit = limits.of(e.provider, e.account, e.model)
      if (!limit || (limit.billing === 'simulated' && !standing.simulated)) return undefined
      return { type: 'quota', seq, limit, standing }
    }
    case 'cooldown.set':
    case 'cooldown.lifted':
    case 'cooldown.ended': {
      const { provider } = e
      return { type: 'cooldown', seq, provider, limits: limits.ofProvider(provider), standing }
    }
    case 'budget.set':
    case 'budget.removed':
      return { type: 'budget', seq, budgets: limits.budgets(), standing }
    case 'admin.changed':
      return undefined
    case 'alert.raised':
      return alertMessage(seq, true, alertOf(e.id))
    case 'webhook.tried':
    case 'webhook.delivered':
    case 'webhook.given-up':
      return alertMessage(seq, false, alertOf(e.alert))
    case 'folded':
      // stands in for lines that clients have already heard of one by one
      return undefined
  }
}

function alertMessage(seq: number, isNew: boolean, alert: AlertRow | undefined): FeedMessage | undefined {
  return alert && { type: 'alert', seq, is_new: isNew, alert }
}
