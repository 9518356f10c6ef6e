/** The cutter finds what another parser finds, and loses no byte. */
import assert from 'node:assert/strict'
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { largestHeld, openSseCutter, type SseEvent } from './sse-events.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const joined = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('utf8')

function eventsByParser(text: string): SseEvent[] {
  const events: SseEvent[] = []
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ name: event ?? '', data }) })
  parser.feed(text)
  return events
}

/** A colon and a space in front of a value that looks like a field, comments, empty data, several lines. */
const line = fc.constantFrom(
  'data: a',
  'data:b ',
  'data: ü🌍',
  'data',
  'data:',
  'event: x',
  'event:y',
  ': note',
  'id: 7',
  'retry: 1',
  'odd',
)
const lines = fc.array(fc.oneof({ weight: 3, arbitrary: line }, fc.constant('')), { maxLength: 14 })

describe('openSseCutter', () => {
  for (const [name, lineEnd] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    it(`finds the events that another parser finds, with ${name}, however they are cut`, () => {
      fc.assert(
        fc.property(lines, fc.array(fc.nat({ max: 200 })), fc.boolean(), (parts, cuts, mayDrop) => {
          const text = [...parts, '', ''].join(lineEnd)
          const bytes = bytesOf(text)
          const events: SseEvent[] = []
          const cutter = openSseCutter((event) => {
            events.push(event)
            return 'pass'
          }, mayDrop)
          const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
          const passed = at.slice(1).flatMap((end, i) => cutter.read(bytes.subarray(at[i], end)))
          passed.push(...cutter.end())
          assert.equal(joined(passed), text)
          // The other parser waits for what follows a lone CR at the very end, so it gets one more line.
          assert.deepEqual(events, eventsByParser(`${text}: end\n`))
        }),
        { numRuns: 300 },
      )
    })
  }

  it('drops what it is told to and passes each byte of the rest', () => {
    const text = ': hi\r\n\r\ndata: 1\r\n\r\ndata: drop\r\n\r\ndata: 2\r\n\r\n'
    for (let at = 0; at <= text.length; at++) {
      const cutter = openSseCutter(({ data }) => (data === 'drop' ? 'drop' : 'pass'), true)
      const passed = [
        ...cutter.read(bytesOf(text.slice(0, at))),
        ...cutter.read(bytesOf(text.slice(at))),
        ...cutter.end(),
      ]
      assert.equal(joined(passed), text.replace('data: drop\r\n\r\n', ''))
    }
  })

  it('holds back no more than its bound, and reads on after an event that was too large', () => {
    const events: SseEvent[] = []
    const cutter = openSseCutter((event) => {
      events.push(event)
      return 'drop'
    }, true)
    const piece = bytesOf('x'.repeat(largestHeld / 4))
    assert.deepEqual(cutter.read(bytesOf('data: ')), [])
    let passed = 0
    for (let i = 0; i < 8; i++) for (const part of cutter.read(piece)) passed += part.length
    assert.equal(passed, 6 + 8 * piece.length)
    assert.equal(joined(cutter.read(bytesOf('\n\ndata: next\n\n: end'))), '\n\n')
    assert.deepEqual(events, [{ name: '', data: 'next' }])
    assert.equal(joined(cutter.end()), ': end')
  })
})
