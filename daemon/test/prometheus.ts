/** A Prometheus for the tests: the one on the PATH, else Debian's package, unpacked beside what else was fetched, else the command to type. */
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, win32 } from 'node:path'
import { withLock } from '../../extension/test/host/lock.ts'
import { cacheFolder, type Machine, onPath } from '../../extension/test/host/places.ts'
import { runProcess, say } from '../../extension/test/host/processes.ts'

export type Prometheus = { server: string; checker: string }

const machine: Machine = { platform: process.platform, env: process.env, home: homedir() }
let found: Promise<Prometheus> | undefined

/** The first call may fetch it, which takes some seconds; later calls share its answer. */
export function prometheusPrograms(): Promise<Prometheus> {
  found ??= findOrFetch()
  return found
}

async function findOrFetch(): Promise<Prometheus> {
  const [server, checker] = ['prometheus', 'promtool'].map((name) =>
    prometheusPlaces(name, machine).find((path) => existsSync(path)),
  )
  if (server !== undefined && checker !== undefined) return { server, checker }
  const folder = join(cacheFolder(machine), 'prometheus-debian')
  const fetched = { server: join(folder, 'usr', 'bin', 'prometheus'), checker: join(folder, 'usr', 'bin', 'promtool') }
  if (existsSync(fetched.checker)) return fetched
  const tried = existsSync('/etc/debian_version') ? await fetchOnce(folder) : 'there is no package for this system'
  if (existsSync(fetched.checker)) return fetched
  throw new Error(
    `no Prometheus for the tests could be found or fetched. ${prometheusAdvice(machine)}\nWhat was tried: ${tried}`,
  )
}

/** Where a program of Prometheus may be. Scoop's on the PATH gives the server a config of its own, and it takes only one: so the program itself goes first. */
export function prometheusPlaces(name: string, at: Machine): string[] {
  if (at.platform !== 'win32') return onPath(name, at)
  const scoop = at.env['SCOOP'] || win32.join(at.home, 'scoop')
  return [win32.join(scoop, 'apps', 'prometheus', 'current', `${name}.exe`), ...onPath(name, at)]
}

/** What a person has to type, in a line of its own. */
export function prometheusAdvice({ platform }: Pick<Machine, 'platform'>): string {
  const commands: Partial<Record<NodeJS.Platform, string>> = {
    linux: 'sudo apt-get update && sudo apt-get install -y --no-install-recommends prometheus',
    darwin: 'brew install prometheus',
    // winget has none; Scoop itself is at https://scoop.sh (looked up in 2026-11)
    win32: 'scoop install main/prometheus',
  }
  const command = commands[platform]
  const how = command === undefined ? 'Install it' : `Type this:\n\n    ${command}\n\n`
  return `${how} so that prometheus and promtool are on the PATH, then run the tests again.`
}

async function fetchOnce(folder: string): Promise<string> {
  const lock = { file: `${folder}.lock`, limitMs: 300_000 }
  return withLock({ ...lock, onWait: () => say('prometheus: another test run is fetching it; waiting') }, () =>
    existsSync(folder) ? Promise.resolve('') : fetchFromDebian(folder),
  )
}

/** Not installed: that would start a server. Unpacking needs no rights. */
async function fetchFromDebian(folder: string): Promise<string> {
  say('prometheus: none found; fetching Debian’s package')
  await mkdir(cacheFolder(machine), { recursive: true })
  const work = await mkdtemp(`${folder}-`)
  const options = { cwd: work, limitMs: 120_000 }
  try {
    let fetched = await runProcess('apt-get', ['download', 'prometheus'], options)
    if (!fetched.ok && process.getuid?.() === 0) {
      await runProcess('apt-get', ['-o', 'DPkg::Lock::Timeout=300', 'update'], options)
      fetched = await runProcess('apt-get', ['download', 'prometheus'], options)
    }
    const file = readdirSync(work).find((name) => name.endsWith('.deb'))
    if (file === undefined) return fetched.output.trim()
    const unpacked = await runProcess('dpkg-deb', ['-x', file, 'whole'], options)
    if (unpacked.ok) await rename(join(work, 'whole'), folder)
    return unpacked.output.trim()
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
