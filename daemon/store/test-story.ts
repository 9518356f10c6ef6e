/** For tests: one short life of a home, told on any disk; what it was told, what it promised to keep, and whether that is there. */
import assert from 'node:assert/strict'
import { dirname, join, sep } from 'node:path'
import type { Event } from '../../shared/contract/event.ts'
import type { Buckets } from '../ledger/buckets.ts'
import { jointDimensions } from '../ledger/counted.ts'
import { type Ledger, writeLedger } from '../ledger/ledger.ts'
import { hourMs } from '../ledger/zone.ts'
import { type Book, openBook } from './book.ts'
import type { Disk } from './disk.ts'
import { type Recovered, recover } from './recover.ts'
import { openRollups } from './rollups.ts'
import { ended, inlineCompactorOn, keptFor, openTestWarn, silentLog, started, type TestWarn } from './test-home.ts'
import { type MemoryDisk, openMemoryDisk } from './test-memory-disk.ts'

export const storyHome = join(sep, 'home')
export const phases = ['start', 'record', 'rotate', 'compact', 'retention', 'months', 'close', 'restart'] as const
export type Phase = (typeof phases)[number]

export type Story = {
  warn: TestWarn
  /** What the log was told at its levels `warn` and `error`. */
  logged: string[]
  /** The ledger as JSON at each number, as it was when that was the last one. */
  at: Map<number, string>
  /** Calls that were told to be over. */
  ended: number
  /** What a flush said was on the disk. */
  promised: number
  /** Why the last start was refused; null where it was not. */
  refused: unknown
  /** Tells one phase; nothing in it may reject but a start. */
  tell(phase: Phase): Promise<void>
  /** Once the disk is well: until nothing waits any more. */
  drain(): Promise<void>
  /** The same, and until no warning stands that could pass. */
  untilWell(): Promise<void>
  ledger(): Ledger
  origin(): string
  close(): Promise<void>
}

/** The ledger as JSON, with `days` among its own and no month closed: the same for all that counted the same. */
export function textOf(ledger: Ledger, days: Buckets = new Map()): string {
  const all = [...new Map([...days, ...ledger.totals.days])].sort(([a], [b]) => a - b)
  return JSON.stringify(writeLedger({ ...ledger, months: new Map(), totals: { ...ledger.totals, days: new Map(all) } }))
}

/** The same, the days of closed months read from their files: each must be there, and whole. */
export async function wholeTextOf(ledger: Ledger, disk: Disk): Promise<string> {
  const warn = openTestWarn()
  const rollups = openRollups({ home: storyHome, warn, disk })
  const days: Buckets = new Map()
  for (const [month, closed] of ledger.months) {
    const read = await rollups.read(month, closed, jointDimensions)
    assert.ok(read, [...warn.standing.values()].join())
    for (const [day, bucket] of read) days.set(day, bucket)
  }
  return textOf(ledger, days)
}

const refusal: Event = {
  ...{ type: 'call.refused', call: 'req_refused', code: 'budget', status: 429, dialect: null },
  ...{ endpoint: '/v1/messages', client: 'test', provider: null },
}
function quotaAt(measuredAt: number): Event {
  const window = { name: '5h', usedPct: 20, limit: null, remaining: null, resetsAt: null, status: null }
  const windows = [{ ...window, source: 'header' as const, measuredAt }]
  const named = { provider: 'anthropic', account: 'a1', model: null, representative: null, overageInUse: null }
  return { type: 'quota.read', ...named, windows }
}

const passing = ['journal-failing', 'journal-slow', 'compaction-failed']

/** A disk on which the home is an empty folder. */
export function openStoryDisk(): MemoryDisk {
  const folders = new Set([dirname(storyHome), storyHome])
  return openMemoryDisk({ files: new Map(), syncedFiles: new Map(), folders, syncedFolders: folders })
}

/** `keepsTexts`: fills `at`, which takes most of the time. */
export function openStory(disk: Disk, { keepsTexts = false } = {}): Story {
  const warn = openTestWarn()
  const logged: string[] = []
  const log = {
    ...silentLog,
    warn: (text: string) => void logged.push(text),
    error: (text: string) => void logged.push(text),
  }
  let book: Book | undefined
  const books: Book[] = []
  let epoch = 0
  let calls = 0
  let t = Date.UTC(2026, 0, 1)

  const running = (): Book => {
    assert.ok(book)
    return book
  }

  // days that have left the ledger for a file
  const days: Buckets = new Map()

  function keep(n: number): void {
    if (!keepsTexts) return
    const { ledger } = running()
    for (const [day, bucket] of ledger.totals.days) days.set(day, bucket)
    story.at.set(n, textOf(ledger, days))
  }

  function record(...events: Event[]): void {
    for (const e of events) {
      const n = running().record(e)
      if (e.type === 'attempt.ended') story.ended++
      assert.equal(n, running().ledger.last)
      keep(n)
      t += 1000
    }
    running().settle()
  }

  function call(): Event[] {
    const id = `req_${String(++calls).padStart(26, '0')}`
    return [started(id), ended(id)]
  }

  async function flush(): Promise<void> {
    const { last } = running().ledger
    await running().flush()
    const { backlog, unsynced } = running().figures()
    if (backlog === 0 && unsynced === 0) story.promised = last
  }

  async function compact(): Promise<void> {
    await flush()
    await running().compact()
  }

  async function open(): Promise<void> {
    story.refused = null
    try {
      book = await openBook({
        ...{ home: storyHome, timeZone: 'UTC', epoch: ++epoch, flushEvents: 4, flushSeconds: 3600 },
        ...{ compactEvents: 1e9, compactMinutes: 1e4, retention: keptFor(10), warn, log, now: () => t },
        ...{ disk, bounds: { segmentBytes: 6000 }, compactor: inlineCompactorOn(disk) },
      })
    } catch (error) {
      story.refused = error
      return
    }
    books.push(running())
    // what was left open was ended
    keep(running().ledger.last)
  }

  const told: Record<Phase, () => Promise<void>> = {
    start: open,
    async record() {
      record(...call(), refusal)
      record(...call())
      await flush()
      record(quotaAt(t), ...call())
    },
    async rotate() {
      // a line is about 700 bytes
      for (let i = 0; i < 8; i++) record(...call())
      await flush()
    },
    async compact() {
      await compact()
      record(...call())
      await compact()
      record(...call())
    },
    async retention() {
      t += 11 * 24 * hourMs
      record(...call())
      await compact()
      t += hourMs
      record(...call())
      await compact()
    },
    async months() {
      for (const later of [60, 1, 1]) {
        t += later * 24 * hourMs
        record(...call())
      }
      await compact()
      record(...call())
      await compact()
    },
    async close() {
      record(...call(), started(`req_${'Z'.repeat(26)}`))
      await running().close()
      story.promised = Math.max(story.promised, running().figures().backlog === 0 ? running().ledger.last : 0)
    },
    async restart() {
      await open()
      if (story.refused !== null) return
      record(...call())
      await flush()
    },
  }

  const story: Story = {
    warn,
    logged,
    at: new Map(),
    ended: 0,
    promised: 0,
    refused: null,
    tell: (phase) => told[phase](),
    async drain() {
      for (let i = 0; i < 20 && running().figures().backlog > 0; i++) await flush()
    },
    async untilWell() {
      if (story.refused !== null) await open()
      assert.equal(story.refused, null)
      await story.drain()
      record(...call())
      await compact()
      await flush()
      assert.deepEqual(
        [...warn.standing].filter(([key]) => passing.some((code) => key.startsWith(code))),
        [],
      )
      assert.equal(story.promised, running().ledger.last)
    },
    ledger: () => running().ledger,
    origin: () => running().origin,
    async close() {
      for (const one of books) await one.close()
    },
  }
  return story
}

/** What a start would find. */
export async function recoverFrom(disk: Disk): Promise<Recovered & { warn: TestWarn }> {
  const warn = openTestWarn()
  const options = { home: storyHome, timeZone: 'UTC', epoch: 99, warn, log: silentLog, now: Date.now, disk }
  return { ...(await recover(options)), warn }
}
