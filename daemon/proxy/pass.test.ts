/** What passes when: the last bytes of an answer wait for the line of its end, and nothing else does. */
import assert from 'node:assert/strict'
import { createServer, get, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openaiChat } from '../dialects/openai-chat/openai-chat.ts'
import type { Sink, UpstreamReply } from '../upstream/send.ts'
import type { Attempt, Ending } from './attempt.ts'
import { pass } from './pass.ts'
import { openTap } from './tap.ts'

const first = 'data: {"choices":[{"delta":{"content":"hi"}}]}\n\n'
const last = 'data: [DONE]\n\n'
const answer = '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}'

/** One exchange whose upstream, and whose journal, the test plays. */
type Played = { sink: Sink; endings: Ending[]; write(): void; got(): string; over: Promise<string> }

describe('proxy/pass', () => {
  let server: Server
  let play: (streams: boolean) => Promise<Played>

  before(async () => {
    let take: ((response: ServerResponse) => void) | undefined
    server = createServer((_, response) => take?.(response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const next = (streams: boolean) => {
      const endings: Ending[] = []
      let write = () => {}
      const written = new Promise<void>((resolve) => {
        write = resolve
      })
      const attempt: Attempt = {
        sent: () => {},
        head: () => {},
        bytes: () => {},
        upstreamOver: () => {},
        account: () => 'a',
        tokens: () => null,
        end: (ending) => {
          endings.push(ending)
          return null
        },
      }
      const sink = new Promise<Sink>((resolve) => {
        take = (response) => {
          const type = streams ? 'text/event-stream' : 'application/json'
          const reply: UpstreamReply = {
            kind: 'reply',
            status: 200,
            statusText: 'OK',
            rawHeaders: ['content-type', type],
            header: (name) => (name === 'content-type' ? type : undefined),
            headerNames: () => ['content-type'],
            whole: () => null,
            drainTo: resolve,
            pause: () => {},
            resume: () => {},
          }
          const tap = openTap(openaiChat.openReply(streams ? 'sse' : 'json', { dropUsageOnlyChunk: false }), '')
          const ways = { written: () => written, abort: () => {}, failed: () => {} }
          void pass({ reply, response, tap, attempt, mayShorten: false, streams, ownHeaders: [], ...ways })
        }
      })
      return { endings, write, sink }
    }
    play = async (streams) => {
      const { sink, ...played } = next(streams)
      let got = ''
      const over = new Promise<string>((resolve) => {
        get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }, (reply) => {
          reply.on('data', (piece: Buffer) => {
            got += piece.toString()
          })
          reply.on('end', () => resolve(got))
        })
      })
      return { ...played, sink: await sink, got: () => got, over }
    }
  })
  after(() => new Promise((resolve) => server.close(resolve)))

  it('sends a stream as it comes, and its last event once its line is written', async () => {
    const { sink, endings, write, got, over } = await play(true)
    sink.data(Buffer.from(first))
    while (got() !== first) await sleep(1)
    sink.data(Buffer.from(last))
    sink.end()
    await sleep(30)
    assert.deepEqual([got(), endings.at(0)?.outcome], [first, 'ok'])
    write()
    assert.equal(await over, first + last)
  })

  it('sends nothing of an answer that was held before its line is written', async () => {
    const { sink, endings, write, got, over } = await play(false)
    sink.data(Buffer.from(answer))
    sink.end()
    await sleep(30)
    assert.deepEqual([got(), endings.at(0)?.outcome], ['', 'ok'])
    write()
    assert.equal(await over, answer)
  })

  it('sends what one read brought in many pieces as one, in its order', async () => {
    const { sink, write, over } = await play(true)
    const events = Array.from({ length: 50 }, (_, i) => first.replace('hi', String(i)))
    for (const event of events) sink.data(Buffer.from(event))
    sink.data(Buffer.from(last))
    sink.end()
    write()
    assert.equal(await over, events.join('') + last)
  })
})
