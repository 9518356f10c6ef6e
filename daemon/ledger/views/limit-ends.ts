/** Which limits a good answer proves to have room, though a refusal before it called them used up until later. */
import type { AttemptEnded, Event, QuotaRead } from '../../../shared/contract/event.ts'
import type { QuotaWindow } from '../../../shared/contract/quota.ts'
import type { Ledger } from '../ledger.ts'
import { quotaKey } from '../quotas.ts'
import { provenSince } from './good-answer.ts'
import { isInOverage } from './overage.ts'
import { countsModel, isSubscriptionWindow } from './windows.ts'

const none: readonly QuotaRead[] = []

/**
 * What is to be recorded behind `e`; asked before it is. Only what a refusal's body said: it is said once, while headers say anew
 * with each reply how a limit stands. A reset that has passed by itself is written down here, too: nothing else would.
 */
export function limitsAfter(ledger: Ledger, e: Event, now: number): readonly QuotaRead[] {
  if (e.type !== 'attempt.ended' || ledger.quotas.size === 0) return none
  const sentAt = provenSince(ledger, e)
  if (sentAt === undefined) return none
  const { provider, account, model } = e
  return [null, model].flatMap((of) => {
    const quota = ledger.quotas.get(quotaKey(provider, account, of))
    const refused = [...(quota?.windows.values() ?? [])].filter(
      (window) => isRefused(window) && window.measuredAt < sentAt,
    )
    const windows = refused.filter(({ name }) => isProvenBy(ledger, e, name, now)).map((window) => resetBy(window, now))
    if (windows.length === 0) return []
    return [{ type: 'quota.read', provider, account, model: of, windows, representative: null, overageInUse: null }]
  })
}

function isRefused({ source, status }: QuotaWindow): boolean {
  return source === 'body' && status === 'rejected'
}

/** A plan stays used up while its calls go on as paid extra usage. */
function isProvenBy(ledger: Ledger, { provider, account, model, billing }: AttemptEnded, name: string, now: number) {
  if (!countsModel(name, model)) return false
  return !isSubscriptionWindow(name) || (billing !== 'overage' && !isInOverage(ledger, provider, account, now))
}

/** As it stands at its reset, which has come by now: of a refusal's words no more is shown then. */
function resetBy(window: QuotaWindow, now: number): QuotaWindow {
  return { ...window, usedPct: 0, remaining: window.limit, resetsAt: now, status: null, measuredAt: now }
}
