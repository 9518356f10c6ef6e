/** What the book asks of a journal, whichever keeps it: segments on a disk, or some day a table that several machines share. */
import type { Entry } from '../../shared/contract/event.ts'
import type { SegmentIndex } from './segment.ts'

export type JournalFigures = {
  /** Lines that wait in memory. */
  backlog: number
  /** Lines written, but not yet known to be on the disk. */
  unsynced: number
  lastFsyncAt: number | null
  /** Lines that were added up because the disk refused them for too long. */
  foldedAway: number
}

export type Journal = {
  /** Never throws: what cannot be written now waits in memory. */
  append(entry: Entry): void
  /** Resolves once what was appended so far is written, in the turn in which it is; or waits in memory, where the disk fails. */
  written(): Promise<void>
  /** Writes what was appended so far at once. Never throws, as above. */
  settle(): void
  /** What is in no segment yet, oldest first. */
  waiting(): Entry[]
  /** Segments that this instance made, as far as they are written; the last may still grow. */
  segments(): readonly SegmentIndex[]
  /**
   * Writes what waits, ends the open segment and calls `atSeal` in the same turn; resolves once it is on the disk. Where the
   * disk refuses, it ends what there is.
   */
  rotate(atSeal: () => void): Promise<void>
  /** Resolves once everything so far is on the disk, or the disk refused it. */
  flush(): Promise<void>
  figures(): JournalFigures
  close(): Promise<void>
}
