/** Which VS Code the tests run in: the one named, else a cached one, else a download of the desktop, else code-server. */
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { machine } from './browser.ts'
import { type CodeServer, cachedCodeServer, installCodeServer } from './code-server-install.ts'
import { displayOf } from './display.ts'
import { withLock } from './lock.ts'
import { cacheFolder } from './places.ts'
import { say } from './processes.ts'

export type Desktop = { readonly kind: 'desktop'; readonly executable: string }
export type HostProgram = Desktop | CodeServer

/** The oldest version that the manifest's `engines.vscode` allows; TOLLKEEPER_VSCODE_VERSION asks for another, such as `stable`. */
const desktopVersion = process.env['TOLLKEEPER_VSCODE_VERSION'] ?? '1.100.3'

let found: Promise<HostProgram> | undefined

/** The first call may download or build one, which takes up to some minutes; later calls share its answer. */
export function hostProgram(): Promise<HostProgram> {
  found ??= findOrInstall()
  return found
}

async function findOrInstall(): Promise<HostProgram> {
  const named = process.env['TOLLKEEPER_VSCODE']
  if (named) {
    if (existsSync(named)) return { kind: 'desktop', executable: named }
    throw new Error(
      `TOLLKEEPER_VSCODE names ${named}, which is not there: give the path of VS Code’s program, or unset it`,
    )
  }
  const cache = cacheFolder(machine)
  await mkdir(cache, { recursive: true })
  const screen = displayOf(machine) !== 'none'
  const cached = (screen ? await cachedDesktop(cache) : undefined) ?? cachedCodeServer(cache)
  if (cached) return cached
  const desktop = screen ? await downloadDesktop(cache) : undefined
  return desktop ?? (await installCodeServer(cache))
}

function desktopFolder(cache: string): string {
  return join(cache, 'vscode')
}

/** The downloader finds its own cached copy without asking anyone, if the version is an exact one. */
async function cachedDesktop(cache: string): Promise<Desktop | undefined> {
  const folders = existsSync(desktopFolder(cache)) ? await readdir(desktopFolder(cache)) : []
  const whole = folders.some(
    (name) => name.endsWith(`-${desktopVersion}`) && existsSync(join(desktopFolder(cache), name, 'is-complete')),
  )
  return whole ? fetchDesktop(cache) : undefined
}

async function fetchDesktop(cache: string): Promise<Desktop> {
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron')
  const executable = await downloadAndUnzipVSCode({
    version: desktopVersion,
    cachePath: desktopFolder(cache),
    reporter: new SilentReporter(),
    // Of silence, not of the whole download: a closed network is given up soon.
    timeout: 15_000,
  })
  return { kind: 'desktop', executable }
}

async function downloadDesktop(cache: string): Promise<Desktop | undefined> {
  say(`VS Code host: fetching VS Code ${desktopVersion} (once)`)
  const onWait = (): void => say('VS Code host: another test run is fetching it; waiting')
  try {
    await mkdir(desktopFolder(cache), { recursive: true })
    return await withLock({ file: join(cache, 'vscode.lock'), onWait, limitMs: 1_200_000 }, () => fetchDesktop(cache))
  } catch (error) {
    say(`VS Code host: could not be fetched (${error instanceof Error ? error.message : String(error)})`)
    return undefined
  }
}
