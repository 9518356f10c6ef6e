/** What is worth telling somebody once: that a limit comes near, is reached, or is behind us. */
import * as z from 'zod/mini'

/**
 * `budget`: a share of a budget is passed. `forecast`: it will be passed before the period's end at this pace. `quota`: a provider's
 * limit is nearly used up, or used up. `usable`: it can be used again.
 */
export const alertKind = z.enum(['budget', 'forecast', 'quota', 'usable'])
export type AlertKind = z.infer<typeof alertKind>

/** What it is about; all that was known when it was raised. */
export const alertAbout = z.strictObject({
  kind: alertKind,
  /** The budget's id. */
  budget: z.optional(z.string()),
  provider: z.optional(z.string()),
  account: z.optional(z.string()),
  model: z.optional(z.string()),
  /** The name of a provider's limit. */
  window: z.optional(z.string()),
  /** In USD or tokens of a budget, in the provider's own unit of a quota. */
  limit: z.nullable(z.number()),
  /** Of the limit, in percent. */
  usedPct: z.number(),
  /** In percent: the one that was passed. */
  threshold: z.number(),
  /** When the period or window ends, epoch ms. */
  until: z.nullable(z.int()),
  /** When the limit is passed at this pace, epoch ms. */
  overAt: z.nullable(z.int()),
  /** The same as one sentence. */
  text: z.string(),
})
export type AlertAbout = z.infer<typeof alertAbout>
