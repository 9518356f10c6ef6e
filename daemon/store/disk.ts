/** Every step on the disk that the home's files take, so that a test can play a disk that is full, slow, broken or loses its power. */
import {
  close,
  closeSync,
  createReadStream,
  fsync,
  ftruncateSync,
  open,
  openSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs'
import { copyFile, link, mkdir, open as openHandle, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Fails with what the file system says: an error that has a `code`. `…Now` holds the thread until it is done. */
export type Disk = {
  /** Makes a file that must not be there yet, 0600, for appending. */
  createNow(path: string): number
  create(path: string): Promise<number>
  /** Answers how many bytes were written: it may be fewer than asked for. */
  writeNow(fd: number, bytes: Uint8Array): number
  write(fd: number, bytes: Uint8Array): Promise<number>
  /** Cuts the file back to its first `length` bytes. */
  cut(fd: number, length: number): void
  sync(fd: number): Promise<void>
  closeNow(fd: number): void
  close(fd: number): Promise<void>
  read(path: string): Promise<Buffer>
  /** The same a piece at a time: the event loop goes on between two. */
  pieces(path: string): AsyncIterable<Buffer>
  /** The same from the end on, for whoever needs the newest part alone. */
  piecesFromEnd(path: string): AsyncIterable<Buffer>
  /** The first `length` bytes, or all where the file is shorter. */
  readStart(path: string, length: number): Promise<Buffer>
  /** The names in a folder. */
  list(path: string): Promise<string[]>
  /** Epoch ms. */
  changedAt(path: string): Promise<number>
  /** And those above it, 0700; one that is there already is well. */
  makeFolder(path: string): Promise<void>
  /** Puts `from` in the place of what is at `to`. */
  rename(from: string, to: string): Promise<void>
  link(from: string, to: string): Promise<void>
  copy(from: string, to: string): Promise<void>
  /** A file that is not there is well. */
  remove(path: string): Promise<void>
  removeNow(path: string): void
  /** A new or renamed file's name survives a power cut only once its folder was synced. */
  syncFolder(path: string): Promise<void>
}

const pieceBytes = 256 * 1024

const openLater = promisify(open)
const writeLater = promisify(write)

export const realDisk: Disk = {
  createNow: (path) => openSync(path, 'ax', 0o600),
  create: (path) => openLater(path, 'ax', 0o600),
  writeNow: (fd, bytes) => writeSync(fd, bytes),
  write: async (fd, bytes) => (await writeLater(fd, bytes)).bytesWritten,
  cut: (fd, length) => ftruncateSync(fd, length),
  sync: promisify(fsync),
  closeNow: (fd) => closeSync(fd),
  close: promisify(close),
  read: (path) => readFile(path),
  pieces: (path) => createReadStream(path, { highWaterMark: pieceBytes }),
  piecesFromEnd,
  readStart,
  list: (path) => readdir(path),
  changedAt: async (path) => (await stat(path)).mtimeMs,
  makeFolder: async (path) => void (await mkdir(path, { recursive: true, mode: 0o700 })),
  rename: process.platform === 'win32' ? renameOnWindows : rename,
  link,
  copy: (from, to) => copyFile(from, to),
  remove: (path) => rm(path, { force: true }),
  removeNow: (path) => rmSync(path, { force: true }),
  syncFolder,
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

/** Waits for indexers and virus scanners to let go of a file, a second at most. Elsewhere such a refusal is one. */
async function renameOnWindows(from: string, to: string): Promise<void> {
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

/** Windows cannot open folders and needs none of it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await openHandle(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function* piecesFromEnd(path: string): AsyncGenerator<Buffer> {
  const file = await openHandle(path, 'r')
  try {
    let end = (await file.stat()).size
    while (end > 0) {
      const from = Math.max(0, end - pieceBytes)
      const { bytesRead, buffer } = await file.read(Buffer.alloc(end - from), 0, end - from, from)
      if (bytesRead < end - from) throw new Error(`the disk gave ${bytesRead} of ${end - from} bytes`)
      yield buffer
      end = from
    }
  } finally {
    await file.close()
  }
}

async function readStart(path: string, length: number): Promise<Buffer> {
  const file = await openHandle(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
