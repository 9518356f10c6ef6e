/** Puts the daemon's program files into the home: VS Code deletes an extension's folder when it updates it, and the daemon lives on. */
import { createHash, randomBytes } from 'node:crypto'
import { cp, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** The daemon looks for the page beside its own folder. */
const parts = ['daemon', 'dashboard'] as const
/** Beside the one that is started. */
const olderKept = 2
const dayMs = 86_400_000

/** The `main.mjs` to start: in `<home>/app/<version>`, copied there from `built` (the extension's `dist`) unless it is already. */
export async function placeDaemon(built: string, home: string, version: string): Promise<string> {
  const wanted = await digestOf(built)
  if (wanted === empty) throw new Error(`the extension lacks its daemon (nothing is in ${built}); install it anew`)
  const app = join(home, 'app')
  for (const name of [version, `${version}-${wanted.slice(0, 8)}`]) {
    const folder = join(app, name)
    const main = join(folder, 'daemon', 'main.mjs')
    const present = await digestOf(folder)
    if (present === wanted) return main
    // another build of the same version stands there, and a daemon may be running from it: it is left alone
    if (present !== empty) continue
    await copyWhole(built, app, folder)
    if ((await digestOf(folder)) !== wanted) continue
    await dropOld(app, folder)
    return main
  }
  throw new Error(`the daemon's files could not be put into ${app}: what stands there differs from what was copied`)
}

/** Beside, then renamed: a folder that carries its name is complete. */
async function copyWhole(built: string, app: string, folder: string): Promise<void> {
  const beside = join(app, `.${randomBytes(6).toString('hex')}`)
  await mkdir(beside, { recursive: true, mode: 0o700 })
  try {
    for (const part of parts) {
      await cp(join(built, part), join(beside, part), { recursive: true, filter: (path) => isShipped(path) })
    }
    await rename(beside, folder)
  } catch (error) {
    // two windows at once: the second finds the first one's folder, which the caller checks
    if (!(await exists(folder))) throw error
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

/** Older versions go, but for the newest few: a daemon that still runs from one loads parts of itself late. */
async function dropOld(app: string, current: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(app)).map(async (name) => {
      const path = join(app, name)
      const at = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
      // what another window is copying right now
      const isBeingMade = name.startsWith('.') && Date.now() - at < dayMs
      return { path, at, isBeingMade }
    }),
  )
  const others = folders.filter(({ path, isBeingMade }) => path !== current && !isBeingMade).sort((a, b) => b.at - a.at)
  for (const { path } of others.slice(olderKept)) {
    // what cannot be removed now is tried again with the next version
    await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}

function isShipped(path: string): boolean {
  return !path.endsWith('.map')
}

const empty = createHash('sha256').digest('hex')

/** Of all names and contents; that of nothing where there is no such folder. */
async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const part of parts) {
    const entries = await readdir(join(folder, part), { recursive: true, withFileTypes: true }).catch(() => [])
    const files = entries
      .filter((entry) => entry.isFile() && isShipped(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
    for (const file of files.sort()) {
      hash.update(`${relative(folder, file).replaceAll('\\', '/')}\0`)
      hash.update(await readFile(file))
    }
  }
  return hash.digest('hex')
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

export const logFile = 'daemon.log'

/** Opens the log to append to; the daemon itself keeps it within a bound. */
export function openDaemonLog(home: string) {
  return open(join(home, logFile), 'a', 0o600)
}

/** The end of the log, for saying why a daemon did not come up. */
export async function endOfLog(home: string): Promise<string> {
  const text = await readFile(join(home, logFile), 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-3).join('\n').slice(-600)
}
