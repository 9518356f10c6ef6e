/** The arithmetic of a price list: what was used of each kind times its rate, long requests at the higher one. */
import { type AudioUsage, promptTokensOf, type Usage } from '../../shared/contract/usage.ts'

/** `audio`: the part of the usage that is sound; absent: none. `isGuessed`: no provider counted it. `at`: epoch ms. */
export type Used = {
  usage: Usage
  webSearches: number
  audio?: AudioUsage | undefined
  isGuessed?: boolean
  at: number
}

/** USD a million tokens, or a thousand searches. A tier holds for a whole request with more prompt tokens than its start. */
export type Rate = number | { base: number; tiers: readonly { start: number; price: number }[] }

/**
 * A kind of cache token without a rate of its own costs what plain input does, sound from a cache what sound does. Output, sound and
 * searches without one have no price.
 */
export type Rates = {
  input?: Rate | undefined
  inputAudio?: Rate | undefined
  cacheRead?: Rate | undefined
  cacheReadAudio?: Rate | undefined
  cacheWrite5m?: Rate | undefined
  cacheWrite1h?: Rate | undefined
  output?: Rate | undefined
  outputAudio?: Rate | undefined
  search?: Rate | undefined
}

export const rateKinds = [
  'input',
  'inputAudio',
  'cacheRead',
  'cacheReadAudio',
  'cacheWrite5m',
  'cacheWrite1h',
  'output',
  'outputAudio',
  'search',
] as const
export type RateKind = (typeof rateKinds)[number]

/** What was used of one kind: `amount` tokens or searches at `rate`, which cost `nano` nano-dollars, not rounded. */
export type Part = { kind: RateKind; amount: number; rate: number; nano: number }

/** Nano-dollars, not rounded; null where something that was used has no price: part of a price would look like all of it. */
export function costOf(rates: Rates, used: Used): number | null {
  if (used.audio || used.isGuessed) return sumOf(partsOf(rates, used))
  const { usage, webSearches } = used
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
export function partsOf(rates: Rates, used: Used): Part[] | null {
  if (used.isGuessed && mayHaveSpoken(rates, promptTokensOf(used.usage))) return null
  const cached = cachedSound(used)
  if (cached === null) return null
  const parts = partsWith(rates, used, cached.least)
  if (cached.least === cached.most) return parts
  // nobody says how much of the cache is sound: where that changes the price, there is none
  const [least, most] = [sumOf(parts), sumOf(partsWith(rates, used, cached.most))]
  return least !== null && most !== null && Math.abs(least - most) < 0.5 ? parts : null
}

/** From a text alone nobody can tell how long it took to say it. */
function mayHaveSpoken({ output, outputAudio }: Rates, prompt: number): boolean {
  if (outputAudio === undefined) return false
  return output === undefined || rateFor(outputAudio, prompt) !== rateFor(output, prompt)
}

/** How many of the tokens read from a cache are sound; null: the counts contradict each other. */
function cachedSound({ usage, audio }: Used): { least: number; most: number } | null {
  if (!audio) return { least: 0, most: 0 }
  const least = Math.max(0, audio.input - usage.input)
  const most = Math.min(audio.input, usage.cacheRead)
  const { cacheRead } = audio
  if (least > most || audio.output > usage.output) return null
  if (cacheRead === undefined) return { least, most }
  return cacheRead < least || cacheRead > most ? null : { least: cacheRead, most: cacheRead }
}

function partsWith(rates: Rates, { usage, audio, webSearches }: Used, cachedAudio: number): Part[] | null {
  const prompt = promptTokensOf(usage)
  const inputAudio = (audio?.input ?? 0) - cachedAudio
  const outputAudio = audio?.output ?? 0
  const amounts: Record<RateKind, number> = {
    input: usage.input - inputAudio,
    inputAudio,
    cacheRead: usage.cacheRead - cachedAudio,
    cacheReadAudio: cachedAudio,
    cacheWrite5m: usage.cacheWrite5m,
    cacheWrite1h: usage.cacheWrite1h,
    output: usage.output - outputAudio,
    outputAudio,
    search: webSearches,
  }
  const parts: Part[] = []
  for (const kind of rateKinds) {
    const amount = amounts[kind]
    if (amount === 0) continue
    const rate = rateOf(rates, kind)
    if (rate === undefined) return null
    const each = rateFor(rate, prompt)
    parts.push({ kind, amount, rate: each, nano: amount * each * (kind === 'search' ? 1e6 : 1000) })
  }
  return parts
}

function sumOf(parts: Part[] | null): number | null {
  return parts && parts.reduce((sum, part) => sum + part.nano, 0)
}

/** What a kind costs, with its own rate or the one that holds in its place. */
export function rateOf(rates: Rates, kind: RateKind): Rate | undefined {
  switch (kind) {
    case 'cacheRead':
      return rates.cacheRead ?? rates.input
    case 'cacheReadAudio':
      return rates.cacheReadAudio ?? rates.inputAudio
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
    inputAudio: each(rates.inputAudio),
    cacheRead: each(rates.cacheRead),
    cacheReadAudio: each(rates.cacheReadAudio),
    cacheWrite5m: each(rates.cacheWrite5m),
    cacheWrite1h: each(rates.cacheWrite1h),
    output: each(rates.output),
    outputAudio: each(rates.outputAudio),
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
