/** Answers of a size that no fixture has, answers in the background, and words that are counted once. */
import assert from 'node:assert/strict'
import { largestRead } from '../sse-events.ts'
import { openReply } from './reply.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const eventOf = (event: object): Uint8Array => bytesOf(`data: ${JSON.stringify(event)}\n\n`)
const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 }
const completed = (output: unknown, more: object = {}) => ({
  type: 'response.completed',
  response: { id: 'resp_1', object: 'response', model: 'm', output, usage, ...more },
})
const text = (length: number) => [
  { type: 'message', content: [{ type: 'output_text', text: '\\" {é'.repeat(length / 6) }] },
]

describe('openai-responses reply', () => {
  it('reads usage from a last event of three megabytes, whole and in single bytes', () => {
    const search = { type: 'web_search_call', status: 'completed', action: { type: 'search' } }
    const bytes = eventOf(completed([search, ...text(3 * 2 ** 20)]))
    assert.ok(bytes.length > 3 * 2 ** 20)
    const pieces: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at++) pieces.push(bytes.subarray(at, at + 1))
    for (const chunks of [[bytes], pieces]) {
      const reader = openReply('sse')
      let terminals = 0
      for (const chunk of chunks) {
        const { pass, terminal } = reader.read(chunk)
        // every chunk goes on as it came, whatever is kept for reading
        assert.equal(pass[0], chunk)
        if (terminal) terminals++
      }
      assert.deepEqual(reader.end(), [])
      const reading = reader.reading()
      assert.deepEqual([reading.usage?.input, reading.usage?.output], [10, 5])
      assert.deepEqual([reading.model, reading.keptAs, reading.webSearches], ['m', 'resp_1', 1])
      assert.deepEqual([reading.complete, terminals], [true, 1])
    }
  }).timeout(20_000)

  it('lets an event past its bound go by, and reads on', () => {
    const reader = openReply('sse')
    const piece = bytesOf('x'.repeat(2 ** 20))
    reader.read(bytesOf('data: '))
    for (let i = 0; i <= largestRead / piece.length; i++) reader.read(piece)
    reader.read(bytesOf('\n\n'))
    assert.equal(reader.reading().complete, false)
    assert.equal(reader.read(eventOf(completed([]))).terminal, true)
    assert.equal(reader.reading().usage?.output, 5)
  })

  it('reads a large body as it reads a small one', () => {
    const reader = openReply('json')
    const { response } = completed(text(100_000), { status: 'completed', store: false })
    reader.read(bytesOf(JSON.stringify(response)))
    const reading = reader.reading()
    assert.deepEqual([reading.usage?.output, reading.keptAs, reading.complete], [5, null, true])
  })

  it('says that an answer is under way while its stream in the background is not over', () => {
    const reader = openReply('sse')
    const response = { id: 'resp_1', object: 'response', background: true, status: 'queued', usage: null }
    reader.read(eventOf({ type: 'response.created', response }))
    assert.deepEqual([reader.reading().underWay, reader.reading().keptAs], [true, 'resp_1'])
    reader.read(eventOf(completed([], { background: true })))
    assert.equal(reader.reading().underWay, undefined)
  })

  it('estimates from pieces of text, thoughts and arguments, and not from their repetition', () => {
    const words = 'The quick brown fox jumps over the lazy dog. '
    const estimateOf = (events: object[]) => {
      const reader = openReply('sse')
      for (const event of events) reader.read(eventOf(event))
      return reader.estimateOutput()
    }
    const once = estimateOf([{ type: 'response.output_text.delta', delta: words }])
    assert.ok(once >= 9 && once < 14, String(once))
    assert.equal(
      estimateOf([
        { type: 'response.output_text.delta', delta: words },
        { type: 'response.output_text.done', text: words },
        { type: 'response.audio.delta', delta: 'AAAA'.repeat(100) },
      ]),
      once,
    )
    assert.equal(estimateOf([{ type: 'response.function_call_arguments.delta', delta: words }]), once)
    const body = openReply('json')
    body.read(bytesOf(JSON.stringify({ object: 'response', output: [{ content: [{ text: words }] }] })))
    assert.equal(body.estimateOutput(), once)
  })
})
