/** What the feed says (`WS /api/v1/feed`): hello, one summary, then every change in order, each a whole snapshot of what it names. */
import * as z from 'zod/mini'
import { alertRow } from './alert.ts'
import { budgetRow } from './budget.ts'
import { limitRow, requestRow, standing } from './rows.ts'
import { summary } from './summary.ts'
import { warning } from './warning.ts'

/** Raised when an old client would misread. `contract.test.ts` holds the hash of all schemas beside it. */
export const CONTRACT_VERSION = 1

export const feedMessage = z.discriminatedUnion('type', [
  /** A new instanceId voids all that a client held. */
  z.object({ type: z.literal('hello'), contract: z.int(), version: z.string(), instance_id: z.string() }),
  z.object({ type: z.literal('summary'), seq: z.int(), summary }),
  z.object({
    type: z.literal('attempt.started'),
    seq: z.int(),
    id: z.string(),
    attempt: z.string(),
    provider: z.string(),
    model: z.string(),
    client: z.string(),
    standing,
  }),
  /** `request` is null for an attempt after which the call goes on to the next target. */
  z.object({
    type: z.literal('attempt.ended'),
    seq: z.int(),
    attempt: z.string(),
    request: z.nullable(requestRow),
    standing,
  }),
  z.object({
    type: z.literal('call.refused'),
    seq: z.int(),
    id: z.string(),
    code: z.string(),
    client: z.string(),
    provider: z.nullable(z.string()),
    standing,
  }),
  z.object({ type: z.literal('quota'), seq: z.int(), limit: limitRow, standing }),
  /** A cooldown of this provider was set, or is over: all that is shown of the provider's limits takes the place of what was. */
  z.object({
    type: z.literal('cooldown'),
    seq: z.int(),
    provider: z.string(),
    limits: z.array(limitRow),
    standing,
  }),
  /** All budgets: at once after one was set or removed, and within a second or so after calls that may have moved them. */
  z.object({ type: z.literal('budget'), seq: z.int(), budgets: z.array(budgetRow), standing }),
  /** An alert was raised, or a webhook has heard of one, or not: how it stands now. `is_new`: it was raised just now. */
  z.object({ type: z.literal('alert'), seq: z.int(), is_new: z.boolean(), alert: alertRow }),
  /** All warnings that stand now. */
  z.object({ type: z.literal('warning'), seq: z.int(), warnings: z.array(warning) }),
])
export type FeedMessage = z.infer<typeof feedMessage>

/** What a client says first. */
export const feedHello = z.object({
  type: z.literal('hello'),
  client: z.string(),
  contract: z.int(),
  windowId: z.optional(z.string()),
  folders: z.optional(z.array(z.object({ id: z.string(), name: z.string() }))),
})
export type FeedHello = z.infer<typeof feedHello>

/** The subprotocol under which the dashboard carries its page value; the value follows it as a second one, never echoed. */
export const feedSubprotocol = 'tollkeeper.feed'
