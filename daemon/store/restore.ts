/** Restores a backup as a home: beside the one that is there, checked whole, then in its place in one step. */
import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BackupEnd, type BackupFile, type OpenedBackup, readBackup } from './backup-file.ts'
import { mayHold } from './backup-source.ts'
import { realDisk } from './disk.ts'
import { holdsHistory } from './holds-history.ts'
import { type TakenHome, takeHome } from './home-lock.ts'
import { withOrigin } from './new-origin.ts'
import { newOrigin, writeOrigin } from './origin.ts'

export type Restored =
  /** `kept`: where the home that was there is now; null where there was none. */
  | { kind: 'restored'; end: BackupEnd; kept: string | null }
  /** Nothing was changed. */
  | { kind: 'refused'; why: string }

type Options = {
  home: string
  backup: OpenedBackup
  /** null: the backup is not sealed. */
  key: Buffer | null
  replace: boolean
  /** Epoch ms. */
  now: number
}
type Lock = Extract<TakenHome, { kind: 'taken' }>

export async function restore(options: Options): Promise<Restored> {
  const { home, replace } = options
  if (!existsSync(home)) return restoreUnder(options, null)
  const lock = await takeHome(home)
  if (lock.kind === 'unusable') return { kind: 'refused', why: lock.why }
  if (lock.kind === 'held') {
    const why = `Tollkeeper (process ${lock.by.pid}) runs on ${home}: stop it with \`tollkeeper stop\`, restore, and start it again.`
    return { kind: 'refused', why }
  }
  try {
    if (!replace && (await holdsHistory(home))) {
      const why = `${home} holds a history. With --replace it makes room, and is kept beside; or name another home with --home.`
      return { kind: 'refused', why }
    }
    return await restoreUnder(options, lock)
  } finally {
    await lock.release()
  }
}

async function restoreUnder(options: Options, lock: Lock | null): Promise<Restored> {
  const { home, backup, key, now } = options
  const staging = `${home}.restoring-${process.pid}`
  try {
    await rm(staging, { recursive: true, force: true })
    await mkdir(join(staging, 'journal'), { recursive: true, mode: 0o700 })
    const origin = newOrigin(now)
    const unknown: string[] = []
    const read = await readBackup(backup, key, async ({ file, bytes }) => {
      const own = mayHold(file) ? await withOrigin(file, bytes, origin) : undefined
      if (own) await writeFile(staging, { file, bytes: own })
      else unknown.push(file)
    })
    if ('why' in read) return { kind: 'refused', why: read.why }
    if (unknown.length > 0) {
      const why = `${backup.path} holds what this version of Tollkeeper does not know (${unknown[0]?.slice(0, 100)}).`
      return { kind: 'refused', why }
    }
    await writeOrigin(staging, origin)
    if (lock) await takeOver(home, staging, lock)
    for (const folder of [staging, join(staging, 'journal')]) await realDisk.syncFolder(folder)
    return { kind: 'restored', end: read.end, kept: await putInPlace(home, staging, now) }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function writeFile(folder: string, { file, bytes }: BackupFile): Promise<void> {
  const path = join(folder, ...file.split('/'))
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const made = await open(path, 'wx', 0o600)
  try {
    await made.writeFile(bytes)
    await made.sync()
  } finally {
    await made.close()
  }
}

/** What stays with the home: its lock, so that no daemon comes between; its port; its keys, where the backup has none. */
async function takeOver(home: string, staging: string, lock: Lock): Promise<void> {
  const files = (await readdir(home)).filter((file) => file === `lock.${lock.epoch}` || file === 'port')
  if (!existsSync(join(staging, 'secrets.json')) && existsSync(join(home, 'secrets.json'))) files.push('secrets.json')
  for (const file of files) await copyFile(join(home, file), join(staging, file))
}

async function putInPlace(home: string, staging: string, now: number): Promise<string | null> {
  if (!existsSync(home)) {
    await realDisk.rename(staging, home)
    await realDisk.syncFolder(dirname(home))
    return null
  }
  const kept = `${home}.before-restore-${new Date(now).toISOString().replace(/[:.]/g, '-')}`
  await realDisk.rename(home, kept)
  try {
    await realDisk.rename(staging, home)
  } catch (error) {
    await realDisk.rename(kept, home)
    throw error
  }
  await realDisk.syncFolder(dirname(home))
  return kept
}
