/** Where one HTTP program could read a message otherwise than the next one: the daemon reads it in one way, or refuses it. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { exchange } from './exchange.ts'
import { type RawProvider, rawAsk, startRawProvider } from './raw.ts'
import { eventually, type Story, start } from './start.ts'

const path = '/p/raw/v1/chat/completions'
const body = '{"model":"gpt-4o"}'
const whole = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}'
const good = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n${whole}`

describe('messages that could be read in two ways', () => {
  let provider: RawProvider
  let story: Story
  before(async () => {
    provider = await startRawProvider()
    story = await start({ config: { providers: { raw: { extends: 'openai', baseUrl: `${provider.url}/v1` } } } })
  })
  after(async () => {
    await story.end()
    provider.server.close()
  })
  beforeEach(() => {
    provider.requests.length = 0
    provider.play = (socket) => socket.write(good)
  })
  afterEach(() => eventually('nothing runs any more', async () => (await story.ask('summary')).in_flight === 0))

  const host = () => `Host: 127.0.0.1:${story.daemon.port}\r\n`
  const head = (lines: string, target = path, version = '1.1') =>
    `POST ${target} HTTP/${version}\r\n${host()}Content-Type: application/json\r\n${lines}`
  const ask = (text: string, until?: string, then?: (socket: Socket, got: string) => void) =>
    rawAsk(story.daemon.port, text, until, then)
  const statuses = (got: string) => [...got.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)

  describe('from a client', () => {
    const refused: [string, () => string][] = [
      ['a length with a sign', () => head(`Content-Length: +${body.length}\r\n\r\n${body}`)],
      ['a list of lengths', () => head(`Content-Length: ${body.length}, ${body.length}\r\n\r\n${body}`)],
      ['a length too large to count', () => head(`Content-Length: 99999999999999999999\r\n\r\n${body}`)],
      ['an unknown transfer coding', () => head(`Transfer-Encoding: xchunked\r\n\r\n${body}`)],
      ['chunked before another coding', () => head(`Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`)],
      ['a space before the colon', () => head(`Content-Length : ${body.length}\r\n\r\n${body}`)],
      ['a chunk size that is none', () => head('Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n')],
      ['a chunk size too large to count', () => head('Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx')],
      ['NUL in a header', () => head(`X-A: a\0b\r\nContent-Length: ${body.length}\r\n\r\n${body}`)],
      ['a bare CR in a header', () => head(`X-A: a\rX-B: b\r\nContent-Length: ${body.length}\r\n\r\n${body}`)],
      ['lines that end with LF alone', () => head(`X-A: a\nContent-Length: ${body.length}\n\n${body}`)],
      ['a folded header', () => head(`X-A: a\r\n  b\r\nContent-Length: ${body.length}\r\n\r\n${body}`)],
      ['a version of its own', () => head(`Content-Length: ${body.length}\r\n\r\n${body}`, path, '1.9')],
      ['CONNECT', () => `CONNECT example.com:443 HTTP/1.1\r\n${host()}\r\n`],
      ['a whole URL as its target', () => head('Content-Length: 2\r\nConnection: close\r\n\r\n{}', `http://x${path}`)],
    ]
    for (const [what, text] of refused) {
      it(`sends nothing on for ${what}`, async () => {
        const got = await ask(text())
        assert.match(got, /^(HTTP\/1\.1 4\d\d |$)/)
        assert.deepEqual(provider.requests, [])
      })
    }

    it('answers calls in a row on one connection in their order', async () => {
      const one = (n: number) => {
        const numbered = `{"model":"m-${n}"}`
        return head(`Content-Length: ${numbered.length}\r\n\r\n${numbered}`)
      }
      const got = await ask(one(1) + one(2) + one(3), undefined, (socket, all) => {
        if (statuses(all).length === 3 && all.endsWith(whole)) socket.destroy()
      })
      const models = [...got.matchAll(/x-tollkeeper-model: (m-\d)/gi)].map(([, model]) => model)
      assert.deepEqual(models, ['m-1', 'm-2', 'm-3'])
    })

    it('takes no field that comes behind a body for a header', async () => {
      const text = head(`Transfer-Encoding: chunked\r\nTrailer: x-api-key\r\n\r\n`)
      const chunk = `${body.length.toString(16)};ext=1\r\n${body}\r\n0\r\nx-api-key: sk-late\r\n\r\n`
      const got = await ask(text + chunk, whole)
      assert.deepEqual(statuses(got), ['200'])
      const sent = provider.requests[0] ?? ''
      assert.ok(sent.endsWith(body))
      assert.ok(!sent.includes('sk-late'))
    })

    it('tells a client that waits to go on', async () => {
      const got = await ask(
        head(`Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`),
        whole,
        (socket, all) => {
          if (all.endsWith('HTTP/1.1 100 Continue\r\n\r\n')) socket.write(body)
        },
      )
      assert.deepEqual(statuses(got), ['100', '200'])
      assert.ok(!/^expect:/im.test(provider.requests[0] ?? ''))
    })

    it('answers HTTP/1.0 without chunks, and closes', async () => {
      provider.play = (socket) =>
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n`,
        )
      const got = await ask(head(`Content-Length: ${body.length}\r\n\r\n${body}`, path, '1.0'))
      assert.ok(!/transfer-encoding/i.test(got))
      assert.ok(got.endsWith('\r\n\r\ndata: [DONE]\n\n'), got)
    })

    it('passes every header of very many', async () => {
      const many = Array.from({ length: 3000 }, (_, i) => `x-${i}: ${i}\r\n`).join('')
      await ask(head(`${many}x-last: here\r\nContent-Length: ${body.length}\r\n\r\n${body}`), whole)
      assert.match(provider.requests[0] ?? '', /x-last: here/)
    })
  })

  describe('from a provider', () => {
    const asked = () => exchange(`${story.url}${path}`, { body })
    const bad: [string, string][] = [
      ['a status line that is none', 'HTTP/1.1 OK\r\n\r\n'],
      ['another protocol', 'SSH-2.0-x\r\n'],
      ['a status out of range', 'HTTP/1.1 99 No\r\ncontent-length: 0\r\n\r\n'],
      ['both lengths', `HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
      ['two lengths', `HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{"a":1`],
      ['NUL in a header', `HTTP/1.1 200 OK\r\nx-a: a\0b\r\ncontent-length: 0\r\n\r\n`],
      ['headers without an end', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(70_000)}\r\n\r\n`],
      [
        'an upgrade that nobody asked for',
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      ],
    ]
    for (const [what, bytes] of bad) {
      it(`answers 502 for ${what}, and the next call is answered for itself`, async () => {
        provider.play = (socket) => socket.end(Buffer.from(bytes, 'latin1'))
        const reply = await asked()
        assert.equal(reply.status, 502)
        assert.match(String(reply.headers['x-tollkeeper-refusal']), /upstream/)
        provider.play = (socket) => socket.write(good)
        assert.equal((await asked()).body.toString(), whole)
      })
    }

    it('passes no folded header on as two', async () => {
      provider.play = (socket) => socket.write(good.replace('content-type', 'x-a: 1\r\n x-b: 2\r\ncontent-type'))
      const reply = await asked()
      assert.equal(reply.headers['x-b'], undefined)
    })

    it('takes nothing behind an answer for the next one', async () => {
      provider.play = (socket) => socket.write(`${good}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison`)
      assert.equal((await asked()).body.toString(), whole)
      provider.play = (socket) => socket.write(good)
      assert.equal((await asked()).body.toString(), whole)
    })

    it('passes what comes before the head over, and takes the answer behind it', async () => {
      provider.play = (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${good}`)
      assert.equal((await asked()).body.toString(), whole)
    })

    it('passes a body that unpacks to a thousand times its size, and answers others meanwhile', async () => {
      const bomb = gzipSync(Buffer.alloc(200 * 2 ** 20))
      provider.play = (socket) =>
        socket.write(
          Buffer.concat([
            Buffer.from(
              `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`,
            ),
            bomb,
          ]),
        )
      const headers = { 'accept-encoding': 'gzip' }
      const coming = exchange(`${story.url}${path}`, { body, headers })
      assert.equal((await exchange(`${story.url}/health`)).status, 200)
      assert.deepEqual((await coming).body, bomb)
    })
  })
})
