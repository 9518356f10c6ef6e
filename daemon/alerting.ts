/** Raises alerts: looks at budgets and at providers' limits a moment after what may have changed them, and never in the way of a call. */
import { type AlertKind, hookEventOf } from '../shared/contract/alert.ts'
import type { BudgetRow } from '../shared/contract/budget.ts'
import type { Entry } from '../shared/contract/event.ts'
import type { SkippedTarget } from '../shared/contract/refusal.ts'
import { quotaKey } from './ledger/quotas.ts'
import { budgetAlertsDue } from './ledger/views/budget-alerts.ts'
import { type DueAlert, nextUsableAt, quotaAlertsDue } from './ledger/views/quota-alerts.ts'
import { kindOfAccount } from './ledger/views/shown.ts'
import type { Book } from './store/book.ts'
import type { Hooks } from './webhooks/hooks.ts'

export type AlertingDeps = {
  book: Pick<Book, 'ledger' | 'record' | 'watch'>
  budgetRows(): BudgetRow[]
  /** What the sandbox says of its limits is nothing to be told of. */
  isSimulated(provider: string): boolean
  hooks(): Hooks
  now(): number
  /** Calls `fn` once after so many ms; what it returns stops that. */
  later(fn: () => void, ms: number): () => void
}

/** What comes within it is looked at once. */
const gatherMs = 200
/** A clock may jump, and a machine sleeps: no wait for a reset is trusted for longer. */
const longestWaitMs = 60_000

/** At a start everything is looked at: what the daemon before did not live to raise is raised then. */
export function openAlerting(deps: AlertingDeps): { close(): void } {
  const { book, now } = deps
  const { ledger } = book
  let budgets = true
  const stopped = new Set<string>()
  const quotas = new Set(ledger.quotas.keys())
  let stopGathering: (() => void) | undefined
  let stopWaiting = () => {}

  function look(): void {
    stopGathering = undefined
    for (const key of quotas) lookAtQuota(key)
    quotas.clear()
    if (budgets) lookAtBudgets()
    budgets = false
    stopped.clear()
    awaitReset()
  }

  function lookAtQuota(key: string): void {
    const quota = ledger.quotas.get(key)
    if (!quota || deps.isSimulated(quota.provider)) return
    if (kindOfAccount(ledger, quota.provider, quota.account) === 'simulated') return
    for (;;) {
      const due = quotaAlertsDue(ledger, quota, now())
      if (due.length === 0) return
      if (!raise(due)) return
    }
  }

  function lookAtBudgets(): void {
    if (ledger.budgets.size === 0) return
    const rows = deps.budgetRows()
    raise(budgetAlertsDue({ alerts: ledger.alerts, rows, zone: ledger.zone, now: now(), stopped }))
  }

  /** An alert of this id that is known already was raised before the clock was set back, or the limit changed to and fro. */
  function raise(due: readonly DueAlert[]): boolean {
    const fresh = due.filter(({ id }) => !ledger.alerts.has(id))
    for (const { id, about } of fresh) book.record({ type: 'alert.raised', id, about, hooks: hooksFor(about.kind) })
    return fresh.length > 0
  }

  function hooksFor(kind: AlertKind): string[] {
    const wanted = hookEventOf(kind)
    return [...deps.hooks().byId.values()].filter(({ events }) => events.has(wanted)).map(({ id }) => id)
  }

  /** A limit comes back without anything that happens. */
  function awaitReset(): void {
    stopWaiting()
    const at = nextUsableAt(ledger, now())
    if (at === undefined) return
    stopWaiting = deps.later(
      () => {
        for (const { quota } of ledger.quotaEpisodes.values()) quotas.add(quota)
        look()
      },
      Math.min(at - now(), longestWaitMs),
    )
  }

  function gather(): void {
    stopGathering ??= deps.later(look, gatherMs)
  }

  const stopWatching = book.watch((entry) => {
    if (!note(entry)) return
    gather()
  })

  /** Whether the entry may be one that something is to be told of. */
  function note({ e }: Entry): boolean {
    switch (e.type) {
      case 'quota.read':
        quotas.add(quotaKey(e.provider, e.account, e.model))
        return true
      case 'attempt.ended':
        noteStopped(e.skipped)
        if (e.billing === 'simulated') return false
        budgets = true
        return ledger.budgets.size > 0
      case 'call.refused':
        return noteStopped(e.skipped)
      case 'budget.set':
      case 'folded':
        budgets = true
        return ledger.budgets.size > 0
      default:
        return false
    }
  }

  function noteStopped(skipped: readonly SkippedTarget[] | undefined): boolean {
    for (const { budget } of skipped ?? []) {
      // what is only held may come back, and what is led elsewhere is so before the limit
      if (!budget || budget.why) continue
      stopped.add(budget.id)
      budgets = true
    }
    return stopped.size > 0
  }

  gather()

  return {
    close() {
      stopWatching()
      stopGathering?.()
      stopWaiting()
    },
  }
}
