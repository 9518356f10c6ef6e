/** A limit as a provider states it, kept by account with where it was read and when. */
import * as z from 'zod/mini'

/** Epoch milliseconds, wall clock. */
export const instant = z.int()

export const quotaWindow = z.strictObject({
  /**
   * `5h`, `7d`, `7d-sonnet` … for subscriptions; `plan` where it is not told which of them; `credits` bought beyond
   * them, and `overage`, the share used of what may be.
   * `requests`, `tokens`, `input-tokens`, `requests-day` … for API keys.
   */
  name: z.string(),
  /** Share used in percent; over 100 is paid overage. null where the provider states neither a share nor a limit. */
  usedPct: z.nullable(z.number()),
  limit: z.nullable(z.number()),
  remaining: z.nullable(z.number()),
  resetsAt: z.nullable(instant),
  status: z.nullable(z.enum(['allowed', 'warning', 'rejected'])),
  /** Where a provider said it. `counted`: it says nothing, and we count what the user limited; that is shown, never recorded. */
  source: z.enum(['header', 'event', 'body', 'counted']),
  measuredAt: instant,
})
export type QuotaWindow = z.infer<typeof quotaWindow>

/** What one reply said of an account's limits. A window that it did not name keeps its last value. */
export const quotaReading = z.strictObject({
  provider: z.string(),
  account: z.string(),
  /** null: the limit holds for every model of the account. */
  model: z.nullable(z.string()),
  windows: z.array(quotaWindow),
  /** The window the provider itself calls the binding one. */
  representative: z.nullable(z.string()),
  /** Calls go on as paid extra usage beyond the plan. */
  overageInUse: z.nullable(z.boolean()),
})
export type QuotaReading = z.infer<typeof quotaReading>
