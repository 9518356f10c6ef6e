/** Whose history it is: a random id that a home is given at its first start and keeps. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isValid, ulid } from 'ulid'
import { replaceFile } from './durable-file.ts'
import { headerOf } from './history.ts'
import type { SegmentName } from './segment.ts'
import { journalFolder } from './snapshot.ts'

const originFile = (home: string): string => join(home, 'origin')

/** undefined where the file is missing or holds no id. */
export async function readOrigin(home: string): Promise<string | undefined> {
  const text = await readFile(originFile(home), 'utf8').catch(() => '') // whatever the reason, the segments tell it as well
  return isValid(text.trim()) ? text.trim() : undefined
}

/** What the newest segment with a readable header says. */
export async function originOfSegments(home: string, segments: readonly SegmentName[]): Promise<string | undefined> {
  for (const { file } of segments.toReversed()) {
    const header = await headerOf(join(journalFolder(home), file))
    if (header) return header.origin
  }
  return undefined
}

export function newOrigin(now: number): string {
  return ulid(now)
}

/** Rejects where it cannot be written. */
export function writeOrigin(home: string, origin: string): Promise<void> {
  return replaceFile(originFile(home), `${origin}\n`)
}
