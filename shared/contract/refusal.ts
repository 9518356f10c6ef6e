/** Why a target gave no answer, or was not asked: what decides whether a call goes on to the next one, and what its receipt says. */
import * as z from 'zod/mini'
import { instant } from './quota.ts'

/**
 * `rate`: a limit by the minute. `plan`: a window of hours or days is used up. `money`: no credit, or a spend limit; waiting does
 * not help. `overload`: the provider or the model cannot now (5xx, 529, 408). `credential`: the key is not taken. `model`: this
 * target does not have it. `request`: the request itself is at fault. `unreachable`: no connection, or no answer in time.
 * `broken`: an answer that was over before it began.
 */
export const refusalKind = z.enum([
  'rate',
  'plan',
  'money',
  'overload',
  'credential',
  'model',
  'request',
  'unreachable',
  'broken',
])
export type RefusalKind = z.infer<typeof refusalKind>

/**
 * `cooling`: avoided until then. `probing`: its cooldown is over, and another call finds out whether it serves again. `own-limit`:
 * a limit that the user set is reached. `budget`: so is a budget, or what runs now may reach it. `dialect`: it does not speak the call's. `no-key`: there is no key to lend. `not-allowed`:
 * our key may not use it. `server-state`: what the call goes on from is kept elsewhere. `unknown`: no such provider is there now.
 */
export const skipReason = z.enum([
  'cooling',
  'probing',
  'own-limit',
  'budget',
  'dialect',
  'no-key',
  'not-allowed',
  'server-state',
  'unknown',
])
export type SkipReason = z.infer<typeof skipReason>

/** A target of the chain that this call passed over. `until` where a time is known. `refusal`: what the cooldown is for. */
export const skippedTarget = z.strictObject({
  provider: z.string(),
  model: z.nullable(z.string()),
  why: skipReason,
  until: z.nullable(instant),
  refusal: z.nullable(refusalKind),
  /**
   * Of `why` `budget`: which one, and how it stands: "Monthly budget for openai exceeded (120.0 USD)". Its own `why` says that it is not
   * used up: what is left may be `held` for calls that run then, or the call was `led` elsewhere before.
   */
  budget: z.optional(z.strictObject({ id: z.string(), text: z.string(), why: z.optional(z.enum(['held', 'led'])) })),
})
export type SkippedTarget = z.infer<typeof skippedTarget>
