/** The facts the history is made of. The journal stores them, the feed tells them, the ledger folds them: one form for all. */
import * as z from 'zod/mini'
import {
  adminChanged,
  alertRaised,
  budgetRemoved,
  budgetSet,
  webhookDelivered,
  webhookGivenUp,
  webhookTried,
} from './event-money.ts'
import { instant, quotaReading } from './quota.ts'
import { refusalKind, skippedTarget } from './refusal.ts'
import { billing, count, outcome, priceStamp, servedFields, usage, usageSource } from './usage.ts'

export const dialectName = z.enum(['openai-chat', 'openai-responses', 'anthropic', 'gemini'])
export type DialectName = z.infer<typeof dialectName>

/** How a call found its target: the dialect's home, a path that names the provider, a route or chain, or after a failover. */
export const strategy = z.enum(['direct', 'pinned', 'routed', 'failover'])
export type Strategy = z.infer<typeof strategy>

/** Where a call was read from that did not come through the daemon. */
export const importSource = z.enum(['claude-code', 'codex', 'usage-jsonl', 'export'])
export type ImportSource = z.infer<typeof importSource>

/** What a call is counted under. Every name was made safe on entry (see `names.ts` of the proxy). */
const dimensions = {
  /** The call's id: `req_` and a ULID, so it sorts by time. */
  call: z.string(),
  /** The attempt's id: the call's and `.1`, `.2` …; of an imported call `imp_` and a hash, the same at each import. */
  attempt: z.string(),
  dialect: dialectName,
  /** The route template, e.g. `/v1/chat/completions`: never the path as it came, never a query. */
  endpoint: z.string(),
  stream: z.boolean(),
  strategy,
  provider: z.string(),
  account: z.string(),
  model: z.string(),
  chain: z.nullable(z.string()),
  client: z.string(),
  task: z.string(),
  folder: z.nullable(z.string()),
  user: z.nullable(z.string()),
  feature: z.nullable(z.string()),
  session: z.nullable(z.string()),
  billing,
  /** The id of our key that it came with; absent: it came with none. */
  key: z.optional(z.string()),
}

export const attemptStarted = z.strictObject({
  type: z.literal('attempt.started'),
  ...dimensions,
  /**
   * Tokens guessed from its size and from calls like it, and what they cost and are owed (nano-dollars): what budgets hold for it while
   * it runs, and how it counts where the daemon does not live to see it ended. Without a price, or a budget, no money is guessed.
   */
  estimate: z.strictObject({ input: count, output: count, cost: z.optional(count), billed: z.optional(count) }),
})
export type AttemptStarted = z.infer<typeof attemptStarted>

export const attemptEnded = z.strictObject({
  type: z.literal('attempt.ended'),
  ...dimensions,
  /** The call ends with this attempt: it is counted here, once. Earlier attempts count only as attempts. */
  last: z.boolean(),
  /** Attempts of the call up to and with this one. */
  attempts: count,
  /** When it was sent; of a call's first attempt, when the call came. */
  startedAt: instant,
  status: z.nullable(z.int()),
  outcome,
  usage: z.nullable(usage),
  usageSource,
  /** List price of what was used, in nano-dollars; null: no price is known. */
  cost: z.nullable(count),
  /** What is owed for it, in nano-dollars: 0 within a plan. null where cost is. */
  billed: z.nullable(count),
  price: z.nullable(priceStamp),
  ...servedFields,
  /** Of the last attempt: the whole call's, as its client felt it; of an earlier one: its own. */
  latencyMs: z.number(),
  /** To the first body byte. */
  ttftMs: z.nullable(z.number()),
  /** Spent in this daemon, without what the upstream took, or a limit made wait. */
  overheadMs: z.number(),
  /** The upstream's own words or ours, scrubbed, at most 512 characters. */
  error: z.nullable(z.string()),
  /** The provider's request id, for asking it. */
  upstreamId: z.nullable(z.string()),
  /**
   * The id under which the provider keeps the answer, where a later call may need to know whose it is: it was made on a lent key,
   * or in the background, or is one of those that somebody asked for and that is counted here. Absent: none of them.
   */
  keptAs: z.optional(z.string()),
  /** The provider works on it in the background: what it used is counted by whoever is told. */
  underWay: z.optional(z.literal(true)),
  /** Absent: it came through the daemon. An imported call is counted when it was made, not when it was recorded. */
  imported: z.optional(importSource),
  /** Why there is no good answer; absent where there is one, or where the client left. */
  refusal: z.optional(refusalKind),
  /** Targets that were passed over between the attempt before and this one, or at last; absent: none. */
  skipped: z.optional(z.array(skippedTarget)),
})
export type AttemptEnded = z.infer<typeof attemptEnded>

/** Our own no: nothing was sent. Counted as a refusal only. */
const callRefused = z.strictObject({
  type: z.literal('call.refused'),
  call: z.string(),
  code: z.string(),
  status: z.int(),
  dialect: z.nullable(dialectName),
  endpoint: z.string(),
  client: z.string(),
  provider: z.nullable(z.string()),
  /** Absent: it went through none. */
  chain: z.optional(z.string()),
  skipped: z.optional(z.array(skippedTarget)),
})
export type CallRefused = z.infer<typeof callRefused>

const quotaRead = z.strictObject({ type: z.literal('quota.read'), ...quotaReading.shape })
export type QuotaRead = z.infer<typeof quotaRead>

/** From now on a target is avoided until then. It holds for a (provider, account) and one model, or all of the account's. */
const cooldownSet = z.strictObject({
  type: z.literal('cooldown.set'),
  provider: z.string(),
  account: z.string(),
  /** null: for every model of the account. */
  model: z.nullable(z.string()),
  until: instant,
  refusal: refusalKind,
  /** How many times in a row it was set without a good answer between: what a growing wait grows by. */
  strikes: count,
  /** Whose refusal it was; null: it was no call's. */
  attempt: z.nullable(z.string()),
})
export type CooldownSet = z.infer<typeof cooldownSet>

/** Cooldowns are lifted by name: those that stand are over, with all their strikes. */
const cooldownLifted = z.strictObject({
  type: z.literal('cooldown.lifted'),
  provider: z.string(),
  /** null: of all accounts. */
  account: z.nullable(z.string()),
  /** null: of all models, and the account's own. */
  model: z.nullable(z.string()),
  /** Somebody asked for it; the provider's key or address was changed. */
  why: z.enum(['asked', 'provider-changed']),
})
export type CooldownLifted = z.infer<typeof cooldownLifted>

/** One cooldown is over, and what it grew by forgotten: a reply has shown that what it was for no longer holds. */
const cooldownEnded = z.strictObject({
  type: z.literal('cooldown.ended'),
  provider: z.string(),
  account: z.string(),
  /** null: the account's own. */
  model: z.nullable(z.string()),
  /** A good answer to a call that was sent after it was set; what such a call's reply said of the limit that was used up. */
  why: z.enum(['answered', 'limit-read']),
})
export type CooldownEnded = z.infer<typeof cooldownEnded>

/**
 * Ended attempts whose own lines could not be kept while the disk refused them: the sums stay whole. `from` and `to` are the
 * first and last number folded away; `rows` holds them as they were, added up by equal dimensions. `ended`: attempts among
 * them that had been started before `from`, so that no replay takes them for open ones.
 */
export const folded = z.strictObject({
  type: z.literal('folded'),
  from: count,
  to: count,
  ended: z.optional(z.array(z.string())),
  rows: z.array(
    z.strictObject({
      provider: z.string(),
      account: z.string(),
      model: z.string(),
      client: z.string(),
      task: z.string(),
      chain: z.nullable(z.string()),
      folder: z.nullable(z.string()),
      billing,
      at: instant,
      requests: count,
      attempts: count,
      failed: count,
      /** Calls that ended at another target than they began with; absent: none. */
      failedOver: z.optional(count),
      usage,
      cost: count,
      billed: count,
      unpriced: count,
      estimated: count,
      latencyMs: z.number(),
    }),
  ),
})
export type Folded = z.infer<typeof folded>

export const event = z.discriminatedUnion('type', [
  attemptStarted,
  attemptEnded,
  callRefused,
  quotaRead,
  cooldownSet,
  cooldownLifted,
  cooldownEnded,
  budgetSet,
  budgetRemoved,
  alertRaised,
  webhookTried,
  webhookDelivered,
  webhookGivenUp,
  adminChanged,
  folded,
])
export type Event = z.infer<typeof event>

/** Few, and no sum could tell them: they keep their own lines wherever there is little room. */
export function isKeptWhole(e: Event): boolean {
  switch (e.type) {
    case 'cooldown.set':
    case 'cooldown.lifted':
    case 'cooldown.ended':
    case 'budget.set':
    case 'budget.removed':
    case 'alert.raised':
    case 'webhook.tried':
    case 'webhook.delivered':
    case 'webhook.given-up':
    case 'admin.changed':
      return true
    case 'attempt.started':
    case 'attempt.ended':
    case 'call.refused':
    case 'quota.read':
    case 'folded':
      return false
  }
}

/** One numbered fact of one origin: `n` has no gap within `origin`; `t` is the wall clock in epoch ms. */
export type Entry = { origin: string; n: number; t: number; e: Event }
