/** What calls cost that are kept within a place, against what Anthropic publishes. */
import assert from 'node:assert/strict'
import { noUsage, type ServedWithin, type ServiceTier, type Usage } from '../../shared/contract/usage.ts'
import { arithmeticOf } from './arithmetic.ts'
import { openPrices } from './price.ts'
import { servesWithinPlaces } from './served-tiers.ts'

const at = Date.UTC(2026, 10, 27, 12)
const prices = openPrices({})
const k = 1000
const one: Partial<Usage> = { input: k, cacheRead: k, cacheWrite5m: k, cacheWrite1h: k, output: k }

function asked(model: string, within: ServedWithin, usage = one, tier?: ServiceTier, webSearches = 0) {
  const whole = { ...noUsage, ...usage }
  return { catalogueId: 'anthropic', provider: 'p', model, usage: whole, webSearches, tier, within, at }
}
const nano = (...question: Parameters<typeof asked>) => prices.priceOf(asked(...question))?.nano ?? null

describe('pricing/served-within', () => {
  it('takes a tenth more of every kind of token, since Claude 4.6', () => {
    assert.equal(nano('claude-opus-4-6', 'us'), 51_425_000)
    assert.equal(nano('claude-sonnet-4-6', 'us', { input: k, output: k }), 19_800_000)
    assert.equal(nano('claude-opus-5-5', 'us'), 40_920_000)
    assert.equal(nano('claude-haiku-5-5', 'us'), 1_028_500)
    assert.equal(nano('claude-opus-5-20270101', 'us', { input: k }), 5_500_000)
  })

  it('takes no more for the models before', () => {
    for (const model of ['claude-opus-4-5', 'claude-sonnet-4-5-20250929', 'claude-3-haiku-20240307', 'claude-opus-4-1'])
      assert.equal(
        nano(model, 'us', { input: k }),
        prices.priceOf({ ...asked(model, 'us', { input: k }), within: undefined })?.nano,
      )
  })

  it('stands on top of a service tier, and leaves searches as they are', () => {
    assert.equal(nano('claude-opus-5', 'us', { input: k }, 'fast'), 11_000_000)
    assert.equal(nano('claude-opus-5', 'us', { input: k }, 'batch'), 2_750_000)
    assert.equal(nano('claude-opus-5', 'us', { input: k }, undefined, 2), 25_500_000)
  })

  it('is in the stamp and in the arithmetic', () => {
    const question = asked('claude-opus-4-8', 'us', { input: k })
    const found = prices.priceOf(question) ?? assert.fail('a price')
    assert.deepEqual(found.stamp, { source: 'catalogue', version: 'genai-prices 0.1.8', within: 'us' })
    const [part] = arithmeticOf(prices, question, found.nano, found.stamp) ?? []
    assert.deepEqual([part?.kind, part?.amount, part?.rate.toFixed(6)], ['input', k, '5.500000'])
    assert.equal(arithmeticOf(prices, question, found.nano, { ...found.stamp, within: 'other' }), null)
  })

  it('has no price in a place that nobody states one for', () => {
    assert.equal(nano('claude-opus-5', 'other'), null)
    assert.deepEqual(['anthropic', 'openrouter', null].map(servesWithinPlaces), [true, false, false])
  })

  it("leaves the user's own prices as they are", () => {
    const own = openPrices({ mine: { inputUsdPerMillion: 2, outputUsdPerMillion: 4 } })
    assert.equal(own.priceOf(asked('mine', 'us', { input: k }))?.nano, 2_000_000)
  })
})
