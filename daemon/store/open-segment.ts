/** The one segment that is being written: made by this instance, appended to line by line, cut back to its last whole line when a write fails. */
import { join } from 'node:path'
import type { Entry } from '../../shared/contract/event.ts'
import { type Disk, isMissing } from './disk.ts'
import { emptyIndex, type Header, noteEntry, type SegmentIndex, segmentFile, writeHeader } from './segment.ts'

/** An entry with the line it is written as. */
export type Line = { entry: Entry; bytes: Buffer }

export type OpenSegment = {
  path: string
  index: SegmentIndex
  /** Written, but not yet known to be on the disk. */
  unsynced: Entry[]
  /** Nothing more may be written: it may not end with a whole line, or the disk lost part of it. */
  isSpoilt(): boolean
  spoil(): void
  /** `bytes` are the entries' lines. Throws where they could not be written whole; then none of them counts. */
  writeNow(entries: readonly Entry[], bytes: Uint8Array): void
  /** Answers the lines that could not be written, and why. One call at a time. */
  write(lines: readonly Line[]): Promise<{ rest: readonly Line[]; error: unknown } | null>
  /** Resolves once what was written before is on the disk; false where there was nothing to do. */
  sync(): Promise<boolean>
  close(): Promise<void>
}

const unsyncedBound = 10_000
/** A sync of as many lines is one of many in a second: then every so many of them look whether the file is still there. */
const busy = { lines: 50, syncs: 16 }

const noProgress = () => new Error('the disk took no byte')

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

/** A file name that nothing has yet: what another instance made, or this one before a fault, is never appended to. */
function createFile(folder: string, header: Header, disk: Disk): { file: string; fd: number; again: number } {
  for (let again = 1; ; again++) {
    const file = segmentFile(header.first, header.epoch, again)
    try {
      return { file, fd: disk.createNow(join(folder, file)), again }
    } catch (error) {
      if (!isTaken(error) || again > 10_000) throw error
    }
  }
}

function writeAllNow(disk: Disk, fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const took = disk.writeNow(fd, bytes.subarray(at))
    if (took === 0) throw noProgress()
    at += took
  }
}

/** How many of the lines end within the first `bytes` bytes. */
function wholeLines(lines: readonly Line[], bytes: number): number {
  let end = 0
  const cut = lines.findIndex((line) => {
    end += line.bytes.length
    return end > bytes
  })
  return cut === -1 ? lines.length : cut
}

/** Throws what the file system says; then no file is left behind. */
export function createSegment(folder: string, header: Header, disk: Disk): OpenSegment {
  const { file, fd, again } = createFile(folder, header, disk)
  const path = join(folder, file)
  const opening = writeHeader(header)
  try {
    writeAllNow(disk, fd, opening)
  } catch (error) {
    disk.closeNow(fd)
    disk.removeNow(path)
    throw error
  }
  const index = emptyIndex({ file, first: header.first, epoch: header.epoch, again })
  index.bytes = opening.length
  const unsynced: Entry[] = []
  let spoilt = false
  let folderSynced = false
  let syncs = 0

  function cutBack(): void {
    try {
      disk.cut(fd, index.bytes)
    } catch {
      // The write's own error is the one to report; this file ends in a torn line now, which readers drop.
      spoilt = true
    }
  }

  function wrote(entries: readonly Entry[], bytes: number): void {
    index.bytes += bytes
    for (const entry of entries) {
      noteEntry(index, entry)
      unsynced.push(entry)
    }
    // An fsync that hangs must not keep the whole history in memory.
    if (unsynced.length > unsyncedBound) unsynced.splice(0, unsynced.length - unsyncedBound)
  }

  function wroteLines(lines: readonly Line[]): void {
    const bytes = lines.reduce((sum, line) => sum + line.bytes.length, 0)
    wrote(
      lines.map((line) => line.entry),
      bytes,
    )
  }

  /** A file that somebody took away takes lines, syncs them and is gone: only its name tells. */
  async function stillThere(): Promise<void> {
    try {
      await disk.changedAt(path)
    } catch (error) {
      if (isMissing(error)) throw error
    }
  }

  return {
    path,
    index,
    unsynced,
    isSpoilt: () => spoilt,
    spoil() {
      spoilt = true
    },
    writeNow(entries, bytes) {
      try {
        writeAllNow(disk, fd, bytes)
      } catch (error) {
        cutBack()
        throw error
      }
      wrote(entries, bytes.length)
    },
    async write(lines) {
      const bytes = Buffer.concat(lines.map((line) => line.bytes))
      let at = 0
      try {
        while (at < bytes.length) {
          const took = await disk.write(fd, bytes.subarray(at))
          if (took === 0) throw noProgress()
          at += took
        }
      } catch (error) {
        // Whole lines that got through stay, also where the rest cannot be cut off.
        const whole = wholeLines(lines, at)
        wroteLines(lines.slice(0, whole))
        cutBack()
        return { rest: lines.slice(whole), error }
      }
      wroteLines(lines)
      return null
    },
    async sync() {
      if (unsynced.length === 0) return false
      const upTo = index.last
      const looks = unsynced.length < busy.lines || syncs++ % busy.syncs === 0
      await disk.sync(fd)
      if (looks) await stillThere()
      if (!folderSynced) await disk.syncFolder(folder)
      folderSynced = true
      const left = unsynced.findIndex((entry) => entry.n > upTo)
      unsynced.splice(0, left === -1 ? unsynced.length : left)
      return true
    },
    close: () => disk.close(fd),
  }
}
