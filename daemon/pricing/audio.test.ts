/** What tokens of sound cost: worked out by hand from the providers' pages, and unknown where nobody says. */
import assert from 'node:assert/strict'
import { type AudioUsage, noUsage, type ServiceTier, type Usage } from '../../shared/contract/usage.ts'
import { arithmeticOf } from './arithmetic.ts'
import { openPrices } from './price.ts'

const at = Date.UTC(2026, 10, 27, 12)
const prices = openPrices({})
const k = 1000

type More = { tier?: ServiceTier; isGuessed?: boolean }
function asked(catalogueId: string, model: string, usage: Partial<Usage>, audio?: AudioUsage, more: More = {}) {
  return { catalogueId, provider: 'p', model, usage: { ...noUsage, ...usage }, webSearches: 0, audio, at, ...more }
}
const nano = (...question: Parameters<typeof asked>) => prices.priceOf(asked(...question))?.nano ?? null

describe('pricing/audio', () => {
  const rows: [provider: string, model: string, usage: Partial<Usage>, audio: AudioUsage, nano: number][] = [
    // 500 of text at 2.50 and 500 of sound at 40; 400 of text at 10 and 600 of sound at 80
    ['openai', 'gpt-4o-audio-preview', { input: k, output: k }, { input: 500, output: 600 }, 73_250_000],
    ['openai', 'gpt-4o-audio-preview-2025-06-03', { input: k }, { input: k, output: 0 }, 40_000_000],
    ['openai', 'gpt-4o-mini-audio-preview', { input: k, output: k }, { input: k, output: k }, 30_000_000],
    ['openai', 'gpt-audio', { input: k, output: k }, { input: 500, output: 600 }, 59_650_000],
    ['openai', 'gpt-audio-mini', { input: k, output: k }, { input: 500, output: 600 }, 18_260_000],
    ['azure', 'gpt-audio-2025-08-28', { input: k }, { input: k, output: 0 }, 32_000_000],
    // no price of cached ones: each costs what it does uncached, however many are sound
    ['openai', 'gpt-audio', { input: 100, cacheRead: 900 }, { input: 500, output: 0 }, 17_250_000],
    ['google', 'gemini-2.5-flash', { input: k, output: k }, { input: 400, output: 0 }, 3_080_000],
    // of 600 read from the cache 200 are sound: 400 at 0.03, 200 at 0.10; of 400 others 200 at 0.30, 200 at 1
    ['google', 'gemini-2.5-flash', { input: 400, cacheRead: 600 }, { input: 400, cacheRead: 200, output: 0 }, 292_000],
    ['google', 'gemini-2.5-flash-lite', { input: k }, { input: k, output: 0 }, 300_000],
    ['google', 'gemini-3-flash-preview', { input: k }, { input: 500, output: 0 }, 750_000],
    ['google', 'models/gemini-2.5-flash', { input: k }, { input: k, output: 0 }, 1_000_000],
    // one price for all kinds
    ['google', 'gemini-2.5-pro', { input: k }, { input: 400, output: 0 }, 1_250_000],
    ['google', 'gemini-2.5-pro', { input: 200_001 }, { input: 400, output: 0 }, 500_002_500],
    ['google', 'gemini-2.5-pro', { input: k, cacheRead: k }, { input: 400, output: 0 }, 1_375_000],
    ['google', 'gemini-4-neon', { input: k, output: k }, { input: 400, output: 0 }, 18_000_000],
    ['google', 'gemini-2.5-flash-preview-tts', { input: k, output: k }, { input: 0, output: k }, 10_500_000],
  ]
  for (const [provider, model, usage, audio, expected] of rows) {
    it(`${provider} ${model} ${JSON.stringify(usage)}, sound ${JSON.stringify(audio)}: ${expected}`, () =>
      assert.equal(nano(provider, model, usage, audio), expected))
  }

  const unknown: [why: string, provider: string, model: string, usage: Partial<Usage>, audio: AudioUsage][] = [
    ['no price of sound is known', 'openai', 'gpt-5', { input: k }, { input: 1, output: 0 }],
    ['no price of what it says is known', 'openai', 'gpt-4o-transcribe', { output: k }, { input: 0, output: 1 }],
    ['it had two prices once', 'google', 'gemini-2.5-flash-preview-05-20', { input: k }, { input: 1, output: 0 }],
    ['a correction of ours tells of text alone', 'openai', 'gpt-6.2-sol', { input: k }, { input: 1, output: 0 }],
    [
      'nobody says how much of the cache is sound',
      'google',
      'gemini-2.5-flash',
      { input: 400, cacheRead: 600 },
      { input: 400, output: 0 },
    ],
    ['more is sound than went in', 'openai', 'gpt-audio', { input: k }, { input: k + 1, output: 0 }],
    ['more is sound than came out', 'openai', 'gpt-audio', { output: k }, { input: 0, output: k + 1 }],
    [
      'more is cached than was sound',
      'google',
      'gemini-2.5-flash',
      { input: 400, cacheRead: 600 },
      { input: 400, cacheRead: 500, output: 0 },
    ],
    ['half a token', 'openai', 'gpt-audio', { input: k }, { input: 0.5, output: 0 }],
  ]
  for (const [why, provider, model, usage, audio] of unknown)
    it(`${provider} ${model} → null: ${why}`, () => assert.equal(nano(provider, model, usage, audio), null))

  it('asks no more where nothing else can be sound', () => {
    const all = { input: 1600, output: 0 }
    assert.equal(nano('google', 'gemini-2.5-flash', { input: k, cacheRead: 600 }, all), 1_060_000)
  })

  it('is multiplied by a service tier as text is', () => {
    const flex = nano('google', 'gemini-2.5-flash', { input: k }, { input: k, output: 0 }, { tier: 'flex' })
    assert.equal(flex, 500_000)
  })

  it('has no price where a model that can speak was broken off, and nobody counted', () => {
    assert.equal(nano('openai', 'gpt-audio', { input: k, output: 10 }, undefined, { isGuessed: true }), null)
    assert.equal(nano('openai', 'gpt-5', { input: k }, undefined, { isGuessed: true }), 1_250_000)
    assert.equal(nano('google', 'gemini-2.5-flash', { input: k }, undefined, { isGuessed: true }), 300_000)
  })

  it('is a row of its own in the arithmetic', () => {
    const usage = { input: 400, cacheRead: 600, output: 10 }
    const question = asked('google', 'gemini-2.5-flash', usage, { input: 400, cacheRead: 200, output: 0 })
    const found = prices.priceOf(question)
    assert.deepEqual(
      found && arithmeticOf(prices, question, found.nano, found.stamp)?.map(({ nano: _, ...row }) => row),
      [
        { kind: 'input', amount: 200, rate: 0.3 },
        { kind: 'inputAudio', amount: 200, rate: 1 },
        { kind: 'cacheRead', amount: 400, rate: 0.03 },
        { kind: 'cacheReadAudio', amount: 200, rate: 0.1 },
        { kind: 'output', amount: 10, rate: 2.5 },
      ],
    )
  })

  it("costs what the user says, and nothing is guessed of it from the user's price of text", () => {
    const text = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }
    const own = openPrices({ a: text, b: { ...text, inputAudioUsdPerMillion: 3, outputAudioUsdPerMillion: 4 } })
    const ask = (model: string) =>
      own.priceOf(
        asked('openai', model, { input: k, cacheRead: k, output: k }, { input: 500, cacheRead: 100, output: 100 }),
      )?.nano
    assert.equal(ask('a'), undefined)
    // 600 + 900 of text at 1, 400 + 100 of sound at 3; 900 of text at 2, 100 of sound at 4
    assert.equal(ask('b'), 5_200_000)
  })
})
