/** Writes the history down, one small synchronous write for all lines of a turn; a disk that fails or dawdles costs nobody a call and no sum. */
import type { Entry } from '../../shared/contract/event.ts'
import type { Log, Warn } from '../../shared/contract/log.ts'
import { openBacklog } from './backlog.ts'
import { codeOf, type Disk, isMissing, realDisk } from './disk.ts'
import type { Journal } from './journal-port.ts'
import { openJournalWarnings } from './journal-warnings.ts'
import { openLoopTurn } from './loop-turn.ts'
import type { Line } from './open-segment.ts'
import { emptySheet, putLine, writeLine } from './segment.ts'
import { openSyncedSegments } from './synced-segments.ts'

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

export function openJournal(options: JournalOptions): Journal {
  const { folder, epoch, log, disk = realDisk } = options
  const bounds = { ...usualBounds, ...options.bounds }
  const lineOf = (entry: Entry): Line => ({ entry, bytes: writeLine(entry, epoch) })
  const backlog = openBacklog(bounds, lineOf, log)
  const sheet = emptySheet()
  const turn = openLoopTurn(write)
  const told = openJournalWarnings(folder, options.warn, log)
  const segments = openSyncedSegments({
    ...options,
    disk,
    segmentBytes: bounds.segmentBytes,
    synced(again) {
      pause = retryMs.first
      if (again.length > 0) writeAgain(again)
      else passed()
    },
    failed(path, error, lost) {
      if (lost) writeAgain(lost)
      if (isMissing(error)) told.removed(path)
      failed(error)
    },
  })
  let writing: Line[] = []
  let state: 'well' | 'slow' | 'failing' = 'well'
  let slowInRow = 0
  let pause = retryMs.first
  let draining: Promise<void> | null = null
  let retryTimer: NodeJS.Timeout | undefined

  function write(entries: readonly Entry[]): void {
    if (state !== 'well' || draining || backlog.size() > 0) return backlog.add(entries.map(lineOf))
    const began = performance.now()
    try {
      const into = segments.segmentFor(entries[0] as Entry)
      sheet.used = 0
      for (const entry of entries) putLine(sheet, entry, epoch)
      into.writeNow(entries, sheet.bytes.subarray(0, sheet.used))
    } catch (error) {
      backlog.add(entries.map(lineOf))
      return failed(error)
    }
    const took = performance.now() - began
    segments.wrote()
    if (took <= slow.ms && slowInRow > 0) told.quickAgain()
    slowInRow = took > slow.ms ? slowInRow + 1 : 0
    if (slowInRow >= slow.writes) dawdled()
  }

  function failed(error: unknown): void {
    state = 'failing'
    if (codeOf(error) === 'EFBIG') segments.spoil() // another file may take what this one cannot
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
      segments.wrote()
      if (!failure) continue
      backlog.putBack(failure.rest, false)
      return failed(failure.error)
    }
    state = 'well'
    passed()
  }

  function passed(): void {
    if (state === 'well' && segments.isWell() && backlog.size() === 0) told.writtenAgain()
  }

  async function writeBatch(lines: readonly Line[]): Promise<{ rest: readonly Line[]; error: unknown } | null> {
    const first = lines[0]
    if (!first) return null
    try {
      return await segments.segmentFor(first.entry).write(lines)
    } catch (error) {
      if (isMissing(error)) await disk.makeFolder(folder).catch(failed)
      return { rest: lines, error }
    }
  }

  function writeAgain(entries: readonly Entry[]): void {
    backlog.putBack(entries.map(lineOf), true)
    retryIn(pause)
  }

  async function flush(): Promise<void> {
    turn.settle()
    if (backlog.size() > 0 || draining) await drain()
    await segments.flush()
    // a sync that succeeds after many that did not has its lines written once more
    if (state === 'well' && backlog.size() > 0) await flush()
  }

  return {
    ...turn,
    waiting: () => [...writing.map((line) => line.entry), ...backlog.entries(), ...turn.waiting()],
    segments: () => segments.begun,
    async rotate(atSeal) {
      turn.settle()
      if (backlog.size() > 0 || draining) await drain()
      turn.settle()
      segments.seal()
      atSeal()
      await flush()
    },
    flush,
    figures: () => ({
      backlog: backlog.size() + writing.length + turn.waiting().length,
      unsynced: segments.unsynced(),
      lastFsyncAt: segments.lastFsyncAt(),
      foldedAway: backlog.foldedAway(),
    }),
    async close() {
      await flush()
      segments.seal()
      await flush()
      clearTimeout(retryTimer)
      segments.close()
      const lines = backlog.size()
      if (lines > 0) log.error('the disk refused lines of the history to the end; they are lost', { lines })
    },
  }
}
