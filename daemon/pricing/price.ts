/** What an attempt costs at list price: the user's prices first, then our corrections, then the shipped catalogue. */
import type { UserPrice } from '../../shared/contract/config.ts'
import type { PriceStamp, Usage } from '../../shared/contract/usage.ts'
import { cataloguePrice, catalogueVersion } from './catalogue.ts'
import { type Name, otherNames } from './names.ts'
import { type Edition, type Override, overrideOf } from './overrides.ts'
import { costOf, type Rates, type Used } from './rates.ts'
import { searchFee, searchFeesDated } from './search-fees.ts'

export type Asked = {
  /** The provider's name in the catalogue; null: it is not there. */
  catalogueId: string | null
  /** As configured: what a user's `provider/model` means. */
  provider: string
  model: string
  usage: Usage
  webSearches: number
  /** Epoch ms. */
  at: number
}

/** `nano`: whole nano-dollars, rounded once. */
export type Priced = { nano: number; stamp: PriceStamp }
export type Prices = { priceOf: (asked: Asked) => Priced | null }

/** `priceOf` never throws and never guesses: null where no price is known. */
export function openPrices(userPrices: Readonly<Record<string, UserPrice>>): Prices {
  const users = new Map(Object.entries(userPrices).map(([name, price]) => [name, userRates(price)]))

  function priceAs({ catalogueId, model }: Name, asked: Asked): Priced | null {
    const own = users.get(`${asked.provider}/${model}`) ?? users.get(model)
    if (own) return priced(costOf(own, asked), { source: 'user', version: 'config' })
    return catalogueId === null ? null : listPrice(catalogueId, model, asked)
  }

  return {
    priceOf(asked) {
      if (!isSound(asked)) return null
      const exact = priceAs(asked, asked)
      if (exact) return exact
      for (const name of otherNames(asked, asked.webSearches)) {
        const found = priceAs(name, asked)
        if (found) return { nano: found.nano, stamp: { pricedAs: name.model, ...found.stamp } }
      }
      return null
    },
  }
}

/** What is billed by the piece, as searches are, is not in these prices. */
function userRates(price: UserPrice): Rates {
  return {
    input: price.inputUsdPerMillion,
    cacheRead: price.cacheReadUsdPerMillion,
    cacheWrite5m: price.cacheWrite5mUsdPerMillion,
    cacheWrite1h: price.cacheWrite1hUsdPerMillion,
    output: price.outputUsdPerMillion,
    search: 0,
  }
}

/** Searches are priced apart where only the tokens have a price. */
function listPrice(catalogueId: string, model: string, used: Used): Priced | null {
  const whole = tokenPrice(catalogueId, model, used)
  if (whole || used.webSearches === 0) return whole
  const fee = searchFee(catalogueId, model)
  if (fee === undefined) return null
  const tokens = tokenPrice(catalogueId, model, { ...used, webSearches: 0 })
  if (tokens === null) return null
  return priced(tokens.nano + used.webSearches * fee, { ...tokens.stamp, source: 'override', version: searchFeesDated })
}

/** Where a correction holds, the catalogue is not asked. */
function tokenPrice(catalogueId: string, model: string, used: Used): Priced | null {
  const row = overrideOf(catalogueId, model)
  return row ? corrected(row, catalogueId, model, used) : fromCatalogue(catalogueId, model, used)
}

function corrected(row: Override, catalogueId: string, model: string, used: Used): Priced | null {
  if ('unpriced' in row) return null
  const stamp: PriceStamp = { source: 'override', version: row.dated }
  if ('sameAs' in row) {
    return priced(cataloguePrice(catalogueId, row.sameAs, used), { ...stamp, pricedAs: row.sameAs })
  }
  const edition = row.editions.findLast(({ from }) => Date.parse(from) <= used.at)
  return edition ? priced(costOf(ratesAt(edition, used.at), used), stamp) : fromCatalogue(catalogueId, model, used)
}

function fromCatalogue(catalogueId: string, model: string, used: Used): Priced | null {
  return priced(cataloguePrice(catalogueId, model, used), { source: 'catalogue', version: catalogueVersion })
}

function ratesAt({ rates, peak }: Edition, at: number): Rates {
  if (!peak) return rates
  const time = new Date(at)
  const [day, hour] = [time.getUTCDay(), time.getUTCHours()]
  const inPeak = day >= 1 && day <= 5 && peak.hours.some(([from, before]) => hour >= from && hour < before)
  return inPeak ? peak.rates : rates
}

function priced(nano: number | null, stamp: PriceStamp): Priced | null {
  const rounded = nano === null ? -1 : Math.round(nano)
  return Number.isSafeInteger(rounded) && rounded >= 0 ? { nano: rounded, stamp } : null
}

function isSound({ usage, webSearches, at }: Asked): boolean {
  return (
    isCount(usage.input) &&
    isCount(usage.cacheRead) &&
    isCount(usage.cacheWrite5m) &&
    isCount(usage.cacheWrite1h) &&
    isCount(usage.output) &&
    isCount(usage.reasoning) &&
    isCount(webSearches) &&
    Number.isSafeInteger(at)
  )
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0
}
