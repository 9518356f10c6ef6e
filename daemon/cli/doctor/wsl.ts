/** Windows and the Linux inside it are two machines to a program: is Tollkeeper on the side where it is used? */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Around } from './around.ts'
import { ok, type Said, warn } from './finding.ts'
import { runQuick } from './run-quick.ts'

export type WslFacts =
  /** `mode`: how its network hangs on Windows', such as nat or mirrored; null: it does not tell. */
  { side: 'linux'; mode: string | null; windowsHome: string | null } | { side: 'windows'; systems: readonly string[] }

/** https://learn.microsoft.com/windows/wsl: the kernel carries the name in both versions. */
export function isWsl({ platform, release }: Pick<Around, 'platform' | 'release'>): boolean {
  return platform === 'linux' && /microsoft/i.test(release)
}

export async function wsl(around: Around): Promise<Said[]> {
  const { env } = around
  if (isWsl(around)) {
    const mode = (await runQuick('wslinfo', ['--networking-mode'], { env }))?.trim() || null
    return [saidOfWsl({ side: 'linux', mode, windowsHome: await windowsHome('/mnt/c/Users') })]
  }
  if (around.platform !== 'win32') return []
  // it lists the systems and starts none; it writes UTF-16
  const listed = await runQuick('wsl.exe', ['--list', '--quiet'], { env, encoding: 'utf16le' })
  return [saidOfWsl({ side: 'windows', systems: systemsIn(listed ?? '') })]
}

async function windowsHome(users: string): Promise<string | null> {
  // drives may be mounted elsewhere, or not at all
  const names = await readdir(users).catch(() => [])
  return (
    names.map((name) => join(users, name, '.tollkeeper')).find((home) => existsSync(join(home, 'daemon.json'))) ?? null
  )
}

/** Containers' own are nobody's to work in. */
export function systemsIn(text: string): string[] {
  const names = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
  return names.filter((name) => /^[\w.-]+$/.test(name) && !/^(docker|rancher|podman)-/i.test(name))
}

export function saidOfWsl(facts: WslFacts): Said {
  if (facts.side === 'windows') {
    if (facts.systems.length === 0) return ok('No Linux is installed beside Windows.')
    const where = `${facts.systems.join(', ')} ${facts.systems.length === 1 ? 'has' : 'have'} a home and a localhost of their own`
    return ok(`Linux inside Windows: ${where}. What works there needs a Tollkeeper there.`)
  }
  const network = facts.mode === null ? '' : ` (network: ${facts.mode})`
  if (facts.windowsHome === null) return ok(`This is WSL${network}; only programs in it are sure to reach this daemon.`)
  const detail = `This is WSL${network}, and a Tollkeeper runs on the Windows side too: each counts what comes to it alone.`
  return warn(detail, 'Keep the one on the side where your assistants run, and stop the other: tollkeeper stop')
}
