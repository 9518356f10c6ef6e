#!/usr/bin/env node
/** The command line's entry: reads the arguments, runs one command, ends with its exit code. */
import { CommanderError } from 'commander'
import type { ExitCode, Io } from './cli/io.ts'
import { exit } from './cli/io.ts'
import { programOf } from './cli/program.ts'

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  now: Date.now,
  platform: process.platform,
}

async function run(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exit.fine
  const program = programOf(io, (told) => {
    code = told
  })
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) command.exitOverride()
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.fine : exit.badUsage
    io.err(
      `Something went wrong in tollkeeper: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
    return exit.fault
  }
  return code
}

// a reader that has seen enough, such as `head`, or a terminal that is gone is no fault of ours
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
const code = await run(process.argv.slice(2))
// whatever may still be open is not waited for; what was written is
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
