/** The receipt of one call: every attempt that it made, why it failed, what it used, and how its cost came about. */
import * as z from 'zod/mini'
import { dialectName, strategy } from './event.ts'
import { refusalKind, skippedTarget } from './refusal.ts'
import { requestRow } from './rows.ts'
import { billing, count, outcome, pricedTokens, priceStamp, servedWithin, serviceTier, usageSource } from './usage.ts'

const receiptUsage = z.object({
  input: count,
  cache_read: count,
  cache_write_5m: count,
  cache_write_1h: count,
  output: count,
  reasoning: count,
  /** The tokens among them that are sound, in and out; `cache_read` null: nobody says how many of them. Absent: none. */
  audio: z.optional(z.object({ input: count, cache_read: z.nullable(count), output: count })),
})

/** One kind of what was used, and what it cost; the sum of all is the attempt's cost. */
const pricePart = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(pricedTokens),
    tokens: count,
    /** Of this request: long ones may cost more a token, and so may other service tiers. */
    usd_per_million: z.number(),
    cost_usd: z.number(),
  }),
  z.object({
    kind: z.literal('web_search'),
    searches: count,
    usd_per_thousand: z.number(),
    cost_usd: z.number(),
  }),
])
export type PricePart = z.infer<typeof pricePart>

const receiptPrice = z.object({
  source: priceStamp.shape.source,
  version: z.string(),
  /** The name the price was found under, where it is not the model's own. */
  priced_as: z.nullable(z.string()),
  /** The service tier whose rates these are; null: the standard one. */
  tier: z.nullable(serviceTier),
  /** Where the call had to be served within for these rates; null: anywhere. */
  within: z.nullable(servedWithin),
  /** Absent where the list that it was priced by is no longer at hand, or the provider stated the cost itself. */
  parts: z.optional(z.array(pricePart)),
})

const receiptSkipped = z.object({
  ...skippedTarget.shape,
  until: z.nullable(z.string()),
  /** The same as a sentence. */
  detail: z.string(),
})

const receiptAttempt = z.object({
  id: z.string(),
  provider: z.string(),
  account: z.string(),
  model: z.string(),
  strategy,
  dialect: dialectName,
  endpoint: z.string(),
  billing,
  started_at: z.string(),
  outcome,
  http_status: z.nullable(z.int()),
  error: z.nullable(z.string()),
  usage: z.nullable(receiptUsage),
  usage_source: usageSource,
  cost_usd: z.nullable(z.number()),
  billed_usd: z.nullable(z.number()),
  price: z.nullable(receiptPrice),
  latency_ms: z.number(),
  ttft_ms: z.nullable(z.number()),
  overhead_ms: z.number(),
  upstream_request_id: z.nullable(z.string()),
  /** Why there is no good answer; null where there is one, or the client left. */
  refusal: z.nullable(refusalKind),
  /** Targets that were passed over before this one was asked; behind the last attempt also those that were left. */
  skipped: z.array(receiptSkipped),
})

/** A call that we said no to before anything was sent. */
const receiptRefused = z.object({
  id: z.string(),
  timestamp: z.string(),
  code: z.string(),
  http_status: z.int(),
  dialect: z.nullable(dialectName),
  endpoint: z.string(),
  client: z.string(),
  provider: z.nullable(z.string()),
  chain: z.nullable(z.string()),
  skipped: z.array(receiptSkipped),
})

/** `GET /api/v1/requests/{id}`: one call with every attempt it made. One of `request` and `refused` is null. */
export const receipt = z.object({
  request: z.nullable(requestRow),
  refused: z.nullable(receiptRefused),
  attempts: z.array(receiptAttempt),
})
export type Receipt = z.infer<typeof receipt>
