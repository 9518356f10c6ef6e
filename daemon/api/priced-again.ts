/** Asks the prices in use about calls that were made before: what they would cost at another time, and how their cost came about. */
import type { AttemptEnded } from '../../shared/contract/event.ts'
import type { PricePart } from '../../shared/contract/receipt.ts'
import { arithmeticOf } from '../pricing/arithmetic.ts'
import type { Asked, Prices } from '../pricing/price.ts'
import type { Part, RateKind } from '../pricing/rates.ts'
import type { Provider } from '../providers/provider.ts'

export type PricesNow = Prices & { providers: ReadonlyMap<string, Provider> }

/** null: the provider stated its cost, it had none, or the list that it was priced by is no longer at hand. */
export function partsOfAttempt(now: PricesNow, e: AttemptEnded): PricePart[] | null {
  const asked = askedOf(now, e, e.startedAt)
  const parts = asked && e.cost !== null && e.price ? arithmeticOf(now, asked, e.cost, e.price) : null
  return parts?.map(shownPart) ?? null
}

/** At `at`, epoch ms, in nano-dollars; null: no price is known. What used no tokens costs the same as then. */
export function costAt(now: PricesNow, e: AttemptEnded, at: number): number | null {
  const asked = askedOf(now, e, at)
  if (!asked) return e.cost
  const other = e.price?.pricedAs
  const found = now.priceOf(asked) ?? (other === undefined ? null : now.priceOf({ ...asked, model: other }))
  return found?.nano ?? (now.providers.get(e.provider)?.local ? 0 : null)
}

function askedOf({ providers }: PricesNow, e: AttemptEnded, at: number): Asked | null {
  if (e.usage === null) return null
  return {
    catalogueId: providers.get(e.provider)?.catalogueId ?? null,
    provider: e.provider,
    model: e.model,
    usage: e.usage,
    webSearches: e.searches ?? 0,
    audio: e.audio,
    images: e.images,
    isGuessed: e.usageSource === 'estimated',
    tier: e.tier,
    within: e.within,
    at,
  }
}

export const kindNames = {
  input: 'input',
  inputAudio: 'input_audio',
  cacheRead: 'cache_read',
  cacheReadAudio: 'cache_read_audio',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
  output: 'output',
  outputAudio: 'output_audio',
  search: 'web_search',
} as const satisfies Record<RateKind, string>

function shownPart({ kind, amount, rate, nano }: Part): PricePart {
  const cost_usd = Math.round(nano) / 1e9
  return kind === 'search'
    ? { kind: kindNames[kind], searches: amount, usd_per_thousand: rounded(rate), cost_usd }
    : { kind: kindNames[kind], tokens: amount, usd_per_million: rounded(rate), cost_usd }
}

/** Without the dust of multiplying: prices have few digits. */
export function rounded(usd: number): number {
  return Number(usd.toPrecision(12))
}
