/** `tollkeeper run claude [args]`: starts an assistant with its calls coming to us; only that process learns of it, nothing is written. */

import { claudeSettings, environmentOf, whyAsItIs } from './claude.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { launch } from './launch.ts'
import { runProgram } from './run-program.ts'
import { printable } from './table.ts'

export type RunOptions = { home: string; assistant: string; args: readonly string[] }

/** Nobody waits longer than this for a meter. */
const waitMs = 3000
const assistants = ['claude'] as const

export async function run({ home, assistant, args }: RunOptions, io: Io): Promise<ExitCode> {
  if (assistant !== 'claude') {
    io.err(`'${printable(assistant)}' is not known here. Known: ${assistants.join(', ')}.\n`)
    return exit.badUsage
  }
  const settings = await claudeSettings(io.env)
  let env = io.env
  const asItIs = whyAsItIs(io.env, settings)
  if (asItIs !== undefined) {
    io.err(`Tollkeeper: ${asItIs}; Claude Code starts as it is and is not metered.\n`)
  } else {
    const launched = await launch({ home, waitMs }, io)
    if ('failed' in launched) {
      io.err(`Tollkeeper did not start (${launched.failed}); Claude Code starts without it and is not metered.\n`)
    } else {
      env = environmentOf(io.env, launched.url, home)
    }
  }
  const ended = await runProgram('claude', args, env, io.platform)
  if (ended.kind === 'ended') return ended.code
  io.err(`${ended.why}\n`)
  return exit.fault
}
