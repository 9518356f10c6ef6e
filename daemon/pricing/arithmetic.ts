/** How a stamped cost came about: token by token of each kind, from the same rates; or nothing, where those are no longer at hand. */
import type { PriceStamp } from '../../shared/contract/usage.ts'
import type { Asked, Prices } from './price.ts'
import { type Part, partsOf } from './rates.ts'

/** `nano`: the cost that was stamped. null: today's prices do not make that figure under this stamp. */
export function arithmeticOf(prices: Prices, asked: Asked, nano: number, stamp: PriceStamp): Part[] | null {
  const models = stamp.pricedAs === undefined ? [asked.model] : [asked.model, stamp.pricedAs]
  for (const model of models) {
    for (const quote of prices.quotesFor({ ...asked, model })) {
      const parts = isSame(quote.stamp, stamp) ? partsOf(quote.rates, asked) : null
      // the parts are not rounded, their sum was
      if (parts && Math.abs(parts.reduce((sum, part) => sum + part.nano, 0) - nano) < 1) return parts
    }
  }
  return null
}

function isSame(a: PriceStamp, b: PriceStamp): boolean {
  return a.source === b.source && a.version === b.version && a.tier === b.tier && a.within === b.within
}
