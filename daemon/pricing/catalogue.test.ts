/** Our arithmetic over the catalogue's prices against the library's own, and what we take for granted about its data. */
import { strict as assert } from 'node:assert'
import { calcPrice, findProvider, type ModelInfo } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { noUsage as none, promptTokensOf } from '../../shared/contract/usage.ts'
import { shippedCatalogue } from './catalogue.ts'
import { costOf, type Used } from './rates.ts'
import { soundsLikeText, withSoundAsText } from './sound-as-text.ts'

const providers = ['openai', 'anthropic', 'google', 'groq', 'deepseek', 'openrouter', 'mistral'].map((id) => {
  const found = findProvider({ providerId: id })
  assert.ok(found, id)
  return found
})
const models = providers.flatMap((provider) => provider.models.map((model) => ({ provider: provider.id, model })))

/** The list price in nano-dollars, not rounded. */
function cataloguePrice(catalogueId: string, model: string, used: Used): number | null {
  const found = shippedCatalogue.ratesOf(catalogueId, model, used.at)
  return found && costOf(found.rates, used)
}

function hasTokenPrices({ model }: { model: ModelInfo }): boolean {
  const editions = Array.isArray(model.prices) ? model.prices.map((one) => one.prices) : [model.prices]
  return editions.every((one) => one.input_mtok !== undefined && one.output_mtok !== undefined)
}

describe('the catalogue', () => {
  it('is billed as its own library bills it, at any time of any day', () => {
    const tokens = fc.oneof(fc.nat(1000), fc.nat(600_000))
    const usage = fc.record({
      input: tokens,
      cacheRead: tokens,
      cacheWrite5m: tokens,
      cacheWrite1h: tokens,
      output: tokens,
      reasoning: fc.constant(0),
    })
    const at = fc.date({ min: new Date('2025-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
    const one = fc.constantFrom(...models.filter(hasTokenPrices))
    fc.assert(
      fc.property(one, usage, at, ({ provider, model }, used, time) => {
        const ours = cataloguePrice(provider, model.id, { usage: used, webSearches: 0, at: time.getTime() })
        // An id that a matching rule of another model takes first, or that its own rules do not cover, is not the point here.
        if (ours === null) return
        const theirs = calcPrice(
          {
            input_tokens: promptTokensOf(used),
            cache_read_tokens: used.cacheRead,
            cache_write_tokens: used.cacheWrite5m + used.cacheWrite1h,
            cache_write_1h_tokens: used.cacheWrite1h,
            output_tokens: used.output,
          },
          model.id,
          { providerId: provider, timestamp: time },
        )
        assert.ok(theirs)
        assert.ok(Math.abs(ours - theirs.total_price * 1e9) < 1, `${model.id}: ${ours} and ${theirs.total_price}`)
      }),
      { numRuns: 300 },
    )
  })

  it('is billed so for sound too, where it has a price of sound or all kinds cost the same', () => {
    const tokens = fc.nat(600_000)
    const sounding = models
      .filter(hasTokenPrices)
      .filter(({ provider, model }) => 'input_audio_mtok' in model.prices || soundsLikeText(provider, model.id))
    const counts = fc.record({ text: tokens, cached: tokens, heard: tokens, cachedSound: tokens, said: tokens })
    const at = Date.UTC(2026, 10, 22)
    let compared = 0
    fc.assert(
      fc.property(fc.constantFrom(...sounding), counts, ({ provider, model }, of) => {
        const found = shippedCatalogue.ratesOf(provider, model.id, at)
        if (found === null) return
        const used: Used = {
          usage: { ...none, input: of.text + of.heard, cacheRead: of.cached + of.cachedSound, output: of.said },
          audio: { input: of.heard + of.cachedSound, cacheRead: of.cachedSound, output: 0 },
          webSearches: 0,
          at,
        }
        const ours = costOf(soundsLikeText(provider, model.id) ? withSoundAsText(found.rates) : found.rates, used)
        const theirs = calcPrice(
          {
            input_tokens: of.text + of.heard + of.cached + of.cachedSound,
            cache_read_tokens: of.cached + of.cachedSound,
            input_audio_tokens: of.heard + of.cachedSound,
            cache_audio_read_tokens: of.cachedSound,
            output_tokens: of.said,
          },
          model.id,
          { providerId: provider, timestamp: new Date(at) },
        )
        assert.ok(theirs && ours !== null, model.id)
        assert.ok(Math.abs(ours - theirs.total_price * 1e9) < 1, `${model.id}: ${ours} and ${theirs.total_price}`)
        compared++
      }),
      { numRuns: 300 },
    )
    assert.ok(compared > 200, String(compared))
  })

  it('knows nearly all of its own models by their ids', () => {
    const usage = { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 }
    const at = Date.UTC(2026, 10, 22)
    const priced = models
      .filter(hasTokenPrices)
      .filter(({ provider, model }) => cataloguePrice(provider, model.id, { usage, webSearches: 0, at }) !== null)
    assert.ok(priced.length > models.filter(hasTokenPrices).length * 0.97, String(priced.length))
  })

  it('changes its prices at quarters of an hour only', () => {
    for (const { model } of models) {
      for (const { constraint } of Array.isArray(model.prices) ? model.prices : []) {
        if (constraint?.type === 'time_of_date') {
          for (const time of [constraint.start_time, constraint.end_time])
            assert.match(time, /:(00|15|30|45):00Z$/, model.id)
        } else if (constraint) {
          assert.match(constraint.start_date, /^\d{4}-\d\d-\d\d$/, model.id)
        }
      }
    }
  })
})
