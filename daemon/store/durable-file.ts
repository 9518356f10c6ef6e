/** A small JSON document kept whole through crashes and full disks: lowdb with an adapter that fsyncs and keeps the previous version. */
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { type Adapter, Low } from 'lowdb'
import { codeOf, type Disk, isMissing, realDisk } from './disk.ts'

/** A version of the document that was there but could not be read, and why in plain words. `closed`: it may be whole, the disk does not give it. */
export type Unreadable = { path: string; why: string; closed: boolean }

export type Durable<T> = {
  /** `low.data` is the document; `await low.write()` resolves when it is on the disk, and rejects with the old one untouched. */
  low: Low<T>
  /** Which version `low.data` was read from; `none`: there was no readable one and it is `empty`. */
  source: 'current' | 'previous' | 'none'
  unreadable: Unreadable[]
}

/** A name beside `path` that nobody else takes. */
export function nameBeside(path: string): string {
  return `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
}

/** Makes a file that must not be there yet, 0600, on the disk; where that fails there is none. */
export async function writeNew(path: string, content: string | Uint8Array, disk: Disk): Promise<void> {
  const fd = await disk.create(path)
  try {
    try {
      await writeAll(fd, Buffer.from(content), disk)
      await disk.sync(fd)
    } finally {
      await disk.close(fd)
    }
  } catch (error) {
    await removeLeft(path, disk)
    throw error
  }
}

/** Resolves once all bytes were taken. */
async function writeAll(fd: number, bytes: Uint8Array, disk: Disk): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const took = await disk.write(fd, bytes.subarray(at))
    if (took === 0) throw new Error('the disk took no byte')
    at += took
  }
}

/** Writes `content` beside `path`, on the disk; answers the temporary name. */
async function writeBeside(path: string, content: string | Uint8Array, disk: Disk): Promise<string> {
  const temporary = nameBeside(path)
  await writeNew(temporary, content, disk)
  return temporary
}

/** After a step that failed: why it did is what the caller must hear, not that its leavings stay as well. */
export async function removeLeft(path: string, disk: Disk): Promise<void> {
  await disk.remove(path).catch(() => {})
}

/** Replaces `path` by `content` in one step: at any moment a reader finds the old one or the new one, whole. */
export async function replaceFile(path: string, content: string | Uint8Array, disk = realDisk): Promise<void> {
  await replaceFileIf(path, content, () => true, disk)
}

/** The same where `mayStill`, asked once the new content is on the disk, says yes; else all stays as it is and the answer is false. */
export async function replaceFileIf(
  path: string,
  content: string | Uint8Array,
  mayStill: () => boolean,
  disk = realDisk,
): Promise<boolean> {
  const temporary = await writeBeside(path, content, disk)
  try {
    if (!mayStill()) {
      await disk.remove(temporary)
      return false
    }
    await disk.rename(temporary, path)
  } catch (error) {
    await removeLeft(temporary, disk)
    throw error
  }
  await disk.syncFolder(dirname(path))
  return true
}

/** Gives the present version a second name, so that `path` itself is there at every moment. */
async function keepPrevious(path: string, disk: Disk): Promise<void> {
  const temporary = nameBeside(path)
  try {
    // A file system without hard links gets a copy.
    await disk.link(path, temporary).catch((error: unknown) => {
      if (isMissing(error)) throw error
      return disk.copy(path, temporary)
    })
    await disk.rename(temporary, `${path}.prev`)
  } catch (error) {
    await removeLeft(temporary, disk)
    if (!isMissing(error)) throw error
  }
}

type Version<T> = { kind: 'read'; data: T } | { kind: 'missing' } | { kind: 'unreadable'; why: string; closed: boolean }

async function readVersion<T>(path: string, check: (json: unknown) => T | undefined, disk: Disk): Promise<Version<T>> {
  let text: string
  try {
    text = (await disk.read(path)).toString('utf8')
  } catch (error) {
    if (isMissing(error)) return { kind: 'missing' }
    return { kind: 'unreadable', why: `it cannot be opened (${codeOf(error) ?? String(error)})`, closed: true }
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // The parser's own message would quote the file, which may hold secrets.
    return { kind: 'unreadable', why: text.length === 0 ? 'it is empty' : 'it is cut off or no JSON', closed: false }
  }
  const data = check(json)
  return data === undefined
    ? { kind: 'unreadable', why: 'it is not in the form this version writes', closed: false }
    : { kind: 'read', data }
}

/**
 * Opens the document at `path`: its newest readable version, else the previous one (`.prev`), else `empty`. Never throws on
 * what stands in a file; `check` says what a parsed version means, or undefined where it is none.
 */
export async function openDurable<T>(
  path: string,
  options: { empty: T; check: (json: unknown) => T | undefined; disk?: Disk },
): Promise<Durable<T>> {
  const disk = options.disk ?? realDisk
  const unreadable: Unreadable[] = []
  let source: Durable<T>['source'] = 'none'
  let currentIsBroken = false
  let writing = Promise.resolve()

  async function write(data: T): Promise<void> {
    const temporary = await writeBeside(path, `${JSON.stringify(data)}\n`, disk)
    try {
      // A broken version must not push out the good one before it; it is kept under its own name to be looked at.
      if (currentIsBroken) await disk.rename(path, `${path}.broken`)
      else await keepPrevious(path, disk)
      await disk.rename(temporary, path)
    } catch (error) {
      await removeLeft(temporary, disk)
      throw error
    }
    currentIsBroken = false
    await disk.syncFolder(dirname(path))
  }

  const adapter: Adapter<T> = {
    async read() {
      for (const version of ['current', 'previous'] as const) {
        const file = version === 'current' ? path : `${path}.prev`
        const found = await readVersion(file, options.check, disk)
        if (found.kind === 'unreadable') {
          unreadable.push({ path: file, why: found.why, closed: found.closed })
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
