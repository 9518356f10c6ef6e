/** The journal on disks that are full, slow or broken: no call notices, no number is missing, no sum is short. */
import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from './digest.ts'
import { openTestDisk, type TestDisk } from './test-disk.ts'
import { callId, ended, makeHome, recordCalls, started, type TestBook, type TestHome } from './test-home.ts'

describe('the journal', function () {
  this.timeout(20_000)
  let home: TestHome
  let disk: TestDisk
  beforeEach(async () => {
    home = await makeHome()
    disk = openTestDisk()
  })
  afterEach(() => home.remove())

  const has = (book: TestBook, code: string): boolean =>
    [...book.warn.standing.keys()].some((key) => key.startsWith(code))

  /** A start after kill -9 finds the same: each number, each sum. */
  async function assertRecovered(book: TestBook): Promise<void> {
    const again = await home.open()
    assert.deepEqual(digestOf(again.ledger), digestOf(book.ledger))
    assert.deepEqual(again.warn.raised, [])
  }

  async function untilWell(book: TestBook): Promise<void> {
    while (book.figures().backlog > 0) {
      await book.flush()
      await sleep(5)
    }
  }

  it('makes its segments new, for the owner alone, and never writes to another instance’s', async () => {
    const first = await home.open()
    recordCalls(first, 1)
    const [file = ''] = await readdir(join(home.path, 'journal'))
    assert.equal(file, '000000000001-1.jsonl')
    const path = join(home.path, 'journal', file)
    if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600)
    const before = await readFile(path)
    const second = await home.open()
    recordCalls(second, 1)
    assert.deepEqual(await readFile(path), before)
    assert.deepEqual((await readdir(join(home.path, 'journal'))).sort(), [file, '000000000003-2.jsonl'])
  })

  it('syncs after so many events, one sync at a time', async () => {
    const book = await home.open({ disk, flushEvents: 10 })
    recordCalls(book, 200)
    await book.flush()
    assert.ok(disk.syncs >= 2)
    assert.equal(disk.mostSyncsAtOnce, 1)
    assert.equal(book.figures().unsynced, 0)
  })

  it('syncs after so many seconds where few events come', async () => {
    const book = await home.open({ disk, flushSeconds: 0.01 })
    book.record(ended())
    while (book.figures().lastFsyncAt === null) await sleep(5)
    assert.equal(book.figures().unsynced, 0)
  })

  it('writes what one turn of the loop told at once, at its end, and says when', async () => {
    const book = await home.open({ disk })
    const call = callId()
    book.record(started(call))
    book.record(ended(call))
    assert.equal(disk.writes, 0)
    assert.equal(book.figures().backlog, 2)
    assert.equal((await book.entriesOf(call)).length, 2)
    await book.written()
    // the header of the new segment, and both lines
    assert.equal(disk.writes, 2)
    assert.equal(book.figures().backlog, 0)
    book.record(ended())
    book.settle()
    assert.equal(disk.writes, 3)
    await assertRecovered(book)
  })

  it('goes on in a new segment where one has grown large', async () => {
    const book = await home.open({ bounds: { segmentBytes: 2000 } })
    for (let i = 0; i < 20; i++) recordCalls(book, 1)
    assert.ok(book.figures().segments > 5)
    await assertRecovered(book)
  })

  it('keeps what a full disk refuses, cuts the half line off, and writes it when there is room', async () => {
    const book = await home.open({ disk })
    recordCalls(book, 3)
    disk.room = 100
    recordCalls(book, 5)
    assert.equal(book.ledger.last, 16)
    assert.equal(book.figures().backlog, 10)
    assert.ok(has(book, 'journal-failing'))
    const [file = ''] = await readdir(join(home.path, 'journal'))
    assert.ok((await readFile(join(home.path, 'journal', file), 'utf8')).endsWith('}\n'))
    disk.room = Infinity
    await untilWell(book)
    assert.ok(!has(book, 'journal-failing'))
    recordCalls(book, 1)
    await assertRecovered(book)
  })

  it('writes to a new segment where a half line could not be cut off', async () => {
    const book = await home.open({ disk })
    recordCalls(book, 3)
    disk.cannotCut = true
    disk.room = 100
    recordCalls(book, 1)
    disk.room = Infinity
    await untilWell(book)
    assert.equal(book.figures().segments, 2)
    const again = await home.open()
    assert.deepEqual(digestOf(again.ledger), digestOf(book.ledger))
    assert.deepEqual(again.warn.raised, ['journal-torn'])
  })

  it('keeps the whole lines of a batch that was cut and could not be cut back', async () => {
    const book = await home.open({ disk })
    disk.broken = 'EIO'
    recordCalls(book, 5)
    disk.broken = null
    disk.cannotCut = true
    disk.room = 2500
    await book.flush()
    disk.room = Infinity
    await untilWell(book)
    const again = await home.open()
    assert.deepEqual(digestOf(again.ledger), digestOf(book.ledger))
  })

  it('records on where even the folder has gone, and loses nothing once it is there', async () => {
    const book = await home.open({ disk })
    disk.broken = 'EROFS'
    recordCalls(book, 5)
    assert.equal(book.ledger.last, 10)
    assert.equal((await book.entriesOf(callId())).length, 0)
    disk.broken = null
    await untilWell(book)
    await assertRecovered(book)
  })

  it('adds the oldest lines up where too many wait: numbers without a gap, sums whole, nothing open that ended', async () => {
    const book = await home.open({ disk, bounds: { lines: 40 } })
    const call = callId()
    book.record(started(call))
    const stillOpen = callId()
    disk.broken = 'ENOSPC'
    book.record(started(stillOpen))
    book.record(ended(call))
    for (let i = 0; i < 500; i++) recordCalls(book, 1)
    assert.ok(book.figures().backlog <= 40)
    assert.ok(book.figures().foldedAway > 800)
    disk.broken = null
    await untilWell(book)
    recordCalls(book, 1)
    const lines = (await Promise.all((await readdir(join(home.path, 'journal'))).map(readLines))).flat()
    assert.ok(lines.length < 60)
    await assertRecoveredSums(book, stillOpen)
  })

  async function readLines(file: string): Promise<string[]> {
    return (await readFile(join(home.path, 'journal', file), 'utf8')).trim().split('\n').slice(1)
  }

  async function assertRecoveredSums(book: TestBook, stillOpen: string): Promise<void> {
    const expected = digestOf(book.ledger)
    const again = await home.open()
    assert.deepEqual(again.warn.raised, [])
    assert.equal(again.recovered.interrupted, 1)
    book.record((await again.entriesOf(stillOpen)).at(-1)?.e ?? ended())
    assert.notDeepEqual(digestOf(book.ledger), expected)
    assert.equal(digestOf(again.ledger).sums, digestOf(book.ledger).sums)
  }

  it('lets no call wait for a slow disk: lines queue, are written behind, and the warning goes when it is quick again', async () => {
    const book = await home.open({ disk })
    disk.slowMs = 7
    for (let i = 0; i < 4; i++) recordCalls(book, 1)
    assert.ok(has(book, 'journal-slow'))
    assert.equal(book.figures().backlog, 2)
    disk.slowMs = 0
    while (has(book, 'journal-slow')) {
      recordCalls(book, 1)
      await sleep(20)
    }
    await book.flush()
    await assertRecovered(book)
  })

  it('writes again what a failed sync may have lost, elsewhere; what stands twice counts once', async () => {
    const book = await home.open({ disk })
    recordCalls(book, 3)
    disk.syncFails = 'EIO'
    await book.flush()
    assert.ok(has(book, 'journal-failing'))
    recordCalls(book, 2)
    disk.syncFails = null
    await untilWell(book)
    recordCalls(book, 2)
    await book.flush()
    assert.equal(book.figures().unsynced, 0)
    assert.ok(book.figures().lines > book.ledger.last)
    await assertRecovered(book)
  })

  it('does not fill the disk with copies where no sync ever succeeds', async () => {
    disk.syncFails = 'EIO'
    const book = await home.open({ disk, flushEvents: 1 })
    for (let i = 0; i < 30; i++) {
      recordCalls(book, 1)
      await book.flush()
    }
    assert.ok(book.figures().segments < 20)
    assert.ok(has(book, 'journal-failing'))
    await assertRecovered(book)
  })

  it('closes on a disk that refuses to the end, without a throw', async () => {
    const book = await home.open({ disk })
    disk.broken = 'EIO'
    recordCalls(book, 1)
    await book.close()
    assert.equal(book.figures().backlog, 2)
  })
})
