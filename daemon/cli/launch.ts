/** Starts the daemon in the background, as a process that no terminal owns, and waits for its proof. */
import { spawn } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { findDaemon } from '../discovery.ts'
import { logPathOf } from '../log-file.ts'
import { runsAs } from '../running.ts'
import type { RunsAs } from '../started.ts'
import { exit, type Io } from './io.ts'

export type Launched = { url: string; already: boolean; as: RunsAs } | { failed: string }
export type LaunchOptions = { home: string; args?: readonly string[]; waitMs: number }

const lookEveryMs = 50

export async function launch(options: LaunchOptions, io: Io): Promise<Launched> {
  const { home } = options
  const running = await findDaemon(home)
  if ('url' in running) return { url: running.url, already: true, as: runsAs(running) }
  const logPath = logPathOf(home)
  let ended: string | undefined
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
    // the daemon itself keeps it within a bound
    const output = await open(logPath, 'a', 0o600)
    const child = spawn(process.execPath, [programPath(), 'serve', ...(options.args ?? [])], {
      cwd: home,
      env: environmentFor(io.env, home),
      // a group of its own: Ctrl-C in this terminal, or its end, does not reach it
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output.fd, output.fd],
    })
    child.once('error', (error) => {
      ended = error.message
    })
    child.once('exit', (code) => {
      // somebody else's start was faster: that daemon is as good
      if (code !== exit.alreadyRunning) ended = `it ended at once, with exit code ${code ?? 'none'}`
    })
    child.unref()
    await output.close()
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
  for (const until = performance.now() + options.waitMs; performance.now() < until; await delay(lookEveryMs)) {
    const found = await findDaemon(home)
    if ('url' in found) return { url: found.url, already: false, as: runsAs(found) }
    if (ended !== undefined) break
  }
  const why = ended ?? `it did not answer within ${options.waitMs / 1000} s`
  return { failed: `${why}; ${logPath} says more` }
}

/** The file that runs now: the bundle's entry, whose other parts stand beside it. */
function programPath(): string {
  const path = process.argv[1]
  if (path === undefined) throw new Error('it is not known where this program stands')
  return path
}

/**
 * The daemon outlives this terminal: nothing that changes how Node runs, and nothing that npm or an editor set for one of its
 * own processes. The rest stays, since the config may name any variable, and port, proxies and certificates are the user's.
 */
export function environmentFor(env: Io['env'], home: string): Record<string, string> {
  const dropped =
    /^(NODE_OPTIONS|NODE_TLS_REJECT_UNAUTHORIZED|NODE_V8_COVERAGE|NODE_CHANNEL_FD|ELECTRON_.*|VSCODE_.*|npm_.*|TOLLKEEPER_(?!PORT$).*)$/i
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || dropped.test(name) ? [] : [[name, value] as const],
  )
  return { ...Object.fromEntries(kept), TOLLKEEPER_HOME: home }
}
