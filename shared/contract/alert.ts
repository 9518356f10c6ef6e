/** What is worth telling somebody once: that a limit comes near, is reached, or is behind us; and who has heard of it. */
import * as z from 'zod/mini'
import { count } from './usage.ts'

/**
 * `budget`: a share of a budget is passed. `forecast`: it will be passed before the period's end at this pace. `quota`: a provider's
 * limit is nearly used up, or used up. `usable`: it can be used again.
 */
export const alertKind = z.enum(['budget', 'forecast', 'quota', 'usable'])
export type AlertKind = z.infer<typeof alertKind>

const limitUnit = z.nullable(z.enum(['usd', 'tokens']))

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
  /** null: the provider's own. */
  unit: limitUnit,
  /** Of the limit, in percent. */
  usedPct: z.number(),
  /** In percent: the one that was passed. */
  threshold: z.number(),
  /** When the budget's period began, or the provider's limit was first seen to come near its end, epoch ms. */
  since: z.int(),
  /** When the period or window ends, epoch ms. */
  until: z.nullable(z.int()),
  /** When the limit is passed at this pace, epoch ms. */
  overAt: z.nullable(z.int()),
  /** The same as one sentence. */
  text: z.string(),
})
export type AlertAbout = z.infer<typeof alertAbout>

/** Which of them a webhook wants: `budget` means forecasts too, `quota` that a limit is usable again. */
export const hookEvent = z.enum(['budget', 'quota'])
export type HookEvent = z.infer<typeof hookEvent>

export function hookEventOf(kind: AlertKind): HookEvent {
  return kind === 'budget' || kind === 'forecast' ? 'budget' : 'quota'
}

const alertFields = {
  type: alertKind,
  /** The same for the same alert, however often it is sent. */
  id: z.string(),
  /** When it was raised. */
  at: z.string(),
  text: z.string(),
  budget: z.optional(z.string()),
  provider: z.optional(z.string()),
  account: z.optional(z.string()),
  model: z.optional(z.string()),
  window: z.optional(z.string()),
  limit: z.nullable(z.number()),
  unit: limitUnit,
  used_pct: z.number(),
  threshold: z.number(),
  since: z.string(),
  until: z.nullable(z.string()),
  over_at: z.nullable(z.string()),
}

/** What a webhook is sent. */
export const alertBody = z.object(alertFields)
export type AlertBody = z.infer<typeof alertBody>

/** Why a webhook is no longer told: it said that it is gone (410); a day of trying is over; its address may not be called; it is no longer configured. */
export const givenUp = z.enum(['gone', 'too-old', 'not-allowed', 'removed'])
export type GivenUp = z.infer<typeof givenUp>

export const alertDelivery = z.object({
  /** Scheme, host and port of the webhook: the rest of its address may be a secret. null: it is no longer configured. */
  to: z.nullable(z.string()),
  state: z.enum(['waiting', 'delivered', 'given-up']),
  /** Of a delivery that was given up. */
  why: z.nullable(givenUp),
  /** Those that failed. */
  tries: count,
  /** The last answer; null: none came. */
  status: z.nullable(z.int()),
  /** Why the last try failed. */
  error: z.nullable(z.string()),
  /** When it is tried again, while it waits. */
  next_at: z.nullable(z.string()),
})

export const alertRow = z.object({ ...alertFields, deliveries: z.array(alertDelivery) })
export type AlertRow = z.infer<typeof alertRow>
