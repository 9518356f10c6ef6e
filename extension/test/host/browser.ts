/** A Chromium for the tests: one that is there, else Playwright's, else Debian's, else the exact command to type. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { withLock } from './lock.ts'
import { browserPlaces, cacheFolder, type Machine, onPath } from './places.ts'
import { runProcess, say } from './processes.ts'

export const machine: Machine = { platform: process.platform, env: process.env, home: homedir() }

let found: Promise<string> | undefined

/** The program to run. The first call may install one, which takes up to some minutes; later calls share its answer. */
export function browserPath(): Promise<string> {
  found ??= findOrInstall()
  return found
}

async function findOrInstall(): Promise<string> {
  const chosen = process.env['TOLLKEEPER_CHROMIUM']
  if (chosen) {
    if (await runs(chosen)) return chosen
    throw new Error(
      `TOLLKEEPER_CHROMIUM names ${chosen}, which does not run: name a Chromium, Chrome or Edge, or unset it`,
    )
  }
  const present = await firstPresent()
  if (present) return present
  const lock = { file: join(cacheFolder(machine), 'browser.lock'), limitMs: 900_000 }
  return withLock({ ...lock, onWait: () => say('browser: another test run is installing one; waiting') }, install)
}

async function firstPresent(): Promise<string | undefined> {
  for (const place of [...browserPlaces(machine), await playwrightsOwn()]) if (await runs(place)) return place
  return undefined
}

async function playwrightsOwn(): Promise<string> {
  const { chromium } = await import('playwright-core')
  return chromium.executablePath()
}

/** A file of the right name may be a stub that asks for a snap, or lack its libraries. */
async function runs(program: string): Promise<boolean> {
  if (!existsSync(program)) return false
  // On Windows `chrome.exe --version` opens a window instead of answering.
  if (process.platform === 'win32') return true
  const { ok, output } = await runProcess(program, ['--version'], { cwd: dirname(program), limitMs: 30_000 })
  return ok && /\d+\.\d+/.test(output)
}

async function install(): Promise<string> {
  const appeared = await firstPresent()
  if (appeared) return appeared
  say('browser: none found; trying Playwright’s Chromium')
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js')
  const fetched = await runProcess(process.execPath, [cli, 'install', 'chromium'], {
    cwd: process.cwd(),
    limitMs: 600_000,
  })
  const own = await playwrightsOwn()
  if (await runs(own)) return own
  const apt = isDebianRoot() ? await installFromDebian() : undefined
  const last = await firstPresent()
  if (last) return last
  throw new Error(`no browser for the tests could be found or installed.
${browserAdvice(machine, existsSync('/etc/debian_version'))}
What was tried: ${reason(fetched.output)}${apt ? `\napt-get: ${reason(apt)}` : ''}`)
}

async function installFromDebian(): Promise<string> {
  say('browser: not to be had there; installing Debian’s chromium (about 20 s)')
  const options = { cwd: '/', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, limitMs: 600_000 }
  const patient = ['-o', 'DPkg::Lock::Timeout=300']
  const update = await runProcess('apt-get', [...patient, 'update'], options)
  const packages = ['install', '-y', '--no-install-recommends', 'chromium']
  const installed = await runProcess('apt-get', [...patient, ...packages], options)
  return update.output + installed.output
}

function isDebianRoot(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && onPath('apt-get', machine).some(existsSync)
}

/** What a person has to type, in a line of its own. */
export function browserAdvice({ platform }: Machine, debian: boolean): string {
  const command = debian
    ? 'sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium'
    : `npx playwright-core install ${platform === 'linux' ? '--with-deps ' : ''}chromium`
  return `Type this, then run the tests again:\n\n    ${command}\n\nor set TOLLKEEPER_CHROMIUM to the path of a Chromium, Chrome or Edge.`
}

function reason(output: string): string {
  return output.trim().split('\n').slice(-6).join('\n')
}

/** Only this machine resolves, so that no request of a page can leave it. */
const onlyThisMachine = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'

/** Starts the browser, without a window unless TOLLKEEPER_HEADED is set; the caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core')
  return chromium.launch({
    executablePath: await browserPath(),
    headless: !process.env['TOLLKEEPER_HEADED'],
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      onlyThisMachine,
    ],
  })
}

/** The addresses beyond this machine that the context's pages asked for; filled as they ask, and expected to stay empty. */
export function watchOutside(context: BrowserContext): string[] {
  const outside: string[] = []
  context.on('requestfinished', (request) => {
    if (!isOutside(request.url())) return
    // A webview's resources have https addresses of a CDN, but its service worker answers them without a request.
    void request.response().then(
      (response) => {
        if (!response?.fromServiceWorker()) outside.push(request.url())
      },
      () => outside.push(request.url()),
    )
  })
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? 'failed'
    // A view that closes gives up what its service worker had not answered yet; what asks the network fails by its name.
    if (isOutside(request.url()) && why !== 'net::ERR_ABORTED') outside.push(`${request.url()} (${why})`)
  })
  return outside
}

/** Whether an address is one of the network, and not of this machine. */
export function isOutside(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return /^(https?|wss?):$/.test(protocol) && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}
