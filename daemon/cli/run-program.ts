/** Runs a program in this terminal as if it had been started without us: its streams, signals and exit code are the caller's. */
import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { constants } from 'node:os'
import { commandOf, findProgram } from '../machine/program.ts'
import type { ExitCode, Io } from './io.ts'

export type Ended = { kind: 'ended'; code: ExitCode } | { kind: 'not-started'; why: string }

export async function runProgram(
  name: string,
  args: readonly string[],
  env: Io['env'],
  platform: NodeJS.Platform,
): Promise<Ended> {
  const path = await findProgram(name, env, platform)
  if (path === undefined) {
    const why = `'${name}' was not found. Install it, or make sure that its folder is in PATH.`
    return { kind: 'not-started', why }
  }
  const alone = platform !== 'win32' && !(await hasTerminal())
  return new Promise((resolve) => {
    const { program, given, verbatim } = commandOf(path, args, platform, env)
    const child = spawn(program, given, { stdio: 'inherit', env, windowsVerbatimArguments: verbatim })
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    // a terminal sends Ctrl-C to both of us: it is the program's to act on, and we outlive it to tell its exit code
    const interrupt = alone ? pass : () => {}
    process.on('SIGINT', interrupt)
    process.on('SIGQUIT', interrupt)
    process.on('SIGTERM', pass)
    process.on('SIGHUP', pass)
    const end = (ended: Ended) => {
      process.off('SIGINT', interrupt)
      process.off('SIGQUIT', interrupt)
      process.off('SIGTERM', pass)
      process.off('SIGHUP', pass)
      resolve(ended)
    }
    child.once('error', (error) => end({ kind: 'not-started', why: `'${path}' cannot be run: ${error.message}.` }))
    child.once('exit', (code, signal) => {
      // as shells tell it: 128 and the signal's number
      end({ kind: 'ended', code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) })
    })
  })
}

/** Whether a terminal controls this process. Where none does, who interrupts us reaches us alone, and not the program too. */
async function hasTerminal(): Promise<boolean> {
  try {
    await (await open('/dev/tty')).close()
    return true
  } catch {
    // ENXIO: there is none (https://man7.org/linux/man-pages/man4/tty.4.html)
    return false
  }
}
