/** Bad input: each gets a clear answer that names what is wrong, in the caller's dialect where it is a call, and loses nothing. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** Writes raw bytes and answers all that came back until the far side closed. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let got = ''
    socket.on('data', (piece) => (got += piece.toString()))
    socket.on('close', () => resolve(got))
    // a reset after the answer is as good an end as any
    socket.on('error', () => resolve(got))
  })
}

describe('bad input', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    upstream.script({ body: '{}' })
    story = await start({
      sandbox: false,
      config: {
        limits: { bodyMiB: 0.01 },
        providers: {
          up: { extends: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'sk-lent-000000' },
          home: { extends: 'openai', baseUrl: `${upstream.url}/v1`, local: true },
          slow: { extends: 'openai', baseUrl: `${upstream.url}/v1`, limits: { tpm: 50 } },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })
  const chat = '/p/up/v1/chat/completions'
  const messageOf = (body: Buffer) =>
    JSON.parse(body.toString()) as { error: { message: string; type?: string; code?: string }; type?: string }

  const calls: [string, string, { headers?: Record<string, string>; body?: string }, number, string, RegExp][] = [
    [
      'an unknown provider',
      '/p/nobody/v1/chat/completions',
      {},
      404,
      'unknown_provider',
      /no provider named "nobody".*openai/i,
    ],
    [
      'an unknown key of ours',
      chat,
      { headers: { authorization: 'Bearer tk_nope' } },
      401,
      'bad_key',
      /unknown, revoked or expired/,
    ],
    [
      'no key for a provider that needs none',
      '/p/home/v1/chat/completions',
      {},
      401,
      'no_credential',
      /tollkeeper key create.*passthrough/,
    ],
    [
      'a dialect the provider does not speak',
      '/p/up/v1/messages',
      {},
      404,
      'unknown_route',
      /does not speak anthropic/,
    ],
    ['a path with a dot segment', '/p/up/%2e%2e/chat/completions', {}, 400, 'bad_path', /dot segment/],
    ['a path with an encoded backslash', '/p/up/v1%5c..%5cx/chat/completions', {}, 400, 'bad_path', /backslash|dot/],
    [
      'a body over the limit',
      chat,
      { body: `{"a":"${'x'.repeat(20_000)}"}` },
      413,
      'body_too_large',
      /over the limit of 0.01 MiB/,
    ],
    [
      'a prefix before what is no call',
      '/f/shop/api/v1/summary',
      {},
      404,
      'unknown_route',
      /POST \/api\/v1\/summary is not served/,
    ],
    [
      'a provider without a key to lend',
      '/p/openai/v1/chat/completions',
      { headers: { authorization: 'Bearer KEY' } },
      403,
      'key_not_for_provider',
      /no key to lend/,
    ],
    [
      'a body that cannot be routed',
      '/v1/chat/completions',
      { headers: { authorization: 'Bearer KEY' }, body: '{"model"' },
      400,
      'bad_json',
      /must be a JSON object/,
    ],
    [
      'an encoded body that cannot be routed',
      '/v1/chat/completions',
      { headers: { authorization: 'Bearer KEY', 'content-encoding': 'zstd' } },
      415,
      'unreadable_encoding',
      /content-encoding/,
    ],
    [
      'two of our keys at once',
      chat,
      { headers: { authorization: 'Bearer KEY', 'x-tollkeeper-key': 'tk_other' } },
      401,
      'bad_key',
      /send one/,
    ],
  ]
  for (const [what, path, asking, status, code, words] of calls) {
    it(`${what}: ${status} ${code}`, async () => {
      const before = upstream.requests.length
      const key = await story.key('proxy')
      const headers = Object.fromEntries(
        Object.entries(asking.headers ?? {}).map(([name, value]) => [name, value.replace('KEY', key)]),
      )
      const reply = await exchange(`${story.url}${path}`, { body: asking.body ?? '{"model":"gpt-4o"}', headers })
      assert.equal(reply.status, status, reply.body.toString())
      assert.equal(reply.headers['x-tollkeeper-refusal'], code)
      const body = JSON.parse(reply.body.toString()) as { detail?: string; error: { message?: string } }
      assert.match(body.detail ?? body.error.message ?? '', words)
      assert.equal(upstream.requests.length, before, 'nothing was sent')
    })
  }

  it('speaks the caller’s dialect', async () => {
    const openai = messageOf((await exchange(`${story.url}/p/nobody/v1/chat/completions`, { body: '{}' })).body)
    assert.equal(typeof openai.error.message, 'string')
    assert.ok(openai.error.type !== undefined && openai.type === undefined)
    const anthropic = messageOf((await exchange(`${story.url}/p/nobody/v1/messages`, { body: '{}' })).body)
    assert.equal(anthropic.type, 'error')
  })

  it('counts a refusal as a refusal only', async () => {
    const before = await story.ask('summary')
    await exchange(`${story.url}/p/nobody/v1/messages`, { body: '{}' })
    assert.deepEqual((await story.ask('summary')).all_time, before.all_time)
  })

  it('keeps to the limits that the user set on a provider, and says how long to wait', async () => {
    upstream.script({ body: '{"choices":[],"usage":{"prompt_tokens":30,"completion_tokens":30}}' })
    const ask = () => exchange(`${story.url}/p/slow/v1/chat/completions`, { body: '{"model":"gpt-4o"}' })
    assert.equal((await ask()).status, 200)
    const reply = await ask()
    assert.deepEqual([reply.status, reply.headers['x-tollkeeper-refusal']], [429, 'rate_limited'])
    const wait = Number(reply.headers['retry-after'])
    assert.ok(wait > 0 && wait <= 60)
    assert.match(reply.body.toString(), /50 tokens a minute \(\\"tpm\\"\)/)
  })

  it('takes a revoked key for none, at once', async () => {
    const key = await story.key('proxy')
    const headers = { authorization: `Bearer ${key}` }
    assert.equal((await exchange(`${story.url}${chat}`, { body: '{"model":"m"}', headers })).status, 200)
    const row = (await story.ask('keys')).keys.find((one) => key.startsWith(one.prefix))
    await story.ask('revokeKey', { params: { id: row?.id ?? '' } })
    assert.equal((await exchange(`${story.url}${chat}`, { body: '{"model":"m"}', headers })).status, 401)
  })

  it('keeps a key to the providers it is for', async () => {
    const key = await story.key('proxy', ['openai'])
    const reply = await exchange(`${story.url}${chat}`, {
      body: '{"model":"m"}',
      headers: { authorization: `Bearer ${key}` },
    })
    assert.deepEqual([reply.status, reply.headers['x-tollkeeper-refusal']], [403, 'key_not_for_provider'])
  })

  it('refuses a foreign Host and Origin on every path', async () => {
    for (const path of ['/health', '/api/v1/summary', chat, '/dashboard', '/nowhere']) {
      const host = await exchange(`${story.url}${path}`, { method: 'POST', headers: { host: 'evil.example' } })
      assert.deepEqual([host.status, host.headers['x-tollkeeper-refusal']], [421, 'wrong_host'])
      const origin = await exchange(`${story.url}${path}`, { headers: { origin: 'https://evil.example' } })
      assert.deepEqual([origin.status, origin.headers['x-tollkeeper-refusal']], [403, 'origin_not_allowed'])
      assert.match(origin.body.toString(), /allowedOrigins/)
    }
  })

  const port = () => story.daemon.port
  const rawCases: [string, () => string, RegExp, RegExp][] = [
    [
      'both lengths',
      () =>
        `POST ${chat} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
      /conflicting_lengths/,
    ],
    [
      'two different lengths',
      () => `POST ${chat} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
      /^HTTP\/1\.1 400 /,
      /conflicting_lengths|bad_request/,
    ],
    [
      'too many headers',
      () => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nX: ${'y'.repeat(140_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
      /64 KiB/,
    ],
    ['what is not HTTP', () => 'hello there\r\n\r\n', /^HTTP\/1\.1 400 /, /not a valid HTTP/],
    [
      'who takes it for an HTTP proxy',
      () => 'CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n',
      /^HTTP\/1\.1 404 /,
      /no HTTP proxy: give its address to the assistant as base URL/,
    ],
    [
      'two Hosts',
      () => `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      /^HTTP\/1\.1 4(21|00) /,
      /wrong_host|bad_request/,
    ],
    [
      'an upgrade of a call',
      () =>
        `GET /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      /^HTTP\/1\.1 426 /,
      /send them over POST/,
    ],
    [
      'an upgrade from a web page',
      () =>
        `GET /api/v1/feed HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nOrigin: https://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      /^HTTP\/1\.1 403 /,
      /allowedOrigins/,
    ],
  ]
  for (const [what, text, status, words] of rawCases) {
    it(`answers ${what} in plain words and cuts`, async () => {
      const got = await raw(port(), text())
      assert.match(got, status)
      assert.match(got, words)
    })
  }

  it('speaks the caller’s dialect where the headers of a call are too large', async () => {
    const asked = (path: string, length: number) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nConnection: close\r\nX: ${'y'.repeat(length)}\r\nContent-Length: 2\r\n\r\n{}`
    const bodyOf = async (path: string) => {
      const got = await raw(port(), asked(path, 70_000))
      assert.match(got, /^HTTP\/1\.1 431 .*x-tollkeeper-refusal: headers_too_large/is)
      return JSON.parse(got.slice(got.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>
    }
    const { error } = (await bodyOf(chat)) as { error: { code: string; message: string } }
    assert.deepEqual([error.code, error.message.includes('64 KiB')], ['headers_too_large', true])
    assert.equal((await bodyOf('/v1/messages'))['type'], 'error')
    assert.equal((await bodyOf('/api/v1/keys'))['status_code'], 431)
    assert.doesNotMatch(await raw(port(), asked('/api/v1/keys', 65_000)), /^HTTP\/1\.1 431 /)
  })

  it('speaks the caller’s dialect where a call has both lengths', async () => {
    const both = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
    type Said = { type?: string; status_code?: number; error: { code?: string; type?: string; message: string } }
    const bodyOf = async (path: string) =>
      JSON.parse((await raw(port(), both(path))).split('\r\n\r\n')[1] ?? '') as Said
    const chatBody = await bodyOf(chat)
    assert.equal(chatBody.error.code, 'conflicting_lengths')
    assert.match(chatBody.error.message, /either Content-Length or Transfer-Encoding/)
    const { type, error } = await bodyOf('/v1/messages')
    assert.deepEqual([type, error.type], ['error', 'invalid_request_error'])
    assert.equal((await bodyOf('/api/v1/keys')).status_code, 400)
    // what cannot be decoded is no reason to fail
    assert.equal((await bodyOf('/p/%E0%A4%A/v1/messages')).type, 'error')
  })

  it('answers on ::1 too', async () => {
    const reply = await exchange(`http://[::1]:${port()}/health`)
    assert.equal(reply.status, 200)
  })

  it('sees a provider that leads back to itself', async () => {
    const looped = await start({ config: {} })
    await looped.end()
    const again = await start({
      config: { providers: { me: { extends: 'openai', baseUrl: story.url.replace('127.0.0.1', 'localhost') } } },
    })
    try {
      // a chain of two daemons is no loop; the same one is
      assert.notEqual((await exchange(`${again.url}/p/me/v1/chat/completions`, { body: '{}' })).status, 508)
    } finally {
      await again.end()
    }
  })
})
