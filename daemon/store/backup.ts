/** Makes a backup of a home, with a daemon on it or without: snapshot, journal and config as of one event, in one file. */
import { existsSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type BackupEnd, writeBackup } from './backup-file.ts'
import { newKey } from './backup-key.ts'
import { filesOf } from './backup-source.ts'
import { isMissing, realDisk } from './disk.ts'
import { holdsHistory } from './holds-history.ts'

export type BackedUp =
  | { kind: 'written'; end: BackupEnd; bytes: number }
  /** Nothing was written. */
  | { kind: 'refused'; why: string }

export type BackupOptions = {
  home: string
  to: string
  /** null: without secrets. */
  passphrase: string | null
  /** Epoch ms. */
  now: number
  /** How much is done, from 0 to 1. */
  onProgress: (share: number) => void
}
type Lock = Awaited<ReturnType<typeof newKey>> | null

/** How often it begins anew where the daemon drops a segment meanwhile. */
const mostTries = 5

/** 0600, whole or not at all. */
export async function backUp(options: BackupOptions): Promise<BackedUp> {
  const { home, to, passphrase } = options
  if (!(await holdsHistory(home))) return { kind: 'refused', why: `${home} holds no history to back up.` }
  if (existsSync(to)) return { kind: 'refused', why: `${to} is there already: name another file, or move it away.` }
  const lock = passphrase === null ? null : await newKey(passphrase)
  for (let tries = 1; tries <= mostTries; tries++) {
    const done = await writeOnce(options, lock)
    if (done !== 'changed') return done
  }
  return { kind: 'refused', why: `${home} changes too quickly to be copied. Try again.` }
}

async function writeOnce({ to, now, ...options }: BackupOptions, lock: Lock): Promise<BackedUp | 'changed'> {
  const temporary = `${to}.${process.pid}.tmp`
  const file = await open(temporary, 'wx', 0o600).catch((error: unknown) => String(error))
  if (typeof file === 'string') return { kind: 'refused', why: `${to} cannot be written (${file}).` }
  try {
    let done: BackedUp
    try {
      const source = filesOf({ ...options, withSecrets: lock !== null })
      const end = await writeBackup(file, new Date(now).toISOString(), lock, source)
      await file.sync()
      done = { kind: 'written', end, bytes: (await file.stat()).size }
    } finally {
      await file.close()
    }
    await realDisk.rename(temporary, to)
    await realDisk.syncFolder(dirname(to))
    return done
  } catch (error) {
    await rm(temporary, { force: true })
    if (isMissing(error)) return 'changed'
    throw error
  }
}
