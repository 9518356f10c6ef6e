/** What tests of the extension in a real VS Code call: start a private host, open its window, take a picture of it. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Page } from 'playwright-core'
import { type Development, startCodeServer } from './code-server.ts'
import { installIntoDesktop, openDesktopWorkbench } from './desktop.ts'
import { type HostFolders, hostEnvironment, hostFolders, quietSettings } from './environment.ts'
import { endDaemon } from './left-daemon.ts'
import { type HostProgram, hostProgram } from './program.ts'
import { showWorkbench, type Workbench } from './workbench.ts'

export { browserPath, isOutside, launchBrowser, watchOutside } from './browser.ts'
export type { Workbench } from './workbench.ts'

/** The repository is the extension's folder: its package.json is the manifest. */
export const extensionRoot = process.cwd()

export type HostOptions = {
  /** Added to the host's environment, and so to that of the extension and of the daemon that it starts. */
  readonly env?: Readonly<Record<string, string>>
  /** Added to the user's settings. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** A packaged extension to install. */
  readonly vsix?: string | undefined
}

export type Host = {
  readonly program: HostProgram
  readonly folders: HostFolders
  readonly env: Record<string, string>
  /** Opens the window; `prepare` sees the page before it loads, in a code-server only. */
  open(development: Development, prepare?: (page: Page) => Promise<void>): Promise<Workbench>
  /** What the host wrote, for the report of a failure. */
  log(): string
  /** Ends the host and the daemon that was started in it, and removes its folders unless TOLLKEEPER_KEEP is set. */
  stop(): Promise<void>
}

/** Starts a VS Code of its own: new home, settings and extensions, all in one folder that `stop` removes. */
export async function startHost({ env: extra = {}, settings = {}, vsix }: HostOptions = {}): Promise<Host> {
  const program = await hostProgram()
  const folders = await makeFolders({ ...quietSettings, ...settings })
  const env = hostEnvironment(process.env, folders, extra)
  const clean = async (): Promise<void> => {
    await endDaemon(env['TOLLKEEPER_HOME'] ?? folders.tollkeeper)
    if (process.env['TOLLKEEPER_KEEP']) return
    await rm(folders.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
  const shared = { program, folders, env }
  try {
    if (program.kind === 'desktop') {
      if (vsix) await installIntoDesktop(program, shared, vsix)
      const open: Host['open'] = (development) => openDesktopWorkbench(program, shared, development)
      return { ...shared, open, log: () => '', stop: clean }
    }
    refuseInside(program.entry)
    const server = await startCodeServer(program, { folders, env, vsix })
    return {
      ...shared,
      open: (development, prepare) => showWorkbench(server, { ...development, workspace: folders.workspace, prepare }),
      log: () => server.running.output(),
      stop: async () => {
        await server.running.stop()
        await clean()
      },
    }
  } catch (error) {
    await clean()
    throw error
  }
}

/** Opens the window with the extension under development, by default this repository's; `false` for none (a packaged one is installed). */
export function openWorkbench(
  host: Host,
  { extension = extensionRoot }: { extension?: string | false } = {},
): Promise<Workbench> {
  return host.open(extension === false ? {} : { extension })
}

/** Writes `shots/NAME.png` once the colours of the theme are there, and gives its path. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const path = join(process.cwd(), 'shots', `${name}.png`)
  // The theme comes some time after the first paint; a page that is no workbench has none to wait for.
  if (await page.locator('.monaco-workbench').count()) {
    await page.locator('.monaco-workbench[class*="dark_modern"]').waitFor({ timeout: 30_000 })
  }
  await page.screenshot({ path, animations: 'disabled' })
  return path
}

async function makeFolders(settings: Readonly<Record<string, unknown>>): Promise<HostFolders> {
  // Short, since VS Code puts sockets below it, and a socket's path has about a hundred characters.
  const folders = hostFolders(await realpath(await mkdtemp(join(tmpdir(), 'tk-'))))
  const user = join(folders.data, 'User')
  for (const folder of [folders.extensions, folders.workspace, folders.home, user])
    await mkdir(folder, { recursive: true })
  await writeFile(join(user, 'settings.json'), JSON.stringify(settings, null, 2))
  await writeFile(join(folders.root, 'config.yaml'), 'auth: none\n')
  await writeFile(join(folders.workspace, 'notes.txt'), 'A workspace for tests.\n')
  return folders
}

/** VS Code takes every built-in extension below the folder of the one in development for that one, and then has no theme. */
function refuseInside(entry: string): void {
  const path = relative(extensionRoot, entry)
  if (!path.startsWith('..'))
    throw new Error(`the VS Code host must not lie inside ${extensionRoot}: set XDG_CACHE_HOME elsewhere`)
}
