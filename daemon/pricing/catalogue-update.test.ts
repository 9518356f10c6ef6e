/** Newer prices over the shipped catalogue: what they change, what stays, and what is no newer price at all. */
import assert from 'node:assert/strict'
import { findProvider, type ModelInfo, type Provider } from '@pydantic/genai-prices'
import { noUsage } from '../../shared/contract/usage.ts'
import { arithmeticOf } from './arithmetic.ts'
import { catalogueVersion, openCatalogue, shippedCatalogue } from './catalogue.ts'
import { differencesOf, whyImplausible } from './plausible.ts'
import { openPrices } from './price.ts'

const at = Date.UTC(2026, 10, 27, 12)
const version = '2026-11-27 update'
const shipped = (id: string) => findProvider({ providerId: id }) ?? assert.fail(id)
const flat = (id: string, input: number): ModelInfo => ({
  id,
  match: { equals: id },
  prices: { input_mtok: input, output_mtok: 1 },
})
/** A provider with these models alone. */
const news = (id: string, ...models: ModelInfo[]): Provider => ({ ...shipped(id), models })

function asked(catalogueId: string, model: string) {
  return { catalogueId, provider: 'p', model, usage: { ...noUsage, input: 1_000_000 }, webSearches: 0, at }
}

describe('an update of the catalogue', () => {
  const catalogue = openCatalogue({
    version,
    providers: [
      news('openai', flat('gpt-4o', 1), flat('gpt-9', 7), flat('gpt-6.2-sol', 3), flat('gpt-4o-audio-preview', 4)),
      news('deepseek', flat('deepseek-chat', 9)),
    ],
  })
  const { priceOf } = openPrices({}, catalogue)

  it('goes before what was shipped, and what it does not name stays', () => {
    const before = openPrices({})
    const rows: [string, string, number | undefined, string | undefined][] = [
      ['openai', 'gpt-4o', 1, version],
      ['openai', 'gpt-9', 7, version],
      ['openai', 'gpt-5', 1.25, catalogueVersion],
      ['anthropic', 'claude-opus-5', 5, catalogueVersion],
      ['aws', 'global.anthropic.claude-opus-4-8', 5, catalogueVersion],
    ]
    for (const [provider, model, usd, from] of rows) {
      const found = priceOf(asked(provider, model))
      assert.deepEqual([found?.nano, found?.stamp.version], [usd && usd * 1e9, from], model)
    }
    assert.equal(before.priceOf(asked('openai', 'gpt-4o'))?.nano, 2.5e9, 'who began with the old ones keeps them')
    assert.equal(before.priceOf(asked('openai', 'gpt-9')), null)
    assert.ok(catalogue.modelsOf('openai')?.includes('gpt-9') && catalogue.modelsOf('openai')?.includes('gpt-5'))
  })

  it('goes before a correction only where that filled a gap', () => {
    assert.deepEqual(priceOf(asked('openai', 'gpt-6.2-sol')), {
      nano: 3e9,
      stamp: { source: 'catalogue', version },
    })
    assert.equal(priceOf(asked('deepseek', 'deepseek-chat'))?.stamp.source, 'override')
    assert.equal(priceOf(asked('openai', 'gpt-4o-audio-preview'))?.nano, 2.5e9)
  })

  it('leaves the arithmetic of what was stamped before to the list that it was stamped by', () => {
    const prices = openPrices({}, catalogue)
    const old = { source: 'catalogue', version: catalogueVersion } as const
    const question = asked('openai', 'gpt-4o')
    assert.equal(arithmeticOf(prices, question, 2.5e9, old), null)
    assert.deepEqual(arithmeticOf(prices, question, 1e9, { source: 'catalogue', version }), [
      { kind: 'input', amount: 1_000_000, rate: 1, nano: 1e9 },
    ])
    assert.equal(arithmeticOf(prices, question, 1e9 + 5, { source: 'catalogue', version }), null)
  })

  it('is told from what cannot be one', () => {
    const ids = ['openai', 'deepseek']
    const full = ids.map(shipped)
    assert.equal(whyImplausible(full, shippedCatalogue, ids), undefined)
    assert.match(whyImplausible([shipped('openai')], shippedCatalogue, ids) ?? '', /lack the provider "deepseek"/)
    const few = [news('openai', flat('gpt-4o', 1)), shipped('deepseek')]
    assert.match(whyImplausible(few, shippedCatalogue, ids) ?? '', /something is missing/)
    const dated = (start_date: string) =>
      news('openai', ...shipped('openai').models, {
        ...flat('gpt-9', 1),
        prices: [{ prices: {} }, { constraint: { type: 'start_date', start_date }, prices: {} }],
      })
    const newer = openCatalogue({ version, providers: [dated('2029-01-01')] })
    assert.match(whyImplausible(full, newer, ids) ?? '', /are older than those at hand.* 2029-01-01$/)
    assert.equal(whyImplausible([dated('2029-01-02'), shipped('deepseek')], newer, ids), undefined)
  })

  it('is summed up by what is new in it', () => {
    const fresh = [news('openai', flat('gpt-4o', 1), flat('gpt-9', 7), ...shipped('openai').models.slice(0, 3))]
    assert.deepEqual(differencesOf(fresh, shippedCatalogue), { added: 1, changed: 1 })
  })
})
