/** The shipped price catalogue: the one place that knows its library, its faults and how it wants to be asked. */
import { calcPrice, type MatchLogic, type ModelPrice } from '@pydantic/genai-prices'
import { promptTokensOf, type Usage } from '../../shared/contract/usage.ts'

/** Held to the installed package by a test. */
export const catalogueVersion = 'genai-prices 0.1.8'

export type Used = { usage: Usage; webSearches: number; at: number }

/**
 * The list price in nano-dollars, not rounded; null where the catalogue does not know the model, or has no price for
 * something that was used. `catalogueId` is the provider's name there; `at` is epoch ms, for prices change by date and hour.
 */
export function cataloguePrice(catalogueId: string, model: string, { usage, webSearches, at }: Used): number | null {
  const counts = {
    // In the library a cache token is an input token too.
    input_tokens: promptTokensOf(usage),
    cache_read_tokens: usage.cacheRead,
    cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_write_5m_tokens: usage.cacheWrite5m,
    cache_write_1h_tokens: usage.cacheWrite1h,
    output_tokens: usage.output,
    web_searches: webSearches,
  }
  try {
    const found = calcPrice(counts, model, { providerId: catalogueId, timestamp: new Date(at) })
    if (found === null || !isNamed(found.model.match, model.toLowerCase().trim())) return null
    if (!hasPricesFor(found.model.id, found.model_price, counts)) return null
    return found.total_price * 1e9
  } catch {
    // The library throws for counts that contradict each other; to us such a call has no price.
    return null
  }
}

/** The library counts a kind of use that it has no price for as free. Only a model that is sold as free is. */
function hasPricesFor(
  id: string,
  price: ModelPrice,
  counts: { input_tokens: number; output_tokens: number; web_searches: number },
): boolean {
  if (id.endsWith(':free')) return true
  return (
    (counts.input_tokens === 0 || price.input_mtok !== undefined) &&
    (counts.output_tokens === 0 || price.output_mtok !== undefined) &&
    (counts.web_searches === 0 || price.web_searches_kcount !== undefined)
  )
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
