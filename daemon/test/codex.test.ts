/** Codex 0.171 as it was recorded, shortened: with an API key and with a ChatGPT login, in good and bad times. */
import assert from 'node:assert/strict'
import { isReadable } from '../upstream/codings.ts'
import { type Exchange, exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { type Play, startUpstream, type Upstream } from './upstream.ts'

const session = '01a21ee5-a98a-75c3-b898-f52df0204f67'
const account = '11111111-2222-4333-8444-555555555555'
const login = { authorization: 'Bearer made-up-login-of-a-plan', 'chatgpt-account-id': account }
const key = { authorization: 'Bearer made-up-key-0123456789' }
const marks = {
  version: '0.171.0',
  'x-codex-beta-features': 'remote_compaction_v2',
  'x-codex-window-id': `${session}:0`,
  'x-openai-internal-codex-responses-lite': 'true',
  'x-client-request-id': session,
  'session-id': session,
  'thread-id': session,
  accept: 'text/event-stream',
  originator: 'codex_exec',
  'user-agent': 'codex_exec/0.171.0 (Debian 12.0.0; x86_64) xterm (codex_exec; 0.171.0)',
  'accept-encoding': 'zstd,gzip',
}
const asked = JSON.stringify({
  model: 'gpt-5.2-codex',
  stream: true,
  input: [
    { type: 'additional_tools', role: 'developer', tools: [{ type: 'namespace', name: 'functions', tools: [] }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
    { type: 'compaction_trigger' },
  ],
  store: false,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: session,
})
/** Only Codex' own server can read it, and nothing here tries to. */
const packed = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x11, 0, 0, 0x7b, 0x7d])

describe('Codex', () => {
  let story: Story
  let upstream: Upstream
  let now = Date.UTC(2026, 10, 27, 12)
  before(async () => {
    upstream = await startUpstream()
    const providers = { openai: { baseUrl: `${upstream.url}/v1` }, codex: { baseUrl: `${upstream.url}/plan` } }
    story = await start({ config: { providers, timeZone: 'UTC' }, now: () => now })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  const ask = (more: Record<string, string>, body: string | Uint8Array): Promise<Exchange> =>
    exchange(`${story.url}/v1/responses`, { headers: { ...marks, ...more }, body })
  const newest = async () => (await story.ask('requests', { query: { limit: '1' } })).requests[0]
  const windows = async () =>
    (await story.ask('ratelimits')).ratelimits
      .filter((row) => row.provider === 'codex')
      .flatMap((row) => row.windows.map(({ name, usedPct, resetsAt }) => [name, usedPct, resetsAt]))

  /** As they stand on each answer of a plan; `used` of its five hours. */
  const planHeaders = (used: number): [string, string][] => [
    ['x-codex-plan-type', 'plus'],
    ['x-codex-active-limit', 'codex'],
    ['x-codex-primary-used-percent', String(used)],
    ['x-codex-primary-window-minutes', '300'],
    ['x-codex-primary-reset-at', String(now / 1000 + 7200)],
    ['x-codex-secondary-used-percent', '12'],
    ['x-codex-secondary-window-minutes', '10080'],
    ['x-codex-secondary-reset-at', String(now / 1000 + 400_000)],
    ['x-codex-credits-has-credits', 'False'],
  ]
  function answer(headers: [string, string][], events: object[] = []): Play {
    const usage = {
      input_tokens: 10_002,
      input_tokens_details: { cached_tokens: 7002 },
      output_tokens: 102,
      output_tokens_details: { reasoning_tokens: 42 },
      total_tokens: 10_104,
    }
    const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAAAsealed' }
    const all = [
      { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', usage: null } },
      ...events,
      { type: 'response.output_item.done', output_index: 0, item: reasoning },
      { type: 'response.completed', response: { id: 'resp_1', model: 'gpt-5.2-codex', status: 'completed', usage } },
    ]
    return {
      headers: [['content-type', 'text/event-stream; charset=utf-8'], ['x-models-etag', 'W/"m1"'], ...headers],
      body: all.map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`),
    }
  }

  it('with a key: every mark and byte arrives, of the encodings the one that we read, and all of it is counted', async () => {
    const play = answer([['x-reasoning-included', 'true']])
    upstream.script(play)
    const reply = await ask(key, asked)
    const sent = upstream.requests.at(-1)
    assert.deepEqual([sent?.path, sent?.body.toString()], ['/v1/responses', asked])
    const readable = isReadable('zstd') ? 'zstd, gzip' : 'gzip'
    for (const [name, value] of Object.entries({ ...marks, ...key, 'accept-encoding': readable }))
      assert.equal(sent?.headers[name], value, name)
    assert.equal(reply.body.toString(), (play.body as string[]).join(''))
    assert.deepEqual([reply.headers['x-models-etag'], reply.headers['x-reasoning-included']], ['W/"m1"', 'true'])
    const row = await newest()
    assert.deepEqual(
      [row?.client, row?.sessionId, row?.model, row?.billing, row?.outcome],
      ['codex', session, 'gpt-5.2-codex', 'metered', 'ok'],
    )
    assert.deepEqual([row?.promptTokens, row?.cacheReadTokens, row?.completionTokens], [10_002, 7002, 102])
    assert.ok((row?.billedUsd ?? 0) > 0)
  })

  it('keeps the words of a key that is not taken', async () => {
    const message = 'Incorrect API key provided: made-***********6789. You can find yours on our page.'
    const error = { message, type: 'invalid_request_error', param: null, code: 'invalid_api_key' }
    upstream.script({ status: 401, body: JSON.stringify({ error }) })
    assert.equal((await ask(key, asked)).status, 401)
    assert.equal((await newest())?.errorMessage, `${message} (invalid_api_key)`)
  })

  it('with a login: asks for models, packs what it sends, and is told of its plan in headers and in the stream', async () => {
    upstream.script({ headers: [['etag', 'W/"m1"']], body: '{"models":[]}' })
    const before = (await newest())?.id
    const models = await exchange(`${story.url}/v1/models?client_version=0.171.0`, { headers: { ...marks, ...login } })
    assert.deepEqual([models.status, models.headers.etag], [200, 'W/"m1"'])
    assert.equal(upstream.requests.at(-1)?.path, '/plan/models?client_version=0.171.0')
    assert.equal((await newest())?.id, before, 'a list of models is no call')

    const primary = { used_percent: 39, window_minutes: 300, reset_at: now / 1000 + 7200 }
    upstream.script(answer(planHeaders(38), [{ type: 'codex.rate_limits', rate_limits: { primary } }]))
    const hint = { 'content-encoding': 'zstd', 'x-codex-routing-hint': 'model=gpt-5.2-codex' }
    assert.equal((await ask({ ...login, ...hint }, packed)).status, 200)
    const sent = upstream.requests.at(-1)
    assert.deepEqual([sent?.path, sent?.headers['content-encoding']], ['/plan/responses', 'zstd'])
    assert.deepEqual([sent?.body, sent?.headers.authorization], [packed, login.authorization])
    const row = await newest()
    assert.deepEqual(
      [row?.providerId, row?.model, row?.sessionId, row?.billing, row?.billedUsd, row?.totalTokens],
      ['codex', 'gpt-5.2-codex', session, 'plan', 0, 10_104],
    )
    assert.deepEqual(await windows(), [
      ['5h', 39, now + 7_200_000],
      ['7d', 12, now + 400_000_000],
    ])
  })

  it('a plan that is used up is one limit and one alert, and none is left of it once calls go through again', async () => {
    const resets_at = now / 1000 + 7200
    const error = {
      type: 'usage_limit_reached',
      message: 'The usage limit has been reached',
      plan_type: 'plus',
      resets_at,
    }
    upstream.script({
      status: 429,
      headers: [['content-type', 'application/json'], ...planHeaders(100)],
      body: JSON.stringify({ error }),
    })
    const refused = await ask({ ...login, 'content-encoding': 'zstd' }, packed)
    assert.deepEqual([refused.status, refused.body.toString()], [429, JSON.stringify({ error })])
    assert.deepEqual(
      (await windows()).map(([name, used]) => [name, used]),
      [
        ['5h', 100],
        ['7d', 12],
      ],
    )
    const alerts = await eventually('it is told', async () => {
      const { alerts: rows } = await story.ask('alerts')
      return rows.length > 0 && rows
    })
    assert.deepEqual(
      alerts.map(({ text }) => text),
      ['ChatGPT plan: limit 5h is used up; it resets 14:00.'],
    )
    now += 7_201_000
    upstream.script(answer(planHeaders(1)))
    assert.equal((await ask({ ...login, 'content-encoding': 'zstd' }, packed)).status, 200)
    const { ratelimits } = await story.ask('ratelimits')
    assert.ok(ratelimits.every((row) => row.provider !== 'codex' || row.cooldownUntil === null))
    assert.deepEqual(
      (await windows()).map(([name, used]) => [name, used]),
      [
        ['5h', 1],
        ['7d', 12],
      ],
    )
  })
})
