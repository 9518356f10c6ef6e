/** Reads limits from headers that the user named in a provider's config entry. */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import type { OwnHeaders } from './provider.ts'
import { amount, resetInstant } from './quota-values.ts'
import { type HeaderOf, percent, type QuotaSaid, shareUsed, unknownWindow } from './quota-window.ts'

/** Nothing tells which model a limit is for, so it is the account's: as with any, one named `7d-opus` counts for that model. */
export function readOwn(rows: readonly OwnHeaders[], header: HeaderOf, at: number): Partial<QuotaSaid> {
  return { windows: rows.map((row) => readWindow(row, header, at)).filter((window) => window !== null) }
}

function readWindow(row: OwnHeaders, header: HeaderOf, at: number): QuotaWindow | null {
  const text = (name: string | undefined) => (name === undefined ? undefined : header(name))
  const used = amount(text(row.used))
  const share = amount(text(row.usedPercent)?.replace(/\s*%\s*$/, ''))
  const left = amount(text(row.remaining))
  const stated = amount(text(row.limit))
  if (used === null && share === null && left === null && stated === null) return null
  const limit = stated ?? (used === null || left === null ? null : used + left)
  const remaining = left ?? (used === null || limit === null ? null : Math.max(0, limit - used))
  // what is used may be more than the limit
  const usedPct = used === null || !limit ? shareUsed(limit, remaining) : percent(used / limit)
  return {
    ...unknownWindow(row.window, at),
    usedPct: share === null ? usedPct : percent(share / 100),
    limit,
    remaining,
    resetsAt: resetInstant(text(row.reset), at),
  }
}
