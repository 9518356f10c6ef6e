/** Our own dated corrections of the catalogue, each with the page it is from, until an edition of it has them. */
import { flat, type Override } from './override.ts'
import type { Rates } from './rates.ts'

const claudePage = 'https://platform.claude.com/docs/en/about-claude/pricing'
const openaiPage = 'https://developers.openai.com/api/docs/pricing'
const openaiModelPage = 'https://developers.openai.com/api/docs/models/'
const geminiPage = 'https://ai.google.dev/gemini-api/docs/pricing'
const deepseekPage = 'https://api-docs.deepseek.com/quick_start/pricing'
const mistralPage = 'https://docs.mistral.ai/inference/pricing'
const togetherPage = 'https://www.together.ai/pricing'
const fireworksPage = 'https://docs.fireworks.ai/serverless/pricing'
const openrouterPage = 'https://openrouter.ai/docs/guides/routing/model-variants/overview'

const deepseekPeak = [
  [1, 4],
  [6, 10],
] as const

/** GPT-6: a prompt of more than 272,000 tokens doubles all that goes in, and makes what comes out half as dear again. */
function gpt6(input: number, cacheRead: number, output: number): Rates {
  const long = (price: number, times: number) => ({ base: price, tiers: [{ start: 272_000, price: price * times }] })
  return {
    input: long(input, 2),
    cacheRead: long(cacheRead, 2),
    cacheWrite5m: long(input * 1.25, 2),
    output: long(output, 1.5),
    search: 10,
  }
}

/** Of all its models since 2026 a write to the cache costs 1.25 and 2 times the input, and output five times. */
function claude(input: number, cacheRead: number): Rates {
  return { input, cacheRead, cacheWrite5m: input * 1.25, cacheWrite1h: input * 2, output: input * 5, search: 10 }
}
/** Five times as dear for prompts of more than 100,000 tokens. */
const haiku55 = (price: number) => ({ base: price, tiers: [{ start: 100_000, price: price * 5 }] })

const dated = '2026-11-27'

const anthropic: Override[] = [
  {
    models: ['claude-sonnet-5-5'],
    editions: [
      { from: '2026-09-01', rates: claude(2, 0.2) },
      { from: '2026-10-07', rates: claude(2, 0.1) },
    ],
  },
  {
    models: ['claude-haiku-5-5'],
    editions: [
      {
        from: '2026-10-07',
        rates: {
          input: haiku55(0.1),
          cacheRead: haiku55(0.01),
          cacheWrite5m: haiku55(0.125),
          cacheWrite1h: haiku55(0.2),
          output: haiku55(0.5),
          search: 10,
        },
      },
    ],
  },
  { models: ['claude-mythos-5'], editions: [{ from: '2026-01-01', rates: claude(10, 1) }] },
  { models: ['claude-mythos-5-1'], editions: [{ from: '2026-01-01', rates: claude(10, 0.25) }] },
  { models: ['claude-fable-5-2', 'claude-mythos-5-2'], editions: [{ from: '2026-11-09', rates: claude(8, 0.2) }] },
].map((row) => ({ dated, page: claudePage, ...row }))

const openai: Override[] = [
  { models: ['gpt-6.1-sol'], editions: [{ from: '2026-09-29', rates: gpt6(2, 0.1, 10) }] },
  { models: ['gpt-6.1-terra'], editions: [{ from: '2026-10-26', rates: gpt6(1, 0.05, 5) }] },
  { models: ['gpt-6.2-astra'], editions: [{ from: '2026-11-17', rates: gpt6(8, 0.4, 40) }] },
  { models: ['gpt-6.2-sol'], editions: [{ from: '2026-11-17', rates: gpt6(2, 0.1, 10) }] },
  // The catalogue has no price of their sound.
  {
    models: ['gpt-4o-audio-preview', 'gpt-4o-audio-preview-2025-06-03'],
    page: `${openaiModelPage}gpt-4o-audio-preview`,
    editions: [{ from: '2024-10-01', rates: { ...flat(2.5, undefined, 10), inputAudio: 40, outputAudio: 80 } }],
  },
  {
    models: ['gpt-4o-mini-audio-preview', 'gpt-4o-mini-audio-preview-2024-12-17'],
    page: `${openaiModelPage}gpt-4o-mini-audio-preview`,
    editions: [{ from: '2024-12-17', rates: { ...flat(0.15, undefined, 0.6), inputAudio: 10, outputAudio: 20 } }],
  },
].map((row) => ({ dated, page: openaiPage, ...row }))

const google: Override[] = [
  // The same introductory price, with the same end.
  {
    models: ['gemini-4-argon', 'gemini-4-carbon'],
    editions: [
      { from: '2026-09-30', rates: flat(2, 0.1, 10) },
      { from: '2026-12-01', rates: flat(4, 0.2, 20) },
    ],
  },
  { models: ['gemini-4-neon'], editions: [{ from: '2026-09-30', rates: flat(3, 0.15, 15) }] },
  { models: ['gemini-4-hydrogen'], editions: [{ from: '2026-09-30', rates: flat(1.5, 0.075, 7.5) }] },
  // The catalogue has the price of a million characters.
  {
    models: ['gemini-pro', 'gemini-1.0-pro', 'gemini-1.0-pro-001', 'gemini-1.0-pro-002', 'gemini-1.0-pro-latest'],
    editions: [{ from: '2024-05-01', rates: flat(0.5, undefined, 1.5) }],
  },
  // Has no price of cached tokens there, which the same model has under its other name.
  { models: /^gemini-1\.5-pro(-00\d|-latest)?$/, sameAs: 'gemini-pro-1.5' },
  // Falls under a larger model's name there.
  { models: /^gemini-1\.5-flash-8b(-001|-latest)?$/, sameAs: 'gemini-flash-1.5-8b' },
].map((row) => ({ dated, page: geminiPage, ...row }))

const deepseek: Override[] = [
  // Retired names are answered by the model of the current one, at its price. The public holidays of China, which have no
  // peak, are not told apart: a call on one costs less than we say.
  {
    models: [
      'deepseek-flash',
      'deepseek-v4.1-flash',
      'deepseek-v4-flash',
      'deepseek-v4-flash-vision-exp',
      'deepseek-chat',
      'deepseek-reasoner',
    ],
    editions: [
      {
        from: '2026-09-10',
        rates: flat(0.15, 0.003, 0.6),
        peak: { hours: deepseekPeak, rates: flat(0.3, 0.006, 1.2) },
      },
    ],
  },
  // The catalogue has peaks at weekends too.
  {
    models: ['deepseek-v4-pro'],
    editions: [
      {
        from: '2026-09-10',
        rates: flat(0.66, 0.022, 1.98),
        peak: { hours: deepseekPeak, rates: flat(1.32, 0.044, 3.96) },
      },
    ],
  },
].map((row) => ({ dated, page: deepseekPage, ...row }))

const xai: Override[] = [
  // The same price as the version before; the catalogue has no later one.
  { models: ['grok-4.7'], page: 'https://docs.x.ai/developers/grok-4-7', sameAs: 'grok-4.6' },
  {
    models: /^grok-4\.20(-beta)?(-0309)?-((non-)?reasoning(-latest)?|multi-agent(-0309)?)$/,
    page: 'https://docs.x.ai/developers/models/grok-4.20-0309',
    sameAs: 'grok-4.20',
  },
].map((row) => ({ dated, ...row }))

/** Which model a name stands for now, where the catalogue knows the model but not the name, or an older one under it. */
const mistral: Override[] = [
  { models: ['mistral-large-latest'], sameAs: 'mistral-large-2512' },
  { models: ['mistral-small-latest'], sameAs: 'mistral-small-2603' },
  { models: ['mistral-medium-2604'], sameAs: 'mistral-medium-3-5' },
  { models: ['ministral-3b-latest'], sameAs: 'ministral-3b-2512' },
  { models: ['ministral-14b-latest'], sameAs: 'ministral-14b-2512' },
  { models: ['codestral-latest'], sameAs: 'codestral-2508' },
  { models: ['devstral-medium-latest'], sameAs: 'devstral-2512' },
].map((row) => ({ dated, page: mistralPage, ...row }))

const together: Override[] = [
  { models: ['openai/gpt-oss-120b'], rates: flat(0.15, undefined, 0.6) },
  { models: ['openai/gpt-oss-20b'], rates: flat(0.05, undefined, 0.2) },
  { models: ['moonshotai/Kimi-K2.5'], rates: flat(0.5, undefined, 2.8) },
  { models: ['zai-org/GLM-5'], rates: flat(1, undefined, 3.2) },
  { models: ['deepseek-ai/DeepSeek-V3.1'], rates: flat(0.6, undefined, 1.7) },
].map(({ models, rates }) => ({ models, dated, page: togetherPage, editions: [{ from: '2026-01-01', rates }] }))

const fireworks: Override[] = [
  { models: ['accounts/fireworks/models/glm-5'], rates: flat(1, 0.2, 3.2) },
  { models: ['accounts/fireworks/models/minimax-m2p5'], rates: flat(0.3, 0.03, 1.2) },
].map(({ models, rates }) => ({ models, dated, page: fireworksPage, editions: [{ from: '2026-01-01', rates }] }))

const openrouter: Override[] = [
  { models: /^[^~].*:free$/, editions: [{ from: '2024-01-01', rates: flat(0, 0, 0) }] },
  { models: /^~/, unpriced: 'it stands for another model tomorrow; the reply names the one that answered' },
].map((row) => ({ dated, page: openrouterPage, ...row }))

// Invented, so that whoever tries the sandbox sees a cost; nothing of it is ever owed.
const sandbox: Override[] = [
  {
    models: /^/,
    dated: '2026-11-22',
    page: 'none: the provider is simulated',
    editions: [
      { from: '2020-01-01', rates: { input: 1, cacheRead: 0.1, cacheWrite5m: 1.25, cacheWrite1h: 2, output: 5 } },
    ],
  },
]

/** By the provider's name in the catalogue. */
export const overrides: ReadonlyMap<string, readonly Override[]> = new Map(
  Object.entries({
    anthropic,
    openai,
    google,
    deepseek,
    'x-ai': xai,
    mistral,
    together,
    fireworks,
    openrouter,
    sandbox,
  }),
)

export function overrideOf(catalogueId: string, model: string): Override | undefined {
  return overrides
    .get(catalogueId)
    ?.find(({ models }) => (models instanceof RegExp ? models.test(model) : models.includes(model)))
}
