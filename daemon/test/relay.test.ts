/** What goes through the daemon is what came: bytes, headers, status; and it is counted once, to the token. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promptTokensOf, type Usage } from '../../shared/contract/usage.ts'
import { isReadable } from '../upstream/codings.ts'
import { exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const dialects = {
  'openai-chat': {
    provider: 'up',
    path: '/v1/chat/completions',
    extends: 'openai',
    body: {
      model: 'gpt-4o',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'hé "there"' }],
      unknown_field: [1.0, 2e3],
    },
  },
  'openai-responses': {
    provider: 'up',
    path: '/v1/responses',
    extends: 'openai',
    body: {
      model: 'gpt-5.2',
      stream: true,
      store: false,
      input: [{ type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'hé "there"' }] }],
      client_metadata: { a: 1.0 },
    },
  },
  anthropic: {
    provider: 'claude',
    path: '/v1/messages',
    extends: 'anthropic',
    body: { model: 'claude-sonnet-4-5', stream: true, max_tokens: 64, messages: [{ role: 'system', content: 'x' }] },
  },
  gemini: {
    provider: 'goog',
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    extends: 'gemini',
    body: { contents: [{ role: 'user', parts: [{ text: 'hé "there"' }] }], unknown_field: [1.0, 2e3] },
  },
} as const

/** A call for `gpt-4o`, and an answer to it of 9 and 3 tokens: packed beforehand, as not every Node can. */
const zstd = {
  /** A frame that says nothing (RFC 8878 section 3.1.2). */
  before: Buffer.from('502a4d1803000000010203', 'hex'),
  request: Buffer.from(
    'KLUv/SBHOQIAeyJtb2RlbCI6ImdwdC00byIsIm1lc3NhZ2VzIjpbeyJyb2xlIjoidXNlciIsImNvbnRlbnQiOiJow6kgaMOpIGjDqSJ9XX0=',
    'base64',
  ),
  answer: Buffer.from(
    'KLUv/SCFZQMAQgcYHbAnHcwRhryfspJ4meRatpeYtAl1YfQwQVSBjIUKawXwaS9J9WMzMCse4mtsqiuZsCks51dtxutxioE0YTrYLCsWyObFW/zxYj7kUD3lhWDWO+no2PgCwCZic3KGKy8BAgDkLF5ZQpkB',
    'base64',
  ),
  stream: Buffer.from(
    'KLUv/SCvLQQAsggdIKA3Hf9ZVf3+pxUNbJG2ud1M7tsExrljseCy10z2ixUwCCGGA6JwPIEu62yas+uJgGdNxXbSzdmn3eFzUbx4QhB6yHvb5uN1WeWTMMyUJZ7eGQ3m+NZs3XWHV92kcnfgORdbZj19B4Fuy/FNKuvcAVC1UgIEAEsoGDmlFtyWcQQ+Aw==',
    'base64',
  ),
}

/** What is no stream of events was asked for elsewhere. */
const pathFor = (path: string, file: string): string => {
  if (file.endsWith('.sse')) return path
  if (file.endsWith('.stream.json')) return path.replace('?alt=sse', '')
  return path.replace(':streamGenerateContent?alt=sse', file.startsWith('embed') ? ':embedContent' : ':generateContent')
}

type Expected = { reading: { usage: Usage | null; outputReported: boolean; error: unknown } }

const received = (raw: string[]) =>
  raw.reduce<string[]>((pairs, _, i) => (i % 2 === 0 ? [...pairs, `${raw[i]}: ${raw[i + 1]}`] : pairs), [])

describe('a call through the daemon', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    story = await start({
      config: {
        providers: {
          up: { extends: 'openai', baseUrl: `${upstream.url}/v1` },
          claude: { extends: 'anthropic', baseUrl: upstream.url },
          goog: { extends: 'gemini', baseUrl: upstream.url },
          openai: { baseUrl: `${upstream.url}/home/v1` },
          anthropic: { baseUrl: `${upstream.url}/home` },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })
  const newest = async () => (await story.ask('requests', { query: { limit: '1' } })).requests[0]

  for (const [name, dialect] of Object.entries(dialects)) {
    const folder = join('daemon/dialects', name, 'fixtures')
    for (const file of readdirSync(folder).filter(
      (entry) => /\.(sse|json)$/.test(entry) && !entry.endsWith('.expected.json'),
    )) {
      it(`${name} ${file}: the same bytes, counted as the provider said`, async () => {
        const bytes = readFileSync(join(folder, file))
        const expected = (JSON.parse(readFileSync(join(folder, `${file}.expected.json`), 'utf8')) as Expected).reading
        const streams = file.endsWith('.sse')
        upstream.script({
          status: file.startsWith('refused') ? 429 : 200,
          headers: [
            ['Content-Type', streams ? 'text/event-stream' : 'application/json'],
            ['X-Request-Id', 'up-1'],
            ['X-Odd-Header', 'ä'],
          ],
          body: bytes,
          ...((streams || file.endsWith('.stream.json')) && { pieces: 17 }),
        })
        const sent = JSON.stringify(dialect.body)
        const reply = await exchange(`${story.url}/p/${dialect.provider}${pathFor(dialect.path, file)}`, {
          body: sent,
          headers: { authorization: 'Bearer sk-own' },
        })
        assert.deepEqual(reply.body.toString('latin1'), bytes.toString('latin1'))
        assert.equal(reply.status, file.startsWith('refused') ? 429 : 200)
        assert.equal(upstream.requests.at(-1)?.body.toString(), sent)
        const row = await newest()
        assert.equal(row?.id, reply.headers['x-tollkeeper-request-id'])
        if (expected.usage) {
          assert.equal(row?.promptTokens, promptTokensOf(expected.usage))
          const told = expected.usage.output
          // what was broken off has more output than was told of it
          if (expected.outputReported || expected.error) assert.equal(row?.completionTokens, told)
          else assert.ok((row?.completionTokens ?? 0) >= told)
        }
        if (expected.error) assert.equal(row?.outcome, 'refused')
      })
    }
  }

  it('passes headers up in their case and order, and none of its own or of a browser', async () => {
    upstream.script({ body: '{}' })
    await exchange(`${story.url}/p/up/v1/chat/completions?beta=true&x=%2F`, {
      body: '{"model":"gpt-4o"}',
      headers: {
        'X-Stainless-Lang': 'js',
        'anthropic-beta': 'a,b',
        'X-Tollkeeper-Task': 'extraction',
        cookie: 'c=1',
        'sec-fetch-mode': 'cors',
        'X-Forwarded-For': '1.2.3.4',
        'Accept-Encoding': 'gzip, lz4',
      },
    })
    const last = upstream.requests.at(-1)
    assert.equal(last?.path, '/v1/chat/completions?beta=true&x=%2F')
    const names = received(last?.rawHeaders ?? []).map((line) => line.split(':')[0])
    assert.ok(names.includes('X-Stainless-Lang') && names.includes('anthropic-beta'))
    assert.deepEqual(
      names.filter((header) => /tollkeeper|cookie|sec-fetch|forwarded/i.test(header ?? '')),
      [],
    )
    assert.equal(last?.headers['accept-encoding'], 'gzip')
    assert.equal((await newest())?.task, 'extraction')
  })

  it("goes to the dialect's home when no provider is named", async () => {
    upstream.script({ body: '{}' })
    await exchange(`${story.url}/v1/chat/completions`, {
      body: '{"model":"gpt-4o"}',
      headers: { authorization: 'Bearer sk-x' },
    })
    assert.equal(upstream.requests.at(-1)?.path, '/home/v1/chat/completions')
    await exchange(`${story.url}/v1/messages?beta=true`, {
      body: '{"model":"claude-opus-4-5"}',
      headers: { authorization: 'Bearer sk-ant-x' },
    })
    assert.equal(upstream.requests.at(-1)?.path, '/home/v1/messages?beta=true')
    assert.equal(upstream.requests.at(-1)?.headers.authorization, 'Bearer sk-ant-x')
  })

  it('asks for usage where a stream tells none, and takes the extra chunk out again', async () => {
    const chunks = [
      'data: {"choices":[{"delta":{"content":"hi"}}],"usage":null}\n\n',
      ': keep-alive\n\n',
      'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":null}\n\n',
      'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}\n\n',
      'data: [DONE]\n\n',
    ]
    upstream.script({ headers: [['content-type', 'text/event-stream']], body: chunks, between: 2 })
    const reply = await exchange(`${story.url}/p/up/v1/chat/completions`, {
      body: '{"stream":true, "model":"gpt-4o"}',
      headers: { 'accept-encoding': 'gzip' },
    })
    assert.equal(reply.body.toString(), chunks.filter((_, i) => i !== 3).join(''))
    const asked = JSON.parse(upstream.requests.at(-1)?.body.toString() ?? '') as object
    assert.deepEqual(asked, { stream: true, model: 'gpt-4o', stream_options: { include_usage: true } })
    assert.equal(upstream.requests.at(-1)?.headers['accept-encoding'], 'identity')
    const row = await newest()
    assert.deepEqual([row?.promptTokens, row?.completionTokens], [9, 3])
  })

  for (const encoding of ['gzip', 'br', 'deflate'] as const) {
    for (const streams of [false, true]) {
      it(`passes ${encoding} untouched and reads it all the same, ${streams ? 'streamed' : 'whole'}`, async () => {
        const file = streams ? 'plain.sse' : 'plain.json'
        const plain = readFileSync(join('daemon/dialects/anthropic/fixtures', file))
        const expected = JSON.parse(
          readFileSync(join('daemon/dialects/anthropic/fixtures', `${file}.expected.json`), 'utf8'),
        ) as Expected
        upstream.script({
          headers: [['content-type', streams ? 'text/event-stream' : 'application/json']],
          body: plain,
          encoding,
          pieces: 30,
        })
        const reply = await exchange(`${story.url}/p/claude/v1/messages`, {
          body: '{"model":"claude-sonnet-4-5"}',
          headers: { 'accept-encoding': 'gzip, deflate, br, zstd' },
        })
        assert.equal(reply.headers['content-encoding'], encoding)
        const { gunzipSync, inflateSync, brotliDecompressSync } = await import('node:zlib')
        assert.deepEqual(
          { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync }[encoding](reply.body),
          plain,
        )
        assert.equal((await newest())?.completionTokens, expected.reading.usage?.output)
      })
    }
  }

  for (const streams of [false, true]) {
    it(`passes zstd untouched both ways, and reads all its frames where this Node can, ${streams ? 'streamed' : 'whole'}`, async () => {
      const body = Buffer.concat([zstd.before, zstd.request])
      const answer = Buffer.concat([zstd.before, streams ? zstd.stream : zstd.answer])
      const type = streams ? 'text/event-stream' : 'application/json'
      upstream.script({
        headers: [
          ['content-type', type],
          ['content-encoding', 'zstd'],
        ],
        body: answer,
        pieces: 10,
      })
      const headers = { 'content-encoding': 'zstd', 'accept-encoding': 'zstd' }
      const reply = await exchange(`${story.url}/p/up/v1/chat/completions`, { body, headers })
      assert.deepEqual([reply.body, reply.headers['content-encoding']], [answer, 'zstd'])
      const asked = upstream.requests.at(-1)
      const canRead = isReadable('zstd')
      assert.deepEqual([asked?.body, asked?.headers['content-encoding']], [body, 'zstd'])
      assert.equal(asked?.headers['accept-encoding'], canRead ? 'zstd' : 'identity')
      const row = await newest()
      assert.equal(row?.model, canRead ? 'gpt-4o' : 'unknown')
      assert.equal(row?.promptTokens === 9 && row.completionTokens === 3, canRead)
    })
  }

  it('never asks for compression on behalf of a client that wants none', async () => {
    upstream.script({ body: '{}' })
    await exchange(`${story.url}/p/up/v1/chat/completions`, { body: '{"model":"gpt-4o"}' })
    assert.equal(upstream.requests.at(-1)?.headers['accept-encoding'], 'identity')
  })

  it('passes token counts on and counts nothing', async () => {
    const before = (await story.ask('summary')).all_time.requests
    upstream.script({ body: '{"input_tokens": 12}' })
    const replies = await Promise.all(
      Array.from({ length: 25 }, () =>
        exchange(`${story.url}/p/claude/v1/messages/count_tokens?beta=true`, {
          body: '{"model":"claude-opus-4-5","messages":[]}',
        }),
      ),
    )
    assert.deepEqual(new Set(replies.map((reply) => reply.body.toString())), new Set(['{"input_tokens": 12}']))
    assert.equal((await story.ask('summary')).all_time.requests, before)
  })

  it('passes a body on that is not JSON: the provider answers for itself', async () => {
    upstream.script({ status: 400, body: '{"error":{"message":"bad json"}}' })
    const reply = await exchange(`${story.url}/p/up/v1/chat/completions`, {
      body: '{"model":',
      headers: { authorization: 'Bearer sk-x' },
    })
    assert.equal(reply.status, 400)
    assert.equal(upstream.requests.at(-1)?.body.toString(), '{"model":')
    assert.equal((await newest())?.outcome, 'refused')
  })

  it('takes from token counts what holds for a plan, not the rate limits of counting', async () => {
    const reset = String(Math.floor(Date.now() / 1000) + 3600)
    upstream.script({
      headers: [
        ['content-type', 'application/json'],
        ['anthropic-ratelimit-requests-limit', '4000'],
        ['anthropic-ratelimit-requests-remaining', '1'],
        ['anthropic-ratelimit-unified-5h-utilization', '0.12'],
        ['anthropic-ratelimit-unified-5h-reset', reset],
      ],
      body: '{"input_tokens": 12}',
    })
    const headers = { authorization: 'Bearer sk-ant-oat01-only-counts' }
    await exchange(`${story.url}/p/claude/v1/messages/count_tokens`, { body: '{"model":"claude-opus-4-5"}', headers })
    const row = (await story.ask('ratelimits')).ratelimits.find((one) => one.windows.some((w) => w.usedPct === 12))
    assert.deepEqual(
      row?.windows.map((window) => window.name),
      ['5h'],
    )
  })

  it('answers HEAD of a base at once', async () => {
    for (const path of ['/', '/v1', '/p/claude'])
      assert.equal((await exchange(`${story.url}${path}`, { method: 'HEAD' })).status, 200)
  })

  it('reads limits from the reply, by account, and knows a plan from a key', async () => {
    const reset = Math.floor(Date.now() / 1000) + 3600
    const unified: [string, string][] = [
      ['anthropic-ratelimit-unified-status', 'allowed'],
      ['anthropic-ratelimit-unified-representative-claim', 'five_hour'],
      ['anthropic-ratelimit-unified-5h-utilization', '0.38'],
      ['anthropic-ratelimit-unified-5h-reset', String(reset)],
      ['anthropic-ratelimit-unified-5h-status', 'allowed'],
      ['anthropic-ratelimit-unified-7d-utilization', '0.71'],
      ['anthropic-ratelimit-unified-7d-reset', String(reset + 86400)],
    ]
    upstream.script({
      headers: [['content-type', 'application/json'], ...unified],
      body: '{"type":"message","model":"claude-opus-4-5","stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}}',
    })
    await exchange(`${story.url}/p/claude/v1/messages`, {
      body: '{"model":"claude-opus-4-5"}',
      headers: { authorization: 'Bearer sk-ant-oat01-secret' },
    })
    const row = await newest()
    assert.deepEqual([row?.billing, row?.billedUsd], ['plan', 0])
    assert.ok((row?.costUsd ?? 0) > 0)
    const headline = (await story.ask('summary')).headline
    assert.ok(headline.kind === 'window', JSON.stringify(headline))
    assert.deepEqual([headline.window.name, headline.window.used_pct], ['7d', 71])
  })

  it('reads limits that a stream tells in an event of its own', async () => {
    const reset_at = Math.floor(Date.now() / 1000) + 3600
    const limits = { primary: { used_percent: 41, window_minutes: 300, reset_at }, secondary: null }
    const events = [
      { type: 'codex.rate_limits', plan_type: 'plus', rate_limits: limits, credits: null },
      { type: 'response.completed', response: { id: 'resp_1', usage: { input_tokens: 9, output_tokens: 2 } } },
    ]
    upstream.script({
      headers: [['content-type', 'text/event-stream']],
      body: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    })
    await exchange(`${story.url}/p/up/v1/responses`, {
      body: '{"model":"gpt-5.2-codex","stream":true,"input":"hi"}',
      headers: { authorization: 'Bearer sk-limits-in-a-stream' },
    })
    const rows = (await story.ask('ratelimits')).ratelimits
    const window = rows.flatMap((row) => row.windows).find(({ usedPct }) => usedPct === 41)
    assert.equal(window?.name, '5h')
  })

  it('reads limits that only a refusal’s body tells', async () => {
    const headers = { 'X-RateLimit-Limit': '20', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '60' }
    const error = { code: 429, message: 'Rate limit exceeded: free-models-per-min', metadata: { headers } }
    upstream.script({ status: 429, headers: [['content-type', 'application/json']], body: JSON.stringify({ error }) })
    await exchange(`${story.url}/p/up/v1/chat/completions`, {
      body: '{"model":"some/model:free"}',
      headers: { authorization: 'Bearer sk-limits-in-a-body' },
    })
    const rows = (await story.ask('ratelimits')).ratelimits
    const row = rows.find(({ windows }) => windows.some(({ limit }) => limit === 20))
    assert.deepEqual(
      [row?.model, row?.windows[0]?.source, row?.quota?.remainingRequests],
      ['some/model:free', 'body', 0],
    )
  })

  it('keeps the rate limits of models apart', async () => {
    const ask = async (model: string, remaining: string) => {
      upstream.script({
        headers: [
          ['content-type', 'application/json'],
          ['x-ratelimit-limit-requests', '100'],
          ['x-ratelimit-remaining-requests', remaining],
          ['x-ratelimit-reset-requests', '30s'],
        ],
        body: '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
      })
      await exchange(`${story.url}/p/up/v1/chat/completions`, {
        body: JSON.stringify({ model }),
        headers: { authorization: 'Bearer sk-two-models' },
      })
    }
    await ask('gpt-4o', '99')
    await ask('gpt-4o-mini', '7')
    await ask('gpt-4o', '98')
    const all = (await story.ask('ratelimits')).ratelimits.filter((row) => row.provider === 'up')
    const account = all.find((row) => row.model === 'gpt-4o-mini')?.account
    const rows = all.filter((row) => row.account === account)
    assert.deepEqual(rows.map((row) => [row.model, row.quota?.remainingRequests]).sort(), [
      ['gpt-4o', 98],
      ['gpt-4o-mini', 7],
    ])
  })

  it('keeps all of it over a restart', async () => {
    const before = await story.ask('providers')
    // its pace moves on with the clock
    const limits = async () =>
      (await story.ask('ratelimits')).ratelimits.map((row) => ({
        ...row,
        windows: row.windows.map((window) => ({ ...window, pace: null, runsOutAt: null })),
      }))
    const limitsBefore = await limits()
    await story.restart()
    assert.deepEqual(await story.ask('providers'), before)
    assert.deepEqual(await limits(), limitsBefore)
  })
})
