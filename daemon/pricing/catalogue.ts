/** The shipped price catalogue: the one place that knows its library, its faults and how it wants to be asked. */
import { calcPrice, type MatchLogic, type PriceCalculationResult } from '@pydantic/genai-prices'
import { costOf, type Rates, type Used } from './rates.ts'

/** Held to the installed package by a test. */
export const catalogueVersion = 'genai-prices 0.1.8'

/** Prices change by date and by hour, at quarters of an hour only: so long one answer holds. A test watches that. */
const quarterHourMs = 15 * 60_000
/** Model names come from outside. */
const mostKept = 500
const kept = new Map<string, { quarter: number; rates: Rates | null }>()

/**
 * The list price in nano-dollars, not rounded; null where the catalogue does not know the model, or has no price for
 * something that was used. `catalogueId` is the provider's name there; `at` is epoch ms.
 */
export function cataloguePrice(catalogueId: string, model: string, used: Used): number | null {
  const rates = ratesOf(catalogueId, model, used.at)
  return rates && costOf(rates, used)
}

/** `at` is epoch ms. */
export function isInCatalogue(catalogueId: string, model: string, at: number): boolean {
  return ratesOf(catalogueId, model, at) !== null
}

/** Finding a model's prices takes the library far longer than using them. */
function ratesOf(catalogueId: string, model: string, at: number): Rates | null {
  const quarter = Math.floor(at / quarterHourMs)
  const key = `${catalogueId} ${model}`
  const known = kept.get(key)
  if (known?.quarter === quarter) return known.rates
  const rates = findRates(catalogueId, model, quarter * quarterHourMs)
  if (kept.size >= mostKept) kept.clear()
  kept.set(key, { quarter, rates })
  return rates
}

function findRates(catalogueId: string, model: string, at: number): Rates | null {
  const timestamp = new Date(at)
  if (Number.isNaN(timestamp.getTime())) return null
  const found = lookUp(catalogueId, model, timestamp)
  if (found === null || !isNamed(found.model.match, model.toLowerCase().trim())) return null
  const price = found.model_price
  return {
    input: price.input_mtok,
    cacheRead: price.cache_read_mtok,
    cacheWrite5m: price.cache_write_mtok,
    cacheWrite1h: price.cache_write_1h_mtok,
    output: price.output_mtok,
    search: price.web_searches_kcount,
  }
}

function lookUp(catalogueId: string, model: string, timestamp: Date): PriceCalculationResult {
  try {
    return calcPrice({}, model, { providerId: catalogueId, timestamp })
  } catch {
    // The library throws where an entry of its data is wrong; to us such a model has no price.
    return null
  }
}

/** Matching by prefix takes `claude-opus-4-12` for `claude-opus-4-1`: a later version, of which no price is known. */
function isNamed(match: MatchLogic, model: string): boolean {
  if ('or' in match) return match.or.some((part) => isNamed(part, model))
  if (!('starts_with' in match)) return !('equals' in match) || match.equals.toLowerCase() === model
  const prefix = match.starts_with.toLowerCase()
  return model.startsWith(prefix) && !isOtherVersion(prefix, model.slice(prefix.length))
}

function isOtherVersion(prefix: string, rest: string): boolean {
  const ending = /\d+$/.exec(prefix)?.[0]
  if (ending === undefined) return false
  const more = /^\d+/.exec(rest)?.[0]
  if (more !== undefined) return ending.length + more.length < 6
  return /^[-.]\d{1,2}(?!\d)/.test(rest)
}
