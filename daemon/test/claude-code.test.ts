/** A session of Claude Code on a subscription, played as version 2.1.332 was seen to send it, with its texts cut short. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isReadable } from '../upstream/codings.ts'
import { type Asking, exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { type Play, type ReceivedRequest, startUpstream, type Upstream } from './upstream.ts'

const token = 'sk-ant-oat01-made-up-token-of-nobody'
const session = '6f1c2f0e-7a55-4c1b-9b0c-2d1f9a6f0001'
const now = Date.UTC(2026, 10, 27, 12)

/** `own`: what only this request has. */
const headersOf = (own: Record<string, string>): Record<string, string> => ({
  Accept: 'application/json',
  Authorization: `Bearer ${token}`,
  'User-Agent': 'claude-cli/2.1.332 (external, cli)',
  'X-Claude-Code-Session-Id': session,
  'X-Stainless-Lang': 'js',
  'X-Stainless-Retry-Count': '0',
  'X-Stainless-Runtime': 'node',
  'X-Stainless-Timeout': '600',
  'anthropic-dangerous-direct-browser-access': 'true',
  'anthropic-version': '2023-06-01',
  'x-app': 'cli',
  'x-claude-code-sandy-plover': '[]',
  'accept-encoding': 'gzip, deflate, br, zstd',
  ...own,
})
const callerOf = { user_id: JSON.stringify({ device_id: 'd', account_uuid: '', session_id: session }) }
const system = (origin: string) => [
  { type: 'text', text: `x-anthropic-billing-header: cc_version=2.1.332.1c9; cc_entrypoint=cli;${origin}` },
  { type: 'text', text: 'An assistant in a terminal.', cache_control: { type: 'ephemeral', ttl: '1h' } },
]

/** Sent before anything is asked: it only wants the limits of the plan. */
const quota = { model: 'claude-haiku-4-5-20251001', max_tokens: 1, messages: [{ role: 'user', content: 'quota' }] }
const title = {
  model: 'claude-haiku-5-5',
  messages: [{ role: 'user', content: [{ type: 'text', text: '<session>\nhé\n</session>' }] }],
  system: system(''),
  tools: [],
  metadata: callerOf,
  max_tokens: 128_000,
  output_config: { effort: 'medium', format: { type: 'json_schema', schema: { type: 'object' } } },
  stream: true,
}
const main = {
  model: 'claude-opus-5-5',
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'hé', cache_control: { type: 'ephemeral' } }] },
    { role: 'system', content: [{ type: 'text', text: '# Environment' }] },
  ],
  system: system(' cc_turn_origin=human;'),
  tools: [{ name: 'Bash', description: 'Runs a command', input_schema: { type: 'object' } }],
  metadata: callerOf,
  max_tokens: 128_000,
  thinking: { type: 'adaptive', display: 'updates' },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  safeguards: [{ type: 'dangerous_tool_use', classifier_context: { v: 1, permission_mode: 'auto' } }],
  output_config: { effort: 'medium' },
  diagnostics: { previous_message_id: null },
  stream: true,
}

type Sent = { path: string } & Asking
const posted = (path: string, body: unknown, own: Record<string, string>): Sent => ({
  path,
  method: 'POST',
  body: JSON.stringify(body),
  headers: headersOf({ 'Content-Type': 'application/json', ...own }),
})
const auxiliary = { 'x-claude-1p-request-class': 'summary-extraction', 'x-claude-code-request-class': 'auxiliary' }
const calls: Sent[] = [
  posted('/v1/messages?beta=true', { ...quota, metadata: callerOf }, { ...auxiliary, 'x-client-request-id': 'a' }),
  posted('/v1/messages?beta=true', title, { ...auxiliary, 'anthropic-beta': 'oauth-2025-04-20,effort-2025-11-24' }),
  posted('/v1/messages?beta=true', main, {
    'anthropic-beta': 'claude-code-20250219,oauth-2025-04-20,dangerous-tool-use-2026-09-03',
    'x-claude-1p-request-class': 'main',
    'x-claude-code-request-class': 'main',
    'x-claude-code-prompt-id': '42',
    'x-client-request-id': 'b',
  }),
]
/** What is asked beside calls, and is none. */
const beside: Sent[] = [
  posted('/v1/messages/count_tokens?beta=true', { model: main.model, messages: main.messages, tools: [] }, {}),
  {
    path: '/v1/models?limit=1000',
    method: 'GET',
    headers: {
      'User-Agent': 'claude-code/2.1.332',
      'anthropic-version': '2023-06-01',
      Authorization: `Bearer ${token}`,
      'accept-encoding': 'gzip, deflate, br, zstd',
    },
  },
]

const seconds = (hours: number) => String(now / 1000 + hours * 3600)
const limits = [
  ['anthropic-organization-id', 'org-1'],
  ['anthropic-ratelimit-unified-status', 'allowed'],
  ['anthropic-ratelimit-unified-reset', seconds(2)],
  ['anthropic-ratelimit-unified-representative-claim', 'five_hour'],
  ['anthropic-ratelimit-unified-5h-status', 'allowed'],
  ['anthropic-ratelimit-unified-5h-reset', seconds(2)],
  ['anthropic-ratelimit-unified-5h-utilization', '0.37'],
  ['anthropic-ratelimit-unified-7d-status', 'allowed'],
  ['anthropic-ratelimit-unified-7d-reset', seconds(100)],
  ['anthropic-ratelimit-unified-7d-utilization', '0.12'],
] as const

/** By model: input, read from the cache, written to it for 5 minutes and for 1 hour, output. */
const used: Record<string, readonly [number, number, number, number, number]> = {
  [quota.model]: [8, 0, 0, 0, 1],
  [title.model]: [200, 0, 0, 0, 10],
  [main.model]: [12, 1000, 100, 10, 30],
}

function usageOf(model: string, output: number): object {
  const [input = 0, read = 0, short = 0, long = 0] = used[model] ?? []
  return {
    input_tokens: input,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: short + long,
    cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
    output_tokens: output,
    service_tier: 'standard',
    inference_geo: 'not_available',
  }
}

function answer({ method, path, body }: ReceivedRequest): Play {
  const json = (value: object): Play => ({
    headers: [['content-type', 'application/json'], ...limits],
    body: JSON.stringify(value),
  })
  if (method === 'GET') return json({ data: [], has_more: false })
  if (path.includes('count_tokens')) return json({ input_tokens: 999 })
  const { model, stream } = JSON.parse(body.toString()) as { model: string; stream?: boolean }
  const output = used[model]?.[4] ?? 0
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [] }
  if (stream !== true) return json({ ...message, stop_reason: 'max_tokens', usage: usageOf(model, output) })
  const events = [
    { type: 'message_start', message: { ...message, usage: usageOf(model, 1) } },
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hé' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: usageOf(model, output) },
    { type: 'message_stop' },
  ]
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  return { headers: [['content-type', 'text/event-stream; charset=utf-8'], ...limits], body: text }
}

describe('a session of Claude Code', () => {
  let upstream: Upstream
  let story: Story
  const statuses: number[] = []
  before(async () => {
    upstream = await startUpstream()
    upstream.script(answer)
    story = await start({ config: { providers: { anthropic: { baseUrl: upstream.url } } }, now: () => now })
    // it opens its connection with the second, older ones with the first; neither waits for the answer
    for (const path of ['/', '/api/hello']) await exchange(`${story.url}${path}`, { method: 'HEAD' })
    for (const { path, ...asking } of [...calls, ...beside])
      statuses.push((await exchange(`${story.url}${path}`, asking)).status)
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  it('goes out byte for byte, but for the coding that cannot be read here; its looks at the base go nowhere', () => {
    assert.deepEqual(statuses, [200, 200, 200, 200, 200])
    const sent = [...calls, ...beside]
    const readable = isReadable('zstd') ? 'gzip, deflate, br, zstd' : 'gzip, deflate, br'
    assert.deepEqual(
      upstream.requests.map(({ method, path, body }) => [method, path, body.toString()]),
      sent.map(({ method, path, body = '' }) => [method, path, body]),
    )
    for (const [index, { rawHeaders }] of upstream.requests.entries()) {
      const { 'accept-encoding': _, ...asSent } = { ...sent[index]?.headers }
      const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]]] : []))
      const own = pairs.filter(
        ([name = '']) => !/^(host|connection|content-length|transfer-encoding|accept-encoding)$/i.test(name),
      )
      assert.deepEqual(Object.fromEntries(own), asSent)
      assert.equal(upstream.requests[index]?.headers['accept-encoding'], readable)
    }
  })

  it('is three calls of the plan, to the token, at list price', async () => {
    const { requests } = await story.ask('requests')
    assert.deepEqual(
      requests.map((row) => [
        row.model,
        row.promptTokens,
        row.cacheReadTokens,
        row.cacheWriteTokens,
        row.completionTokens,
      ]),
      [
        ['claude-opus-5-5', 1122, 1000, 110, 30],
        ['claude-haiku-5-5', 200, 0, 0, 10],
        ['claude-haiku-4-5-20251001', 8, 0, 0, 1],
      ],
    )
    assert.deepEqual(
      requests.map(({ costUsd, billedUsd }) => [costUsd, billedUsd]),
      [
        [0.001428, 0],
        [0.000025, 0],
        [0.000013, 0],
      ],
    )
    for (const { client, sessionId, billing, outcome, attempts } of requests)
      assert.deepEqual([client, sessionId, billing, outcome, attempts], ['claude-code', session, 'plan', 'ok', 1])
  })

  it('tells the windows of the plan, and nobody of its token', async () => {
    const { ratelimits } = await story.ask('ratelimits')
    const windows = ratelimits.flatMap((row) => row.windows.map(({ name, usedPct }) => [row.account, name, usedPct]))
    assert.deepEqual(windows, [
      ['org-1', '5h', 37],
      ['org-1', '7d', 12],
    ])
    const journal = join(story.home, 'journal')
    const kept = readdirSync(journal).map((file) => readFileSync(join(journal, file), 'latin1'))
    for (const text of [...kept, ...story.log]) assert.equal(text.includes(token), false)
    assert.match(kept.join(''), /claude-opus-5-5/)
  })
})
