/** Runs a program in this terminal as if it had been started without us: its streams, signals and exit code are the caller's. */
import { spawn } from 'node:child_process'
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
  return new Promise((resolve) => {
    const { program, given, verbatim } = commandOf(path, args, platform, env)
    const child = spawn(program, given, { stdio: 'inherit', env, windowsVerbatimArguments: verbatim })
    // the terminal sends Ctrl-C to both of us: it is the program's to act on, and we outlive it to tell its exit code
    const ignore = () => {}
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    process.on('SIGINT', ignore)
    process.on('SIGQUIT', ignore)
    process.on('SIGTERM', pass)
    process.on('SIGHUP', pass)
    const end = (ended: Ended) => {
      process.off('SIGINT', ignore)
      process.off('SIGQUIT', ignore)
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
