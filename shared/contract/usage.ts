/** What a call used and what it cost, in the words every part of the product shares. */
import * as z from 'zod/mini'

/** A whole number of tokens, calls or nano-dollars, never negative. */
export const count = z.int().check(z.nonnegative())

/**
 * Tokens of one attempt. `input` is what was neither read from nor written to a cache; `output` is all billed output, and
 * `reasoning` the part of it that the model thought with.
 */
export const usage = z.strictObject({
  input: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
  output: count,
  reasoning: count,
})
export type Usage = z.infer<typeof usage>

/**
 * Tokens of sound: the part of a usage's tokens that is heard or spoken. `input` of all that went in; `cacheRead` those of them
 * that were read from a cache, absent: nobody says; `output` of all that came out.
 */
export const audioUsage = z.strictObject({ input: count, cacheRead: z.optional(count), output: count })
export type AudioUsage = z.infer<typeof audioUsage>

export const noUsage: Usage = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 }

/** `reported`: the provider said so. `estimated`: counted by us over the text. `none`: nothing is known. */
export const usageSource = z.enum(['reported', 'estimated', 'none'])
export type UsageSource = z.infer<typeof usageSource>

/** Who pays: an API key, a subscription, a subscription's paid extra, nobody (local model), nobody (sandbox). */
export const billing = z.enum(['metered', 'plan', 'overage', 'local', 'simulated'])
export type Billing = z.infer<typeof billing>

/**
 * How an attempt ended. `ok`: answered to its end. `refused`: the upstream said no (status 400 and above, or an error in a
 * 200). `failed`: no answer could be had. `truncated`: the upstream died in the middle. `aborted`: the client left.
 * `interrupted`: the daemon died; the figures are the estimate.
 */
export const outcome = z.enum(['ok', 'refused', 'failed', 'truncated', 'aborted', 'interrupted'])
export type Outcome = z.infer<typeof outcome>

/**
 * How a provider served a call, where that is not its usual way: `flex` when it has room, `priority` before others, `fast` and
 * `ultrafast` with more words a second, `batch` within a day. `other`: it named a way that we have no word for.
 */
export const serviceTier = z.enum(['batch', 'flex', 'priority', 'fast', 'ultrafast', 'other'])
export type ServiceTier = z.infer<typeof serviceTier>

/** Where a call was kept within, where a provider takes more for that. `other`: it named a place that we have no word for. */
export const servedWithin = z.enum(['us', 'other'])
export type ServedWithin = z.infer<typeof servedWithin>

/** Where a price comes from: the shipped catalogue, our dated corrections, the user's config, the provider's own figure, or the figure that an imported line states. */
export const priceStamp = z.strictObject({
  source: z.enum(['catalogue', 'override', 'user', 'provider', 'imported']),
  /** Which edition of the source, e.g. `genai-prices 0.1.8` or a date. */
  version: z.string(),
  /** The name the price was found under, where it is not the model's own (a date suffix was taken off). */
  pricedAs: z.optional(z.string()),
  /** Whose rates it is made of, where those are not the standard ones. */
  tier: z.optional(serviceTier),
  /** Within where it had to be served at these rates; absent: anywhere. */
  within: z.optional(servedWithin),
})
export type PriceStamp = z.infer<typeof priceStamp>

/** What few calls have of how they were served, and of what is priced on its own. */
export const servedFields = {
  /** How it was served, as the reply says, else as was asked; absent: in the usual way. */
  tier: z.optional(serviceTier),
  /** Where it was kept within, as the reply says, else as was asked; absent: nowhere. */
  within: z.optional(servedWithin),
  /** Searches on the web that are billed by the piece; absent: none. */
  searches: z.optional(count),
  /** The part of the usage that is sound; absent: none. */
  audio: z.optional(audioUsage),
  /** It made images, which cost other than words do; absent: none. */
  images: z.optional(z.literal(true)),
}

/** Prompt tokens as every API family shows them: input and all caches. */
export function promptTokensOf(u: Usage): number {
  return u.input + u.cacheRead + u.cacheWrite5m + u.cacheWrite1h
}

/** Prompt and completion tokens together; reasoning is inside output. */
export function totalTokensOf(u: Usage): number {
  return promptTokensOf(u) + u.output
}

/** The kinds of token that have a price of their own, as receipts and lists of prices name them. */
export const pricedTokens = [
  'input',
  'input_audio',
  'cache_read',
  'cache_read_audio',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'output_audio',
] as const
