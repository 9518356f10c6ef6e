/** Dialect × provider × (whole, stream) × quirk: whoever says it, each recorded reply passes to the byte and is counted to the token. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DialectName } from '../../shared/contract/event.ts'
import { promptTokensOf, type Usage } from '../../shared/contract/usage.ts'
import { splitBaseUrl } from '../providers/base-url.ts'
import { knownProviders } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import { exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

type Expected = { dropped?: string; reading: { usage: Usage | null; outputReported: boolean; error: unknown } }
type Quirk = { name: string; bytes: Buffer; expected: Expected; kind: 'json' | 'sse' | 'stream.json' }

const question = { role: 'user', content: 'hé' }
/** What is asked for, and where: without a word about usage in streams. */
const asked: Record<DialectName, (kind: Quirk['kind']) => { path: string; body: object }> = {
  'openai-chat': (kind) => ({
    path: 'v1/chat/completions',
    body: { model: 'm', messages: [question], stream: kind === 'sse' },
  }),
  'openai-responses': (kind) => ({ path: 'v1/responses', body: { model: 'm', input: 'hé', stream: kind === 'sse' } }),
  anthropic: (kind) => ({
    path: 'v1/messages',
    body: { model: 'm', max_tokens: 9, messages: [question], stream: kind === 'sse' },
  }),
  gemini: (kind) => ({
    path: `v1beta/models/m:${kind === 'json' ? 'generateContent' : `streamGenerateContent${kind === 'sse' ? '?alt=sse' : ''}`}`,
    body: { contents: [{ parts: [{ text: 'hé' }] }] },
  }),
}

function quirksOf(dialect: DialectName): Quirk[] {
  const folder = join('daemon', 'dialects', dialect, 'fixtures')
  return readdirSync(folder)
    .filter((name) => !name.endsWith('.expected.json'))
    .map((name) => ({
      name,
      bytes: readFileSync(join(folder, name)),
      expected: JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8')) as Expected,
      kind: name.endsWith('.sse') ? 'sse' : name.endsWith('.stream.json') ? 'stream.json' : 'json',
    }))
}

describe('every dialect at every provider', function () {
  this.timeout(60_000)
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    const providers = Object.fromEntries(
      knownProviders.map((provider) => [provider.id, { baseUrl: baseUrlOf(provider), passthrough: true }]),
    )
    story = await start({ config: { providers } })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })
  /** Its own path, so that versions in it are dropped as they are with the real one. */
  function baseUrlOf(provider: Provider): string {
    const split = splitBaseUrl(provider.baseUrl)
    return `${upstream.url}${'bad' in split ? '' : split.path}`
  }

  for (const provider of knownProviders) {
    for (const dialect of provider.dialects) {
      it(`${provider.id} in ${dialect}`, async () => {
        for (const quirk of quirksOf(dialect)) await plays(provider, dialect, quirk)
      })
    }
  }

  async function plays(provider: Provider, dialect: DialectName, quirk: Quirk): Promise<void> {
    const { name, bytes, expected, kind } = quirk
    const refused = name.startsWith('refused')
    upstream.script({
      status: refused ? 429 : 200,
      headers: [['content-type', kind === 'sse' ? 'text/event-stream' : 'application/json']],
      body: bytes,
    })
    const { path, body } = asked[dialect](kind)
    const reply = await exchange(`${story.url}/p/${provider.id}/${path}`, {
      body: JSON.stringify(body),
      headers: { authorization: 'Bearer sk-own' },
    })
    const isAsked = dialect === 'openai-chat' && provider.streamUsage === 'ask' && kind === 'sse'
    const passed = isAsked ? bytes.toString('utf8').replace(expected.dropped ?? '', () => '') : bytes.toString('utf8')
    assert.equal(reply.body.toString('utf8'), passed, name)
    assert.equal(upstream.requests.at(-1)?.body.includes('include_usage'), isAsked, name)
    const row = (await story.ask('requests', { query: { limit: '1' } })).requests[0]
    assert.equal(row?.id, reply.headers['x-tollkeeper-request-id'], name)
    assert.equal(row?.providerId, provider.id)
    const { usage, outputReported, error } = expected.reading
    if (error) assert.equal(row.outcome, 'refused', name)
    if (usage === null) return
    assert.equal(row.promptTokens, promptTokensOf(usage), name)
    if (outputReported) assert.equal(row.completionTokens, usage.output, name)
  }
})
