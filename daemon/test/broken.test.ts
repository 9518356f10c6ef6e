/** Exchanges that break: an upstream that dies, a client that leaves, errors inside a good status. None ends clean, none is lost. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const sse = [['content-type', 'text/event-stream']] as const
const chunk = (text: string) =>
  `data: {"model":"gpt-4o","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}}}]}\n\n`
const done = 'data: [DONE]\n\n'
const usage =
  'data: {"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}\n\n'
const stop = 'data: {"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
const asking =
  '{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"tell me a long story about a toll bridge"}]}'

describe('an exchange that breaks', () => {
  let upstream: Upstream
  let story: Story
  const path = () => `${story.url}/p/up/v1/chat/completions`
  const rowOf = (id: string) =>
    eventually(`a row for ${id}`, async () =>
      (await story.ask('requests', { query: { limit: '20' } })).requests.find((row) => row.id === id),
    )

  before(async () => {
    upstream = await startUpstream()
    story = await start({
      config: {
        providers: {
          up: { extends: 'openai', baseUrl: `${upstream.url}/v1` },
          claude: { extends: 'anthropic', baseUrl: upstream.url },
          dead: { extends: 'openai', baseUrl: 'http://127.0.0.1:9/v1' },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })
  const idOf = (headers: Record<string, string | string[] | undefined>) => String(headers['x-tollkeeper-request-id'])
  /** Leaves as soon as `word` has come; resolves to the call's id. */
  const leaveAfter = (word: string) =>
    new Promise<string>((resolve) => {
      const headers = { 'content-type': 'application/json' }
      const sent = request(path(), { method: 'POST', agent: false, headers }, (reply) => {
        let seen = ''
        reply.on('data', (piece: Buffer) => {
          seen += piece.toString()
          if (seen.includes(word)) sent.destroy()
        })
        reply.on('error', () => resolve(idOf(reply.headers)))
      })
      // destroying it on purpose is reported as an error here
      sent.on('error', () => {})
      sent.end(asking)
    })

  it("breaks the client's stream when the upstream dies in it, after handing over what came", async () => {
    upstream.script({
      headers: sse,
      body: [chunk('one '), chunk('two ')],
      between: 5,
      cutAfter: chunk('one ').length + chunk('two ').length,
    })
    const reply = await exchange(path(), { body: asking })
    assert.equal(reply.broken, true)
    assert.equal(reply.body.toString(), chunk('one ') + chunk('two '))
    const row = await rowOf(idOf(reply.headers))
    assert.equal(row.outcome, 'truncated')
    assert.ok((row.promptTokens ?? 0) > 0 && (row.completionTokens ?? 0) > 0)
  })

  it('breaks it for an HTTP/1.0 client too, which knows no other end than the connection’s', async () => {
    upstream.script({
      headers: sse,
      body: [chunk('one '), chunk('two ')],
      between: 20,
      cutAfter: chunk('one ').length + 10,
    })
    const { connect } = await import('node:net')
    const socket = connect(story.daemon.port, '127.0.0.1')
    const ended = new Promise<string>((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      socket.on('end', () => resolve('clean end'))
    })
    socket.resume()
    socket.write(
      `POST /p/up/v1/chat/completions HTTP/1.0\r\nHost: 127.0.0.1:${story.daemon.port}\r\nContent-Type: application/json\r\nContent-Length: ${asking.length}\r\n\r\n${asking}`,
    )
    assert.equal(await ended, 'ECONNRESET')
  })

  it('turns a truncated JSON answer into a 502 in the caller’s dialect', async () => {
    upstream.script({
      headers: [
        ['content-type', 'application/json'],
        ['content-length', '500'],
      ],
      body: '{"choices":[{"mess',
      cutAfter: 18,
    })
    const reply = await exchange(path(), { body: '{"model":"gpt-4o"}' })
    assert.equal(reply.status, 502)
    assert.equal(reply.headers['x-tollkeeper-refusal'], 'upstream_failed')
    assert.match(
      (JSON.parse(reply.body.toString()) as { error: { message: string } }).error.message,
      /Provider up broke off/,
    )
    assert.equal((await rowOf(idOf(reply.headers))).outcome, 'truncated')
  })

  it('says which provider cannot be reached', async () => {
    const reply = await exchange(`${story.url}/p/dead/v1/chat/completions`, { body: '{"model":"gpt-4o"}' })
    assert.equal(reply.status, 502)
    assert.match(reply.body.toString(), /Provider dead could not be reached at http:\/\/127\.0\.0\.1:9/)
    const row = await rowOf(idOf(reply.headers))
    assert.deepEqual([row.outcome, row.httpStatus, row.totalTokens], ['failed', null, null])
  })

  it('stops the upstream when the client leaves in mid-stream, and records what was used', async () => {
    const before = upstream.requests.filter((one) => one.abortedAt !== undefined).length
    upstream.script({ headers: sse, body: [chunk('once upon a time '), chunk('there was ')], between: 5, open: true })
    const id = await leaveAfter('there was')
    await upstream.aborted(before + 1)
    const row = await rowOf(id)
    assert.equal(row.outcome, 'aborted')
    assert.ok((row.promptTokens ?? 0) >= 5 && (row.completionTokens ?? 0) >= 4, JSON.stringify(row))
  })

  it('stops the upstream when the client leaves before any head', async () => {
    const before = upstream.requests.length
    const gone = upstream.requests.filter((one) => one.abortedAt !== undefined).length
    upstream.script({ silent: true })
    const sent = request(path(), { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } })
    sent.on('error', () => {})
    sent.end(asking)
    await upstream.arrived(before + 1)
    sent.destroy()
    await upstream.aborted(gone + 1)
    await eventually('the call is over', async () => (await story.ask('summary')).in_flight === 0)
    assert.equal((await story.ask('requests', { query: { limit: '1' } })).requests[0]?.outcome, 'aborted')
  })

  it('takes a client that closes right after the terminal event for a success', async () => {
    upstream.script({ headers: sse, body: [chunk('hi'), stop, usage, done], between: 2, open: true })
    const id = await leaveAfter('[DONE]')
    const row = await rowOf(id)
    assert.deepEqual([row.outcome, row.promptTokens, row.completionTokens], ['ok', 7, 5])
    await eventually('the call is over', async () => (await story.ask('summary')).in_flight === 0)
  })

  /** How many lines of that type stand in the journal's files. */
  const linesOnDisk = (type: 'attempt.started' | 'attempt.ended') => {
    const folder = join(story.home, 'journal')
    const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
    return texts.join('').split(`"type":"${type}"`).length - 1
  }

  for (const { what, play, last } of [
    // the upstream leaves the reply open: nothing but the terminal event can have ended the attempt
    { what: 'a stream', play: { headers: sse, body: [chunk('hi'), stop, usage, done], open: true }, last: '[DONE]' },
    {
      what: 'one answer',
      play: { headers: [['content-type', 'application/json']], body: '{"model":"gpt-4o","choices":[]}' },
      last: '}',
    },
  ] as const) {
    it(`has written the lines of ${what} to their file before it is sent and before the last bytes come`, async () => {
      const before = { started: linesOnDisk('attempt.started'), ended: linesOnDisk('attempt.ended') }
      let started: number | undefined
      let ended: number | undefined
      upstream.script(() => {
        started = linesOnDisk('attempt.started') - before.started
        return { ...play, between: 2 }
      })
      await exchange(path(), {
        body: asking,
        onData: (piece, sent) => {
          if (!piece.includes(last)) return
          ended ??= linesOnDisk('attempt.ended') - before.ended
          sent.destroy()
        },
      })
      assert.deepEqual({ started, ended }, { started: 1, ended: 1 })
    })
  }

  it('records an error inside a 200 as a refusal by the provider', async () => {
    const events =
      'event: message_start\ndata: {"type":"message_start","message":{"model":"claude-opus-4-5","usage":{"input_tokens":20,"output_tokens":1}}}\n\nevent: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    upstream.script({ headers: sse, body: events })
    const reply = await exchange(`${story.url}/p/claude/v1/messages`, {
      body: '{"model":"claude-opus-4-5","stream":true}',
    })
    assert.equal(reply.body.toString(), events)
    const row = await rowOf(idOf(reply.headers))
    assert.equal(row.outcome, 'refused')
    assert.match(row.errorMessage ?? '', /overloaded_error: Overloaded/)
  })

  it('passes a stream on as it ended where the provider forgot the end, and says so in the record', async () => {
    upstream.script({ headers: sse, body: chunk('half') })
    const reply = await exchange(path(), { body: asking })
    assert.deepEqual([reply.broken, reply.body.toString()], [false, chunk('half')])
    assert.equal((await rowOf(idOf(reply.headers))).outcome, 'truncated')
  })

  it('passes an answer over the holding bound, and blanks that keep it alive, as they come', async () => {
    const large = JSON.stringify({
      model: 'gpt-4o',
      choices: [{ message: { content: 'x'.repeat(6 * 2 ** 20) } }],
      usage: { prompt_tokens: 3, completion_tokens: 4 },
    })
    upstream.script({ body: large })
    const reply = await exchange(path(), { body: '{"model":"gpt-4o"}' })
    assert.equal(reply.body.length, large.length)
    assert.equal((await rowOf(idOf(reply.headers))).completionTokens, 4)
    upstream.script({
      body: ['\n', '\n', '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}'],
      between: 10,
    })
    const pieces: string[] = []
    await exchange(path(), { body: '{"model":"gpt-4o"}', onData: (piece) => pieces.push(piece.toString()) })
    assert.equal(pieces[0], '\n')
  })

  it('does not buffer for a client that stops reading', async () => {
    const piece = chunk('y'.repeat(60_000))
    upstream.script({ headers: sse, body: Array.from({ length: 600 }, () => piece) })
    let taken = 0
    await new Promise<void>((resolve) => {
      const sent = request(
        path(),
        { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } },
        (reply) => {
          reply.once('data', () => {
            reply.pause()
            const rss = process.memoryUsage().arrayBuffers
            setTimeout(() => {
              taken = process.memoryUsage().arrayBuffers - rss
              sent.destroy()
              resolve()
            }, 300)
          })
          reply.on('error', () => {})
        },
      )
      sent.on('error', () => {})
      sent.end(asking)
    })
    assert.ok(taken < 20 * 2 ** 20, `${Math.round(taken / 2 ** 20)} MiB piled up of 36`)
  })
})
