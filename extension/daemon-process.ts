/** Starts the daemon of a home as a process of its own, which no window owns and none ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import { type Daemon, findDaemon } from './daemon-attach.ts'
import { endOfLog, openDaemonLog, placeDaemon } from './daemon-files.ts'
import { type Environment, environmentFor, type Runtime, runtimeFor } from './daemon-runtime.ts'

export type ProgramOptions = {
  home: string
  /** The extension's `dist`: the daemon's files and the page's. */
  built: string
  version: string
  /** A `main.mjs` that the user prefers; empty: the one that came with the extension. */
  program: string
  /** VS Code's `http.proxy`, for a machine that has it nowhere else. */
  proxy: string | undefined
  env: Environment
}
export type StartOptions = ProgramOptions & {
  /** undefined: the daemon's own choice. */
  port: number | undefined
  log: (message: string) => void
}
export type Started = { kind: 'found'; daemon: Daemon } | { kind: 'failed'; why: string }

const proofWithinMs = 10_000
const lookEveryMs = 100
/** The daemon's way of saying that another one has the home. */
const alreadyRunning = 3

export async function startDaemon(options: StartOptions): Promise<Started> {
  const { home, log } = options
  const running = await findDaemon(home)
  if (running.kind === 'found') return running
  log(running.why)
  let child: ChildProcess
  try {
    child = await launch(options)
  } catch (error) {
    return { kind: 'failed', why: error instanceof Error ? error.message : String(error) }
  }
  return waitForProof(child, options)
}

/** What a window runs for this home: the program, in the home, and what runs it. */
export async function programFor(options: ProgramOptions): Promise<{ main: string; runtime: Runtime }> {
  const { home, built, version, program, proxy, env } = options
  await mkdir(home, { recursive: true, mode: 0o700 })
  const main = program === '' ? await placeDaemon(built, home, version) : program
  return { main, runtime: await runtimeFor(environmentFor(env, home, proxy), process.execPath) }
}

async function launch(options: StartOptions): Promise<ChildProcess> {
  const { home, port, log } = options
  const { main, runtime } = await programFor(options)
  const output = await openDaemonLog(home)
  try {
    const args = [main, 'serve', ...(port === undefined ? [] : ['--port', String(port)])]
    log(`starting ${runtime.program} (${runtime.version}) ${args.join(' ')}`)
    const child = spawn(runtime.program, args, {
      cwd: home,
      env: runtime.env,
      // its own process group: what ends this window's processes does not reach it
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output.fd, output.fd],
    })
    child.unref()
    return child
  } finally {
    await output.close()
  }
}

/** Its own exit ends the wait early; but where another window was faster, that one's daemon is as good. */
async function waitForProof(child: ChildProcess, { home, log }: StartOptions): Promise<Started> {
  let ended: string | undefined
  child.once('error', (error) => {
    ended = error.message
  })
  child.once('exit', (code, signal) => {
    if (code === alreadyRunning) log('another daemon has the home; attaching to it')
    else ended = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`
  })
  const until = performance.now() + proofWithinMs
  while (performance.now() < until) {
    const found = await findDaemon(home)
    if (found.kind === 'found') return found
    if (ended !== undefined) break
    await after(lookEveryMs)
  }
  const why = ended ?? `it did not prove itself within ${proofWithinMs / 1000} s`
  const said = await endOfLog(home)
  return { kind: 'failed', why: said === '' ? why : `${why}. Its log ends with: ${said}` }
}
