/** What the user is told of a disk that refuses the history or dawdles, and when that has passed. */
import type { Log, Warn } from '../../shared/contract/log.ts'
import { codeOf } from './disk.ts'

export type JournalWarnings = {
  failing(error: unknown): void
  slow(ms: number): void
  /** A segment was taken away while it was written. */
  removed(path: string): void
  writtenAgain(): void
  quickAgain(): void
}

export function openJournalWarnings(folder: string, warn: Warn, log: Log): JournalWarnings {
  let isFailing = false
  return {
    failing(error) {
      isFailing = true
      const why = codeOf(error) ?? String(error)
      warn.raise(
        'journal-failing',
        folder,
        `The history cannot be written to ${folder} (${why}). Calls go on and are counted; make room on the disk or give the folder its rights back, or what happens now is forgotten when the daemon ends.`,
      )
    },
    slow(ms) {
      warn.raise(
        'journal-slow',
        folder,
        `Writing to ${folder} takes more than ${ms} ms a time. Calls do not wait for it, but a crash may lose the last moments of the history.`,
      )
    },
    removed(path) {
      warn.raise(
        'journal-gap',
        path,
        `${path} was taken away while the daemon wrote to it. What it held is counted until the daemon ends, and gone then; what happens now goes to a new file.`,
      )
    },
    writtenAgain() {
      if (!isFailing) return
      isFailing = false
      log.info('the history is written again')
      warn.clear('journal-failing', folder)
    },
    quickAgain: () => warn.clear('journal-slow', folder),
  }
}
