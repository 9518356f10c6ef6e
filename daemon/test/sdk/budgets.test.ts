/** Real SDKs whose call a budget stops: they ask once, give up, and show the sentence. */
import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { type Story, start } from '../start.ts'
import { startUpstream, type Upstream } from '../upstream.ts'
import { collected, question } from './call.ts'

const budget = { id: 'all', period: 'month', limitUsd: 0.5, action: 'block' as const }
const user = [{ role: 'user' as const, content: question }]
const sentence = /Monthly budget exceeded \(0\.5 USD\)\..* Try again in 9d/

type At = { origin: string; apiKey: string }
/** Retries are left on: what an SDK would send again is seen. */
const openai = ({ origin, apiKey }: At) => new OpenAI({ apiKey, baseURL: `${origin}/v1` })
const anthropic = ({ origin, apiKey }: At) => new Anthropic({ apiKey, baseURL: origin })
const genai = ({ origin, apiKey }: At) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: origin, retryOptions: { attempts: 3 } } }).models
const messages = { model: 'dear', max_tokens: 200, messages: user }

const calls: readonly [string, number, (at: At) => Promise<unknown>][] = [
  ['openai chat', 403, (at) => openai(at).chat.completions.create({ model: 'dear', messages: user })],
  [
    'openai chat stream',
    403,
    async (at) => collected(await openai(at).chat.completions.create({ model: 'dear', messages: user, stream: true })),
  ],
  ['openai responses', 429, (at) => openai(at).responses.create({ model: 'dear', input: question })],
  [
    'openai responses stream',
    429,
    async (at) => collected(await openai(at).responses.create({ model: 'dear', input: question, stream: true })),
  ],
  ['anthropic', 429, (at) => anthropic(at).messages.create(messages)],
  ['anthropic stream', 429, (at) => collected(anthropic(at).messages.stream(messages))],
  ['genai', 403, (at) => genai(at).generateContent({ model: 'dear', contents: question })],
  [
    'genai stream',
    403,
    async (at) => collected(await genai(at).generateContentStream({ model: 'dear', contents: question })),
  ],
]

describe('SDKs whose call a budget stops', function () {
  this.timeout(30_000)
  let upstream: Upstream
  let story: Story
  let apiKey: string
  before(async () => {
    upstream = await startUpstream()
    story = await start({
      now: () => 1_790_000_000_000,
      config: {
        providers: {
          gpt: { extends: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'sk-lent-openai' },
          claude: { extends: 'anthropic', baseUrl: upstream.url, apiKey: 'sk-ant-lent' },
          google: { extends: 'gemini', baseUrl: upstream.url, apiKey: 'lent-gemini' },
        },
        chains: { dear: ['gpt/dear', 'claude/dear', 'google/dear'] },
        routes: { dear: 'dear' },
        prices: { dear: { inputUsdPerMillion: 0, outputUsdPerMillion: 10_000 } },
        budgets: [budget],
      },
    })
    apiKey = await story.key()
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  for (const [what, status, run] of calls) {
    it(what, async () => {
      const real = globalThis.fetch
      let asked = 0
      globalThis.fetch = (...told) => {
        asked++
        return real(...told)
      }
      try {
        await assert.rejects(run({ origin: story.url, apiKey }), (error: { status?: number; message: string }) => {
          assert.equal(error.status, status)
          assert.match(error.message, sentence)
          return true
        })
      } finally {
        globalThis.fetch = real
      }
      assert.deepEqual([asked, upstream.requests.length], [1, 0])
    })
  }
})
