/** Whether a plan's account goes on as paid extra usage now: its plan is used up, and its newest reading says that it is. */
import { isForgotten } from '../../../shared/window-end.ts'
import type { Ledger } from '../ledger.ts'
import { quotaKey } from '../quotas.ts'
import { isSubscriptionWindow, windowNow } from './windows.ts'

export function isInOverage(
  { quotas }: Pick<Ledger, 'quotas'>,
  provider: string,
  account: string,
  now: number,
): boolean {
  const quota = quotas.get(quotaKey(provider, account, null))
  if (quota?.overageInUse !== true) return false
  for (const window of quota.windows.values()) {
    if (!isSubscriptionWindow(window.name) || isForgotten(window, now)) continue
    const { confirmed, status, usedPct } = windowNow(window, now)
    // where its window has begun anew, calls are the plan's again
    if (confirmed && (status === 'rejected' || (usedPct ?? 0) >= 100)) return true
  }
  return false
}
