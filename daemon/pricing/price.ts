/** What an attempt costs at list price: the user's prices first, then our corrections, then the shipped catalogue. */
import type { UserPrice } from '../../shared/contract/config.ts'
import type { PriceStamp, Usage } from '../../shared/contract/usage.ts'
import { cataloguePrice, catalogueVersion, type Used } from './catalogue.ts'
import { overrideOf } from './overrides.ts'

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
  const users = new Map(Object.entries(userPrices))

  function priceAs(asked: Asked, model: string): Priced | null {
    const own = users.get(`${asked.provider}/${model}`) ?? users.get(model)
    if (own) return priced(unitPrice(own, asked.usage), { source: 'user', version: 'config' })
    if (asked.catalogueId === null) return null
    return overridden(asked.catalogueId, model, asked) ?? fromCatalogue(asked.catalogueId, model, asked)
  }

  return {
    priceOf(asked) {
      if (!isSound(asked)) return null
      const exact = priceAs(asked, asked.model)
      if (exact) return exact
      const undated = withoutDate(asked.model)
      if (undated === undefined) return null
      const found = priceAs(asked, undated)
      return found && { nano: found.nano, stamp: { pricedAs: undated, ...found.stamp } }
    },
  }
}

function overridden(catalogueId: string, model: string, used: Used): Priced | null {
  const row = overrideOf(catalogueId, model)
  if (!row) return null
  const stamp: PriceStamp = { source: 'override', version: row.dated }
  if ('price' in row) return priced(unitPrice(row.price, used.usage), stamp)
  return priced(cataloguePrice(catalogueId, row.sameAs, used), { ...stamp, pricedAs: row.sameAs })
}

function fromCatalogue(catalogueId: string, model: string, used: Used): Priced | null {
  return priced(cataloguePrice(catalogueId, model, used), { source: 'catalogue', version: catalogueVersion })
}

function priced(nano: number | null, stamp: PriceStamp): Priced | null {
  const rounded = nano === null ? -1 : Math.round(nano)
  return Number.isSafeInteger(rounded) && rounded >= 0 ? { nano: rounded, stamp } : null
}

/**
 * A kind of cache token without a price of its own costs what plain input does. What is billed by the piece, as searches
 * are, is not in these prices.
 */
function unitPrice(price: UserPrice, usage: Usage): number {
  const input = price.inputUsdPerMillion
  const write5m = price.cacheWrite5mUsdPerMillion ?? input
  const microUsd =
    usage.input * input +
    usage.cacheRead * (price.cacheReadUsdPerMillion ?? input) +
    usage.cacheWrite5m * write5m +
    usage.cacheWrite1h * (price.cacheWrite1hUsdPerMillion ?? write5m) +
    usage.output * price.outputUsdPerMillion
  return microUsd * 1000
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

/** `gpt-5-2026-12-01`, `claude-sonnet-9-20261201`, `claude-sonnet-9@20261201`: a snapshot's date; undefined without one. */
function withoutDate(model: string): string | undefined {
  const cut = model.replace(/(-20\d\d-[01]\d-[0-3]\d|[-@]20\d\d[01]\d[0-3]\d)$/, '')
  return cut === model || cut === '' ? undefined : cut
}
