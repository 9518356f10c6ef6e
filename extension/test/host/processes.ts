/** Child processes that never outlive the test run: each with its own process group, all ended when this process ends. */
import { spawn } from 'node:child_process'

export type Running = {
  readonly pid: number
  /** What it wrote so far, both streams, the last part of it. */
  output(): string
  /** Its exit code, or null where a signal ended it or it could not be started. */
  readonly ended: Promise<number | null>
  stop(): Promise<void>
}

const keptOutput = 256 * 1024
const alive = new Set<number>()
let hooked = false

/** Ends a child and whatever it started. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, name)
  } catch {
    // It has ended by itself, which is what was wanted.
  }
}

function hookExit(): void {
  if (hooked) return
  hooked = true
  process.on('exit', () => {
    for (const pid of alive) signal(pid, 'SIGKILL')
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(130))
}

export type StartOptions = { readonly cwd: string; readonly env?: NodeJS.ProcessEnv }

export function startProcess(command: string, args: readonly string[], { cwd, env }: StartOptions): Running {
  hookExit()
  const child = spawn(command, args, {
    cwd,
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  let output = ''
  const keep = (text: Buffer): void => {
    output = (output + text.toString()).slice(-keptOutput)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const pid = child.pid ?? 0
  if (pid) alive.add(pid)
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output += `${error.message}\n`
      resolve(null)
    })
    child.once('close', (code) => {
      alive.delete(pid)
      resolve(code)
    })
  })
  return {
    pid,
    output: () => output,
    ended,
    stop: async () => {
      if (!alive.has(pid)) return
      signal(pid, 'SIGTERM')
      const insist = setTimeout(() => signal(pid, 'SIGKILL'), 5_000)
      await ended
      clearTimeout(insist)
    },
  }
}

export type Finished = { readonly ok: boolean; readonly output: string }

/** Runs a command to its end, or ends it after `limitMs`. */
export async function runProcess(
  command: string,
  args: readonly string[],
  { limitMs, ...options }: StartOptions & { readonly limitMs: number },
): Promise<Finished> {
  const running = startProcess(command, args, options)
  let late = false
  const timer = setTimeout(() => {
    late = true
    void running.stop()
  }, limitMs)
  const code = await running.ended
  clearTimeout(timer)
  const note = late ? `\nended after ${limitMs / 1000} s without an end\n` : ''
  return { ok: code === 0, output: running.output() + note }
}

/** Asks `read` every 50 ms until it gives a value; throws `why()` after `limitMs`. */
export async function waitFor<T>(
  read: () => T | undefined | Promise<T | undefined>,
  limitMs: number,
  why: () => string,
): Promise<T> {
  const end = Date.now() + limitMs
  for (;;) {
    const value = await read()
    if (value !== undefined) return value
    if (Date.now() > end) throw new Error(why())
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A line for the person who waits; on stderr, so that it cannot get between the lines of a report. */
export function say(line: string): void {
  process.stderr.write(`  … ${line}\n`)
}
