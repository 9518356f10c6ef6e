/** Our prices against those of another calculator, for every model that both know. */
import { strict as assert } from 'node:assert'
import { allPricing, calculateCost } from 'ai-sdk-cost-calculator'
import { noUsage, promptTokensOf, type Usage } from '../../shared/contract/usage.ts'
import { openPrices } from './price.ts'

/** A Friday, in the peak hours of DeepSeek: the other one knows no hours, and has the price of the peak. */
const at = Date.UTC(2026, 10, 27, 2)
const { priceOf } = openPrices({})

/** Its name of a provider, and the catalogue's. */
const providers = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  groq: 'groq',
  mistral: 'mistral',
  xai: 'x-ai',
  deepseek: 'deepseek',
}

/** Amounts that differ by more than this are prices that differ: the other one rounds to a millionth of a dollar. */
const roundedNano = 500

type Theirs = (typeof allPricing)[string][string]

function usagesFor(theirs: Theirs): Usage[] {
  const short = 100_000
  const long = 1_000_000
  const usages: Partial<Usage>[] = [
    { input: short },
    { cacheRead: short },
    { input: long },
    { input: long / 2, cacheRead: long / 2 },
  ]
  if (theirs.outputPer1MTokens > 0) usages.push({ output: short }, { input: long, output: short })
  if (theirs.cacheWritePer1MTokens !== undefined) usages.push({ cacheWrite5m: short }, { cacheWrite5m: long })
  return usages.map((usage) => ({ ...noUsage, ...usage }))
}

function theirNano(model: string, theirs: Theirs, usage: Usage): number {
  const inputTokens = promptTokensOf(usage)
  const { totalCost } = calculateCost({
    model,
    customPricing: theirs,
    usage: {
      inputTokens,
      inputTokenDetails: {
        noCacheTokens: usage.input,
        cacheReadTokens: usage.cacheRead,
        cacheWriteTokens: usage.cacheWrite5m,
      },
      outputTokens: usage.output,
      outputTokenDetails: { textTokens: usage.output, reasoningTokens: 0 },
      totalTokens: inputTokens + usage.output,
    },
  })
  return totalCost * 1e9
}

/** Undefined where one of the two has no price for tokens. */
function agrees(catalogueId: string, model: string, theirs: Theirs): boolean | undefined {
  if (theirs.inputPer1MTokens === 0) return undefined
  const pairs = usagesFor(theirs).map((usage) => ({
    ours: priceOf({ catalogueId, provider: catalogueId, model, usage, webSearches: 0, at })?.nano,
    theirs: theirNano(model, theirs, usage),
  }))
  if (pairs.some(({ ours }) => ours === undefined)) return undefined
  return pairs.every((pair) => pair.ours !== undefined && Math.abs(pair.ours - pair.theirs) <= roundedNano)
}

/** Where they differ, and why ours stays. A row whose difference is gone fails too. */
const differences: [because: string, ...models: string[]][] = [
  [
    'the other has no price of cached tokens, or we have none and take that of input',
    'openai/gpt-4.5-preview',
    'openai/gpt-4o-mini-search-preview',
    'openai/o1-preview',
    'mistral/devstral-small',
    'mistral/devstral-small-latest',
    'mistral/magistral-medium-latest',
    'mistral/magistral-small-latest',
    'mistral/mistral-medium-2505',
    'mistral/mistral-medium-2508',
    'xai/grok-2',
    'xai/grok-2-1212',
    'xai/grok-2-latest',
    'xai/grok-2-vision',
    'xai/grok-2-vision-1212',
    'xai/grok-2-vision-latest',
  ],
  ['its context ends before the prompts that we charge double', 'openai/gpt-5.5-chat-latest'],
  [
    'retired in 2025; cached tokens cost a quarter of input, not a tenth',
    'google/gemini-1.5-flash',
    'google/gemini-1.5-flash-8b',
    'google/gemini-1.5-flash-latest',
    'google/gemini-1.5-pro',
    'google/gemini-1.5-pro-latest',
  ],
  ['the preview cost half of the model that followed', 'google/gemini-2.5-flash-preview'],
  ['an introductory price holds until the end of 2026', 'google/gemini-3.6-flash'],
  ["the other has another host's price", 'groq/meta-llama/llama-4-maverick-17b-128e-instruct'],
  ['the other contradicts its own row of devstral-medium-latest, the same model', 'mistral/devstral-2512'],
  ['output rose on 2026-08-11', 'mistral/voxtral-small-24b-2507'],
  [
    'names without a version that the other takes for a later or earlier one, or open models at the price of a host',
    'mistral/mistral-large',
    'mistral/mistral-medium-3',
    'mistral/mistral-nemo',
    'mistral/mistral-small-3.1-24b-instruct',
    'mistral/pixtral-12b',
  ],
  [
    'retired on 2026-05-15 or before: https://docs.x.ai/developers/migration/may-15-retirement',
    'xai/grok-3-fast',
    'xai/grok-3-fast-latest',
    'xai/grok-3-mini-fast',
    'xai/grok-3-mini-fast-latest',
    'xai/grok-4-1-fast-non-reasoning',
    'xai/grok-4-1-fast-reasoning',
    'xai/grok-4-fast-non-reasoning',
    'xai/grok-4-fast-reasoning',
    'xai/grok-code-fast',
    'xai/grok-code-fast-1',
  ],
  ["the other gives the larger model the smaller one's price", 'deepseek/deepseek-v4-pro'],
  [
    'no longer sold by DeepSeek under these names',
    'deepseek/deepseek-r1',
    'deepseek/deepseek-r1-0528',
    'deepseek/deepseek-r1-distill-llama-70b',
    'deepseek/deepseek-r1-distill-qwen-32b',
    'deepseek/deepseek-v3.2',
    'deepseek/deepseek-v3.2-exp',
  ],
]

describe('pricing/cross-check', () => {
  const results = Object.entries(providers).flatMap(([name, catalogueId]) =>
    Object.entries(allPricing[name] ?? {}).map(([model, theirs]) => ({
      model: `${name}/${model}`,
      agrees: agrees(catalogueId, model, theirs),
    })),
  )
  const shared = results.filter((one) => one.agrees !== undefined)

  it('compares enough to mean something', () => {
    assert.ok(shared.length > 200, String(shared.length))
    for (const name of Object.keys(providers)) {
      assert.ok(
        shared.some(({ model }) => model.startsWith(`${name}/`)),
        name,
      )
    }
  })

  it('differs only where we know why', () => {
    const found = shared.filter((one) => !one.agrees).map(({ model }) => model)
    const known = differences.flatMap(([, ...models]) => models)
    assert.deepEqual(found.sort(), known.sort())
  })
})
