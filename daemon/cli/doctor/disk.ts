/** Is there room for what is to be written down? */
import { statfs } from 'node:fs/promises'
import { bytes } from '../../../shared/format.ts'
import type { Around } from './around.ts'
import { fail, ok, type Said, warn } from './finding.ts'
import { nearestFolder } from './home.ts'

/** `files`: how many more there may be; null where the file system sets no number. */
export type DiskFacts = { free: number; files: number | null; home: string; journalBytes: number }

/** Below the first the next calls may not be written down; below the second it is time to make room. */
const tooLittle = 16 * 2 ** 20
const little = 512 * 2 ** 20

export async function disk({ home, written }: Around): Promise<Said[]> {
  const { bavail, bsize, files, ffree } = await statfs(await nearestFolder(home))
  const journalBytes = written.settings.store.retention.bytes
  return [saidOfDisk({ home, free: bavail * bsize, files: files === 0 ? null : ffree, journalBytes })]
}

export function saidOfDisk({ home, free, files, journalBytes }: DiskFacts): Said {
  const room = `${bytes(free)} are free on the disk of ${home}`
  const fix = 'Make room there, or let less be kept: "retention" in config.jsonc, then tollkeeper compact'
  if (files === 0) return fail(`The disk of ${home} can hold no further file.`, 'Take files away there.')
  if (free < tooLittle) return fail(`Only ${room}.`, fix)
  if (free < little) return warn(`Only ${room}; single calls may take up to ${bytes(journalBytes)}.`, fix)
  return ok(`${room}.`)
}
