/** The limits of every account, and what is avoided, as `/api/v1` and the feed show them. */
import type { LimitRow } from '../../../shared/contract/rows.ts'
import { isForgotten } from '../../../shared/window-end.ts'
import { accountKey } from '../accounts.ts'
import type { Ledger } from '../ledger.ts'
import { emptyQuota, type Quota, quotaKey } from '../quotas.ts'
import { accountLabel } from './account-label.ts'
import { bindingOf, type CooldownNow, cooldownNow } from './cooling.ts'
import { type CountedLimits, countedQuotas } from './counted-limits.ts'
import { cooldownReason } from './refusal-text.ts'
import { isoOf } from './rows.ts'
import { kindOfAccount, kindShown } from './shown.ts'
import { type WindowNow, windowNow, windowRowOf } from './windows.ts'

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

/** `cooldown`: until when the target is avoided; undefined: it is not. */
export type LimitNow = QuotaNow & { cooldown: CooldownNow | undefined }

/** Every quota, and what is avoided without one, newest first. */
export function limitsNow(ledger: Ledger, now: number, simulated?: 'only'): LimitNow[] {
  const known = quotasNow(ledger, now, simulated)
  const cooling = coolingNow(ledger, now, simulated)
  if (cooling.length === 0) return known.map((quota) => ({ ...quota, cooldown: undefined }))
  const keys = new Set(known.map(({ quota }) => quotaKey(quota.provider, quota.account, quota.model)))
  const more = cooling
    .filter((row) => !keys.has(quotaKey(row.provider, row.account, row.model)))
    .map((row): QuotaNow => ({ quota: { ...emptyQuota(row), measuredAt: row.setAt }, windows: [] }))
  return [...known, ...more]
    .map((row) => ({ ...row, cooldown: cooldownOf(ledger, now, row.quota) }))
    .sort((a, b) => b.quota.measuredAt - a.quota.measuredAt)
}

/** What is avoided now. */
export function coolingNow(ledger: Ledger, now: number, simulated?: 'only'): CooldownNow[] {
  const kind = kindShown(ledger, simulated)
  return [...ledger.cooldowns.values()]
    .filter((row) => kindOfAccount(ledger, row.provider, row.account) === kind)
    .map((row) => cooldownNow(row, now))
    .filter((row) => row !== undefined)
    .filter((row) => !row.isOver)
}

function cooldownOf(ledger: Ledger, now: number, { provider, account, model }: Quota): CooldownNow | undefined {
  const binding = bindingOf(ledger, provider, account, model, now)
  return binding?.isOver ? undefined : binding
}

/** Newest first, then the user's own limits. */
export function limitsOf(
  ledger: Ledger,
  now: number,
  simulated?: 'only',
  counted: readonly CountedLimits[] = [],
): LimitRow[] {
  const limits = [...limitsNow(ledger, now, simulated), ...countedQuotas(ledger, counted, simulated)]
  return limits.map((limit) => limitRowOf(ledger, limit))
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
  return quota && limitRowOf(ledger, { ...quotaNow(quota, now), cooldown: cooldownOf(ledger, now, quota) })
}

/** The row of the user's own limits on a provider; undefined where none are set. */
export function countedLimitOf(
  ledger: Ledger,
  counted: readonly CountedLimits[],
  provider: string,
): LimitRow | undefined {
  const [limit] = countedQuotas(
    ledger,
    counted.filter((one) => one.provider === provider),
  )
  return limit && limitRowOf(ledger, limit)
}

function limitRowOf(ledger: Ledger, { quota, windows, cooldown }: LimitNow): LimitRow {
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
    cooldown: cooldown === undefined ? null : cooldownRowOf(cooldown),
  }
}

function cooldownRowOf(row: CooldownNow): NonNullable<LimitRow['cooldown']> {
  const { until, refusal, model } = row
  return { until: isoOf(until), refusal, model, reason: cooldownReason(row) }
}
