/** Recover is replay: over any history, any restarts, flushes and compactions, and whatever became of the last bytes or a snapshot. */
import assert from 'node:assert/strict'
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import type { Entry } from '../../shared/contract/event.ts'
import { emptyLedger, fold, type Ledger, writeLedger } from '../ledger/ledger.ts'
import { hourMs } from '../ledger/zone.ts'
import { histories } from '../test/random-events.ts'
import { listSegments, replay } from './history.ts'
import { tellProblems } from './recover.ts'
import {
  callId,
  ended,
  keptFor,
  makeHome,
  openTestWarn,
  recordCalls,
  silentLog,
  type TestBook,
  type TestHome,
} from './test-home.ts'

type Step = 'go on' | 'flush' | 'compact' | 'restart'
const steps = fc.infiniteStream(
  fc.constantFrom<Step>('go on', 'go on', 'go on', 'go on', 'go on', 'flush', 'compact', 'restart'),
)

describe('what a start tells of a damaged history', () => {
  it('is one warning a file, which the warnings log; the log has by itself only what that leaves out', () => {
    const warn = openTestWarn()
    const logged: string[] = []
    const log = { ...silentLog, warn: (text: string) => void logged.push(text) }
    const damaged = (file: string, line: number) => ({ kind: 'damaged' as const, file, line, text: `${file}:${line}.` })
    tellProblems([damaged('b', 1), ...[1, 2, 3, 4, 5, 6, 7].map((line) => damaged('a', line))], warn, log)
    assert.deepEqual(
      [...warn.standing],
      [
        ['journal-gap b', 'b:1.'],
        ['journal-gap a', 'a:1. a:2. a:3. a:4. a:5.'],
      ],
    )
    assert.deepEqual(logged, ['a:6.', 'a:7.'])
  })
})

describe('recover', function () {
  this.timeout(60_000)
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  const journal = () => join(home.path, 'journal')
  const newestFile = async () => join(journal(), (await listSegments(journal())).at(-1)?.file ?? '')

  /** What the segments alone say, without any snapshot. */
  async function onDisk(origin: string): Promise<{ entries: Entry[]; ledger: unknown }> {
    const entries: Entry[] = []
    const segments = await listSegments(journal())
    const options = { folder: journal(), segments, origin, after: 0, upTo: Infinity, known: new Map() }
    const { problems } = await replay(options, (entry) => entries.push(entry))
    assert.deepEqual(
      problems.filter(({ kind }) => kind !== 'torn'),
      [],
    )
    const ledger = emptyLedger('UTC')
    for (const entry of entries) fold(ledger, entry)
    return { entries, ledger: writeLedger(ledger) }
  }

  /** Plays the history with restarts as after kill -9: no book is closed. */
  async function play(history: readonly Entry[], todo: Iterator<Step>): Promise<TestBook> {
    let t = 0
    const options = { now: () => t, retention: keptFor(1e6) }
    let book = await home.open(options)
    for (const entry of history) {
      t = entry.t
      book.record(entry.e)
      const step = todo.next().value as Step
      if (step === 'flush') await book.flush()
      if (step === 'compact') await book.compact()
      if (step === 'restart') {
        // what a turn has told is written when it ends; no kill comes before that here
        book.settle()
        book = await home.open(options)
      }
      assert.deepEqual(book.warn.raised, [])
    }
    book.settle()
    return book
  }

  it('gives the same ledger as the segments alone, wherever a restart, a flush or a compaction fell', async () => {
    await fc.assert(
      fc.asyncProperty(histories({ maxLength: 60 }), steps, async (history, todo) => {
        const book = await play(history, todo)
        const disk = await onDisk(book.origin)
        assert.deepEqual(writeLedger(book.ledger), disk.ledger)
        assert.deepEqual(
          disk.entries.map(({ n }) => n),
          Array.from(disk.entries, (_, i) => i + 1),
        )
        await home.remove()
        home = await makeHome()
      }),
      { numRuns: 30 },
    )
  })

  describe('in another time zone', () => {
    /** One call every seven hours for two weeks, a snapshot of the first of them. */
    async function recordTwoWeeks(): Promise<TestBook> {
      let t = Date.UTC(2026, 10, 1)
      const book = await home.open({ now: () => t, retention: keptFor(1e6) })
      for (let i = 0; i < 48; i++, t += 7 * hourMs) {
        book.record(ended())
        if (i === 30) await book.compact()
      }
      book.settle()
      return book
    }
    const inTokyo = { timeZone: 'Asia/Tokyo', retention: keptFor(1e6) }
    const daysOf = (ledger: Ledger) =>
      [...ledger.totals.days].map(([day, { real }]) => [day, real.requests]).sort(([a = 0], [b = 0]) => a - b)

    it('counts past days anew from the segments, and compacts what came out', async () => {
      const book = await recordTwoWeeks()
      const { entries } = await onDisk(book.origin)
      const expected = emptyLedger('Asia/Tokyo')
      for (const entry of entries) fold(expected, entry)
      const again = await home.open(inTokyo)
      assert.notDeepEqual(daysOf(again.ledger), daysOf(book.ledger))
      assert.deepEqual(writeLedger(again.ledger), writeLedger(expected))
      await again.compact()
      assert.equal(again.figures().snapshot, again.ledger.last)
      const third = await home.open(inTokyo)
      assert.equal(third.recovered.events, 0)
      assert.deepEqual(daysOf(third.ledger), daysOf(expected))
      assert.deepEqual([...again.warn.raised, ...third.warn.raised], [])
    })

    it('leaves past days as they were where a segment is missing: no sum is given up for it', async () => {
      const book = await recordTwoWeeks()
      const [first] = await listSegments(journal())
      await rm(join(journal(), first?.file ?? ''))
      const again = await home.open(inTokyo)
      assert.equal(again.ledger.lifetime.real.requests, 48)
      assert.deepEqual(daysOf(again.ledger).slice(0, 5), daysOf(book.ledger).slice(0, 5))
      await again.compact()
      assert.deepEqual(again.warn.raised, [])
    })
  })

  describe('from the snapshot of a version that counted no chains', () => {
    async function recordWithChains(): Promise<TestBook> {
      const book = await home.open({ retention: keptFor(1e6) })
      book.record(ended(callId(), { chain: 'coding', strategy: 'failover' }))
      await book.compact()
      book.record(ended(callId(), { chain: 'coding' }))
      book.settle()
      const path = join(home.path, 'ledger.json')
      type Written = { c: number; ledger: { slices: Record<string, unknown> } }
      const written = JSON.parse(await readFile(path, 'utf8')) as Written
      delete written.ledger.slices.chains
      written.c = crc32(JSON.stringify(written.ledger))
      await writeFile(path, JSON.stringify(written))
      return book
    }
    const told: string[] = []
    const log = { debug: () => {}, info: (text: string) => void told.push(text), warn: () => {}, error: () => {} }

    it('counts them anew from the segments, and compacts what came out', async () => {
      const book = await recordWithChains()
      const again = await home.open()
      assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
      await again.compact()
      const third = await home.open()
      assert.deepEqual([third.recovered.events, third.ledger.chains], [0, book.ledger.chains])
      assert.deepEqual([...again.warn.raised, ...third.warn.raised], [])
    })

    it('begins them anew where a segment is missing, gives up no other sum, and says so in the log', async () => {
      await recordWithChains()
      const [first] = await listSegments(journal())
      await rm(join(journal(), first?.file ?? ''))
      const again = await home.open({ log })
      assert.equal(again.ledger.lifetime.real.requests, 2)
      assert.deepEqual(
        [...again.ledger.chains.rows.values()].map(({ name, sums }) => [name, sums.requests]),
        [['coding', 1]],
      )
      assert.match(told.join(), /sums that a former version did not keep begin now/)
      await again.compact()
      assert.deepEqual(again.warn.raised, [])
    })
  })

  it('keeps everything before the byte at which the last segment was cut, and goes on numbering', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories({ minLength: 3, maxLength: 40 }),
        steps,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (history, todo, at) => {
          const book = await play(history, todo)
          // The newest segment holds what no snapshot does.
          recordCalls(book, 1)
          const before = await onDisk(book.origin)
          const path = await newestFile()
          const bytes = await readFile(path)
          const cut = Math.floor(bytes.length * at)
          await truncate(path, cut)
          const kept = await onDisk(book.origin)
          assert.deepEqual(kept.entries, before.entries.slice(0, kept.entries.length))
          const again = await home.open({ retention: keptFor(1e6) })
          const half = cut === 0 || (bytes[cut] !== 10 && bytes[cut - 1] !== 10)
          assert.deepEqual(again.warn.raised, half ? ['journal-torn'] : [])
          recordCalls(again, 1)
          assert.deepEqual(writeLedger(again.ledger), (await onDisk(book.origin)).ledger)
          await home.remove()
          home = await makeHome()
        },
      ),
      { numRuns: 40 },
    )
  })

  async function withTwoSnapshots(): Promise<TestBook> {
    const book = await home.open()
    for (let i = 0; i < 3; i++) {
      recordCalls(book, 5)
      await book.compact()
    }
    recordCalls(book, 2)
    return book
  }

  for (const [name, text] of [
    ['cut off', (whole: string) => whole.slice(0, whole.length >> 1)],
    ['empty', () => ''],
    ['changed in one digit', (whole: string) => whole.replace('[15,0,15,', '[16,0,15,')],
    ['another home’s', (whole: string) => whole.replace(/"origin":"..../, '"origin":"0000')],
  ] as const) {
    it(`goes from the snapshot before it where the newest is ${name}`, async () => {
      const book = await withTwoSnapshots()
      const path = join(home.path, 'ledger.json')
      const whole = await readFile(path, 'utf8')
      const broken = text(whole)
      assert.notEqual(broken, whole)
      await writeFile(path, broken)
      const again = await home.open()
      assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
      assert.equal(again.recovered.events, 14)
      assert.deepEqual(again.warn.raised, ['snapshot-unreadable'])
      assert.match([...again.warn.standing.values()].join(), /ledger\.json is left out.*the one before it/)
      recordCalls(again, 1)
      await again.compact()
      const third = await home.open()
      assert.deepEqual(writeLedger(third.ledger), writeLedger(again.ledger))
      assert.deepEqual(third.warn.raised, [])
    })
  }

  it('goes from the segments alone where both snapshots are broken', async () => {
    const book = await withTwoSnapshots()
    for (const file of ['ledger.json', 'ledger.json.prev']) await writeFile(join(home.path, file), '{')
    const again = await home.open()
    assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
    assert.equal(again.recovered.events, 34)
    assert.deepEqual(again.warn.raised, ['snapshot-unreadable', 'snapshot-unreadable'])
  })

  it('says what is missing where both snapshots are broken and segments are gone', async () => {
    await withTwoSnapshots()
    for (const file of ['ledger.json', 'ledger.json.prev']) await rm(join(home.path, file))
    await rm(join(journal(), '000000000001-1.jsonl.gz'))
    const again = await home.open()
    assert.equal(again.ledger.lifetime.real.requests, 12)
    assert.match(
      [...again.warn.standing.values()].join(),
      /Entries 1 to 10 of the history are missing before .*000000000011-1/,
    )
  })

  it('names the file and the numbers that a flipped bit took, and serves the rest', async () => {
    const book = await home.open()
    recordCalls(book, 5)
    const path = await newestFile()
    const bytes = await readFile(path)
    const place = bytes.indexOf('"n":4,') + 40
    bytes[place] = (bytes[place] ?? 0) ^ 1
    await writeFile(path, bytes)
    const again = await home.open()
    assert.equal(again.record(ended()), 12)
    const said = [...again.warn.standing].find(([key]) => key === `journal-gap ${path}`)?.[1] ?? ''
    assert.match(said, /Line 5 of .* cannot be read: its check sum does not fit/)
    assert.match(said, /Entry 4 of the history is missing before .* goes on with 5/)
    assert.equal(again.recovered.interrupted, 1)
  })

  it('names a middle segment that holds nothing but rubbish, keeps it, and serves the rest; so does the next compaction', async () => {
    const book = await withTwoSnapshots()
    recordCalls(book, 2)
    await rm(join(home.path, 'ledger.json'))
    await rm(join(home.path, 'ledger.json.prev'))
    const path = join(journal(), '000000000011-1.jsonl')
    const rubbish = Buffer.alloc((await readFile(path)).length, 0x9f)
    await writeFile(path, rubbish)
    const again = await home.open()
    assert.equal(again.ledger.lifetime.real.requests, 14)
    const texts = [...again.warn.standing.values()].join()
    assert.match(texts, /Line 1 of .*000000000011-1\.jsonl cannot be read/)
    assert.match(texts, /Entries 11 to 20 of the history are missing before .*000000000021-1/)
    recordCalls(again, 1)
    await again.compact()
    assert.deepEqual(await readFile(path), rubbish)
    assert.equal((await home.open()).ledger.lifetime.real.requests, 15)
  })

  for (const [name, bytes] of [
    ['empty', (whole: Buffer) => whole.subarray(0, 0)],
    ['full of NUL', (whole: Buffer) => Buffer.alloc(whole.length)],
    ['cut in half', (whole: Buffer) => whole.subarray(0, whole.length >> 1)],
  ] as const) {
    it(`opens whichever file of the home is ${name}, and never counts more than happened`, async () => {
      const book = await withTwoSnapshots()
      await book.close()
      const files = (await readdir(home.path, { recursive: true, withFileTypes: true })).filter((one) => one.isFile())
      assert.ok(files.length >= 7, files.map((one) => one.name).join())
      for (const file of files) {
        const path = join(file.parentPath, file.name)
        const whole = await readFile(path)
        await writeFile(path, bytes(whole))
        const again = await home.open()
        const { requests } = again.ledger.lifetime.real
        assert.ok(requests === 17 || (requests < 17 && again.warn.raised.length > 0), `${file.name}: ${requests}`)
        await again.close()
        await writeFile(path, whole)
      }
    })
  }

  it('counts each call once however the clock jumps', async () => {
    let t = Date.UTC(2026, 5, 1, 12)
    const options = { now: () => t, retention: keptFor(30) }
    const book = await home.open(options)
    const day = 24 * hourMs
    for (const jump of [0, day, -day, 365 * day, -365 * day, -365 * day, 365 * day]) {
      t += jump
      recordCalls(book, 2)
      await book.compact()
    }
    recordCalls(book, 2)
    assert.equal(book.ledger.lifetime.real.requests, 16)
    const days = [...book.ledger.totals.days.values()].reduce((sum, { real }) => sum + real.requests, 0)
    assert.equal(days, 16)
    const again = await home.open(options)
    assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
    assert.deepEqual([...book.warn.raised, ...again.warn.raised], [])
  })

  it('drops a tail of NUL as a power cut leaves it, and says so', async () => {
    const book = await home.open()
    recordCalls(book, 5)
    const path = await newestFile()
    await writeFile(path, Buffer.alloc(4096), { flag: 'a' })
    const again = await home.open()
    assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
    assert.deepEqual(again.warn.raised, ['journal-torn'])
  })

  it('knows the home by its segments or its snapshot where the origin file is lost', async () => {
    const book = await withTwoSnapshots()
    await rm(join(home.path, 'origin'))
    assert.equal((await home.open()).origin, book.origin)
    await rm(join(home.path, 'origin'))
    for (const file of await readdir(journal())) await rm(join(journal(), file))
    const again = await home.open()
    assert.equal(again.origin, book.origin)
    assert.equal(again.record(ended(callId())), 31)
  })

  it('takes a higher epoch than any segment has, where the lock files were lost', async () => {
    const first = await home.open({ epoch: 9 })
    recordCalls(first, 1)
    const second = await home.open({ epoch: 1 })
    recordCalls(second, 1)
    const third = await home.open({ epoch: 1 })
    assert.equal(third.ledger.last, 4)
    assert.deepEqual(writeLedger(third.ledger), writeLedger(second.ledger))
  })
})
