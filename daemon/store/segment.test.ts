/** Lines out and in again: whatever becomes of the bytes, what was read was written, and what is missing is named. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { histories } from '../test/random-events.ts'
import { readSegment, readSegmentFile, segmentFile, writeHeader, writeLine } from './segment.ts'

const name = { file: segmentFile(1, 3), first: 1, epoch: 3, again: 1 }
const origin = 'home-1'

describe('a segment', () => {
  const bytesOf = (history: Parameters<typeof writeLine>[0][]): Buffer =>
    Buffer.concat([writeHeader({ origin, first: 1, epoch: 3 }), ...history.map((entry) => writeLine(entry, 3))])

  it('is named by its first number and epoch, so that names sort as numbers do', () => {
    assert.equal(segmentFile(42, 7), '000000000042-7.jsonl')
    for (const [first, epoch, again] of [
      [1, 1, 1],
      [999_999_999_999, 12, 2],
    ] as const) {
      const file = segmentFile(first, epoch, again)
      assert.deepEqual(readSegmentFile(file), { file, first, epoch, again })
    }
    for (const file of ['x', '42-7.jsonl', '000000000042-7.jsonl.tmp', '000000000042.jsonl']) {
      assert.equal(readSegmentFile(file), undefined)
    }
  })

  it('has lines of one form', () => {
    const e = { type: 'folded' as const, from: 1, to: 2, rows: [] }
    assert.equal(
      writeLine({ origin, n: 2, t: 1000, e }, 3).toString(),
      '{"c":"ac6e4b24","n":2,"t":1000,"g":3,"e":{"type":"folded","from":1,"to":2,"rows":[]}}\n',
    )
    assert.equal(
      writeHeader({ origin, first: 1, epoch: 3 }).toString(),
      '{"c":"0f05de09","format":1,"origin":"home-1","first":1,"epoch":3}\n',
    )
  })

  it('reads back what it wrote, and knows its numbers and times', () => {
    fc.assert(
      fc.property(histories({ maxLength: 40 }), (history) => {
        const read = readSegment(name, bytesOf(history), '')
        assert.deepEqual(
          read.entries.map(({ entry }) => entry),
          history,
        )
        assert.deepEqual(read.faults, [])
        assert.equal(read.index.last, history.length)
        assert.equal(read.index.minT, history[0]?.t ?? 0)
      }),
      { numRuns: 50 },
    )
  })

  it('cut at any byte: everything before is there, the half line is torn, nothing is made up', () => {
    fc.assert(
      fc.property(
        histories({ minLength: 4, maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (history, at) => {
          const bytes = bytesOf(history)
          const cut = Math.floor(bytes.length * at)
          const read = readSegment(name, bytes.subarray(0, cut), origin)
          const lines = bytes.subarray(0, cut).toString('latin1').split('\n')
          const whole = bytes[cut] === 10 ? lines.length - 1 : lines.length - 2
          assert.deepEqual(
            read.entries.map(({ entry }) => entry),
            history.slice(0, Math.max(0, whole)),
          )
          const half = lines.at(-1) !== '' && bytes[cut] !== 10
          assert.deepEqual(
            read.faults.map(({ kind }) => kind),
            half ? ['torn'] : [],
          )
        },
      ),
      { numRuns: 200 },
    )
  })

  it('with any bit flipped: no entry is read that was not written, and all others are', () => {
    fc.assert(
      fc.property(histories({ minLength: 6, maxLength: 20 }), fc.nat(), fc.nat(7), (history, at, bit) => {
        const bytes = bytesOf(history)
        const place = at % bytes.length
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit)
        const read = readSegment(name, bytes, origin)
        const written = new Map(history.map((entry) => [entry.n, entry]))
        const inHeader = place < bytes.indexOf(10)
        for (const { entry } of read.entries) {
          const before = written.get(entry.n)
          assert.equal(entry.origin, origin)
          assert.deepEqual(entry.e, before?.e)
          assert.equal(entry.t, before?.t)
        }
        // A flipped line feed joins two lines.
        assert.ok(read.entries.length >= history.length - 2)
        if (!inHeader) assert.ok(read.faults.length > 0)
      }),
      { numRuns: 300 },
    )
  })

  it('names a tail filled with NUL, and reads on behind a hole of them', () => {
    const [history = []] = fc.sample(histories({ minLength: 20, maxLength: 20 }), { numRuns: 1, seed: 1 })
    const bytes = bytesOf(history)
    const tail = readSegment(name, Buffer.concat([bytes, Buffer.alloc(4096)]), origin)
    assert.equal(tail.entries.length, history.length)
    assert.deepEqual(
      tail.faults.map(({ kind, atEnd, line }) => [kind, atEnd, line]),
      [['nul', true, history.length + 2]],
    )
    const third = bytes.toString('latin1').split('\n', 3).join('\n').length + 1
    bytes.fill(0, third, third + 10)
    const hole = readSegment(name, bytes, origin)
    assert.equal(hole.entries.length, history.length - 1)
    assert.deepEqual(
      hole.faults.map(({ kind, atEnd, line, offset }) => [kind, atEnd, line, offset]),
      [['nul', false, 4, third]],
    )
  })

  it('reads on under a header that it cannot read', () => {
    const [history = []] = fc.sample(histories({ minLength: 20, maxLength: 20 }), { numRuns: 1, seed: 1 })
    const bytes = bytesOf(history)
    bytes[3] = 0x2a
    const read = readSegment(name, bytes, 'the expected one')
    assert.equal(read.header, null)
    assert.equal(read.entries.length, history.length)
    assert.equal(read.entries[0]?.entry.origin, 'the expected one')
    assert.deepEqual(
      read.faults.map(({ kind, line }) => [kind, line]),
      [['damaged', 1]],
    )
  })
})
