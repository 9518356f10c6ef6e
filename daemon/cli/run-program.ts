/** Runs a program in this terminal as if it had been started without us: its streams, signals and exit code are the caller's. */
import { spawn } from 'node:child_process'
import { constants as access, accessSync, existsSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { commandOf, programFiles } from '../machine/program.ts'
import type { ExitCode, Io } from './io.ts'

export type Ended = { kind: 'ended'; code: ExitCode } | { kind: 'not-started'; why: string }

export function runProgram(
  name: string,
  args: readonly string[],
  env: Io['env'],
  platform: NodeJS.Platform,
): Promise<Ended> {
  const path = findProgram(name, env, platform)
  if (path === undefined) {
    const why = `'${name}' was not found. Install it, or make sure that its folder is in PATH.`
    return Promise.resolve({ kind: 'not-started', why })
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

/** The first of that name in PATH, or the file that a path names; on Windows with one of the endings that stand for a program. */
export function findProgram(name: string, env: Io['env'], platform: NodeJS.Platform): string | undefined {
  return programFiles(name, env, platform).find(platform === 'win32' ? existsSync : isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, access.X_OK)
    return statSync(file).isFile()
  } catch {
    // not there, or not ours to run: the next folder may have it
    return false
  }
}
