/** The limits of every account, as `/api/v1` and the feed show them. */
import type { LimitRow } from '../../../shared/contract/rows.ts'
import { accountKey } from '../accounts.ts'
import type { Ledger } from '../ledger.ts'
import { type Quota, quotaKey } from '../quotas.ts'
import { accountLabel } from './account-label.ts'
import { kindOfAccount, kindShown } from './shown.ts'
import { isForgotten, type WindowNow, windowNow, windowRowOf } from './windows.ts'

/** A quota with its windows at now; those forgotten are left out. */
export type QuotaNow = { quota: Quota; windows: WindowNow[] }

/** Every quota of the kind shown that still has a window, newest reading first. */
export function quotasNow(ledger: Ledger, now: number, simulated?: 'only'): QuotaNow[] {
  const kind = kindShown(ledger, simulated)
  return [...ledger.quotas.values()]
    .filter((quota) => kindOfAccount(ledger, quota.provider, quota.account) === kind)
    .map((quota) => quotaNow(quota, now))
    .filter(({ windows }) => windows.length > 0)
    .sort((a, b) => b.quota.measuredAt - a.quota.measuredAt)
}

function quotaNow(quota: Quota, now: number): QuotaNow {
  const windows = [...quota.windows.values()].filter((window) => !isForgotten(window, now))
  return { quota, windows: windows.map((window) => windowNow(window, now)) }
}

/** Newest reading first. */
export function limitsOf(ledger: Ledger, now: number, simulated?: 'only'): LimitRow[] {
  return quotasNow(ledger, now, simulated).map((quota) => limitRowOf(ledger, quota))
}

/** One row, whatever its kind; undefined where nothing was ever read for it. `model` null: the account's own limits. */
export function limitOf(
  ledger: Ledger,
  now: number,
  provider: string,
  account: string,
  model: string | null,
): LimitRow | undefined {
  const quota = ledger.quotas.get(quotaKey(provider, account, model))
  return quota && limitRowOf(ledger, quotaNow(quota, now))
}

function limitRowOf(ledger: Ledger, { quota, windows }: QuotaNow): LimitRow {
  const { provider, account, model } = quota
  const billing = ledger.accounts.get(accountKey(provider, account))?.billing ?? null
  return {
    provider,
    account,
    account_label: accountLabel({ provider, account, billing }),
    model,
    windows: windows.map(windowRowOf),
    representative: quota.representative,
    overage_in_use: quota.overageInUse ?? false,
    billing,
  }
}
