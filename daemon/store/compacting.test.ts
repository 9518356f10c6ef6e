/** Compaction: the worker's snapshot is the live ledger, nothing told meanwhile is lost, and a failure leaves all as it was. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { writeLedger } from '../ledger/ledger.ts'
import { openCompactor } from './compactor.ts'
import { droppable, reachOf } from './retention.ts'
import type { SegmentIndex } from './segment.ts'
import { openTestDisk } from './test-disk.ts'
import { callId, ended, inlineCompactor, keptFor, makeHome, recordCalls, started, type TestHome } from './test-home.ts'

const dayMs = 24 * 60 * 60 * 1000

describe('compaction', function () {
  this.timeout(60_000)
  let folder = ''
  let worker = ''
  let home: TestHome
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'worker-'))
    worker = join(folder, 'compact-worker.mjs')
    const entryPoints = ['daemon/store/compact-worker.ts']
    const mainFields = ['module', 'main']
    await build({
      entryPoints,
      outfile: worker,
      bundle: true,
      platform: 'node',
      format: 'esm',
      mainFields,
      logLevel: 'error',
    })
  })
  after(() => rm(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  it('writes in a worker what the live ledger holds, and loses no record that comes meanwhile', async () => {
    const book = await home.open({ compactor: openCompactor(worker) })
    recordCalls(book, 50)
    const compacting = book.compact()
    recordCalls(book, 3)
    await compacting
    recordCalls(book, 3)
    assert.deepEqual(book.warn.raised, [])
    assert.equal(book.figures().snapshot, 100)
    const again = await home.open()
    assert.equal(again.recovered.events, 12)
    assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
  })

  it('runs by count, and not again where nothing happened', async () => {
    let runs = 0
    const run: typeof inlineCompactor.run = (order) => {
      runs++
      return inlineCompactor.run(order)
    }
    const book = await home.open({ compactEvents: 20, compactor: { ...inlineCompactor, run } })
    recordCalls(book, 10)
    await book.compact()
    await book.compact()
    assert.equal(runs, 1)
    assert.equal(book.figures().snapshot, 20)
    // enough events again, but too soon
    recordCalls(book, 20)
    await book.flush()
    assert.equal(runs, 1)
    await book.compact()
    assert.equal(book.figures().snapshot, 60)
  })

  it('runs by time', async () => {
    const book = await home.open({ compactMinutes: 0.0005 })
    recordCalls(book, 1)
    while (book.figures().snapshot === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal(book.figures().snapshot, 2)
  })

  for (const [name, code] of [
    ['throws', 'throw new Error("out of order")'],
    ['ends without an answer', ''],
    ['is no program', '{{{'],
    ['exits', 'process.exit(3)'],
  ] as const) {
    it(`leaves everything as it was where the worker ${name}`, async () => {
      const bad = join(folder, 'bad.mjs')
      await writeFile(bad, code)
      const book = await home.open({ compactor: openCompactor(bad) })
      recordCalls(book, 3)
      const before = await readdir(join(home.path, 'journal'))
      await book.compact()
      assert.deepEqual(book.warn.raised, ['compaction-failed'])
      assert.deepEqual(await readdir(join(home.path, 'journal')), before)
      assert.ok(!(await readdir(home.path)).includes('ledger.json'))
      recordCalls(book, 3)
      assert.deepEqual(writeLedger((await home.open()).ledger), writeLedger(book.ledger))
    })
  }

  it('says so where the worker’s file is missing', async () => {
    const book = await home.open({ compactor: openCompactor(join(folder, 'nowhere.mjs')) })
    recordCalls(book, 1)
    await book.compact()
    assert.deepEqual(book.warn.raised, ['compaction-failed'])
  })

  it('leaves everything as it was where the snapshot cannot be written, and clears the warning once it can', async () => {
    const book = await home.open()
    recordCalls(book, 3)
    // What cannot be read is moved aside before it is replaced; a folder stands where it would go.
    await writeFile(join(home.path, 'ledger.json'), '{')
    await mkdir(join(home.path, 'ledger.json.broken', 'x'), { recursive: true })
    await book.compact()
    assert.equal(book.figures().snapshot, 0)
    assert.ok([...book.warn.standing.keys()].some((key) => key.startsWith('compaction-failed')))
    assert.equal(await readFile(join(home.path, 'ledger.json'), 'utf8'), '{')
    await rm(join(home.path, 'ledger.json.broken'), { recursive: true })
    recordCalls(book, 1)
    await book.compact()
    assert.equal(book.figures().snapshot, 8)
    assert.deepEqual([...book.warn.standing], [])
  })

  it('refuses a snapshot that is not what the live ledger holds', async () => {
    const book = await home.open()
    recordCalls(book, 5)
    const [file = ''] = await readdir(join(home.path, 'journal'))
    const path = join(home.path, 'journal', file)
    const lines = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, [...lines.slice(0, 4), ...lines.slice(5)].join('\n'))
    await book.compact()
    assert.equal(book.figures().snapshot, 0)
    const [text = ''] = [...book.warn.standing.values()]
    assert.match(text, /does not add up to what is in memory.*Entry 4 of the history is missing/)
  })

  it('compacts after lines were added up: sums are proved all the same', async () => {
    const disk = openTestDisk()
    const book = await home.open({ disk, bounds: { lines: 20 } })
    disk.broken = 'ENOSPC'
    recordCalls(book, 100)
    disk.broken = null
    await book.flush()
    recordCalls(book, 1)
    await book.compact()
    assert.deepEqual(
      book.warn.raised.filter((code) => code !== 'journal-failing'),
      [],
    )
    assert.equal(book.figures().snapshot, 202)
    assert.equal((await home.open()).ledger.lifetime.real.requests, 101)
  })

  it('covers what is written where the disk refuses the rest', async () => {
    const disk = openTestDisk()
    const book = await home.open({ disk, compactor: inlineCompactor })
    recordCalls(book, 3)
    disk.broken = 'ENOSPC'
    recordCalls(book, 3)
    await book.compact()
    assert.equal(book.figures().snapshot, 6)
    disk.broken = null
    await book.flush()
    assert.deepEqual(writeLedger((await home.open()).ledger), writeLedger(book.ledger))
  })

  it('keeps an attempt open over a compaction', async () => {
    const call = callId()
    const book = await home.open()
    book.record(started(call))
    await book.compact()
    book.record(ended(call))
    const again = await home.open()
    assert.equal(again.recovered.interrupted, 0)
    assert.equal(again.ledger.lifetime.real.requests, 1)
  })

  it('drops a segment only when two snapshots cover it and retention has passed', async () => {
    let t = Date.UTC(2026, 0, 1)
    const options = { now: () => t, retention: keptFor(10) }
    const book = await home.open(options)
    const counts: number[] = []
    for (let day = 0; day < 16; day++) {
      recordCalls(book, 1)
      await book.compact()
      counts.push((await readdir(join(home.path, 'journal'))).length)
      t += dayMs
    }
    assert.deepEqual(counts, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 11, 11, 11, 11])
    const reach = { from: Date.UTC(2026, 0, 6), segments: 11, dropped: 10 }
    const { bytes: _, ...reached } = book.reach()
    assert.deepEqual(reached, reach)
    const again = await home.open(options)
    assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
    assert.deepEqual(again.warn.raised, [])
    assert.equal(again.reach().dropped, 10)
  })

  it('drops by what all takes on the disk too, and says so in the log', async () => {
    let t = Date.UTC(2026, 0, 1)
    const told: [string, unknown][] = []
    const info = (text: string, fields: unknown) => void told.push([text, fields])
    const log = { debug: () => {}, info, warn: () => {}, error: () => {} }
    const book = await home.open({ now: () => t, retention: { days: 1e6, bytes: 4000 }, log })
    for (let day = 0; day < 12; day++, t += dayMs) {
      recordCalls(book, 1)
      await book.compact()
    }
    const { segments, bytes, dropped } = book.reach()
    assert.ok(bytes <= 4000 && segments > 2, `${segments} segments of ${bytes} bytes`)
    assert.equal(dropped, 24 - 2 * segments)
    const until = new Date(Date.UTC(2026, 0, 1)).toISOString()
    assert.deepEqual(told[0], ['dropped segments past retention; sums stay', { segments: 1, events: 2, until }])
    assert.equal(told.length, dropped / 2)
    assert.equal(book.ledger.lifetime.real.requests, 12)
  })

  it('ends a run that is under way when the book closes, without a word', async () => {
    const forever = join(folder, 'forever.mjs')
    await writeFile(forever, 'setInterval(() => {}, 1000)')
    const book = await home.open({ compactor: openCompactor(forever) })
    recordCalls(book, 1)
    const compacting = book.compact()
    while (!book.figures().lastFsyncAt) await new Promise((resolve) => setTimeout(resolve, 5))
    await book.close()
    await compacting
    assert.deepEqual(book.warn.raised, [])
  })
})

describe('retention', () => {
  const segment = (first: number, minDay: number, maxDay: number): SegmentIndex => {
    const times = { minT: minDay * dayMs, maxT: maxDay * dayMs }
    return { file: `${first}`, first, last: first + 9, epoch: 1, lines: 10, bytes: 100, ...times }
  }
  const firsts = (segments: readonly SegmentIndex[]) => segments.map(({ first }) => first).sort((a, b) => a - b)

  it('keeps what one snapshot alone covers', () => {
    const all = [segment(1, 0, 1), segment(11, 1, 1), segment(21, 50, 50), segment(31, 51, 51)]
    assert.deepEqual(firsts(droppable(all, 10, keptFor(10))), [1])
    assert.deepEqual(firsts(droppable(all, 9, keptFor(10))), [])
  })

  it('drops a day’s worth at most, so that a clock which stays ahead does not empty all at once', () => {
    const days = Array.from({ length: 20 }, (_, day) => segment(day * 10 + 1, day, day + 0.9))
    const ahead = [...days, segment(201, 4000, 4000), segment(211, 4000, 4001)]
    assert.deepEqual(firsts(droppable(ahead, 210, keptFor(10))), [1])
  })

  it('counts from no entry that a clock stamped which ran ahead, wherever it stands', () => {
    const days = Array.from({ length: 10 }, (_, day) => segment(day * 10 + 1, day, day + 0.9))
    for (const at of days.keys()) {
      const ahead = days.map((one, i) => (i === at ? { ...one, maxT: 400 * dayMs } : one))
      assert.deepEqual(droppable(ahead, 100, keptFor(10)), [], `in segment ${at}`)
    }
  })

  it('drops a segment that is longer than a day, whole', () => {
    assert.deepEqual(
      firsts(droppable([segment(1, 0, 5), segment(11, 90, 90), segment(21, 90, 91)], 20, keptFor(10))),
      [1],
    )
  })

  it('drops by bytes what is oldest, no more than is over, and counts a packed one as it is on the disk', () => {
    const days = Array.from({ length: 5 }, (_, day) => segment(day * 10 + 1, day, day + 0.9))
    const within = (bytes: number, covered = 50) => firsts(droppable(days, covered, { days: 1e6, bytes }))
    assert.deepEqual(within(500), [])
    assert.deepEqual(within(499), [1])
    assert.deepEqual(within(10), [1], 'a day at most')
    assert.deepEqual(within(10, 9), [], 'nothing is covered')
    const packed = days.map((one) => ({ ...one, packed: 10 }))
    assert.deepEqual(firsts(droppable(packed, 50, { days: 1e6, bytes: 50 })), [])
  })

  it('counts what no segment holds any more, once where two hold the same', () => {
    assert.deepEqual(reachOf([], 0), { from: null, segments: 0, bytes: 0, dropped: 0 })
    const held = [segment(31, 3, 4), segment(11, 1, 2), { ...segment(15, 1, 1), lines: 4 }]
    assert.deepEqual(reachOf(held, 40), { from: dayMs, segments: 3, bytes: 300, dropped: 16 })
    assert.equal(reachOf([segment(1, 0, 1)], 6).dropped, 0)
  })
})
