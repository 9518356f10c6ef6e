/** What runs the daemon, and in which environment: Node from PATH where it is new enough, else VS Code's own runtime. */
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'

export type Environment = Record<string, string | undefined>
export type Runtime = { program: string; env: Record<string, string>; version: string }

/** The daemon's floor, as package.json's `engines` states it. */
const oldest: readonly [number, number] = [20, 19]

/** In upper case: Windows does not tell `Path` from `PATH`. */
const passedOn = new Set(
  'PATH HOME USERPROFILE APPDATA LOCALAPPDATA TEMP TMP TMPDIR LANG TZ SYSTEMROOT HTTP_PROXY HTTPS_PROXY NO_PROXY'.split(
    ' ',
  ),
)

/**
 * What a daemon that outlives this window may inherit: nothing that changes how Node runs (NODE_OPTIONS and its like), nothing
 * that one workspace or terminal set.
 */
export function environmentFor(env: Environment, home: string, proxy?: string): Record<string, string> {
  const kept = Object.entries(env).filter((pair): pair is [string, string] => {
    const name = pair[0].toUpperCase()
    return pair[1] !== undefined && (passedOn.has(name) || name.startsWith('LC_') || name.startsWith('XDG_'))
  })
  const result = Object.fromEntries(kept)
  const hasProxy = kept.some(([name]) => /^https?_proxy$/i.test(name))
  if (proxy !== undefined && proxy !== '' && !hasProxy) {
    result['http_proxy'] = proxy
    result['https_proxy'] = proxy
  }
  return { ...result, TOLLKEEPER_HOME: home }
}

export function isNewEnough(version: string): boolean {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version.trim()) ?? []
  if (major === undefined || minor === undefined) return false
  return Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1])
}

/** `own` is VS Code's own runtime: Electron runs as Node when told so, and on a server it is Node already. */
export async function runtimeFor(env: Record<string, string>, own: string): Promise<Runtime> {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = Object.entries(env).find(([key]) => key.toUpperCase() === 'PATH')?.[1] ?? ''
  // a relative entry would let the folder that happens to be current choose the program
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const program = join(folder, name)
    const version = await versionOf(program, env)
    if (version !== undefined && isNewEnough(version)) return { program, env, version }
  }
  return { program: own, env: { ...env, ELECTRON_RUN_AS_NODE: '1' }, version: process.version }
}

async function versionOf(program: string, env: Record<string, string>): Promise<string | undefined> {
  try {
    await access(program, constants.X_OK)
    const { stdout } = await promisify(execFile)(program, ['--version'], { env, timeout: 3000, windowsHide: true })
    return stdout.trim()
  } catch {
    // most folders of PATH hold no node; one that does not run is none either
    return undefined
  }
}
