/** Peers that do not play by the rules: providers whose bytes are odd, clients whose connections are. Neither may hang or end the daemon. */
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type Asking, type Exchange, exchange } from './exchange.ts'
import { type RawProvider, rawAsk, startRawProvider } from './raw.ts'
import { eventually, type Story, start } from './start.ts'

const whole = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}'
const path = '/p/raw/v1/chat/completions'
const asking = '{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true}}'

describe('hostile peers', () => {
  let provider: RawProvider
  let story: Story
  before(async () => {
    provider = await startRawProvider()
    story = await start({
      config: {
        providers: {
          raw: { extends: 'openai', baseUrl: `${provider.url}/v1` },
          claude: { extends: 'anthropic', baseUrl: provider.url },
          home: { extends: 'openai', baseUrl: `${provider.url}/v1`, local: true },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    provider.server.close()
  })
  afterEach(() => eventually('nothing runs any more', async () => (await story.ask('summary')).in_flight === 0))

  const ask = (more: Asking = {}) => exchange(`${story.url}${path}`, { body: '{"model":"gpt-4o"}', ...more })
  const reply = (...parts: (string | Buffer)[]) => {
    provider.play = (socket) => socket.end(Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))))
  }
  const rowOf = async ({ headers }: Exchange) => {
    const id = headers['x-tollkeeper-request-id']
    return (await story.ask('requests', { query: { limit: '20' } })).requests.find((row) => row.id === id)
  }
  const raw = (text: string, until?: string, then?: (socket: Socket, got: string) => void) =>
    rawAsk(story.daemon.port, text, until, then)
  const post = (body: string, headers = '') =>
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${story.daemon.port}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`

  for (const type of ['application/json', 'text/event-stream']) {
    it(`answers 502 for a reason phrase that cannot be written (${type})`, async () => {
      reply(
        `HTTP/1.1 200 \xff\xfe\r\ncontent-type: ${type}\r\n\r\n`,
        type.endsWith('json') ? whole : 'data: [DONE]\n\n',
      )
      const answer = await ask()
      assert.deepEqual([answer.status, answer.headers['x-tollkeeper-refusal']], [502, 'bad_upstream_reply'])
    })
  }

  it('takes an answer without a length for cut where its JSON is', async () => {
    reply('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n', whole.slice(0, 20))
    const cut = await ask()
    assert.deepEqual([cut.status, (await rowOf(cut))?.outcome], [502, 'truncated'])
    reply('HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n', whole)
    const complete = await ask()
    assert.deepEqual([complete.status, complete.body.toString()], [200, whole])
  })

  it('follows no redirect, and counts no tokens for one', async () => {
    reply('HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n')
    const answer = await ask()
    const row = await rowOf(answer)
    assert.deepEqual([answer.status, row?.outcome, row?.totalTokens], [307, 'refused', null])
  })

  it('adds nothing to a compressed stream that nobody asked to be compressed', async () => {
    const bytes = gzipSync('data: {"choices":[{"delta":{"content":"hi"}}]}\n\ndata: {"choices":')
    reply('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n', bytes)
    assert.deepEqual((await ask({ body: '{"model":"gpt-4o","stream":true}' })).body, bytes)
  })

  it('passes what stands behind the end of compressed bytes', async () => {
    const bytes = gzipSync(whole)
    provider.play = (socket) => {
      const length = bytes.length + 20
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${length}\r\n\r\n`,
      )
      socket.write(bytes)
      setTimeout(() => socket.write('x'.repeat(20)), 30)
    }
    assert.equal((await ask()).body.length, bytes.length + 20)
  })

  it('counts a call whose provider states a cost beyond all sense', async () => {
    for (const cost of ['1e300', '-3']) {
      reply('HTTP/1.1 200 OK\r\n\r\n', whole.replace('4}', `4,"cost":${cost}}`))
      const row = await rowOf(await ask())
      assert.equal(row?.totalTokens, 7)
      assert.ok((row?.costUsd ?? -1) >= 0 && (row?.costUsd ?? 9) < 1)
    }
  })

  it('hands the head on before the first byte of a stream', async () => {
    provider.play = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n')
    assert.match(await raw(post(asking), '\r\n\r\n'), /^HTTP\/1\.1 200 /)
  })

  it('writes no error reply into an answer under way', async () => {
    provider.play = (socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {"a":1}\n\n')
    let sent = false
    const got = await raw(post(asking), undefined, (socket, soFar) => {
      if (!sent && soFar.includes('data:')) socket.write('this is no request\r\n\r\n')
      sent ||= soFar.includes('data:')
    })
    assert.ok(got.includes('data: {"a":1}') && !got.includes('400 Bad Request'), got)
  })

  it('breaks the second of two pipelined answers when its turn comes', async () => {
    let calls = 0
    provider.play = (socket) => {
      calls += 1
      if (calls === 1) setTimeout(() => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}`), 60)
      else socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 90\r\n\r\ndata: 1\n\n')
    }
    const got = await raw(post(asking) + post(asking))
    assert.match(got, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n\{\}/)
  })

  it('stops both of two pipelined calls where their client leaves', async () => {
    let calls = 0
    let ended = 0
    provider.play = (socket) => {
      calls += 1
      socket.once('close', () => {
        ended += 1
      })
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {"a":1}\n\n')
    }
    const client = connect(story.daemon.port, '127.0.0.1', () => client.write(post(asking) + post(asking)))
    await eventually('both are under way', () => Promise.resolve(calls === 2))
    client.destroy()
    await eventually('both are over', () => Promise.resolve(ended === 2))
  })

  it('answers a client that offers another protocol as if it did not, and goes on answering it', async () => {
    reply(`HTTP/1.1 200 OK\r\ncontent-length: ${whole.length}\r\n\r\n${whole}`)
    const body = JSON.stringify({ model: 'gpt-4o', text: 'x'.repeat(200_000) })
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'
    let asked = 1
    const got = await raw(post(body, offer), undefined, (socket, soFar) => {
      const answers = soFar.split(whole).length - 1
      if (answers === 3) socket.destroy()
      else if (answers === asked) {
        asked += 1
        socket.write(post(body, answers === 1 ? '' : offer))
      }
    })
    assert.equal(got.match(/HTTP\/1\.1 200 OK/g)?.length, 3, got.slice(0, 500))
    assert.ok(provider.requests.at(-1)?.endsWith(body) && !/h2c/.test(provider.requests.at(-1) ?? ''))
  })

  it('says what is wrong with a request without a Host', async () => {
    const got = await raw('GET /health HTTP/1.1\r\n\r\n')
    assert.match(got, /^HTTP\/1\.1 421 [\s\S]*it was missing/)
  })

  it('lets a browser open the dashboard with a query', async () => {
    const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' }
    assert.notEqual((await exchange(`${story.url}/dashboard?x=1`, { headers })).status, 403)
  })

  it('speaks the caller’s dialect at the door too', async () => {
    const answer = await ask({ headers: { origin: 'https://evil.example' } })
    assert.equal(typeof (JSON.parse(answer.body.toString()) as { error: { message: string } }).error.message, 'string')
  })

  it('takes a 304 for whole, whatever length it gives', async () => {
    reply('HTTP/1.1 304 Not Modified\r\netag: "a"\r\ncontent-length: 77\r\n\r\n')
    const headers = { authorization: 'Bearer sk-own', 'if-none-match': '"a"' }
    for (const of of ['models', 'files/f-1']) {
      const answer = await exchange(`${story.url}/p/raw/v1/${of}`, { headers })
      assert.deepEqual([answer.status, answer.broken, answer.headers.etag], [304, false, '"a"'], of)
    }
  })

  it('says its no to somebody who is still sending, and hangs up behind the body', async () => {
    const length = 70 * 2 ** 20
    const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${story.daemon.port}\r\nContent-Length: ${length}\r\n\r\n`
    const seen: string[] = []
    const said = await raw(head, undefined, (socket) => {
      // all of it only once the answer is there: had it hung up by then, this would fail
      if (seen.push('answer') > 1) return
      socket.on('error', (error) => seen.push(error.message))
      socket.write(Buffer.alloc(length), () => seen.push('sent'))
    })
    assert.match(said, /^HTTP\/1.1 413 [^]*\r\nconnection: close\r\n[^]*limits\.bodyMiB/i)
    assert.deepEqual(seen, ['answer', 'sent'])
  })

  for (const to of ['/v1/responses', '/api/v1/feed']) {
    it(`keeps no connection whose upgrade it refused (${to})`, async () => {
      const offer = `Host: 127.0.0.1:${story.daemon.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`
      const seen: string[] = []
      const said = await raw(`GET ${to} HTTP/1.1\r\n${offer}\r\n`, undefined, (socket) => {
        // more than any buffer takes: it gets through only where somebody reads it
        if (seen.push('answer') === 1) socket.write(Buffer.alloc(30 * 2 ** 20), () => seen.push('read'))
      })
      assert.match(said, /^HTTP\/1.1 4/)
      assert.deepEqual(seen, ['answer', 'read'])
    })
  }

  it('sends no key of ours on, wherever it stood', async () => {
    reply('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
    const token = story.daemon.token
    const own = { authorization: 'Bearer sk-own' }
    const places: [string, Record<string, string>][] = [
      ['', { authorization: `ApiKey ${token}` }],
      ['', { authorization: `Bearer sk-own, Bearer ${token}` }],
      ['', { ...own, 'api-key': token }],
      ['', { ...own, 'x-note': `token=${token}` }],
      [`?key=sk-own&key=${token}`, own],
      [`?%6bey=${token}`, own],
      [`?access_token=${token}`, own],
      [`?${token}`, own],
    ]
    for (const [query, headers] of places)
      await ask({ headers }).then(() => exchange(`${story.url}${path}${query}`, { body: '{}', headers }))
    for (const written of [token, token.replace('tk', '%74%6b')]) {
      const inPath = await exchange(`${story.url}/p/raw/k/${written}/v1/chat/completions`, { body: '{}', headers: own })
      assert.deepEqual([inPath.status, inPath.headers['x-tollkeeper-refusal']], [400, 'bad_path'])
    }
    assert.deepEqual(
      provider.requests.filter((text) => text.includes(token.slice(3))),
      [],
    )
  })

  it('keeps a key to its providers where the provider needs no credential, whatever comes beside it', async () => {
    const key = await story.key('proxy', ['openai'])
    const headers = { authorization: 'Bearer anything', 'x-tollkeeper-key': key }
    const answer = await exchange(`${story.url}/p/home/v1/chat/completions`, { body: '{}', headers })
    assert.deepEqual([answer.status, answer.headers['x-tollkeeper-refusal']], [403, 'key_not_for_provider'])
  })

  it('reads windows of a plan that nobody knew before', async () => {
    reply(
      'HTTP/1.1 200 OK\r\nAnthropic-Ratelimit-Unified-30d-new-Utilization: 0.25\r\nanthropic-ratelimit-unified-30d-new-status: allowed\r\n\r\n{}',
    )
    await exchange(`${story.url}/p/claude/v1/messages`, {
      body: '{}',
      headers: { authorization: 'Bearer sk-ant-oat01-x' },
    })
    const { ratelimits } = await story.ask('ratelimits')
    const names = ratelimits.flatMap((row) => row.windows.map((window) => `${window.name} ${window.usedPct}`))
    assert.deepEqual(names, ['30d-new 25'])
  })
})
