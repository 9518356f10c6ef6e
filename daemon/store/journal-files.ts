/** The few file operations the journal makes, so that a test can play a full, slow or broken disk. */
import { close, closeSync, fsync, ftruncateSync, openSync, rmSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { syncFolder } from './durable-file.ts'

export type JournalFiles = {
  /** Makes a file that must not be there yet, 0600, for appending. */
  create(path: string): number
  /** Answers how many bytes were written: it may be fewer than asked for. */
  writeNow(fd: number, bytes: Uint8Array): number
  write(fd: number, bytes: Uint8Array): Promise<number>
  /** Cuts the file back to its first `length` bytes. */
  cut(fd: number, length: number): void
  sync(fd: number): Promise<void>
  syncFolder(path: string): Promise<void>
  closeNow(fd: number): void
  close(fd: number): Promise<void>
  remove(path: string): void
}

const writeLater = promisify(write)

export const diskFiles: JournalFiles = {
  create: (path) => openSync(path, 'ax', 0o600),
  writeNow: (fd, bytes) => writeSync(fd, bytes),
  write: async (fd, bytes) => (await writeLater(fd, bytes)).bytesWritten,
  cut: (fd, length) => ftruncateSync(fd, length),
  sync: promisify(fsync),
  syncFolder,
  closeNow: (fd) => closeSync(fd),
  close: promisify(close),
  remove: (path) => rmSync(path, { force: true }),
}
