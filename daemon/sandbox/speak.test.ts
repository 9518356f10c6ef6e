/** A client that leaves stops the stream. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openaiVoice } from './openai-voice.ts'
import { speak } from './speak.ts'

const usage = { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 2 }
const answer = { id: 'a', model: 'm', pieces: ['one ', 'two'], tool: null, cutShort: false, usage }
const ask = {
  model: 'm',
  stream: true,
  includeUsage: false,
  maxTokens: 9,
  question: '',
  promptLength: 1,
  opening: '',
  cacheFor: null,
  tool: null,
}

describe('speak', () => {
  it('stops between two words when its client leaves', async () => {
    let spoken: Promise<void> | undefined
    const server = createServer((_request, reply) => {
      const gone = new AbortController()
      reply.on('close', () => gone.abort())
      // At this speed the first word comes after half a minute.
      const pace = { speed: 0.001, now: () => 0, gone: gone.signal }
      spoken = speak({ reply, voice: openaiVoice, ask, answer, headers: {}, pace })
      // The test looks at it below; until then it must not count as unhandled.
      spoken.catch(() => undefined)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const leaving = new AbortController()
    const { port } = server.address() as AddressInfo
    const reply = await fetch(`http://127.0.0.1:${port}`, { signal: leaving.signal })
    await reply.body?.getReader().read()
    leaving.abort()
    assert.ok(spoken)
    await assert.rejects(spoken, { name: 'AbortError' })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
})
