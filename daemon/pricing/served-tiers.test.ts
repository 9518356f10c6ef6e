/** What calls cost that are served in another way than usual, against the figures that the providers publish. */
import assert from 'node:assert/strict'
import { noUsage, type ServiceTier, type Usage } from '../../shared/contract/usage.ts'
import { openPrices } from './price.ts'
import { allTierRows, servesInTiers } from './served-tiers.ts'

const at = Date.UTC(2026, 10, 27, 12)
const { priceOf } = openPrices({})

function priced(catalogueId: string, model: string, tier: ServiceTier, usage: Partial<Usage>, webSearches = 0) {
  return priceOf({ catalogueId, provider: 'p', model, usage: { ...noUsage, ...usage }, webSearches, tier, at })
}
const usd = (amount: number) => Math.round(amount * 1e9)

describe('service tiers', () => {
  // USD a million tokens of input, of cached input and of output
  const rows: [string, string, ServiceTier, number, number, number][] = [
    ['openai', 'gpt-6-astra', 'flex', 5, 0.5, 25],
    ['openai', 'gpt-6-astra', 'priority', 20, 2, 100],
    ['openai', 'gpt-6-astra', 'fast', 20, 2, 100],
    ['openai', 'gpt-6-astra', 'ultrafast', 60, 6, 300],
    ['openai', 'gpt-6-luna', 'priority', 0.2, 0.02, 1],
    ['openai', 'gpt-6.1-sol', 'flex', 1, 0.05, 5],
    ['openai', 'gpt-6.1-sol', 'fast', 4, 0.2, 20],
    ['openai', 'gpt-5.5', 'priority', 12.5, 1.25, 75],
    ['openai', 'gpt-5.4-mini', 'priority', 1.5, 0.15, 9],
    ['openai', 'gpt-5.2', 'priority', 3.5, 0.35, 28],
    ['openai', 'gpt-5-mini', 'priority', 0.45, 0.045, 3.6],
    ['openai', 'gpt-4.1', 'priority', 3.5, 0.875, 14],
    ['openai', 'gpt-4o', 'priority', 4.25, 2.125, 17],
    ['openai', 'gpt-4o-mini', 'batch', 0.075, 0.0375, 0.3],
    ['openai', 'o3', 'flex', 1, 0.25, 4],
    ['openai', 'o4-mini', 'priority', 2, 0.5, 8],
    ['anthropic', 'claude-opus-5', 'fast', 10, 1, 50],
    ['anthropic', 'claude-opus-4-6', 'fast', 30, 3, 150],
    ['anthropic', 'claude-fable-5-2', 'fast', 16, 0.4, 80],
    ['anthropic', 'claude-sonnet-5-5', 'batch', 1, 0.05, 5],
    ['google', 'gemini-4-neon', 'priority', 5.4, 0.27, 27],
    ['google', 'gemini-2.5-flash', 'flex', 0.15, 0.015, 1.25],
  ]
  for (const [provider, model, tier, input, cached, output] of rows) {
    it(`${provider} ${model} ${tier}: ${input} in, ${cached} cached, ${output} out`, () => {
      assert.equal(priced(provider, model, tier, { input: 1000 })?.nano, usd(input / 1000))
      assert.equal(priced(provider, model, tier, { cacheRead: 1000 })?.nano, usd(cached / 1000))
      assert.equal(priced(provider, model, tier, { output: 1000 })?.nano, usd(output / 1000))
    })
  }

  it('make long requests dearer as the standard one does, where they take them', () => {
    assert.equal(priced('openai', 'gpt-6-luna', 'priority', { input: 300_000, output: 1000 })?.nano, usd(0.12 + 0.0015))
    assert.equal(priced('openai', 'gpt-5.5', 'priority', { input: 272_001 }), null)
    assert.equal(priced('openai', 'gpt-5.5', 'batch', { input: 300_000 })?.nano, usd(1.5))
  })

  it('stand in the stamp', () => {
    assert.deepEqual(priced('anthropic', 'claude-opus-4-8', 'batch', { input: 2 })?.stamp, {
      source: 'catalogue',
      version: 'genai-prices 0.1.8',
      tier: 'batch',
    })
  })

  it('hold for a snapshot by date, and for the same model elsewhere', () => {
    assert.equal(priced('openai', 'gpt-5.1-2026-12-01', 'flex', { input: 1000 })?.nano, usd(0.000625))
    const found = priced('openrouter', 'openai/gpt-5.2', 'priority', { input: 1000 })
    assert.deepEqual([found?.nano, found?.stamp.tier], [usd(0.0035), 'priority'])
  })

  it('leave the price of searches as it is', () => {
    assert.equal(priced('anthropic', 'claude-opus-5', 'fast', { input: 1000 }, 2)?.nano, usd(0.01 + 0.02))
    assert.equal(priced('openai', 'gpt-5.2', 'flex', {}, 1)?.nano, usd(0.01))
  })

  const unknown: [why: string, string, string, ServiceTier][] = [
    ['is not sold so', 'openai', 'gpt-4.1', 'flex'],
    ['has no price for it that anybody tells', 'openai', 'gpt-6.2-sol', 'flex'],
    ['is paid for in advance', 'anthropic', 'claude-opus-4-8', 'priority'],
    ['costs something between two figures', 'google', 'gemini-2.5-pro', 'priority'],
    ['was served in a way without a name here', 'openai', 'gpt-5', 'other'],
    ['is sold by somebody who serves in one way only', 'deepseek', 'deepseek-chat', 'priority'],
  ]
  for (const [why, provider, model, tier] of unknown) {
    it(`${provider} ${model} ${tier} → null: it ${why}`, () =>
      assert.equal(priced(provider, model, tier, { input: 1000 }), null))
  }

  it('name a page each, and who serves in several ways', () => {
    for (const { page, times } of allTierRows()) {
      assert.match(page, /^https:\/\//)
      assert.ok(times > 0 && times < 10)
    }
    assert.deepEqual(['openai', 'deepseek', null].map(servesInTiers), [true, false, false])
  })

  it("change the user's own prices where the user says so", () => {
    const own = openPrices({
      mine: { inputUsdPerMillion: 2, outputUsdPerMillion: 4, tiers: { flex: 0.25 } },
      'gpt-5': { inputUsdPerMillion: 3, outputUsdPerMillion: 4 },
    })
    const ask = (model: string, tier: ServiceTier) =>
      own.priceOf({
        catalogueId: 'openai',
        provider: 'p',
        model,
        usage: { ...noUsage, input: 1000 },
        webSearches: 0,
        tier,
        at,
      })
    assert.deepEqual(ask('mine', 'flex'), {
      nano: usd(0.0005),
      stamp: { source: 'user', version: 'config', tier: 'flex' },
    })
    assert.deepEqual(ask('mine', 'other'), { nano: usd(0.002), stamp: { source: 'user', version: 'config' } })
    assert.equal(ask('gpt-5', 'flex')?.nano, usd(0.003))
  })
})
