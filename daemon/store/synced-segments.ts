/** The segments that the journal writes, one after another, and their fsync: what was written is soon known to be on the disk, or is given back. */
import type { Entry } from '../../shared/contract/event.ts'
import type { Log } from '../../shared/contract/log.ts'
import type { Disk } from './disk.ts'
import { createSegment, type OpenSegment } from './open-segment.ts'
import type { SegmentIndex } from './segment.ts'

export type SyncedSegments = {
  /** The one that `next` goes to: a new one where the last is full or spoilt. Throws what the disk says. */
  segmentFor(next: Entry): OpenSegment
  /** All that were begun, the newest last. */
  begun: readonly SegmentIndex[]
  /** What comes from now on goes to a new one. */
  seal(): void
  /** The same, for one that cannot take what is written now. */
  spoil(): void
  /** Sees to it that what was written is soon on the disk. */
  wrote(): void
  /** Resolves once all that was written before was synced, or refused. */
  flush(): Promise<void>
  /** Lines that were written, and are not yet known to be on the disk. */
  unsynced(): number
  /** The last sync did not fail. */
  isWell(): boolean
  /** Epoch ms. */
  lastFsyncAt(): number | null
  close(): void
}

export type SyncedSegmentsOptions = {
  folder: string
  origin: string
  epoch: number
  flushEvents: number
  flushSeconds: number
  /** How large one grows before the next one begins. */
  segmentBytes: number
  disk: Disk
  log: Log
  now: () => number
  /** A sync succeeded. `again`: what is to be written once more, as one before it failed. */
  synced(again: readonly Entry[]): void
  /** `lost`: what is to be written once more; null: that would be too often. */
  failed(path: string, error: unknown, lost: readonly Entry[] | null): void
}

/** A failed fsync has its lines written again so often in a row, or copies would fill the disk; then so many segments wait. */
const rewrites = { inRow: 5, waiting: 8 }

export function openSyncedSegments(options: SyncedSegmentsOptions): SyncedSegments {
  const { folder, origin, epoch, disk, log } = options
  const begun: SegmentIndex[] = []
  const sealed = new Set<OpenSegment>()
  const doubted = new Set<OpenSegment>()
  let newest: OpenSegment | null = null
  let failures = 0
  let syncing: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined
  let lastFsyncAt: number | null = null

  function segmentFor(next: Entry): OpenSegment {
    if (newest && (newest.isSpoilt() || newest.index.bytes > options.segmentBytes)) seal()
    if (newest) return newest
    newest = createSegment(folder, { origin, first: next.n, epoch }, disk)
    begun.push(newest.index)
    return newest
  }

  const unsynced = () => [...sealed].reduce((sum, one) => sum + one.unsynced.length, newest?.unsynced.length ?? 0)

  function seal(): void {
    if (!newest) return
    sealed.add(newest)
    newest = null
    void sync()
  }

  function wrote(): void {
    if (failures === 0 && (unsynced() >= options.flushEvents || sealed.size > 0)) void sync()
    else if (unsynced() + sealed.size > 0 && timer === undefined) {
      timer = setTimeout(() => void sync(), options.flushSeconds * 1000)
      timer.unref()
    }
  }

  /** At most one runs: one asked for meanwhile resolves with the one running. */
  function sync(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    syncing ??= syncAll().finally(() => {
      syncing = null
      wrote()
    })
    return syncing
  }

  async function syncAll(): Promise<void> {
    for (const one of [...sealed, ...(newest ? [newest] : [])]) {
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
    failures = 0
    doubted.delete(one)
    if (again.length > 0) leave(one)
    options.synced(again)
  }

  /** After a failed fsync a kernel may drop what was written and then say that all is well: its lines are written elsewhere. */
  function giveUp(one: OpenSegment, error: unknown): void {
    failures++
    if (failures > rewrites.inRow) {
      doubted.add(one)
      return options.failed(one.path, error, null)
    }
    leave(one)
    options.failed(one.path, error, one.unsynced.splice(0))
  }

  function leave(one: OpenSegment): void {
    one.spoil()
    newest?.spoil()
  }

  return {
    segmentFor,
    begun,
    seal,
    spoil: () => newest?.spoil(),
    wrote,
    async flush() {
      if (syncing) await syncing
      if (unsynced() > 0 || sealed.size > 0) await sync()
    },
    unsynced,
    isWell: () => failures === 0,
    lastFsyncAt: () => lastFsyncAt,
    close: () => clearTimeout(timer),
  }
}
