/** Old attempts: by page, by time, by what they are; over segments of any age, plain and gzipped. */
import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { AttemptEnded } from '../../shared/contract/event.ts'
import type { Log } from '../../shared/contract/log.ts'
import { type AttemptQuery, type Attempts, type Field, openAttempts } from './attempts.ts'
import { type Disk, realDisk } from './disk.ts'
import { readSegment, readSegmentFile, type SegmentIndex } from './segment.ts'
import { callId, ended, makeHome, recordCalls, started, type TestBook, type TestHome } from './test-home.ts'

const everything: AttemptQuery = { from: 0, to: Infinity, having: [], lacking: [], before: Infinity, limit: 500 }
const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** All pages, put together, and how many there were. */
async function all(attempts: Attempts, query: Partial<AttemptQuery> = {}) {
  const ids: string[] = []
  let pages = 0
  for (let before: number | null = Infinity; before !== null; pages++) {
    const page = await attempts({ ...everything, ...query, before })
    ids.push(...page.attempts.map(({ e }) => e.attempt))
    before = page.next
  }
  return { ids, pages }
}

describe('attempts in the segments', () => {
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  /** A call that ended as `more` says, and its attempt's id. */
  function end(book: TestBook, more: Partial<AttemptEnded> = {}, isWritten = true): string {
    const call = callId()
    book.record(started(call))
    book.record(ended(call, more))
    if (isWritten) book.settle()
    return `${call}.1`
  }

  const folder = () => join(home.path, 'journal')

  it('are given newest first, each once, whatever the size of a page', async () => {
    const book = await home.open({ bounds: { segmentBytes: 4000 } })
    const ids = Array.from({ length: 40 }, () => end(book)).reverse()
    await book.flush()
    assert.ok(book.figures().segments > 5, 'several segments')
    for (const limit of [1, 7, 40, 500]) assert.deepEqual((await all(book.attempts, { limit })).ids, ids, `${limit}`)
  })

  it('are there before their lines are written, and after a restart', async () => {
    const book = await home.open()
    const first = end(book)
    await book.flush()
    const second = end(book, {}, false)
    assert.deepEqual((await all(book.attempts)).ids, [second, first])
    await book.close()
    const again = await home.open()
    const third = end(again)
    assert.deepEqual((await all(again.attempts, { limit: 1 })).ids, [third, second, first])
  })

  it('are chosen by what they are, names with odd letters too', async () => {
    const book = await home.open({ bounds: { segmentBytes: 4000 } })
    const odd = 'a "b\\ü模'
    const mine = [end(book, { session: odd, model: 'm1' }), end(book, { session: odd, outcome: 'aborted' })]
    for (let i = 0; i < 20; i++) end(book, { session: 's', error: `"session":${JSON.stringify(odd)}` })
    await book.flush()
    assert.deepEqual((await all(book.attempts, { having: [['session', odd]] })).ids, mine.toReversed())
    const aborted: Field[] = [
      ['session', odd],
      ['outcome', 'aborted'],
    ]
    assert.deepEqual((await all(book.attempts, { having: aborted })).ids, [mine[1]])
    const others = await all(book.attempts, { lacking: [['session', odd]], limit: 3 })
    assert.equal(others.ids.length, 20)
  })

  it('are chosen by time without reading the other segments', async () => {
    let now = 1_000_000
    const book = await home.open({ bounds: { segmentBytes: 4000 }, now: () => now })
    const ids: string[] = []
    for (let i = 0; i < 40; i++, now += 1000) ids.push(end(book))
    await book.flush()
    const wanted = { from: 1_000_000 + 10_000, to: 1_000_000 + 13_000 }
    const counted: string[] = []
    const attempts = openAttempts({
      folder: folder(),
      origin: book.origin,
      now: () => ({ segments: segmentsSeen(counted), waiting: [] }),
      log: silent,
    })
    const segments = await indexes()
    function segmentsSeen(seen: string[]): SegmentIndex[] {
      return segments.map((index) => ({
        ...index,
        get file() {
          seen.push(index.file)
          return index.file
        },
      }))
    }
    assert.deepEqual((await all(attempts, wanted)).ids, ids.slice(10, 13).reverse())
    assert.ok(new Set(counted).size < segments.length / 2, `${new Set(counted).size} of ${segments.length}`)
  })

  /** What stands in the journal folder, read anew. */
  async function indexes(): Promise<SegmentIndex[]> {
    const found: SegmentIndex[] = []
    for (const file of await readdir(folder())) {
      const name = readSegmentFile(file)
      if (name) found.push(readSegment(name, await readFile(join(folder(), file)), 'x').index)
    }
    return found
  }

  it('come in pages that read a bounded part, and go on where one ended, though it found nothing', async () => {
    const book = await home.open({ bounds: { segmentBytes: 4000 } })
    const wanted = end(book, { model: 'rare' })
    for (let i = 0; i < 40; i++) end(book)
    await book.flush()
    const segments = await indexes()
    const now = () => ({ segments, waiting: [] })
    const attempts = openAttempts({ folder: folder(), origin: book.origin, now, log: silent, pageBytes: 8000 })
    const found = await all(attempts, { having: [['model', 'rare']] })
    assert.deepEqual(found.ids, [wanted])
    assert.ok(found.pages > 3, `${found.pages} pages`)
  })

  it('are read from gzipped segments, and past a damaged line or a segment that is gone', async () => {
    const book = await home.open({ bounds: { segmentBytes: 4000 } })
    const ids = Array.from({ length: 40 }, () => end(book)).reverse()
    await book.close()
    const segments = (await indexes()).sort((a, b) => a.first - b.first)
    const bytesOf = (index: SegmentIndex) => readFile(join(folder(), index.file))
    const [oldest, second, ...rest] = segments
    assert.ok(oldest && second)
    await writeFile(join(folder(), `${oldest.file}.gz`), gzipSync(await bytesOf(oldest)))
    await rm(join(folder(), oldest.file))
    const text = (await bytesOf(second)).toString()
    const damaged = text.split('\n').findIndex((line) => line.includes('attempt.ended'))
    const lost = /"attempt":"([^"]+)"/.exec(text.split('\n')[damaged] ?? '')?.[1]
    const line = text.split('\n')[damaged] ?? ''
    await writeFile(join(folder(), second.file), text.replace(line, line.replace('"dialect"', '"Dialect"')))
    const gone = { ...second, file: '000000000999-9.jsonl', first: 9990, last: 9999 }
    const now = () => ({ segments: [oldest, second, ...rest, gone], waiting: [] })
    const attempts = openAttempts({ folder: folder(), origin: book.origin, now, log: silent })
    assert.deepEqual(
      (await all(attempts, { limit: 9 })).ids,
      ids.filter((id) => id !== lost),
    )
  })

  it('count once where a number was written a second time, and not at all where another instance had it', async () => {
    const book = await home.open()
    const mine = end(book)
    await book.close()
    const [index] = await indexes()
    assert.ok(index)
    // what the first instance wrote on after another one had taken the home over
    const text = await readFile(join(folder(), index.file), 'utf8')
    const later = { ...index, file: '000000000001-2.jsonl', epoch: 2 }
    await writeFile(join(folder(), later.file), text)
    const now = () => ({ segments: [index, later], waiting: [] })
    const attempts = openAttempts({ folder: folder(), origin: book.origin, now, log: silent })
    assert.deepEqual((await all(attempts)).ids, [mine])
  })

  it('are read from a plain segment’s end, and no further than a page needs', async () => {
    let read = 0
    const disk: Disk = {
      ...realDisk,
      async *piecesFromEnd(path) {
        for await (const piece of realDisk.piecesFromEnd(path)) {
          read += piece.length
          yield piece
        }
      },
    }
    const book = await home.open({ disk })
    const odd = '模'.repeat(60)
    const ids = Array.from({ length: 3000 }, (_, i) => end(book, i % 7 === 0 ? { session: odd } : {})).reverse()
    await book.flush()
    const { bytes, segments } = book.figures()
    assert.ok(bytes > 12 * 256 * 1024 && segments === 1, `${segments} segments, ${bytes} bytes`)
    const { attempts } = await book.attempts({ ...everything, limit: 20 })
    assert.deepEqual(
      attempts.map(({ e }) => e.attempt),
      ids.slice(0, 20),
    )
    assert.equal(read, 256 * 1024)
    assert.deepEqual((await all(book.attempts, { limit: 450 })).ids, ids)
  })

  it('let the event loop go on while a large segment is read', async () => {
    const book = await home.open()
    for (let i = 0; i < 10; i++) recordCalls(book, 500)
    await book.flush()
    let turns = 0
    let reading = true
    const count = () => {
      turns++
      if (reading) setImmediate(count)
    }
    count()
    // the newest 500, and then past all others
    const page = await book.attempts({ ...everything, having: [['outcome', 'ok']] })
    const rest = await book.attempts({ ...everything, having: [['outcome', 'aborted']] })
    reading = false
    assert.deepEqual([page.attempts.length, rest.attempts.length], [500, 0])
    // a piece of a file is 256 KiB, and 64 lines are parsed in one turn
    assert.ok(turns > 500 / 64 + 10, `${turns} turns`)
  })
})
