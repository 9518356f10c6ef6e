/** Each SDK leaves in the middle of a stream: the provider is let go, and what was used is recorded. */
import assert from 'node:assert/strict'
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { streamText } from 'ai'
import OpenAI from 'openai'
import { eventually, type Story, start } from '../start.ts'
import type { Upstream } from '../upstream.ts'
import { startFixtureProvider } from './fixture-provider.ts'

/** Reads one piece and aborts; whether the SDK then throws or just ends is its own affair. */
async function leave(stream: AsyncIterable<unknown>, abort: () => void): Promise<void> {
  try {
    for await (const _ of stream) abort()
  } catch {
    // most throw what their caller did
  }
}

const messages = [{ role: 'user' as const, content: 'Who keeps the bridge?' }]
const leaving: Record<string, (origin: string) => Promise<void>> = {
  'openai chat': async (origin) => {
    const client = new OpenAI({ apiKey: 'sk-own', baseURL: `${origin}/v1`, maxRetries: 0 })
    const stream = await client.chat.completions.create({ model: 'slow-tools', messages, stream: true })
    await leave(stream, () => stream.controller.abort())
  },
  'openai responses': async (origin) => {
    const client = new OpenAI({ apiKey: 'sk-own', baseURL: `${origin}/v1`, maxRetries: 0 })
    const stream = await client.responses.create({ model: 'slow-plain', input: 'hi', stream: true })
    await leave(stream, () => stream.controller.abort())
  },
  anthropic: async (origin) => {
    const client = new Anthropic({ apiKey: 'sk-ant-own', baseURL: origin, maxRetries: 0 })
    const stream = await client.messages.create({ model: 'slow-plain', max_tokens: 9, messages, stream: true })
    await leave(stream, () => stream.controller.abort())
  },
  genai: async (origin) => {
    const gone = new AbortController()
    const { models } = new GoogleGenAI({ apiKey: 'own', httpOptions: { baseUrl: origin } })
    const config = { abortSignal: gone.signal }
    await leave(await models.generateContentStream({ model: 'slow-plain', contents: 'hi', config }), () => gone.abort())
  },
  ai: async (origin) => {
    const gone = new AbortController()
    const model = createOpenAI({ apiKey: 'sk-own', baseURL: `${origin}/v1` }).chat('slow-plain')
    // its other stream begins before anything was asked
    const { textStream } = streamText({ model, messages, abortSignal: gone.signal, maxRetries: 0, onError: () => {} })
    await leave(textStream, () => gone.abort())
  },
}

describe('SDKs that leave in mid-stream', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startFixtureProvider()
    story = await start({
      config: {
        providers: {
          openai: { baseUrl: `${upstream.url}/v1` },
          anthropic: { baseUrl: upstream.url },
          gemini: { baseUrl: upstream.url },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  for (const [name, run] of Object.entries(leaving)) {
    it(name, async () => {
      upstream.requests.length = 0
      await run(story.url)
      await upstream.aborted(1)
      await eventually('nothing runs', async () => (await story.ask('summary')).in_flight === 0)
      const row = (await story.ask('requests', { query: { limit: '1' } })).requests[0]
      assert.equal(row?.outcome, 'aborted')
      assert.ok((row.promptTokens ?? 0) > 0)
    })
  }
})
