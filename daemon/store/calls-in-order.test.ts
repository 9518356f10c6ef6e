/** All calls in the order of their time: imported ones and clocks that jump, segments of any form, and no more in memory than is read. */
import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { AttemptEnded } from '../../shared/contract/event.ts'
import { openCallsInOrder } from './calls-in-order.ts'
import { type Disk, realDisk } from './disk.ts'
import { readSegment, readSegmentFile, type SegmentIndex } from './segment.ts'
import { callId, ended, makeHome, openTestWarn, silentLog, started, type TestBook, type TestHome } from './test-home.ts'

const hour = 3_600_000
const start = Date.parse('2026-03-01T00:00:00Z')
const small = { bounds: { segmentBytes: 4000 } }
type Row = { call: string; at: number }
const rowOf = (e: AttemptEnded, at: number): Row => ({ call: e.call, at })
const everything = { from: -Infinity, to: Infinity, simulated: false, rowOf }
const alive = new AbortController().signal

describe('calls in the order of their time', () => {
  let home: TestHome
  let now = start
  beforeEach(async () => {
    home = await makeHome()
    now = start
  })
  afterEach(() => home.remove())

  const folder = () => join(home.path, 'journal')
  const clock = () => now

  /** A call that ended now, and its id. */
  function end(book: TestBook, more: Partial<AttemptEnded> = {}): string {
    const call = callId(now)
    if (more.imported === undefined) book.record(started(call))
    book.record(ended(call, more))
    book.settle()
    now += 1000
    return call
  }
  const imported = (book: TestBook, startedAt: number) => end(book, { imported: 'claude-code', startedAt })

  async function all(pieces: AsyncGenerator<Row[]>): Promise<Row[]> {
    const rows: Row[] = []
    for await (const some of pieces) rows.push(...some)
    return rows
  }
  const idsOf = async (pieces: AsyncGenerator<Row[]>) => (await all(pieces)).map(({ call }) => call)

  async function indexes(): Promise<SegmentIndex[]> {
    const found: SegmentIndex[] = []
    for (const file of await readdir(folder())) {
      const name = readSegmentFile(file)
      if (name) found.push(readSegment(name, await readFile(join(folder(), file)), 'x').index)
    }
    return found.sort((a, b) => a.first - b.first)
  }

  it('are all there, each once, wherever they stand, however few late ones have room', async () => {
    // hours since the last call; an import of one so many hours ago, or up to a day ahead
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ later: fc.integer({ min: -20, max: 60 }) }) },
      { weight: 3, arbitrary: fc.record({ ago: fc.integer({ min: -24, max: 300 }) }) },
    )
    const steps = fc.array(step, { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (told, bound, isFlushed) => {
        await home.remove()
        home = await makeHome()
        now = start
        const book = await home.open({ ...small, now: clock })
        const calls: Row[] = []
        for (const one of told) {
          if ('later' in one) {
            now += one.later * hour
            calls.push({ at: now, call: end(book) })
          } else {
            const at = now - one.ago * hour
            calls.push({ at, call: imported(book, at) })
          }
        }
        if (isFlushed) await book.flush()
        const segments = await indexes()
        const source = { folder: folder(), origin: book.origin, log: silentLog, warn: openTestWarn() }
        const open = openCallsInOrder({ ...source, now: () => ({ segments, waiting: [] }) }, bound)
        const rows = await all(open(everything, alive))
        assert.deepEqual(
          rows.map(({ at }) => at),
          calls.map(({ at }) => at).sort((a, b) => a - b),
        )
        assert.deepEqual(new Set(rows.map(({ call }) => call)), new Set(calls.map(({ call }) => call)))
        const [from, to] = [start + 10 * hour, start + 40 * hour]
        const some = await all(open({ ...everything, from, to }, alive))
        assert.deepEqual(
          some,
          rows.filter(({ at }) => at >= from && at < to),
        )
      }),
      { numRuns: 40 },
    )
  })

  it('are those of now: what is not written yet is there, what comes later is not', async () => {
    const book = await home.open({ ...small, now: clock })
    const ids = [end(book), end(book)]
    const call = callId(now)
    book.record(ended(call))
    const pieces = book.calls(everything, alive)
    const first = await pieces.next()
    end(book)
    await book.flush()
    assert.deepEqual(first.done ? [] : [...first.value.map((row) => row.call), ...(await idsOf(pieces))], [
      ...ids,
      call,
    ])
  })

  it('count once a call, at its last attempt; the sandbox’s are asked for alone', async () => {
    const book = await home.open({ ...small, now: clock })
    const call = callId(now)
    book.record(ended(call, { last: false, outcome: 'failed' }))
    book.record(ended(call, { attempt: `${call}.2`, attempts: 2 }))
    const simulated = end(book, { billing: 'simulated' })
    assert.deepEqual(await idsOf(book.calls(everything, alive)), [call])
    assert.deepEqual(await idsOf(book.calls({ ...everything, simulated: true }, alive)), [simulated])
  })

  it('are read from gzipped segments, past one that is gone and past damaged lines, of which a warning tells', async () => {
    const book = await home.open({ ...small, now: clock })
    const ids = Array.from({ length: 30 }, () => end(book))
    await book.close()
    const segments = await indexes()
    const [first, second, third, fourth] = segments
    assert.ok(first && second && third && fourth)
    const pathOf = ({ file }: SegmentIndex) => join(folder(), file)
    const textOf = async (index: SegmentIndex) => (await readFile(pathOf(index))).toString()
    const callsIn = (text: string) => ids.filter((id) => text.includes(`"type":"attempt.ended","call":"${id}"`))
    await writeFile(`${pathOf(first)}.gz`, gzipSync(await textOf(first)))
    await rm(pathOf(first))
    const [gone] = [callsIn(await textOf(second))]
    await rm(pathOf(second))
    const lines = (await textOf(third)).split('\n')
    const damaged = lines.findIndex((line) => line.includes('attempt.ended'))
    const lost = callsIn(lines[damaged] ?? '')
    lines[damaged] = (lines[damaged] ?? '').replace('"dialect"', '"Dialect"')
    await writeFile(pathOf(third), lines.join('\n'))
    const torn = callsIn(await textOf(fourth))
    await writeFile(`${pathOf(fourth)}.gz`, gzipSync(await textOf(fourth)).subarray(0, 200))
    await rm(pathOf(fourth))

    const warn = openTestWarn()
    const now = () => ({ segments, waiting: [] })
    const open = openCallsInOrder({ folder: folder(), origin: book.origin, now, log: silentLog, warn })
    const without = [...gone, ...lost, ...torn]
    assert.deepEqual(
      await idsOf(open(everything, alive)),
      ids.filter((id) => !without.includes(id)),
    )
    assert.equal(warn.standing.size, 2)
    assert.ok(warn.standing.get(`journal-gap ${pathOf(third)}`)?.startsWith(`Line ${damaged + 1} of`))
    assert.match(warn.standing.get(`journal-gap ${pathOf(fourth)}`) ?? '', /cannot be unpacked/)
  })

  describe('a segment at a time', () => {
    /** Files in the order in which they were opened. */
    const opened: string[] = []
    const disk: Disk = {
      ...realDisk,
      pieces(path) {
        opened.push(path)
        return realDisk.pieces(path)
      },
    }

    async function manySegments(): Promise<{ book: TestBook; segments: number }> {
      const book = await home.open({ ...small, now: clock, disk })
      for (let i = 0; i < 60; i++) end(book)
      await book.flush()
      opened.length = 0
      return { book, segments: (await indexes()).length }
    }

    it('read no further than they are asked for', async () => {
      const { book, segments } = await manySegments()
      assert.ok(segments >= 12, `${segments} segments`)
      const pieces = book.calls(everything, alive)
      for (let asked = 1; asked <= 3; asked++) {
        const next = await pieces.next()
        assert.ok(!next.done && next.value.length > 0 && next.value.length < 10)
        assert.equal(opened.length, asked)
      }
      await pieces.return(undefined)
      assert.equal(opened.length, 3)
    })

    it('stop in the midst of one where nobody waits for them any more', async () => {
      const { book } = await manySegments()
      imported(book, start)
      await book.flush()
      const gone = new AbortController()
      const pieces = book.calls(everything, gone.signal)
      await pieces.next()
      gone.abort()
      const before = opened.length
      // what it had read already
      assert.ok((await idsOf(pieces)).length < 10)
      assert.equal(opened.length, before)
    })

    it('hold no late call twice, and read only the segments that hold some', async () => {
      const { book, segments } = await manySegments()
      const late = imported(book, start + 500)
      await book.flush()
      const ids = await idsOf(book.calls(everything, alive))
      assert.equal(ids[1], late)
      assert.equal(new Set(ids).size, 61)
      assert.ok(opened.length <= segments + 2, `${opened.length} of ${segments}`)
    })
  })
})
