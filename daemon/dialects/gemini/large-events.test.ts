/** Pictures come in one event or list element of megabytes, and what it tells beside them is read all the same. */
import assert from 'node:assert/strict'
import { openReply } from './reply.ts'

const picture = {
  candidates: [
    {
      content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0K'.repeat(300_000) } }] },
      finishReason: 'STOP',
    },
  ],
  usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 1290 },
}

describe('gemini replies with pictures', () => {
  for (const [what, kind, text] of [
    ['an event', 'sse', `data: ${JSON.stringify(picture)}\r\n\r\n`],
    ['an element of a list', 'json', `[${JSON.stringify(picture)}\n]`],
    ['one object', 'json', JSON.stringify(picture)],
  ] as const) {
    it(`reads ${what}, in pieces as they come`, () => {
      const reader = openReply(kind)
      const bytes = new TextEncoder().encode(text)
      for (let at = 0; at < bytes.length; at += 65_536) reader.read(bytes.subarray(at, at + 65_536))
      reader.end()
      const { usage, complete, outputReported } = reader.reading()
      assert.deepEqual([usage?.input, usage?.output, complete, outputReported], [8, 1290, true, true])
    })
  }
})
