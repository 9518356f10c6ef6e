/** Writes the history down, one small synchronous write for all lines of a turn; a disk that fails or dawdles costs nobody a call and no sum. */
import type { Entry } from '../../shared/contract/event.ts'
import type { Log, Warn } from '../../shared/contract/log.ts'
import { openBacklog } from './backlog.ts'
import { codeOf, type Disk, isMissing, realDisk } from './disk.ts'
import type { Journal } from './journal-port.ts'
import { openJournalWarnings } from './journal-warnings.ts'
import { createSegment, type Line, type OpenSegment } from './open-segment.ts'
import { emptySheet, putLine, type SegmentIndex, writeLine } from './segment.ts'
import { openTurn } from './turn.ts'

/** What may wait in memory, and how large a segment grows before the next one begins. */
export type JournalBounds = { lines: number; bytes: number; segmentBytes: number }
const usualBounds: JournalBounds = { lines: 10_000, bytes: 8 * 2 ** 20, segmentBytes: 16 * 2 ** 20 }

export type JournalOptions = {
  folder: string
  origin: string
  epoch: number
  flushEvents: number
  flushSeconds: number
  warn: Warn
  log: Log
  now: () => number
  disk?: Disk
  bounds?: Partial<JournalBounds>
}

/** A write may take this long. A single one over it may be the scheduler's doing; three in a row are the disk's. */
const slow = { ms: 5, writes: 3, pauseMs: 100 }
const retryMs = { first: 200, most: 5000 }
const batchBytes = 256 * 1024
/** A failed fsync has its lines written again so often in a row, or copies would fill the disk; then so many segments wait. */
const rewrites = { inRow: 5, waiting: 8 }

export function openJournal(options: JournalOptions): Journal {
  const { folder, origin, epoch, log, disk = realDisk } = options
  const bounds = { ...usualBounds, ...options.bounds }
  const lineOf = (entry: Entry): Line => ({ entry, bytes: writeLine(entry, epoch) })
  const backlog = openBacklog(bounds, lineOf, log)
  const made: SegmentIndex[] = []
  const sealed = new Set<OpenSegment>()
  const doubted = new Set<OpenSegment>()
  const sheet = emptySheet()
  const turn = openTurn(write)
  const told = openJournalWarnings(folder, options.warn, log)
  let segment: OpenSegment | null = null
  let writing: Line[] = []
  let state: 'well' | 'slow' | 'failing' = 'well'
  let slowInRow = 0
  let pause = retryMs.first
  let syncFailures = 0
  let draining: Promise<void> | null = null
  let syncing: Promise<void> | null = null
  let retryTimer: NodeJS.Timeout | undefined
  let flushTimer: NodeJS.Timeout | undefined
  let lastFsyncAt: number | null = null

  function segmentFor(next: Entry): OpenSegment {
    if (segment && (segment.isSpoilt() || segment.index.bytes > bounds.segmentBytes)) seal()
    if (segment) return segment
    segment = createSegment(folder, { origin, first: next.n, epoch }, disk)
    made.push(segment.index)
    return segment
  }

  const unsynced = () => [...sealed].reduce((sum, one) => sum + one.unsynced.length, segment?.unsynced.length ?? 0)

  function seal(): void {
    if (!segment) return
    sealed.add(segment)
    segment = null
    void sync()
  }

  function write(entries: readonly Entry[]): void {
    if (state !== 'well' || draining || backlog.size() > 0) return backlog.add(entries.map(lineOf))
    const began = performance.now()
    try {
      const into = segmentFor(entries[0] as Entry)
      sheet.used = 0
      for (const entry of entries) putLine(sheet, entry, epoch)
      into.writeNow(entries, sheet.bytes.subarray(0, sheet.used))
    } catch (error) {
      backlog.add(entries.map(lineOf))
      return failed(error)
    }
    const took = performance.now() - began
    wrote()
    if (took <= slow.ms && slowInRow > 0) told.quickAgain()
    slowInRow = took > slow.ms ? slowInRow + 1 : 0
    if (slowInRow >= slow.writes) dawdled()
  }

  function failed(error: unknown): void {
    state = 'failing'
    if (codeOf(error) === 'EFBIG') segment?.spoil() // another file may take what this one cannot
    told.failing(error)
    retryIn(pause)
    pause = Math.min(pause * 2, retryMs.most)
  }

  function dawdled(): void {
    state = 'slow'
    told.slow(slow.ms)
    retryIn(slow.pauseMs)
  }

  function retryIn(ms: number): void {
    clearTimeout(retryTimer)
    retryTimer = setTimeout(() => void drain(), ms)
    retryTimer.unref()
  }

  /** Writes what waits, off the path of calls. One at a time; resolves when all is written or the disk refused. */
  function drain(): Promise<void> {
    draining ??= drainBacklog().finally(() => {
      draining = null
    })
    return draining
  }

  async function drainBacklog(): Promise<void> {
    while (backlog.size() > 0) {
      writing = backlog.take(batchBytes)
      const failure = await writeBatch(writing)
      writing = []
      wrote()
      if (!failure) continue
      backlog.putBack(failure.rest, false)
      return failed(failure.error)
    }
    state = 'well'
    passed()
  }

  function passed(): void {
    if (state === 'well' && syncFailures === 0 && backlog.size() === 0) told.writtenAgain()
  }

  async function writeBatch(lines: readonly Line[]): Promise<{ rest: readonly Line[]; error: unknown } | null> {
    const first = lines[0]
    if (!first) return null
    try {
      return await segmentFor(first.entry).write(lines)
    } catch (error) {
      if (isMissing(error)) await disk.makeFolder(folder).catch(failed)
      return { rest: lines, error }
    }
  }

  /** Sees to it that what was written is soon on the disk. */
  function wrote(): void {
    if (syncFailures === 0 && (unsynced() >= options.flushEvents || sealed.size > 0)) void sync()
    else if (unsynced() + sealed.size > 0 && flushTimer === undefined) {
      flushTimer = setTimeout(() => void sync(), options.flushSeconds * 1000)
      flushTimer.unref()
    }
  }

  /** At most one runs: one asked for meanwhile resolves with the one running. */
  function sync(): Promise<void> {
    clearTimeout(flushTimer)
    flushTimer = undefined
    syncing ??= syncAll().finally(() => {
      syncing = null
      wrote()
    })
    return syncing
  }

  async function syncAll(): Promise<void> {
    for (const one of [...sealed, ...(segment ? [segment] : [])]) {
      try {
        const again = doubted.has(one) ? [...one.unsynced] : []
        if (await one.sync()) synced(one, again)
      } catch (error) {
        giveUp(one, error)
      }
      // What was written while the sync ran waits for the next one.
      if (!sealed.has(one) || (one.unsynced.length > 0 && sealed.size <= rewrites.waiting)) continue
      sealed.delete(one)
      await one.close().catch((error: unknown) => log.warn('a segment could not be closed', { error: String(error) }))
    }
  }

  function synced(one: OpenSegment, again: readonly Entry[]): void {
    lastFsyncAt = options.now()
    syncFailures = 0
    pause = retryMs.first
    doubted.delete(one)
    if (again.length > 0) writeAgain(one, again)
    else passed()
  }

  /** After a failed fsync a kernel may drop what was written and then say that all is well: its lines are written elsewhere. */
  function giveUp(one: OpenSegment, error: unknown): void {
    syncFailures++
    if (syncFailures <= rewrites.inRow) writeAgain(one, one.unsynced.splice(0))
    else doubted.add(one)
    if (isMissing(error)) told.removed(one.path)
    failed(error)
  }

  function writeAgain(one: OpenSegment, entries: readonly Entry[]): void {
    one.spoil()
    segment?.spoil()
    backlog.putBack(entries.map(lineOf), true)
    retryIn(pause)
  }

  async function flush(): Promise<void> {
    turn.settle()
    if (backlog.size() > 0 || draining) await drain()
    if (syncing) await syncing
    if (unsynced() > 0 || sealed.size > 0) await sync()
    // a sync that succeeds after many that did not has its lines written once more
    if (state === 'well' && backlog.size() > 0) await flush()
  }

  return {
    ...turn,
    waiting: () => [...writing.map((line) => line.entry), ...backlog.entries(), ...turn.waiting()],
    segments: () => made,
    async rotate(atSeal) {
      turn.settle()
      if (backlog.size() > 0 || draining) await drain()
      turn.settle()
      seal()
      atSeal()
      await flush()
    },
    flush,
    figures: () => ({
      backlog: backlog.size() + writing.length + turn.waiting().length,
      unsynced: unsynced(),
      lastFsyncAt,
      foldedAway: backlog.foldedAway(),
    }),
    async close() {
      await flush()
      seal()
      await flush()
      clearTimeout(retryTimer)
      clearTimeout(flushTimer)
      const lines = backlog.size()
      if (lines > 0) log.error('the disk refused lines of the history to the end; they are lost', { lines })
    },
  }
}
