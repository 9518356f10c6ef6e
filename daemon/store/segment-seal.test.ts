/** Packed segments: made of what two snapshots cover, read like plain ones everywhere, and whole whenever the power goes. */
import assert from 'node:assert/strict'
import { appendFile, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { writeLedger } from '../ledger/ledger.ts'
import { compactHome } from './compaction.ts'
import { realDisk } from './disk.ts'
import { headerOf, listSegments } from './history.ts'
import type { SegmentIndex } from './segment.ts'
import { readSegmentBytes } from './segment-file.ts'
import { sealSegments } from './segment-seal.ts'
import { callId, ended, makeHome, recordCalls, started, type TestBook, type TestHome } from './test-home.ts'

describe('packed segments', () => {
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  const folder = () => join(home.path, 'journal')
  const files = async () => (await readdir(folder())).sort()
  const [first, second, third] = ['000000000001-1.jsonl', '000000000011-1.jsonl', '000000000021-1.jsonl'] as const

  /** Five calls and a compaction, `times` times. */
  async function compacted(times: number): Promise<TestBook> {
    const book = await home.open()
    for (let i = 0; i < times; i++) {
      recordCalls(book, 5)
      await book.compact()
    }
    return book
  }
  const indexOf = async (file: string, last: number): Promise<SegmentIndex> => {
    const { size } = await stat(join(folder(), file))
    return { file, first: 1, epoch: 1, lines: 10, bytes: size, last, minT: 1, maxT: 1 }
  }
  const noSnapshots = async () => {
    for (const file of ['ledger.json', 'ledger.json.prev']) await rm(join(home.path, file), { force: true })
  }

  it('are made only of what the snapshot before the newest covered', async () => {
    await compacted(2)
    assert.deepEqual(await files(), [first, second])
    await home.remove()
    home = await makeHome()
    await compacted(3)
    assert.deepEqual(await files(), [`${first}.gz`, second, third])
  })

  it('hold the same bytes, and count with what they take on the disk', async () => {
    const book = await compacted(2)
    const plain = await readFile(join(folder(), first))
    const before = book.reach().bytes
    recordCalls(book, 5)
    await book.compact()
    assert.deepEqual(await readSegmentBytes(join(folder(), first)), plain)
    const sizes = await Promise.all((await files()).map(async (file) => (await stat(join(folder(), file))).size))
    const onDisk = sizes.reduce((sum, size) => sum + size, 0)
    assert.equal(book.reach().bytes, onDisk)
    assert.ok(onDisk < before * 1.5)
    assert.equal((await home.open()).reach().bytes, onDisk)
  })

  it('are read by a start without a snapshot, and by whoever asks for one call', async () => {
    const book = await home.open()
    const call = callId()
    book.record(started(call))
    book.record(ended(call))
    for (let i = 0; i < 3; i++) {
      recordCalls(book, 5)
      await book.compact()
    }
    assert.ok((await files()).includes(`${first}.gz`))
    assert.deepEqual(
      (await book.entriesOf(call)).map(({ n }) => n),
      [1, 2],
    )
    await noSnapshots()
    await rm(join(home.path, 'origin'))
    const again = await home.open()
    assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
    assert.deepEqual(again.warn.raised, [])
  })

  it('know their header, also where they are large', async () => {
    await compacted(3)
    const path = join(folder(), first)
    const header = await headerOf(path)
    assert.equal(header?.first, 1)
    const large = Buffer.concat([await readSegmentBytes(path), Buffer.from(`${'x'.repeat(99)}\n`.repeat(50_000))])
    await writeFile(`${path}.gz`, gzipSync(large, { level: 1 }))
    assert.deepEqual(await headerOf(path), header)
  })

  it('count only where the plain one is gone', async () => {
    const book = await compacted(2)
    await writeFile(join(folder(), `${first}.gz`), gzipSync('something else'))
    assert.deepEqual(
      (await listSegments(folder())).map(({ file }) => file),
      [first, second],
    )
    await noSnapshots()
    const again = await home.open()
    assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
    assert.deepEqual(again.warn.raised, [])
  })

  it('are made anew where a crash came between', async () => {
    const book = await compacted(2)
    const plain = await readFile(join(folder(), first))
    await writeFile(join(folder(), `${first}.gz`), 'half')
    await writeFile(join(folder(), `${first}.gz.tmp`), 'half')
    recordCalls(book, 5)
    await book.compact()
    assert.deepEqual(await files(), [`${first}.gz`, second, third])
    assert.deepEqual(gunzipSync(await readFile(join(folder(), `${first}.gz`))), plain)
  })

  it('are found where a crash came after the plain one went and before the snapshot said so', async () => {
    await compacted(2)
    const snapshot = join(home.path, 'ledger.json')
    await copyFile(snapshot, `${snapshot}.kept`)
    const index = await indexOf(first, 10)
    const sealed = await sealSegments(folder(), [index], 10)
    assert.deepEqual(sealed, { packed: [{ file: first, bytes: index.packed }], failed: [] })
    await copyFile(`${snapshot}.kept`, snapshot)
    const again = await home.open()
    recordCalls(again, 1)
    await again.compact()
    const sizes = await Promise.all((await files()).map(async (file) => (await stat(join(folder(), file))).size))
    assert.equal(
      again.reach().bytes,
      sizes.reduce((sum, size) => sum + size, 0),
    )
    assert.deepEqual(again.warn.raised, [])
  })

  it('are never taken for whole where they are cut off', async () => {
    await compacted(3)
    const path = join(folder(), `${first}.gz`)
    const bytes = await readFile(path)
    await noSnapshots()
    for (const cut of [0, 1, 20, bytes.length >> 1, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, cut))
      const again = await home.open()
      assert.equal(again.ledger.lifetime.real.requests, 10)
      assert.match([...again.warn.standing.values()].join(), /000000000001-1\.jsonl\.gz cannot be unpacked.*1 to 10/s)
    }
    // nothing waits for what will never be readable
    const book = await home.open()
    assert.equal(book.record(ended()), 31)
    await book.compact()
    assert.equal(book.figures().snapshot, 31)
  })

  it('stay plain while somebody still writes to them, and where they cannot be packed', async () => {
    await compacted(1)
    const index = await indexOf(first, 10)
    const path = join(folder(), first)
    const readStart: typeof realDisk.readStart = async (file, length) => {
      if (file === path) await appendFile(path, 'more\n')
      return realDisk.readStart(file, length)
    }
    await sealSegments(folder(), [index], 10, { ...realDisk, readStart })
    assert.deepEqual(await files(), [first])
    const missing = { ...index, file: join('nowhere', first) }
    assert.deepEqual(await sealSegments(folder(), [missing], 10), { packed: [], failed: [] })
  })

  it('do not keep a snapshot from being written where one fails', async () => {
    const book = await compacted(2)
    // a folder stands where the packed one would go
    await mkdir(join(folder(), `${first}.gz`, 'x'), { recursive: true })
    recordCalls(book, 5)
    await book.flush()
    const { origin, ledger } = book
    const order = { home: home.path, timeZone: 'UTC', origin, upTo: ledger.last, expected: null, sumsOnly: false }
    const result = await compactHome({ ...order, closed: [], mend: false })
    assert.equal(result.kind, 'written')
    if (result.kind === 'written') assert.match(result.failed.join(), /000000000001-1\.jsonl: /)
    assert.ok((await files()).includes(first))
  })
})
