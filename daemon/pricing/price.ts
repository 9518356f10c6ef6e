/** What an attempt costs at list price: the user's prices first, then our corrections, then the catalogue. */
import type { UserPrice } from '../../shared/contract/config.ts'
import {
  type AudioUsage,
  type PriceStamp,
  promptTokensOf,
  type ServedWithin,
  type ServiceTier,
  type Usage,
} from '../../shared/contract/usage.ts'
import { type Catalogue, shippedCatalogue } from './catalogue.ts'
import { type Name, otherNames } from './names.ts'
import type { Edition, Override } from './override.ts'
import { overrideOf } from './overrides.ts'
import { costOf, multiplied, type Rates } from './rates.ts'
import { searchFee, searchFeesDated } from './search-fees.ts'
import { placeRowOf, tierRowOf } from './served-tiers.ts'
import { soundsLikeText, withSoundAsText } from './sound-as-text.ts'

export type Asked = {
  /** The provider's name in the catalogue; null: it is not there. */
  catalogueId: string | null
  /** As configured: what a user's `provider/model` means. */
  provider: string
  model: string
  usage: Usage
  webSearches: number
  /** The part of the usage that is sound; absent: none. */
  audio?: AudioUsage | undefined
  /** It made images: nobody but the user knows a price that covers them. */
  images?: boolean | undefined
  /** The tokens were counted by us, from a text. */
  isGuessed?: boolean
  /** How it was served; undefined: in the usual way. */
  tier?: ServiceTier | undefined
  /** Where it was kept within; undefined: anywhere. */
  within?: ServedWithin | undefined
  /** Epoch ms. */
  at: number
}

/** The rates that hold for a call, and where they are from. `page`: where a correction of ours, or of a tier, is said. */
export type Quote = { rates: Rates; stamp: PriceStamp; page?: string }
/** `nano`: whole nano-dollars, rounded once. */
export type Priced = { nano: number; stamp: PriceStamp }
export type Prices = {
  priceOf: (asked: Asked) => Priced | null
  /** Under its own name first, then under others that cost the same. The first that has a rate for all that was used holds. */
  quotesFor: (asked: Asked) => Iterable<Quote>
}

/** `priceOf` never throws and never guesses: null where no price is known. */
export function openPrices(
  userPrices: Readonly<Record<string, UserPrice>>,
  catalogue: Catalogue = shippedCatalogue,
): Prices {
  const users = new Map(Object.entries(userPrices).map(([name, price]) => [name, { price, rates: userRates(price) }]))

  function quoteAs({ catalogueId, model }: Name, asked: Asked): Quote | null {
    const own = users.get(`${asked.provider}/${model}`) ?? users.get(model)
    if (own) return userQuote(own.price, own.rates, asked.tier)
    return catalogueId === null ? null : listQuote(catalogue, catalogueId, model, asked)
  }

  function* quotesFor(asked: Asked): Generator<Quote> {
    const exact = quoteAs(asked, asked)
    if (exact) yield exact
    for (const name of otherNames(asked, asked.webSearches)) {
      const found = quoteAs(name, asked)
      if (found) yield { ...found, stamp: { pricedAs: name.model, ...found.stamp } }
    }
  }

  return {
    quotesFor,
    priceOf(asked) {
      if (!isSound(asked)) return null
      for (const { rates, stamp } of quotesFor(asked)) {
        if (asked.images && stamp.source !== 'user') continue
        const nano = wholeNano(costOf(rates, asked))
        if (nano !== null) return { nano, stamp }
      }
      return null
    },
  }
}

/** What is billed by the piece, as searches are, is not in these prices. */
function userRates(price: UserPrice): Rates {
  return {
    input: price.inputUsdPerMillion,
    inputAudio: price.inputAudioUsdPerMillion,
    cacheRead: price.cacheReadUsdPerMillion,
    cacheReadAudio: price.cacheReadAudioUsdPerMillion,
    cacheWrite5m: price.cacheWrite5mUsdPerMillion,
    cacheWrite1h: price.cacheWrite1hUsdPerMillion,
    output: price.outputUsdPerMillion,
    outputAudio: price.outputAudioUsdPerMillion,
    search: 0,
  }
}

/** However the call was served, unless the user says what that costs. */
function userQuote(price: UserPrice, rates: Rates, tier: ServiceTier | undefined): Quote {
  const stamp: PriceStamp = { source: 'user', version: 'config' }
  const times = tier && price.tiers?.[tier]
  return times === undefined ? { rates, stamp } : { rates: multiplied(rates, times), stamp: { ...stamp, tier } }
}

/** null: no price is known, or none for how it was served. */
function listQuote(catalogue: Catalogue, catalogueId: string, model: string, asked: Asked): Quote | null {
  const standard = standardQuote(catalogue, catalogueId, model, asked.at)
  const atTier = standard && inTier(standard, catalogueId, model, asked)
  const quote = atTier && keptWithin(atTier, catalogueId, model, asked)
  if (!quote || asked.webSearches === 0 || quote.rates.search !== undefined) return quote
  // searches are priced apart where only the tokens have a price
  const search = searchFee(catalogueId, model)
  const stamp: PriceStamp = { ...quote.stamp, source: 'override', version: searchFeesDated }
  return search === undefined ? quote : { ...quote, rates: { ...quote.rates, search }, stamp }
}

function inTier(quote: Quote, catalogueId: string, model: string, { tier, usage }: Asked): Quote | null {
  if (tier === undefined) return quote
  const row = tierRowOf(catalogueId, model, tier)
  if (!row || promptTokensOf(usage) > (row.mostPrompt ?? Infinity)) return null
  return { rates: multiplied(quote.rates, row.times), stamp: { ...quote.stamp, tier }, page: row.page }
}

function keptWithin(quote: Quote, catalogueId: string, model: string, { within }: Asked): Quote | null {
  if (within === undefined) return quote
  const row = placeRowOf(catalogueId, model, within)
  return row ? { rates: multiplied(quote.rates, row.times), stamp: { ...quote.stamp, within }, page: row.page } : null
}

/** Where a correction holds, the catalogue is not asked: but for what it got to know since the correction was written. */
function standardQuote(catalogue: Catalogue, catalogueId: string, model: string, at: number): Quote | null {
  const row = overrideOf(catalogueId, model)
  const quote =
    row && ('unpriced' in row || !catalogue.isNews(catalogueId, model, at))
      ? corrected(catalogue, row, catalogueId, model, at)
      : fromCatalogue(catalogue, catalogueId, model, at)
  return quote && soundsLikeText(catalogueId, model) ? { ...quote, rates: withSoundAsText(quote.rates) } : quote
}

function corrected(catalogue: Catalogue, row: Override, catalogueId: string, model: string, at: number): Quote | null {
  if ('unpriced' in row) return null
  const stamp: PriceStamp = { source: 'override', version: row.dated }
  if ('sameAs' in row) {
    const found = catalogue.ratesOf(catalogueId, row.sameAs, at)
    return found && { rates: found.rates, stamp: { ...stamp, pricedAs: row.sameAs }, page: row.page }
  }
  const edition = row.editions.findLast(({ from }) => Date.parse(from) <= at)
  return edition
    ? { rates: ratesAt(edition, at), stamp, page: row.page }
    : fromCatalogue(catalogue, catalogueId, model, at)
}

function fromCatalogue(catalogue: Catalogue, catalogueId: string, model: string, at: number): Quote | null {
  const found = catalogue.ratesOf(catalogueId, model, at)
  return found && { rates: found.rates, stamp: { source: 'catalogue', version: found.version } }
}

function ratesAt({ rates, peak }: Edition, at: number): Rates {
  if (!peak) return rates
  const time = new Date(at)
  const [day, hour] = [time.getUTCDay(), time.getUTCHours()]
  const inPeak = day >= 1 && day <= 5 && peak.hours.some(([from, before]) => hour >= from && hour < before)
  return inPeak ? peak.rates : rates
}

function wholeNano(nano: number | null): number | null {
  const rounded = nano === null ? -1 : Math.round(nano)
  return Number.isSafeInteger(rounded) && rounded >= 0 ? rounded : null
}

function isSound({ usage, audio, webSearches, at }: Asked): boolean {
  return (
    isCount(usage.input) &&
    isCount(usage.cacheRead) &&
    isCount(usage.cacheWrite5m) &&
    isCount(usage.cacheWrite1h) &&
    isCount(usage.output) &&
    isCount(usage.reasoning) &&
    isCount(webSearches) &&
    (!audio || [audio.input, audio.cacheRead ?? 0, audio.output].every(isCount)) &&
    Number.isSafeInteger(at)
  )
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0
}
