/** Is the home a folder that can be written? */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, isMissing, realDisk } from '../../store/disk.ts'
import { nameBeside, writeNew } from '../../store/durable-file.ts'
import type { Around } from './around.ts'
import { fail, ok, type Said } from './finding.ts'

/** `missing`: `above` is the nearest folder that is there. `refused`: the file system's word, such as ENOSPC. */
export type HomeFacts =
  | { kind: 'writable' }
  | { kind: 'missing' }
  | { kind: 'no-folder' }
  | { kind: 'refused'; code: string }

export async function home({ home }: Around): Promise<Said[]> {
  return [saidOfHome(home, await lookAt(home))]
}

/** Writes a small file and takes it away again: rights, quotas and read-only disks all show in that, and nowhere else for sure. */
async function lookAt(home: string): Promise<HomeFacts> {
  try {
    const found = await stat(home)
    if (!found.isDirectory()) return { kind: 'no-folder' }
  } catch (error) {
    if (isMissing(error)) return (await canMakeIn(await nearestFolder(home))) ?? { kind: 'missing' }
    return { kind: 'refused', code: codeOf(error) ?? String(error) }
  }
  return (await canMakeIn(home)) ?? { kind: 'writable' }
}

const sampleBytes = 8192

/** undefined: it can. */
async function canMakeIn(folder: string): Promise<HomeFacts | undefined> {
  const path = nameBeside(join(folder, 'doctor'))
  try {
    await writeNew(path, Buffer.alloc(sampleBytes, 'x'), realDisk)
    await realDisk.remove(path)
    return undefined
  } catch (error) {
    return { kind: 'refused', code: codeOf(error) ?? String(error) }
  }
}

/** The folder itself, or the first one above it that is there. */
export async function nearestFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found || dirname(at) === at) return at
  }
}

const another = 'name another folder with --home or TOLLKEEPER_HOME'

export function saidOfHome(home: string, facts: HomeFacts): Said {
  switch (facts.kind) {
    case 'writable':
      return ok(`${home} can be written.`)
    case 'missing':
      return ok(`${home} is not there yet: the first start makes it.`)
    case 'no-folder':
      return fail(`${home} is no folder.`, `Move it away, or ${another}.`)
    case 'refused':
      return refused(home, facts.code)
  }
}

function refused(home: string, code: string): Said {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return fail(`${home} cannot be written (${code}).`, `Make it yours and writable, or ${another}.`)
    case 'EROFS':
      return fail(`${home} is on a file system that is read-only.`, `Make that writable, or ${another}.`)
    case 'ENOSPC':
    case 'EDQUOT':
      return fail(`There is no room left on the disk of ${home} (${code}).`, `Make some, or ${another}.`)
    case 'ENOTDIR':
      return fail(`Part of the path ${home} is a file.`, `Move that away, or ${another}.`)
    default:
      return fail(`${home} cannot be used (${code}).`, `Look at its disk, or ${another}.`)
  }
}
