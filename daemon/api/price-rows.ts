/** What a model costs, as rows: its rates by kind, those of long requests, and those of other service tiers. */
import type { ModelPrice, PriceRate } from '../../shared/contract/endpoints/prices.ts'
import { noUsage, type ServiceTier, serviceTier } from '../../shared/contract/usage.ts'
import type { Asked, Prices, Quote } from '../pricing/price.ts'
import { type Rates, rateKinds, rateOf } from '../pricing/rates.ts'
import type { Provider } from '../providers/provider.ts'
import { kindNames, rounded } from './priced-again.ts'

/** At `at`, epoch ms; undefined: no price is known. */
export function modelPriceOf(prices: Prices, provider: Provider, model: string, at: number): ModelPrice | undefined {
  const { catalogueId, id } = provider
  const asked: Asked = { catalogueId, provider: id, model, usage: noUsage, webSearches: 0, at }
  const quote = firstOf(prices, asked)
  if (!quote) return undefined
  const { source, version, pricedAs } = quote.stamp
  return {
    provider: id,
    model,
    source,
    version,
    priced_as: pricedAs ?? null,
    page: quote.page ?? null,
    rates: rateRows(quote.rates, searchRateOf(prices, asked)),
    tiers: serviceTier.options.flatMap((tier) => tierRow(prices, asked, tier) ?? []),
  }
}

function tierRow(prices: Prices, asked: Asked, tier: ServiceTier): ModelPrice['tiers'][number] | undefined {
  const quote = firstOf(prices, { ...asked, tier })
  // a price of the user's own holds in every tier
  if (quote?.stamp.tier !== tier) return undefined
  return { tier, page: quote.page ?? null, rates: rateRows(quote.rates, undefined) }
}

function firstOf(prices: Prices, asked: Asked): Quote | undefined {
  for (const quote of prices.quotesFor(asked)) if (rateKinds.some((kind) => quote.rates[kind])) return quote
  return undefined
}

/** Searches have a price of their own where one was made. */
function searchRateOf(prices: Prices, asked: Asked): Rates['search'] {
  return firstOf(prices, { ...asked, webSearches: 1 })?.rates.search
}

function rateRows(rates: Rates, search: Rates['search']): PriceRate[] {
  return rateKinds.flatMap((kind) => {
    const rate = kind === 'search' ? (search ?? rates.search) : rateOf(rates, kind)
    // the user's own prices hold no searches
    if (rate === undefined || (kind === 'search' && rate === 0)) return []
    const base = typeof rate === 'number' ? rate : rate.base
    const tiers = typeof rate === 'number' ? [] : rate.tiers
    return {
      kind: kindNames[kind],
      usd: rounded(base),
      above: tiers.map(({ start, price }) => ({ prompt_tokens: start, usd: rounded(price) })),
    }
  })
}
