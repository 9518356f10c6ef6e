/** One daemon a home: a lock of generations, `lock.<n>`, which a process takes by being the first to link `lock.<n + 1>`. */
import { randomBytes } from 'node:crypto'
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod/mini'
import { codeOf, type Disk, isMissing, realDisk } from './disk.ts'
import { removeLeft, writeNew } from './durable-file.ts'
import { processState } from './process-start.ts'

/** `pid` 0: it was given back. */
const holder = z.object({ pid: z.int(), mark: z.optional(z.string()) })
type Holder = z.infer<typeof holder>

export type TakenHome =
  /** `epoch`: higher than that of whoever had the home before. */
  | { kind: 'taken'; epoch: number; release(): Promise<void> }
  | { kind: 'held'; by: { pid: number } }
  /** `why`: a sentence that names the folder and what to do. */
  | { kind: 'unusable'; why: string }

/** Older generations stay for a while: who listed the folder before we took it must still find their numbers taken. */
const keptGenerations = 3
/** Where there are no hard links a lock is empty for a moment. */
const writingMs = 2000

const lockFile = (home: string, epoch: number): string => join(home, `lock.${epoch}`)

async function epochsIn(home: string, disk: Disk): Promise<number[]> {
  const files = await disk.list(home)
  return files
    .flatMap((file) => (/^lock\.[1-9]\d{0,14}$/.test(file) ? Number(file.slice(5)) : []))
    .sort((a, b) => b - a)
}

/**
 * Takes the home for this process, and makes the folder where there is none. No time-out is in it, so no sleep of the machine
 * ends it, and a holder that was killed is seen at once.
 */
export async function takeHome(home: string, disk: Disk = realDisk): Promise<TakenHome> {
  const temporary = join(home, `lock-${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  try {
    await disk.makeFolder(home)
    const state = await processState(process.pid)
    const mark = state.kind === 'running' ? state.mark : undefined
    const me: Holder = { pid: process.pid, ...(mark ? { mark } : {}) }
    await writeNew(temporary, JSON.stringify(me), disk)
    return await takeGeneration(home, temporary, me, disk)
  } catch (error) {
    return { kind: 'unusable', why: whyUnusable(home, error) }
  } finally {
    // A folder that cannot be written has none.
    await removeLeft(temporary, disk)
  }
}

async function takeGeneration(home: string, temporary: string, me: Holder, disk: Disk): Promise<TakenHome> {
  for (;;) {
    const newest = (await epochsIn(home, disk))[0] ?? 0
    const by = newest === 0 ? undefined : await livingHolder(home, newest, disk)
    if (by) return { kind: 'held', by: { pid: by.pid } }
    const epoch = newest + 1
    if (!(await makeLock(temporary, lockFile(home, epoch), me, disk))) continue
    // Whoever was slow may have linked a number that was cleaned away meanwhile: only the highest counts.
    const epochs = await epochsIn(home, disk)
    if (epochs[0] !== epoch) {
      await disk.remove(lockFile(home, epoch))
      continue
    }
    await Promise.all(epochs.slice(keptGenerations).map((old) => disk.remove(lockFile(home, old))))
    return { kind: 'taken', epoch, release: () => release(home, epoch, disk) }
  }
}

/** false where another one was first. A link appears whole; without hard links the name alone must decide. */
async function makeLock(temporary: string, path: string, me: Holder, disk: Disk): Promise<boolean> {
  try {
    await disk.link(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK', 'EISDIR'].includes(codeOf(error) ?? ''))
      throw error
  }
  try {
    await writeNew(path, JSON.stringify(me), disk)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** The id of the process that has the home now; undefined: none. Nothing is taken. Rejects where the home cannot be read. */
export async function holderPidOf(home: string, disk: Disk = realDisk): Promise<number | undefined> {
  const newest = (await epochsIn(home, disk))[0]
  return newest === undefined ? undefined : (await livingHolder(home, newest, disk))?.pid
}

/** undefined where the holder is dead, gave it back, or never came to say who it is. */
async function livingHolder(home: string, epoch: number, disk: Disk): Promise<Holder | undefined> {
  const path = lockFile(home, epoch)
  for (;;) {
    const bytes = await disk.read(path).catch((error: unknown) => {
      if (isMissing(error)) return Buffer.of()
      throw error
    })
    const read = readHolder(bytes.toString('utf8'))
    if (read) return (await isAlive(read)) ? read : undefined
    const made = await disk.changedAt(path).catch(() => undefined) // cleaned away meanwhile
    const age = made === undefined ? writingMs : Math.abs(Date.now() - made)
    if (age >= writingMs) return undefined
    await sleep(50)
  }
}

function readHolder(text: string): Holder | undefined {
  try {
    const read = holder.safeParse(JSON.parse(text))
    return read.success ? read.data : undefined
  } catch {
    // Empty or cut off: it is being written, or was when its writer died.
    return undefined
  }
}

async function isAlive(by: Holder): Promise<boolean> {
  if (by.pid <= 0) return false
  const state = await processState(by.pid)
  if (state.kind === 'gone') return false
  return by.mark === undefined || state.mark === undefined || by.mark === state.mark
}

/** The number stays taken, so that epochs only rise; the file says that nobody has it. */
async function release(home: string, epoch: number, disk: Disk): Promise<void> {
  const temporary = join(home, `lock-${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeNew(temporary, JSON.stringify({ pid: 0 }), disk)
    await disk.rename(temporary, lockFile(home, epoch))
  } catch {
    // The home is gone or full. Our end frees the lock as well.
    await removeLeft(temporary, disk)
  }
}

/** Whether the file system said no to something in the home. */
export function isOfDisk(error: unknown): boolean {
  return codeOf(error) !== undefined && error instanceof Error && 'path' in error
}

/** The file system's refusal as a sentence that says what to do. */
export function whyUnusable(home: string, error: unknown): string {
  const code = codeOf(error) ?? String(error)
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `${home} cannot be written (${code}): make it yours and writable, or name another folder with --home or TOLLKEEPER_HOME.`
    case 'EROFS':
      return `${home} is on a read-only file system: name another folder with --home or TOLLKEEPER_HOME.`
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no room left on the disk of ${home} (${code}): make some, or name another folder with --home or TOLLKEEPER_HOME.`
    case 'ENOTDIR':
    case 'EEXIST':
      return `${home} is no folder, or part of its path is a file: move that away, or name another folder with --home or TOLLKEEPER_HOME.`
    default:
      return `${home} cannot be used (${code}): name another folder with --home or TOLLKEEPER_HOME.`
  }
}

/** Who has it does not answer: what to do. */
export function whyHeld(home: string, pid: number): string {
  return `Another Tollkeeper (process ${pid}) holds ${home} but does not answer. Wait until it has started, or end it.`
}

/** Keeps the home to its owner, as far as that goes: who else could look into it before, who can now. Windows keeps a user's folder to the user. */
export function keepPrivate(home: string): 'private' | 'made-private' | 'open' {
  if (process.platform === 'win32') return 'private'
  const isOpen = () => (statSync(home).mode & 0o077) !== 0
  if (!isOpen()) return 'private'
  try {
    chmodSync(home, 0o700)
  } catch {
    // Where the mode cannot be changed, what it is decides.
  }
  return isOpen() ? 'open' : 'made-private'
}
