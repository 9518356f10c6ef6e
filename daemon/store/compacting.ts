/** When to compact, by count and by time, and what follows from it: segments that two snapshots cover are dropped. */
import { join } from 'node:path'
import type { Log, Warn } from '../../shared/contract/log.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { closeMonth, sumsOfMonth } from '../ledger/months.ts'
import type { Compactor } from './compactor.ts'
import { type Digest, digestOf } from './digest.ts'
import type { Disk } from './disk.ts'
import type { Journal } from './journal-port.ts'
import type { Gathered } from './known-calls.ts'
import { droppable, type Retention } from './retention.ts'
import { firstOf, type SegmentIndex } from './segment.ts'
import { packedName } from './segment-file.ts'
import { journalFolder } from './snapshot.ts'

/**
 * A compaction takes a processor for about a second. Under a load that brings enough events every few seconds it would take
 * as much as the calls themselves, for starts that are a moment shorter.
 */
const mostOftenMs = 60_000

export type Compacting = {
  /** Told after each event: enough of them start a compaction, once a minute at most. */
  recorded(last: number): void
  compact(): Promise<void>
  /** The marks of every call so far, ascending; never while a compaction runs, as both write the same file. */
  known(): Promise<Gathered>
  /** Everything that stands in the journal folder. */
  segments(): SegmentIndex[]
  /** Number of the newest snapshot; 0 for none. */
  snapshot(): number
  close(): Promise<void>
}

export function openCompacting(options: {
  home: string
  timeZone: string
  compactEvents: number
  compactMinutes: number
  retention: Retention
  warn: Warn
  log: Log
  ledger: Ledger
  origin: string
  journal: Journal
  compactor: Compactor
  disk: Disk
  /** What stood there at the start. */
  segments: readonly SegmentIndex[]
  snapshot: number
}): Compacting {
  const { home, ledger, journal, compactor, disk, warn, log } = options
  const older = new Map(options.segments.map((index) => [index.file, index]))
  const dropped = new Set<string>()
  const packed = new Map<string, number>()
  let snapshot = options.snapshot
  let next = snapshot + options.compactEvents
  let endedAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | null = null
  let mended = false
  let gathering: Promise<Gathered> | null = null
  let closed = false
  const timer = setInterval(() => void compact(), options.compactMinutes * 60_000)
  timer.unref()

  function segments(): SegmentIndex[] {
    return [...older.values(), ...journal.segments()]
      .filter((index) => !dropped.has(index.file))
      .map((index) => {
        const bytes = packed.get(index.file)
        return bytes === undefined ? index : { ...index, packed: bytes }
      })
  }

  function compact(): Promise<void> {
    if (closed) return Promise.resolve()
    running ??= (gathering ? gathering.then(compactOnce) : compactOnce())
      .catch((error: unknown) => failed(String(error)))
      .finally(() => {
        running = null
        endedAt = performance.now()
      })
    return running
  }

  function known(): Promise<Gathered> {
    gathering ??= gather().finally(() => {
      gathering = null
    })
    return gathering
  }

  async function gather(): Promise<Gathered> {
    await running
    await journal.flush()
    if (closed) return { kind: 'refused', why: 'the daemon stops' }
    return compactor.gather({ home, origin: options.origin, upTo: ledger.last })
  }

  async function compactOnce(): Promise<void> {
    next = ledger.last + options.compactEvents
    if (ledger.last === snapshot) return
    let upTo = 0
    let expected: Digest | null = null
    await journal.rotate(() => {
      const waiting = journal.waiting()[0]
      upTo = waiting ? firstOf(waiting) - 1 : ledger.last
      expected = waiting ? null : digestOf(ledger)
    })
    if (upTo <= snapshot || closed) return
    const sumsOnly = journal.figures().foldedAway > 0
    const { timeZone, origin } = options
    const months = [...ledger.months.keys()]
    const order = { home, timeZone, origin, upTo, expected, closed: months, sumsOnly, mend: !mended }
    const result = await compactor.run(order)
    if (result.kind === 'refused') return failed(result.why)
    snapshot = result.n
    warn.clear('compaction-failed', home)
    mended = true
    const { n, previous, packed: sealed, failed: unwritten } = result
    log.debug('wrote a snapshot', { n, previous, packed: sealed.length, months: result.months.length })
    for (const { file, bytes } of sealed) packed.set(file, bytes)
    if (unwritten.length > 0) log.warn('files of the history could not be written', { unwritten })
    for (const { month, closed, sums } of result.months) {
      // An event of that month may have come meanwhile: then its days stay here until the next start.
      if (sumsOfMonth(ledger, month) === sums) closeMonth(ledger, month, closed)
    }
    await drop(result.previous)
  }

  function failed(why: string): void {
    if (closed) return
    const text = `The history could not be compacted: ${why}. Nothing is lost; it is tried again later, and until then starts take longer.`
    warn.raise('compaction-failed', home, text.replace('..', '.'))
  }

  async function drop(covered: number): Promise<void> {
    const folder = journalFolder(home)
    // One of our own without an entry is about to get its first.
    const mine = new Set(journal.segments().filter((index) => index.lines === 0))
    const old = droppable(
      segments().filter((index) => !mine.has(index)),
      covered,
      options.retention,
    )
    for (const { file } of old) {
      for (const form of [file, packedName(file)]) await disk.remove(join(folder, form))
      dropped.add(file)
      packed.delete(file)
    }
    if (old.length === 0) return
    await disk.syncFolder(folder)
    const until = new Date(Math.max(...old.map(({ maxT }) => maxT))).toISOString()
    const events = old.reduce((sum, { lines }) => sum + lines, 0)
    log.info('dropped segments past retention; sums stay', { segments: old.length, events, until })
  }

  return {
    recorded(last) {
      if (last >= next && !running && performance.now() - endedAt >= mostOftenMs) void compact()
    },
    compact,
    known,
    segments,
    snapshot: () => snapshot,
    async close() {
      closed = true
      clearInterval(timer)
      await compactor.close()
      await running
      await gathering
    },
  }
}
