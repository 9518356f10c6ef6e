/** Real SDKs through a chain whose first target refuses: they see a served answer, and do not notice. */
import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { type Story, start } from '../start.ts'
import { type Play, type ReceivedRequest, startUpstream, type Upstream } from '../upstream.ts'
import { collected, question, toolSchema } from './call.ts'
import { startFixtureProvider } from './fixture-provider.ts'

const user = [{ role: 'user' as const, content: question }]
const tool = { name: 'get_weather', parameters: toolSchema }
type Run = (at: { origin: string; key: string }) => Promise<unknown>
type Asked = { what: string; streams: boolean; run: Run }

/** Retries are left on: what an SDK sends again is seen. */
const openai = ({ origin, key }: Parameters<Run>[0]) => new OpenAI({ apiKey: key, baseURL: `${origin}/v1` })
const anthropic = ({ origin, key }: Parameters<Run>[0]) => new Anthropic({ apiKey: key, baseURL: origin })
const genai = ({ origin, key }: Parameters<Run>[0]) =>
  new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: origin } }).models
const usage = { stream: true as const, stream_options: { include_usage: true } }
const messages = { max_tokens: 200, messages: user }
const claudeTools = [{ name: tool.name, input_schema: toolSchema }]
const declared = { functionDeclarations: [{ name: tool.name, parametersJsonSchema: toolSchema }] }

const calls: readonly Asked[] = [
  {
    what: 'openai chat',
    streams: false,
    run: (at) => openai(at).chat.completions.create({ model: 'plain', messages: user }),
  },
  {
    what: 'openai chat, tools',
    streams: false,
    run: (at) =>
      openai(at).chat.completions.create({
        model: 'tools',
        messages: user,
        tools: [{ type: 'function', function: tool }],
      }),
  },
  {
    what: 'openai chat stream, tools',
    streams: true,
    run: async (at) =>
      collected(
        await openai(at).chat.completions.create({
          model: 'tools',
          messages: user,
          tools: [{ type: 'function', function: tool }],
          ...usage,
        }),
      ),
  },
  {
    what: 'openai responses',
    streams: false,
    run: (at) => openai(at).responses.create({ model: 'plain', input: question }),
  },
  {
    what: 'openai responses stream, tools',
    streams: true,
    run: async (at) =>
      collected(
        await openai(at).responses.create({
          model: 'tools',
          input: question,
          tools: [{ type: 'function', strict: true, ...tool }],
          stream: true,
        }),
      ),
  },
  { what: 'anthropic', streams: false, run: (at) => anthropic(at).messages.create({ model: 'plain', ...messages }) },
  {
    what: 'anthropic stream, tools',
    streams: true,
    run: (at) => collected(anthropic(at).messages.stream({ model: 'tools', ...messages, tools: claudeTools })),
  },
  { what: 'genai', streams: false, run: (at) => genai(at).generateContent({ model: 'plain', contents: question }) },
  {
    what: 'genai stream, tools',
    streams: true,
    run: async (at) =>
      collected(
        await genai(at).generateContentStream({ model: 'tools', contents: question, config: { tools: [declared] } }),
      ),
  },
]

/** In the words of whoever is asked. */
function errorFor({ headers, path }: ReceivedRequest, status: number, code: string): object {
  if (headers['anthropic-version'] !== undefined) return { type: 'error', error: { type: code, message: 'no' } }
  if (path.includes('v1beta')) return { error: { code: status, message: 'no', status: code.toUpperCase() } }
  if (path.includes('responses')) return { type: 'error', code, message: 'no', error: { code, message: 'no' } }
  return { error: { message: 'no', type: code, code } }
}

const refusing =
  (status: number, code: string, headers: readonly (readonly [string, string])[] = []) =>
  (request: ReceivedRequest): Play => ({
    status,
    headers: [['content-type', 'application/json'], ...headers],
    body: JSON.stringify(errorFor(request, status, code)),
  })
const sse = [['content-type', 'text/event-stream']] as const
const ways: readonly {
  what: string
  first: 'first' | 'dead'
  onlyStreams?: true
  play: (request: ReceivedRequest) => Play
}[] = [
  { what: '429', first: 'first', play: refusing(429, 'rate_limit_exceeded', [['retry-after', '7']]) },
  { what: '529', first: 'first', play: refusing(529, 'overloaded_error', [['x-should-retry', 'true']]) },
  { what: '500', first: 'first', play: refusing(500, 'server_error') },
  {
    what: 'an error at the start of a stream',
    first: 'first',
    onlyStreams: true,
    play: (request) => {
      const error = errorFor(request, 529, 'overloaded_error')
      const name = 'type' in error ? 'event: error\n' : ''
      return { headers: sse, body: `${name}data: ${JSON.stringify(error)}\n\n` }
    },
  },
  { what: 'an empty stream', first: 'first', onlyStreams: true, play: () => ({ headers: sse, body: '' }) },
  { what: 'an empty answer', first: 'first', play: () => ({ body: '' }) },
  { what: 'a connection that is not taken', first: 'dead', play: () => ({}) },
]

describe('SDKs along a chain whose first target refuses', function () {
  this.timeout(30_000)
  let now = 1_790_000_000_000
  let refuser: Upstream
  let provider: Upstream
  const stories = {} as Record<'first' | 'dead', { story: Story; key: string }>
  before(async () => {
    refuser = await startUpstream()
    provider = await startFixtureProvider()
    for (const first of ['first', 'dead'] as const) {
      const firstUrl = first === 'first' ? refuser.url : 'http://127.0.0.1:9'
      const three = (name: string, url: string) => ({
        [`${name}-openai`]: { extends: 'openai', baseUrl: `${url}/v1`, apiKey: 'sk-lent-openai' },
        [`${name}-claude`]: { extends: 'anthropic', baseUrl: url, apiKey: 'sk-ant-lent' },
        [`${name}-gemini`]: { extends: 'gemini', baseUrl: url, apiKey: 'lent-gemini' },
      })
      const providers = { ...three('one', firstUrl), ...three('two', provider.url) }
      // whoever does not speak the call's dialect is passed over
      const along = (model: string) => Object.keys(providers).map((id) => `${id}/${model}`)
      const story = await start({
        now: () => now,
        config: {
          providers: providers,
          chains: { plain: along('plain'), tools: along('tools') },
          routes: { plain: 'plain', tools: 'tools' },
        },
      })
      stories[first] = { story, key: await story.key() }
    }
  })
  after(async () => {
    for (const { story } of Object.values(stories)) await story.end()
    await refuser.close()
    await provider.close()
  })

  /** What the SDK gives, and how often it asked. */
  async function seen(run: Run, at: Parameters<Run>[0]): Promise<{ value: unknown; asked: number }> {
    const real = globalThis.fetch
    let asked = 0
    globalThis.fetch = (...told) => {
      asked++
      return real(...told)
    }
    try {
      const value = await run(at)
      const plain = JSON.stringify(value, (name, inner: unknown) =>
        /headers|sdkHttpResponse|date/i.test(name) ? undefined : inner,
      )
      return { value: JSON.parse(plain) as unknown, asked }
    } finally {
      globalThis.fetch = real
    }
  }

  for (const { what, first, onlyStreams, play } of ways) {
    for (const { what: call, streams, run } of calls) {
      if (onlyStreams && !streams) continue
      it(`${call}: ${what}`, async () => {
        now += 30 * 86_400_000
        const { story, key } = stories[first]
        refuser.script(play)
        refuser.requests.length = 0
        const direct = await seen(run, { origin: provider.url, key: 'sk-own' })
        provider.requests.length = 0
        const before = (await story.ask('statsSummary')).totalRequests
        const through = await seen(run, { origin: story.url, key })
        assert.deepEqual(through, { ...direct, asked: 1 })
        assert.deepEqual([refuser.requests.length, provider.requests.length], [first === 'first' ? 1 : 0, 1])
        const { requests } = await story.ask('requests', { query: { limit: '1' } })
        assert.deepEqual(
          [(await story.ask('statsSummary')).totalRequests - before, requests[0]?.attempts, requests[0]?.outcome],
          [1, 2, 'ok'],
        )
      })
    }
  }
})
