/** The facts of the history that are no calls': budgets, alerts and who heard of them, and what was changed over the API. */
import * as z from 'zod/mini'
import { alertAbout, givenUp } from './alert.ts'
import { budget } from './budget.ts'
import { instant } from './quota.ts'

/** From now on this budget holds, in place of the one of its name. What was spent before it existed counts too. */
export const budgetSet = z.strictObject({ type: z.literal('budget.set'), budget })
export type BudgetSet = z.infer<typeof budgetSet>

export const budgetRemoved = z.strictObject({ type: z.literal('budget.removed'), id: z.string() })
export type BudgetRemoved = z.infer<typeof budgetRemoved>

/**
 * `id` follows from what it is about, its period or episode, and the threshold: it is raised once. `hooks`: the webhooks that are to
 * hear of it, each by a hash of its address.
 */
export const alertRaised = z.strictObject({
  type: z.literal('alert.raised'),
  id: z.string(),
  about: alertAbout,
  hooks: z.array(z.string()),
})
export type AlertRaised = z.infer<typeof alertRaised>

/** A webhook did not take an alert; it is told again at `next`. */
export const webhookTried = z.strictObject({
  type: z.literal('webhook.tried'),
  alert: z.string(),
  hook: z.string(),
  /** null: no answer came. */
  status: z.nullable(z.int()),
  error: z.nullable(z.string()),
  next: instant,
})
export type WebhookTried = z.infer<typeof webhookTried>

export const webhookDelivered = z.strictObject({
  type: z.literal('webhook.delivered'),
  alert: z.string(),
  hook: z.string(),
  status: z.int(),
})

/** It is not told again. */
export const webhookGivenUp = z.strictObject({
  type: z.literal('webhook.given-up'),
  alert: z.string(),
  hook: z.string(),
  why: givenUp,
})

/** Somebody changed something over the API. */
export const adminChanged = z.strictObject({
  type: z.literal('admin.changed'),
  /** Method and route template: `DELETE /api/v1/keys/{id}`. */
  action: z.string(),
  /** What stood in the template's places, or the id of what was made; null: it has none. */
  subject: z.nullable(z.string()),
  who: z.strictObject({ kind: z.enum(['key', 'local', 'page']), id: z.string(), name: z.string() }),
})
export type AdminChanged = z.infer<typeof adminChanged>
