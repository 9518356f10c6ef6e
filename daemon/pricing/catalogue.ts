/** The price catalogue, as shipped or with newer prices over it: the one place that knows its library, its faults and how it wants to be asked. */
import { calcPrice, findProvider, type MatchLogic, type Provider } from '@pydantic/genai-prices'
import type { Rates } from './rates.ts'

/** Held to the installed package by a test. */
export const catalogueVersion = 'genai-prices 0.1.8'

/** Newer prices, in the form of the library, and what a price stamp calls them. */
export type CatalogueUpdate = { version: string; providers: readonly Provider[] }

/** A value that never changes: newer prices make another one. `catalogueId` is the provider's name there; `at` is epoch ms. */
export type Catalogue = {
  /** Of the newest prices in it. */
  version: string
  /** null where it does not know the model, or no price of it. */
  ratesOf(catalogueId: string, model: string, at: number): { rates: Rates; version: string } | null
  /** Whether the model has a price here, but none in the catalogue that our corrections were written for. */
  isNews(catalogueId: string, model: string, at: number): boolean
  /** All that is known of one provider. */
  providerOf(catalogueId: string): Provider | undefined
  /** Names as the provider sells them, without those it has given up; null: it does not know the provider. */
  modelsOf(catalogueId: string): readonly string[] | null
}

type Found = { rates: Rates; version: string } | null
type Merged = { provider: Provider; updated: ReadonlySet<string> }

/** Prices change by date and by hour, at quarters of an hour only: so long one answer holds. A test watches that. */
const quarterHourMs = 15 * 60_000
/** Model names come from outside. */
const mostKept = 500

export const shippedCatalogue: Catalogue = openCatalogue()

/** The models of the update go before the shipped ones; a shipped model that is not in it stays. */
export function openCatalogue(update?: CatalogueUpdate): Catalogue {
  const kept = new Map<string, { quarter: number; found: Found }>()
  const merged = new Map(update?.providers.map((provider) => [provider.id, mergedOf(provider)]))
  const version = update?.version ?? catalogueVersion

  /** Finding a model's prices takes the library far longer than using them. */
  function ratesOf(catalogueId: string, model: string, at: number): Found {
    const quarter = Math.floor(at / quarterHourMs)
    const key = `${catalogueId} ${model}`
    const known = kept.get(key)
    if (known?.quarter === quarter) return known.found
    const found = findRates(merged.get(catalogueId), catalogueId, model, quarter * quarterHourMs, version)
    if (kept.size >= mostKept) kept.clear()
    kept.set(key, { quarter, found })
    return found
  }

  function providerOf(catalogueId: string): Provider | undefined {
    return merged.get(catalogueId)?.provider ?? findProvider({ providerId: catalogueId })
  }

  return {
    version,
    ratesOf,
    isNews: (catalogueId, model, at) =>
      merged.size > 0 &&
      ratesOf(catalogueId, model, at)?.version === version &&
      shippedCatalogue.ratesOf(catalogueId, model, at) === null,
    providerOf,
    modelsOf: (catalogueId) =>
      providerOf(catalogueId)
        ?.models.filter((model) => model.deprecated !== true)
        .map((model) => model.id) ?? null,
  }
}

function mergedOf(fresh: Provider): Merged {
  const updated = new Set(fresh.models.map(({ id }) => id))
  const found = findProvider({ providerId: fresh.id })
  // it may be another one with a name like that
  const shipped = found?.id === fresh.id ? found : undefined
  const models = [...fresh.models, ...(shipped?.models.filter(({ id }) => !updated.has(id)) ?? [])]
  return { provider: { ...shipped, ...fresh, models }, updated }
}

function findRates(merged: Merged | undefined, catalogueId: string, model: string, at: number, version: string): Found {
  const timestamp = new Date(at)
  if (Number.isNaN(timestamp.getTime())) return null
  const found = lookUp(merged, catalogueId, model, timestamp)
  if (found === null || !isNamed(found.model.match, model.toLowerCase().trim())) return null
  const { price } = found
  return {
    version: merged?.updated.has(found.model.id) ? version : catalogueVersion,
    rates: {
      input: price.input_mtok,
      inputAudio: price.input_audio_mtok,
      cacheRead: price.cache_read_mtok,
      cacheReadAudio: price.cache_audio_read_mtok,
      cacheWrite5m: price.cache_write_mtok,
      cacheWrite1h: price.cache_write_1h_mtok,
      output: price.output_mtok,
      outputAudio: price.output_audio_mtok,
      search: price.web_searches_kcount,
    },
  }
}

function lookUp(merged: Merged | undefined, catalogueId: string, model: string, timestamp: Date) {
  try {
    const of = merged ? { provider: merged.provider } : { providerId: catalogueId }
    const found = calcPrice({}, model, { ...of, timestamp })
    return found && { model: found.model, price: found.model_price }
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
