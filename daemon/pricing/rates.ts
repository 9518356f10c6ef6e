/** The arithmetic of a price list: what was used of each kind times its rate, long requests at the higher one. */
import { promptTokensOf, type Usage } from '../../shared/contract/usage.ts'

/** `at`: epoch ms. */
export type Used = { usage: Usage; webSearches: number; at: number }

/** USD a million tokens, or a thousand searches. A tier holds for a whole request with more prompt tokens than its start. */
export type Rate = number | { base: number; tiers: readonly { start: number; price: number }[] }

/** A kind of cache token without a rate of its own costs what plain input does; output and searches without one have no price. */
export type Rates = {
  input?: Rate | undefined
  cacheRead?: Rate | undefined
  cacheWrite5m?: Rate | undefined
  cacheWrite1h?: Rate | undefined
  output?: Rate | undefined
  search?: Rate | undefined
}

/** Nano-dollars, not rounded; null where something that was used has no price: part of a price would look like all of it. */
export function costOf(rates: Rates, { usage, webSearches }: Used): number | null {
  const prompt = promptTokensOf(usage)
  const cacheWrite5m = rates.cacheWrite5m ?? rates.input
  const microUsd =
    part(usage.input, rates.input, prompt) +
    part(usage.cacheRead, rates.cacheRead ?? rates.input, prompt) +
    part(usage.cacheWrite5m, cacheWrite5m, prompt) +
    part(usage.cacheWrite1h, rates.cacheWrite1h ?? cacheWrite5m, prompt) +
    part(usage.output, rates.output, prompt) +
    part(webSearches * 1000, rates.search, prompt)
  return Number.isNaN(microUsd) ? null : microUsd * 1000
}

/** NaN, which no sum loses, for what was used and has no price. */
function part(amount: number, rate: Rate | undefined, prompt: number): number {
  if (amount === 0) return 0
  return rate === undefined ? Number.NaN : amount * rateFor(rate, prompt)
}

/** A long request costs the higher rate as a whole, not only beyond the mark. */
function rateFor(rate: Rate, promptTokens: number): number {
  if (typeof rate === 'number') return rate
  let now = rate.base
  for (const tier of rate.tiers) if (promptTokens > tier.start) now = tier.price
  return now
}
