/** Prices against figures that the providers publish, and what must never happen: a guess, a throw, a silent $0. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { noUsage, type Usage } from '../../shared/contract/usage.ts'
import { catalogueVersion } from './catalogue.ts'
import { overrides } from './overrides.ts'
import { openPrices } from './price.ts'

const at = Date.UTC(2026, 10, 22, 12)
const { priceOf } = openPrices({})

function nano(catalogueId: string | null, model: string, usage: Partial<Usage>, webSearches = 0): number | null {
  return priceOf({ catalogueId, provider: 'p', model, usage: { ...noUsage, ...usage }, webSearches, at })?.nano ?? null
}
const usd = (amount: number) => Math.round(amount * 1e9)

describe('list prices', () => {
  // USD a million tokens of input and of output, as the providers' price pages say.
  const rows: [string, string, number, number][] = [
    ['openai', 'gpt-4o', 2.5, 10],
    ['openai', 'gpt-4o-mini', 0.15, 0.6],
    ['openai', 'gpt-5', 1.25, 10],
    ['openai', 'gpt-5-mini', 0.25, 2],
    ['openai', 'gpt-5-nano', 0.05, 0.4],
    ['openai', 'gpt-5.1', 1.25, 10],
    ['openai', 'gpt-5.2', 1.75, 14],
    ['openai', 'gpt-5.5', 5, 30],
    ['openai', 'gpt-6-sol', 2, 10],
    ['anthropic', 'claude-opus-4-1', 15, 75],
    ['anthropic', 'claude-opus-4-5', 5, 25],
    ['anthropic', 'claude-opus-4-8', 5, 25],
    ['anthropic', 'claude-opus-5', 5, 25],
    ['anthropic', 'claude-sonnet-4-0', 3, 15],
    ['anthropic', 'claude-sonnet-4-5-20250929', 3, 15],
    ['anthropic', 'claude-sonnet-4-6', 3, 15],
    ['anthropic', 'claude-haiku-4-5', 1, 5],
    ['anthropic', 'claude-3-5-sonnet-latest', 3, 15],
    ['google', 'gemini-2.5-pro', 1.25, 10],
    ['openrouter', 'anthropic/claude-3.5-sonnet', 3, 15],
    ['openrouter', 'openai/gpt-4o', 2.5, 10],
  ]
  for (const [provider, model, input, output] of rows) {
    it(`${provider} ${model}: ${input} in, ${output} out`, () => {
      assert.equal(nano(provider, model, { input: 1000 }), usd(input / 1000))
      assert.equal(nano(provider, model, { output: 1000 }), usd(output / 1000))
    })
  }

  it('counts an embedding, which has no output', () => {
    assert.equal(nano('openai', 'text-embedding-3-small', { input: 1_000_000 }), usd(0.02))
  })

  it('prices each kind of cache token on its own', () => {
    assert.equal(nano('anthropic', 'claude-opus-4-8', { cacheRead: 1_000_000 }), usd(0.5))
    assert.equal(nano('anthropic', 'claude-opus-4-8', { cacheWrite5m: 1_000_000 }), usd(6.25))
    assert.equal(nano('anthropic', 'claude-opus-4-8', { cacheWrite1h: 1_000_000 }), usd(10))
    const all = { input: 10, cacheRead: 1000, cacheWrite5m: 100, cacheWrite1h: 50, output: 7 }
    assert.equal(nano('anthropic', 'claude-opus-4-8', all), 50_000 + 500_000 + 625_000 + 500_000 + 175_000)
    assert.equal(nano('openai', 'gpt-4o', { input: 100, cacheRead: 900 }), 250_000 + 1_125_000)
  })

  it('counts reasoning once, inside the output', () => {
    const plain = nano('openai', 'gpt-5', { output: 500 })
    assert.equal(nano('openai', 'gpt-5', { output: 500, reasoning: 400 }), plain)
  })

  it('charges the whole of a long request at the higher rate', () => {
    assert.equal(nano('anthropic', 'claude-sonnet-4-5', { input: 200_000, output: 1000 }), usd(0.6 + 0.015))
    assert.equal(nano('anthropic', 'claude-sonnet-4-5', { input: 200_001, output: 1000 }), usd(1.200006 + 0.0225))
    assert.equal(nano('google', 'gemini-2.5-pro', { input: 200_000 }), usd(0.25))
    assert.equal(nano('google', 'gemini-2.5-pro', { input: 200_001 }), usd(0.5000025))
    assert.equal(nano('openai', 'gpt-5.5', { input: 300_000 }), usd(3))
  })

  it('lets cached tokens count towards the length of a request', () => {
    assert.equal(nano('anthropic', 'claude-sonnet-4-5', { input: 1, cacheRead: 200_000 }), usd(0.000006 + 0.12))
  })

  it('adds web searches', () => {
    assert.equal(nano('anthropic', 'claude-opus-4-8', { input: 1 }, 3), 5000 + usd(0.03))
  })

  it('says where the price is from', () => {
    const found = priceOf({
      catalogueId: 'openai',
      provider: 'openai',
      model: 'gpt-4o',
      usage: noUsage,
      webSearches: 0,
      at,
    })
    assert.deepEqual(found?.stamp, { source: 'catalogue', version: catalogueVersion })
    const installed = JSON.parse(readFileSync('node_modules/@pydantic/genai-prices/package.json', 'utf8')) as {
      version: string
    }
    assert.equal(catalogueVersion, `genai-prices ${installed.version}`)
  })
})

describe('what has no price', () => {
  const rows: [string, string | null, string, Partial<Usage>, number?][] = [
    ['an unknown model', 'openai', 'gpt-5.9', { input: 1 }],
    ['an unknown provider', 'nobody', 'gpt-4o', { input: 1 }],
    ['no provider in the catalogue', null, 'gpt-4o', { input: 1 }],
    ['a later version under a known prefix', 'anthropic', 'claude-opus-4-12', { input: 1 }],
    ['a dotted later version', 'anthropic', 'claude-sonnet-5-6', { input: 1 }],
    ['tokens of a model that is priced by the hour', 'openai', 'whisper-1', { input: 100 }],
    ['tokens of a model without any price', 'openai', 'omni-moderation-latest', { input: 100 }],
    ['searches where only tokens have a price', 'openrouter', 'openai/gpt-4o', { input: 1 }, 2],
    ['searches by OpenRouter', 'openrouter', 'openai/gpt-4o:online', { input: 1 }],
    ['a name at OpenRouter that stands for another model tomorrow', 'openrouter', '~openai/gpt-latest', { input: 1 }],
    ['names from the prototype', 'openai', 'constructor', { input: 1 }],
    ['a maker from the prototype', 'openrouter', 'constructor/gpt-4o', { input: 1 }],
    ['half a token', 'openai', 'gpt-4o', { input: 0.5 }],
    ['not a number', 'openai', 'gpt-4o', { input: Number.NaN }],
    ['less than nothing', 'openai', 'gpt-4o', { output: -1 }],
    ['an empty name', 'openai', '', { input: 1 }],
  ]
  for (const [what, provider, model, usage, searches] of rows) {
    it(`${what} → null`, () => assert.equal(nano(provider, model, usage, searches), null))
  }

  it('a model that is sold as free costs 0, which is a price', () => {
    assert.equal(nano('openrouter', 'deepseek/deepseek-r1:free', { input: 100, output: 100 }), 0)
    assert.equal(nano('openrouter', 'someone/something-new:free', { input: 100, output: 100 }), 0)
  })

  it('never throws and never makes up a fraction, whatever it is asked', () => {
    const count = fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.double())
    const usage = fc.record({
      input: count,
      cacheRead: count,
      cacheWrite5m: count,
      cacheWrite1h: count,
      output: count,
      reasoning: count,
    })
    const model = fc.oneof(fc.string(), fc.constantFrom('gpt-4o', 'claude-sonnet-4-5', 'claude-opus-4-8'))
    const catalogueId = fc.oneof(fc.string(), fc.constantFrom('openai', 'anthropic', 'sandbox', null))
    const asked = fc.record({ catalogueId, provider: fc.string(), model, usage, webSearches: count, at: count })
    fc.assert(
      fc.property(asked, (one) => {
        const found = priceOf(one)
        assert.ok(found === null || (Number.isSafeInteger(found.nano) && found.nano >= 0))
      }),
    )
  })
})

describe('snapshots by date', () => {
  for (const [model, undated] of [
    ['gpt-5-2026-12-01', 'gpt-5'],
    ['gpt-4o-20261201', 'gpt-4o'],
    ['claude-opus-5-5@20261201', 'claude-opus-5-5'],
  ] as const) {
    it(`${model} is priced as ${undated}, and says so`, () => {
      const catalogueId = model.startsWith('gpt') ? 'openai' : 'anthropic'
      const usage = { ...noUsage, input: 1000 }
      const found = priceOf({ catalogueId, provider: 'p', model, usage, webSearches: 0, at })
      assert.equal(found?.stamp.pricedAs, undated)
      assert.equal(found?.nano, nano(catalogueId, undated, { input: 1000 }))
    })
  }

  it('a known snapshot is no approximation', () => {
    const usage = { ...noUsage, input: 1 }
    const found = priceOf({
      catalogueId: 'openai',
      provider: 'p',
      model: 'gpt-4o-2024-08-06',
      usage,
      webSearches: 0,
      at,
    })
    assert.equal(found?.stamp.pricedAs, undefined)
  })
})

describe('searches that the catalogue has no price of', () => {
  it('are priced by our own list, which the stamp says', () => {
    const usage = { ...noUsage, input: 1000 }
    const asked = { catalogueId: 'x-ai', provider: 'p', model: 'grok-4.7', usage, at }
    assert.deepEqual(priceOf({ ...asked, webSearches: 2 }), {
      nano: 2_000_000 + 10_000_000,
      stamp: { source: 'override', version: '2026-11-27', pricedAs: 'grok-4.6' },
    })
  })

  it('give no price to a model whose tokens have none', () => {
    assert.equal(nano('openai', 'gpt-5.9', { input: 1 }, 1), null)
  })
})

describe('other names', () => {
  const rows: [catalogueId: string, model: string, pricedAs: string, nano: number][] = [
    ['openrouter', 'anthropic/claude-3.5-sonnet:nitro', 'anthropic/claude-3.5-sonnet', 3_000_000],
    ['openrouter', 'openai/gpt-4o:floor', 'openai/gpt-4o', 2_500_000],
    ['openrouter', 'openai/gpt-6.2-sol', 'gpt-6.2-sol', 2_000_000],
    ['openrouter', 'anthropic/claude-sonnet-5.5:exacto', 'claude-sonnet-5-5', 2_000_000],
    ['openrouter', 'x-ai/grok-4.6', 'grok-4.6', 2_000_000],
    ['openrouter', 'anthropic/claude-3.5-sonnet-20241022', 'anthropic/claude-3.5-sonnet', 3_000_000],
    ['google', 'models/gemini-2.5-pro', 'gemini-2.5-pro', 1_250_000],
    ['azure', 'gpt-6.2-sol-2026-11-17', 'gpt-6.2-sol', 2_000_000],
    ['mistral', 'mistral-large-latest', 'mistral-large-2512', 500_000],
  ]
  for (const [catalogueId, model, pricedAs, expected] of rows) {
    it(`${catalogueId} ${model} is priced as ${pricedAs}`, () => {
      const usage = { ...noUsage, input: 1000 }
      const found = priceOf({ catalogueId, provider: 'p', model, usage, webSearches: 0, at })
      assert.equal(found?.stamp.pricedAs, pricedAs)
      assert.equal(found?.nano, expected)
    })
  }

  it('Bedrock and Vertex have theirs in the catalogue', () => {
    assert.equal(nano('aws', 'global.anthropic.claude-opus-4-8', { input: 1000 }), 5_000_000)
    // A region costs a tenth more.
    assert.equal(nano('aws', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', { input: 1000 }), 3_300_000)
    assert.equal(nano('google', 'claude-sonnet-4-5@20250929', { input: 1000 }), 3_000_000)
  })
})

describe('corrections of the catalogue', () => {
  function nanoAt(catalogueId: string, model: string, time: string, usage: Partial<Usage>): number | null {
    const asked = { catalogueId, provider: 'p', model, webSearches: 0, at: Date.parse(time) }
    return priceOf({ ...asked, usage: { ...noUsage, ...usage } })?.nano ?? null
  }

  it('carry their date', () => {
    const usage = { ...noUsage, input: 1 }
    const asked = { catalogueId: 'deepseek', provider: 'p', model: 'deepseek-chat', usage, webSearches: 0, at }
    assert.deepEqual(priceOf(asked)?.stamp, { source: 'override', version: '2026-11-27' })
  })

  it('hold from their day on, and the catalogue before', () => {
    const read = { cacheRead: 1000 }
    assert.equal(nanoAt('anthropic', 'claude-sonnet-5-5', '2026-08-31T23:59:59Z', read), null)
    assert.equal(nanoAt('anthropic', 'claude-sonnet-5-5', '2026-10-06T23:59:59Z', read), 200_000)
    assert.equal(nanoAt('anthropic', 'claude-sonnet-5-5', '2026-10-07T00:00:00Z', read), 100_000)
    assert.equal(nanoAt('google', 'gemini-4-argon', '2026-11-30T23:59:59Z', { output: 1000 }), 10_000_000)
    assert.equal(nanoAt('google', 'gemini-4-argon', '2026-12-01T00:00:00Z', { output: 1000 }), 20_000_000)
    assert.equal(nanoAt('deepseek', 'deepseek-v4-flash', '2026-08-01T12:00:00Z', { input: 1000 }), 140_000)
  })

  it('know the peak hours of DeepSeek, from Monday to Friday', () => {
    const rows: [string, number][] = [
      ['2026-11-27T00:59:59Z', 150_000],
      ['2026-11-27T01:00:00Z', 300_000],
      ['2026-11-27T04:00:00Z', 150_000],
      ['2026-11-27T09:59:59Z', 300_000],
      ['2026-11-28T02:00:00Z', 150_000],
      ['2026-11-29T07:00:00Z', 150_000],
      ['2026-11-30T07:00:00Z', 300_000],
    ]
    for (const [time, expected] of rows)
      assert.equal(nanoAt('deepseek', 'deepseek-flash', time, { input: 1000 }), expected, time)
  })

  it('gives every sandbox model a price, so that a first call shows a cost', () => {
    assert.equal(nano('sandbox', 'anything-at-all', { input: 1000, output: 1000 }), usd(0.006))
  })

  it('each is dated, with the page it is from, and its editions in order', () => {
    for (const row of [...overrides.values()].flat()) {
      assert.match(row.dated, /^\d{4}-\d\d-\d\d$/)
      assert.match(row.page, /^https:\/\/|^none: /)
      const from = 'editions' in row ? row.editions.map((edition) => Date.parse(edition.from)) : []
      assert.ok(from.every((time, i) => time > (from[i - 1] ?? 0)))
    }
  })

  it('name no model twice', () => {
    for (const rows of overrides.values()) {
      const named = rows.flatMap(({ models }) => (models instanceof RegExp ? [] : models))
      assert.equal(new Set(named).size, named.length)
    }
  })
})

describe("the user's prices", () => {
  const own = openPrices({
    'gpt-4o': { inputUsdPerMillion: 1, outputUsdPerMillion: 2 },
    'work/gpt-4o': { inputUsdPerMillion: 3, outputUsdPerMillion: 4, cacheReadUsdPerMillion: 0.3 },
    'my-model': { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0, cacheWrite5mUsdPerMillion: 0.2 },
  })
  const ask = (provider: string, model: string, usage: Partial<Usage>) =>
    own.priceOf({ catalogueId: null, provider, model, usage: { ...noUsage, ...usage }, webSearches: 0, at })

  it('stand above the catalogue, the narrower one first', () => {
    assert.equal(ask('openai', 'gpt-4o', { input: 1000 })?.nano, usd(0.001))
    assert.equal(ask('work', 'gpt-4o', { input: 1000, cacheRead: 1000 })?.nano, usd(0.0033))
    assert.deepEqual(ask('work', 'gpt-4o', {})?.stamp, { source: 'user', version: 'config' })
  })

  it('hold for a dated snapshot of the model too', () => {
    assert.deepEqual(ask('x', 'my-model-2026-01-31', {})?.stamp, {
      source: 'user',
      version: 'config',
      pricedAs: 'my-model',
    })
  })

  it('fill what is not said: reads as input, long writes as short ones', () => {
    assert.equal(ask('x', 'my-model', { cacheRead: 10_000 })?.nano, usd(0.001))
    assert.equal(ask('x', 'my-model', { cacheWrite1h: 10_000 })?.nano, usd(0.002))
  })

  it('are rounded once, at the end', () => {
    const odd = openPrices({ m: { inputUsdPerMillion: 0.0004, outputUsdPerMillion: 0.0004 } })
    const usage = { ...noUsage, input: 1, output: 1 }
    assert.equal(odd.priceOf({ catalogueId: null, provider: 'x', model: 'm', usage, webSearches: 0, at })?.nano, 1)
  })
})
