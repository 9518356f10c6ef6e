/** What calls cost on one day, at every provider: each sum worked out by hand from the provider's price page. */
import { strict as assert } from 'node:assert'
import { openPrices } from './price.ts'

/** A Friday, outside the peak hours of those who have such. */
const at = Date.UTC(2026, 10, 27, 12)
const { priceOf } = openPrices({})

/** Tokens: input, read from a cache, written to one for 5 minutes, for 1 hour, output. */
type Tokens = readonly [number, number, number, number, number]
const k = 1000
const plain: Tokens = [k, 0, 0, 0, k]
const cached: Tokens = [k, k, 0, 0, k]
const written: Tokens = [k, k, k, 0, k]
const all: Tokens = [k, k, k, k, k]
const embedded: Tokens = [k, 0, 0, 0, 0]

/** `searches`: on the web, by the provider. */
type Row = [provider: string, model: string, tokens: Tokens, nano: number, searches?: number]

const rows: Row[] = [
  ['openai', 'gpt-4-turbo', plain, 40_000_000],
  ['openai', 'gpt-4o', cached, 13_750_000],
  ['openai', 'gpt-4o-mini', cached, 825_000],
  ['openai', 'gpt-4.1', cached, 10_500_000],
  ['openai', 'gpt-4.1-mini', cached, 2_100_000],
  ['openai', 'gpt-4.1-nano', cached, 525_000],
  ['openai', 'o3', cached, 10_500_000],
  ['openai', 'o4-mini', cached, 5_775_000],
  ['openai', 'gpt-5', cached, 11_375_000],
  ['openai', 'gpt-5-mini', cached, 2_275_000],
  ['openai', 'gpt-5-nano', cached, 455_000],
  ['openai', 'gpt-5-pro', plain, 135_000_000],
  ['openai', 'gpt-5.1', cached, 11_375_000],
  ['openai', 'gpt-5.1-codex', cached, 11_375_000],
  ['openai', 'gpt-5.1-codex-mini', cached, 2_275_000],
  ['openai', 'gpt-5.2', cached, 15_925_000],
  ['openai', 'gpt-5.3-codex', cached, 15_925_000],
  ['openai', 'gpt-5.3-codex', embedded, 11_750_000, 1],
  ['openai', 'gpt-5.4', cached, 17_750_000],
  ['openai', 'gpt-5.4-mini', cached, 5_325_000],
  ['openai', 'gpt-5.5', cached, 35_500_000],
  ['openai', 'gpt-5.5', [300_000, 0, 0, 0, k], 3_045_000_000],
  ['openai', 'gpt-5.5', embedded, 25_000_000, 2],
  ['openai', 'gpt-5.6-luna', written, 1_670_000],
  ['openai', 'gpt-5.6-terra', written, 16_700_000],
  ['openai', 'gpt-5.6-sol', written, 29_400_000],
  ['openai', 'gpt-6-astra', written, 73_500_000],
  ['openai', 'gpt-6-sol', written, 14_700_000],
  ['openai', 'gpt-6-sol', [272_000, 0, 0, 0, 0], 544_000_000],
  ['openai', 'gpt-6-sol', [272_001, 0, 0, 0, 0], 1_088_004_000],
  ['openai', 'gpt-6-luna', written, 735_000],
  ['openai', 'gpt-6.1-sol', written, 14_600_000],
  ['openai', 'gpt-6.1-terra', written, 7_300_000],
  ['openai', 'gpt-6.2-astra', written, 58_400_000],
  ['openai', 'gpt-6.2-sol', written, 14_600_000],
  ['openai', 'gpt-6.2-sol', [200_000, 72_000, 0, 0, k], 417_200_000],
  ['openai', 'gpt-6.2-sol', [200_000, 100_000, 0, 0, k], 835_000_000],
  ['openai', 'gpt-6.2-sol', embedded, 12_000_000, 1],
  ['openai', 'text-embedding-3-small', embedded, 20_000],
  ['openai', 'text-embedding-3-large', embedded, 130_000],

  ['anthropic', 'claude-3-haiku-20240307', all, 2_330_000],
  ['anthropic', 'claude-3-sonnet-20240229', all, 28_050_000],
  ['anthropic', 'claude-3-opus-20240229', all, 140_250_000],
  ['anthropic', 'claude-3-5-sonnet-20241022', all, 28_050_000],
  ['anthropic', 'claude-3-7-sonnet-20250219', all, 28_050_000],
  ['anthropic', 'claude-opus-4-1-20250805', all, 140_250_000],
  ['anthropic', 'claude-opus-4-5-20251101', all, 46_750_000],
  ['anthropic', 'claude-opus-4-6', all, 46_750_000],
  ['anthropic', 'claude-opus-4-7', all, 46_750_000],
  ['anthropic', 'claude-opus-4-8', all, 46_750_000],
  ['anthropic', 'claude-opus-5', all, 46_750_000],
  ['anthropic', 'claude-opus-5-5', all, 37_200_000],
  ['anthropic', 'claude-opus-5-5', embedded, 34_000_000, 3],
  ['anthropic', 'claude-sonnet-4-5-20250929', all, 28_050_000],
  ['anthropic', 'claude-sonnet-4-5', [200_001, 0, 0, 0, k], 1_222_506_000],
  ['anthropic', 'claude-sonnet-4-6', [300_000, 0, 0, 0, k], 915_000_000],
  ['anthropic', 'claude-sonnet-5', all, 18_700_000],
  ['anthropic', 'claude-sonnet-5-5', all, 18_600_000],
  ['anthropic', 'claude-haiku-4-5-20251001', all, 9_350_000],
  ['anthropic', 'claude-haiku-5-5', all, 935_000],
  ['anthropic', 'claude-haiku-5-5', [50_000, 50_000, 0, 0, k], 6_000_000],
  ['anthropic', 'claude-haiku-5-5', [50_001, 50_000, 0, 0, k], 30_000_500],
  ['anthropic', 'claude-fable-5-1', all, 92_750_000],
  ['anthropic', 'claude-mythos-5-1', all, 92_750_000],
  ['anthropic', 'claude-fable-5-2', all, 74_200_000],
  ['anthropic', 'claude-mythos-5-2', all, 74_200_000],

  ['google', 'gemini-pro', plain, 2_000_000],
  ['google', 'gemini-pro-1.5', cached, 6_562_500],
  ['google', 'gemini-1.5-pro', cached, 6_562_500],
  ['google', 'gemini-2.5-pro', cached, 11_375_000],
  ['google', 'gemini-2.5-pro', [200_001, 0, 0, 0, k], 515_002_500],
  ['google', 'gemini-2.5-flash', cached, 2_830_000],
  ['google', 'gemini-2.5-flash-lite', cached, 510_000],
  ['google', 'gemini-3-flash-preview', cached, 3_550_000],
  ['google', 'gemini-3.1-pro-preview', cached, 14_200_000],
  ['google', 'gemini-3.1-pro-preview', [300_000, 0, 0, 0, k], 1_218_000_000],
  ['google', 'gemini-3.5-flash', cached, 10_650_000],
  ['google', 'gemini-3.8-flash', cached, 4_575_000],
  ['google', 'gemini-4-argon', cached, 12_100_000],
  ['google', 'gemini-4-carbon', cached, 12_100_000],
  ['google', 'gemini-4-neon', cached, 18_150_000],
  ['google', 'gemini-4-hydrogen', cached, 9_075_000],
  ['google', 'gemini-2.5-flash', embedded, 35_300_000, 1],
  ['google', 'gemini-3.8-flash', embedded, 42_750_000, 3],
  ['google', 'gemini-4-argon', embedded, 16_000_000, 1],
  ['google', 'gemini-embedding-001', embedded, 150_000],

  ['openrouter', 'anthropic/claude-3-haiku', plain, 1_500_000],
  ['openrouter', 'anthropic/claude-3-sonnet', plain, 18_000_000],
  ['openrouter', 'anthropic/claude-3-opus', plain, 90_000_000],
  ['openrouter', 'anthropic/claude-3.5-sonnet', plain, 18_000_000],
  ['openrouter', 'anthropic/claude-opus-5.5', written, 29_200_000],
  ['openrouter', 'openai/gpt-4-turbo', plain, 40_000_000],
  ['openrouter', 'openai/gpt-4o', plain, 12_500_000],
  ['openrouter', 'openai/gpt-4o-mini', plain, 750_000],
  ['openrouter', 'openai/text-embedding-3-large', embedded, 130_000],
  ['openrouter', 'google/gemini-pro', plain, 2_000_000],
  ['openrouter', 'google/gemini-pro-1.5', plain, 6_250_000],

  ['groq', 'openai/gpt-oss-120b', cached, 825_000],
  ['groq', 'openai/gpt-oss-20b', cached, 412_500],
  ['groq', 'llama-3.3-70b-versatile', plain, 1_380_000],
  ['groq', 'llama-3.1-8b-instant', plain, 130_000],
  ['groq', 'moonshotai/kimi-k2-instruct', cached, 4_500_000],

  ['mistral', 'mistral-large-latest', cached, 2_050_000],
  ['mistral', 'mistral-medium-latest', cached, 9_150_000],
  ['mistral', 'mistral-small-latest', cached, 765_000],
  ['mistral', 'codestral-latest', cached, 1_230_000],
  ['mistral', 'devstral-2512', cached, 2_440_000],
  ['mistral', 'ministral-8b-latest', cached, 315_000],
  ['mistral', 'mistral-embed', embedded, 100_000],

  ['deepseek', 'deepseek-flash', cached, 753_000],
  ['deepseek', 'deepseek-v4-flash', cached, 753_000],
  ['deepseek', 'deepseek-chat', cached, 753_000],
  ['deepseek', 'deepseek-v4-pro', cached, 2_662_000],

  ['x-ai', 'grok-4.7', cached, 8_500_000],
  ['x-ai', 'grok-4.7', [199_999, 0, 0, 0, 0], 399_998_000],
  ['x-ai', 'grok-4.7', [200_000, 0, 0, 0, k], 812_000_000],
  ['x-ai', 'grok-4.6', cached, 8_500_000],
  ['x-ai', 'grok-4.3', cached, 3_950_000],
  ['x-ai', 'grok-4.20-0309-reasoning', cached, 3_950_000],
  ['x-ai', 'grok-4.7', embedded, 12_000_000, 2],
  ['x-ai', 'grok-build-0.1', cached, 3_200_000],

  ['together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', plain, 1_760_000],
  ['together', 'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8', plain, 1_120_000],
  ['together', 'openai/gpt-oss-120b', plain, 750_000],
  ['together', 'moonshotai/Kimi-K2.5', plain, 3_300_000],

  ['fireworks', 'accounts/fireworks/models/kimi-k2p6', cached, 5_110_000],
  ['fireworks', 'accounts/fireworks/models/deepseek-v4-pro', cached, 5_365_000],
  ['fireworks', 'accounts/fireworks/models/glm-5', cached, 4_400_000],
  ['fireworks', 'accounts/fireworks/models/gpt-oss-120b', plain, 750_000],

  ['cerebras', 'gpt-oss-120b', plain, 1_100_000],
  ['cerebras', 'gemma-4-31b', plain, 2_480_000],
  ['cerebras', 'zai-glm-4.7', plain, 5_000_000],

  ['moonshotai', 'kimi-k2.6', cached, 5_110_000],

  ['azure', 'gpt-4o', cached, 13_750_000],
  ['azure', 'gpt-5', cached, 11_375_000],
  ['azure', 'o4-mini', cached, 5_780_000],
  ['azure', 'gpt-6-sol', written, 14_700_000],
  ['azure', 'gpt-6.2-sol', written, 14_600_000],
  ['azure', 'gpt-5.5', embedded, 15_000_000, 1],
  ['azure', 'text-embedding-3-small', embedded, 20_000],
]

describe('pricing/price-table', () => {
  for (const [provider, model, tokens, nano, searches = 0] of rows) {
    const [input, cacheRead, cacheWrite5m, cacheWrite1h, output] = tokens
    it(`${provider} ${model} ${tokens.join(' ')}${searches > 0 ? ` and ${searches} searches` : ''}: ${nano}`, () => {
      // Reasoning is inside the output and costs nothing on top.
      const usage = { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning: output / 2 }
      const found = priceOf({ catalogueId: provider, provider, model, usage, webSearches: searches, at })
      assert.equal(found?.nano, nano)
    })
  }
})
