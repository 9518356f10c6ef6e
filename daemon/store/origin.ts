/** Whose history it is: a random id that a home is given at its first start and keeps. */
import { join } from 'node:path'
import { isValid, ulid } from 'ulid'
import { type Disk, realDisk } from './disk.ts'
import { replaceFile } from './durable-file.ts'
import { headerOf } from './history.ts'
import type { SegmentName } from './segment.ts'
import { journalFolder } from './snapshot.ts'

const originFile = (home: string): string => join(home, 'origin')

/** undefined where the file is missing or holds no id. */
export async function readOrigin(home: string, disk: Disk = realDisk): Promise<string | undefined> {
  // whatever the reason, the segments tell it as well
  const bytes = await disk.read(originFile(home)).catch(() => Buffer.of())
  const text = bytes.toString('utf8').trim()
  return isValid(text) ? text : undefined
}

/** What the newest segment with a readable header says. */
export async function originOfSegments(
  home: string,
  segments: readonly SegmentName[],
  disk: Disk = realDisk,
): Promise<string | undefined> {
  for (const { file } of segments.toReversed()) {
    const header = await headerOf(join(journalFolder(home), file), disk)
    if (header) return header.origin
  }
  return undefined
}

export function newOrigin(now: number): string {
  return ulid(now)
}

/** Rejects where it cannot be written. */
export function writeOrigin(home: string, origin: string, disk: Disk = realDisk): Promise<void> {
  return replaceFile(originFile(home), `${origin}\n`, disk)
}
