/** What a look through a home finds: nothing in a whole one, and each fault with its file and line. */
import assert from 'node:assert/strict'
import { appendFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { makeHome, recordCalls, started, type TestBook, type TestHome } from './test-home.ts'
import { type Verified, verifyHome } from './verify.ts'

describe('verify', () => {
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  const small = { bounds: { segmentBytes: 4000 } }
  const folder = () => join(home.path, 'journal')
  const files = async () => (await readdir(folder())).sort()
  /** File, line and the sentence's beginning of each. */
  const told = (found: Verified['faults'], letters = 22) =>
    found.map(({ file, line, text }) => [basename(file), line, text.replace(file, 'FILE').slice(0, letters)])

  /** 20 calls in several segments, two snapshots, and 5 calls after them. */
  async function lived(): Promise<void> {
    const book = await home.open(small)
    await calls(book, 10)
    await book.compact()
    await calls(book, 10)
    await book.compact()
    await calls(book, 5)
    book.record(started())
    await book.close()
  }

  async function calls(book: TestBook, count: number): Promise<void> {
    for (let i = 0; i < count; i++) recordCalls(book, 1)
    await book.flush()
  }

  it('finds nothing in a home that lived, and compares the snapshot with all events', async () => {
    await lived()
    const { faults, notes, first, last, snapshot, lines, segments } = await verifyHome(home.path)
    assert.deepEqual([faults, notes, first, last, lines], [[], [], 1, 51, 51])
    assert.deepEqual(snapshot, { n: 40, compared: 'all' })
    assert.equal(segments, (await files()).length)
  })

  it('finds nothing in an empty home', async () => {
    const { faults, notes, last, snapshot } = await verifyHome(home.path)
    assert.deepEqual([faults, notes, last, snapshot], [[], [], 0, null])
  })

  it('compares with the snapshot before it where the beginning was dropped', async () => {
    await lived()
    const all = await files()
    for (const file of all.filter((file) => Number(file.slice(0, 12)) < 15)) await rm(join(folder(), file))
    const { faults, snapshot } = await verifyHome(home.path)
    assert.deepEqual([faults, snapshot], [[], { n: 40, compared: 'previous' }])
    await rm(join(home.path, 'ledger.json.prev'))
    const alone = await verifyHome(home.path)
    assert.deepEqual([alone.faults, alone.snapshot], [[], { n: 40, compared: 'none' }])
    assert.deepEqual(told(alone.notes), [['ledger.json', null, 'FILE was not compared:']])
  })

  it('may run beside a daemon: it looks at what is written so far', async () => {
    const book = await home.open(small)
    let isOver = false
    const writing = (async () => {
      for (let i = 0; !isOver; i++) {
        await calls(book, 3)
        if (i % 3 === 0) await book.compact()
      }
    })()
    let last = 0
    for (let i = 0; i < 10 || last <= 20; i++) {
      const verified = await verifyHome(home.path)
      assert.deepEqual(verified.faults, [])
      assert.ok(verified.last >= last)
      last = verified.last
    }
    isOver = true
    await writing
  })

  it('notes what a crash cut off, and finds no fault in it', async () => {
    await lived()
    const file = (await files()).at(-1) ?? ''
    await appendFile(join(folder(), file), '{"c":"0000')
    const { faults, notes } = await verifyHome(home.path)
    const line = (await readFile(join(folder(), file), 'utf8')).split('\n').length
    assert.deepEqual([faults, told(notes, 4)], [[], [[file, line, 'Line']]])
  })

  it('names a damaged line, and the gap that it leaves', async () => {
    await lived()
    const file = (await files())[1] ?? ''
    await change(file, 2, (line) => line.replace('"dialect":"openai-chat"', '"dialect":"openai-chaT"'))
    const { faults } = await verifyHome(home.path)
    assert.deepEqual(told(faults), [
      [file, 3, 'Line 3 of FILE cannot '],
      [file, 4, 'Entry 10 of the histor'],
      ['ledger.json', null, 'FILE does not hold wha'],
    ])
  })

  it('names a missing segment, and one of another home', async () => {
    await lived()
    const [, second, third] = await files()
    assert.ok(second && third)
    await rm(join(folder(), second))
    await change(third, 0, (line) => withSum(line.replace(/"origin":"[^"]+"/, '"origin":"01ARZ3NDEKTSV4RRFFQ69G5FAV"')))
    const { faults } = await verifyHome(home.path)
    assert.deepEqual(
      told(faults.filter(({ file }) => file.endsWith('jsonl'))).map(([file, line]) => [file, line]),
      [
        [third, 1],
        [(await files())[2], 2],
      ],
    )
  })

  it('names a header that says something else than the name', async () => {
    await lived()
    const file = (await files()).at(-1) ?? ''
    const other = file.replace(/-(\d+)/, '-1$1')
    await rename(join(folder(), file), join(folder(), other))
    assert.deepEqual(told((await verifyHome(home.path)).faults), [[other, 1, 'The header of FILE say']])
  })

  it('names a snapshot that cannot be read, and one that holds other sums', async () => {
    await lived()
    const path = join(home.path, 'ledger.json')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.slice(0, -20))
    assert.deepEqual(told((await verifyHome(home.path)).faults), [['ledger.json', null, 'FILE cannot be read as']])
    const held = JSON.parse(text) as { c: number; ledger: { slices: { lifetime: unknown } } }
    const other = JSON.stringify(held.ledger.slices.lifetime).replace('20', '21')
    held.ledger.slices.lifetime = JSON.parse(other)
    held.c = crc32(JSON.stringify(held.ledger))
    await writeFile(path, JSON.stringify(held))
    assert.deepEqual(told((await verifyHome(home.path)).faults), [['ledger.json', null, 'FILE does not hold wha']])
  })

  it('says that a snapshot reaches beyond the segments', async () => {
    await lived()
    for (const file of (await files()).filter((file) => Number(file.slice(0, 12)) > 30)) await rm(join(folder(), file))
    assert.deepEqual(told((await verifyHome(home.path)).faults), [['ledger.json', null, 'FILE holds everything ']])
  })

  it('changes nothing', async () => {
    await lived()
    const contents = async () => Promise.all((await files()).map((file) => readFile(join(folder(), file), 'utf8')))
    const before = await contents()
    await verifyHome(home.path)
    assert.deepEqual(await contents(), before)
  })

  /** Changes one line of a segment; the first is 0. */
  async function change(file: string, at: number, fn: (line: string) => string): Promise<void> {
    const path = join(folder(), file)
    const lines = (await readFile(path, 'utf8')).split('\n')
    lines[at] = fn(lines[at] ?? '')
    await writeFile(path, lines.join('\n'))
  }

  function withSum(line: string): string {
    return line.slice(0, 6) + crc32(line.slice(16)).toString(16).padStart(8, '0') + line.slice(14)
  }
})
