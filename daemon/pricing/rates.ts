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

export const rateKinds = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output', 'search'] as const
export type RateKind = (typeof rateKinds)[number]

/** What was used of one kind: `amount` tokens or searches at `rate`, which cost `nano` nano-dollars, not rounded. */
export type Part = { kind: RateKind; amount: number; rate: number; nano: number }

/** Nano-dollars, not rounded; null where something that was used has no price: part of a price would look like all of it. */
export function costOf(rates: Rates, { usage, webSearches }: Used): number | null {
  const prompt = promptTokensOf(usage)
  const microUsd =
    part(usage.input, rates.input, prompt) +
    part(usage.cacheRead, rateOf(rates, 'cacheRead'), prompt) +
    part(usage.cacheWrite5m, rateOf(rates, 'cacheWrite5m'), prompt) +
    part(usage.cacheWrite1h, rateOf(rates, 'cacheWrite1h'), prompt) +
    part(usage.output, rates.output, prompt) +
    part(webSearches * 1000, rates.search, prompt)
  return Number.isNaN(microUsd) ? null : microUsd * 1000
}

/** The same sum, part by part; null where one of them has no price. */
export function partsOf(rates: Rates, { usage, webSearches }: Used): Part[] | null {
  const prompt = promptTokensOf(usage)
  const parts: Part[] = []
  for (const kind of rateKinds) {
    const amount = kind === 'search' ? webSearches : usage[kind]
    if (amount === 0) continue
    const rate = rateOf(rates, kind)
    if (rate === undefined) return null
    const each = rateFor(rate, prompt)
    parts.push({ kind, amount, rate: each, nano: amount * each * (kind === 'search' ? 1e6 : 1000) })
  }
  return parts
}

/** What a kind costs, with its own rate or the one that holds in its place. */
export function rateOf(rates: Rates, kind: RateKind): Rate | undefined {
  switch (kind) {
    case 'cacheRead':
      return rates.cacheRead ?? rates.input
    case 'cacheWrite5m':
      return rates.cacheWrite5m ?? rates.input
    case 'cacheWrite1h':
      return rates.cacheWrite1h ?? rates.cacheWrite5m ?? rates.input
    default:
      return rates[kind]
  }
}

/** All tokens `times` as dear; a search costs the same however its call is served. */
export function multiplied(rates: Rates, times: number): Rates {
  const each = (rate: Rate | undefined): Rate | undefined => {
    if (rate === undefined || typeof rate === 'number') return rate && rate * times
    const tiers = rate.tiers.map(({ start, price }) => ({ start, price: price * times }))
    return { base: rate.base * times, tiers }
  }
  return {
    input: each(rates.input),
    cacheRead: each(rates.cacheRead),
    cacheWrite5m: each(rates.cacheWrite5m),
    cacheWrite1h: each(rates.cacheWrite1h),
    output: each(rates.output),
    search: rates.search,
  }
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
