/** A small JSON document kept whole through crashes and full disks: lowdb with an adapter that fsyncs and keeps the previous version. */
import { randomBytes } from 'node:crypto'
import { copyFile, link, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Adapter, Low } from 'lowdb'

/** A version of the document that was there but could not be read, and why in plain words. */
export type Unreadable = { path: string; why: string }

export type Durable<T> = {
  /** `low.data` is the document; `await low.write()` resolves when it is on the disk, and rejects with the old one untouched. */
  low: Low<T>
  /** Which version `low.data` was read from; `none`: there was no readable one and it is `empty`. */
  source: 'current' | 'previous' | 'none'
  unreadable: Unreadable[]
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

/** `rename` that waits for Windows' indexers and scanners to let go of a file, a second at most. */
export async function renameDurably(from: string, to: string): Promise<void> {
  for (let wait = 10; ; wait *= 2) {
    try {
      await rename(from, to)
      return
    } catch (error) {
      if (wait > 640 || !['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '')) throw error
      await sleep(wait)
    }
  }
}

/** A new or renamed file's name survives a power cut only once its folder was synced. Windows cannot open folders and needs none of it. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Writes `text` beside `path`, 0600, on the disk; answers the temporary name. */
async function writeBeside(path: string, text: string): Promise<string> {
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    return temporary
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Replaces `path` by `text` in one step: at any moment a reader finds the old text or the new one, whole. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await replaceFileIf(path, text, () => true)
}

/** The same where `mayStill`, asked once the new text is on the disk, says yes; else all stays as it is and the answer is false. */
export async function replaceFileIf(path: string, text: string, mayStill: () => boolean): Promise<boolean> {
  const temporary = await writeBeside(path, text)
  try {
    if (!mayStill()) {
      await rm(temporary, { force: true })
      return false
    }
    await renameDurably(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
  return true
}

/** Gives the present version a second name, so that `path` itself is there at every moment. */
async function keepPrevious(path: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  try {
    // A file system without hard links gets a copy.
    await link(path, temporary).catch((error: unknown) => {
      if (isMissing(error)) throw error
      return copyFile(path, temporary)
    })
    await renameDurably(temporary, `${path}.prev`)
  } catch (error) {
    await rm(temporary, { force: true })
    if (!isMissing(error)) throw error
  }
}

type Version<T> = { kind: 'read'; data: T } | { kind: 'missing' } | { kind: 'unreadable'; why: string }

async function readVersion<T>(path: string, check: (json: unknown) => T | undefined): Promise<Version<T>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return { kind: 'missing' }
    return { kind: 'unreadable', why: `it cannot be opened (${codeOf(error) ?? String(error)})` }
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // The parser's own message would quote the file, which may hold secrets.
    return { kind: 'unreadable', why: text.length === 0 ? 'it is empty' : 'it is cut off or no JSON' }
  }
  const data = check(json)
  return data === undefined
    ? { kind: 'unreadable', why: 'it is not in the form this version writes' }
    : { kind: 'read', data }
}

/**
 * Opens the document at `path`: its newest readable version, else the previous one (`.prev`), else `empty`. Never throws on
 * what stands in a file; `check` says what a parsed version means, or undefined where it is none.
 */
export async function openDurable<T>(
  path: string,
  options: { empty: T; check: (json: unknown) => T | undefined },
): Promise<Durable<T>> {
  const unreadable: Unreadable[] = []
  let source: Durable<T>['source'] = 'none'
  let currentIsBroken = false
  let writing = Promise.resolve()

  async function write(data: T): Promise<void> {
    const temporary = await writeBeside(path, `${JSON.stringify(data)}\n`)
    try {
      // A broken version must not push out the good one before it; it is kept under its own name to be looked at.
      if (currentIsBroken) await renameDurably(path, `${path}.broken`)
      else await keepPrevious(path)
      await renameDurably(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    currentIsBroken = false
    await syncFolder(dirname(path))
  }

  const adapter: Adapter<T> = {
    async read() {
      for (const version of ['current', 'previous'] as const) {
        const file = version === 'current' ? path : `${path}.prev`
        const found = await readVersion(file, options.check)
        if (found.kind === 'unreadable') {
          unreadable.push({ path: file, why: found.why })
          if (version === 'current') currentIsBroken = true
        }
        if (found.kind === 'read') {
          source = version
          return found.data
        }
      }
      return null
    },
    // One at a time: the version kept as the previous one must be the one written before.
    write(data) {
      const turn = writing.then(() => write(data))
      writing = turn.catch(() => {
        // whoever asked for that write was told; the next one starts anew
      })
      return turn
    },
  }

  const low = new Low<T>(adapter, options.empty)
  await low.read()
  return { low, source, unreadable }
}
