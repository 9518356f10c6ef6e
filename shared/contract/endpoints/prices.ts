/** `/api/v1/prices`: what models cost here, newer prices on demand, and what past calls would cost at the prices of another day. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { count, pricedTokens, priceStamp, serviceTier } from '../usage.ts'

const name = z.string().check(z.minLength(1), z.maxLength(200))
const instant = z.string()

const rate = z.object({
  kind: z.enum([...pricedTokens, 'web_search']),
  /** A million tokens, or a thousand searches. */
  usd: z.number(),
  /** What all of a longer request costs: the last row that its prompt is above. */
  above: z.array(z.object({ prompt_tokens: count, usd: z.number() })),
})
export type PriceRate = z.infer<typeof rate>

const modelPrice = z.object({
  provider: z.string(),
  model: z.string(),
  source: priceStamp.shape.source,
  version: z.string(),
  /** The name the price stands under, where it is not the model's own. */
  priced_as: z.nullable(z.string()),
  /** The page that a correction of ours is from. */
  page: z.nullable(z.string()),
  rates: z.array(rate),
  /** Other ways in which the provider serves the model, and what they cost. */
  tiers: z.array(z.object({ tier: serviceTier, page: z.nullable(z.string()), rates: z.array(rate) })),
})
export type ModelPrice = z.infer<typeof modelPrice>

const repriced = {
  requests: count,
  /** As it was stamped when the calls were made. */
  cost_usd: z.number(),
  /** Calls that had no price then: they are in `repriced_cost_usd` alone, if in either. */
  stamped_unpriced_requests: count,
  repriced_cost_usd: z.number(),
  /** Calls that have no price at `as_of`: they are in `cost_usd` alone, if in either. */
  unpriced_requests: count,
}

export const pricesRows = {
  prices: {
    method: 'GET',
    path: '/api/v1/prices',
    auth: 'read',
    query: z.object({
      /** Default: none, and only the catalogue is told. */
      model: z.optional(name),
      /** As configured; default: every provider that has a price for the model. */
      provider: z.optional(name),
    }),
    reply: z.object({
      catalogue: z.object({
        /** Of the newest prices that are at hand. */
        version: z.string(),
        /** When they were fetched; null: they came with this version of the program. */
        updated_at: z.nullable(instant),
      }),
      /** At present. */
      as_of: instant,
      prices: z.array(modelPrice),
    }),
    summary: 'What a model costs, and who says so',
    tag: 'prices',
  },
  updatePrices: {
    method: 'POST',
    path: '/api/v1/prices/update',
    auth: 'admin',
    body: z.strictObject({}),
    reply: z.object({
      version: z.string(),
      updated_at: instant,
      url: z.string(),
      models: count,
      /** Against the catalogue that was in use before. */
      new_models: count,
      changed_models: count,
    }),
    summary: 'Fetch newer prices, and use them from now on',
    tag: 'prices',
  },
  reprice: {
    method: 'GET',
    path: '/api/v1/prices/reprice',
    auth: 'read',
    query: z.object({
      /** At the prices of which time, as far as they are known now; default: now. A date is its first moment. */
      as_of: z.optional(z.string()),
      /** Of which calls; as `/api/v1/usage` takes it; default: the start of this month. */
      from: z.optional(z.string()),
      to: z.optional(z.string()),
    }),
    reply: z.object({
      as_of: instant,
      from: instant,
      to: instant,
      ...repriced,
      /** The dearest first. */
      by_model: z.array(z.object({ provider: z.string(), model: z.string(), ...repriced })),
    }),
    summary: 'What the calls of a time would cost at the prices of another one; nothing is changed',
    tag: 'prices',
  },
} as const satisfies EndpointTable
