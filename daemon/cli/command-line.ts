/** Runs one command line: reads its arguments, and ends with an exit code whatever happens. */
import { type Command, CommanderError } from 'commander'
import { scrub } from '../../shared/scrub.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { programOf } from './program.ts'
import { refuse } from './say.ts'

export async function runCommandLine(args: readonly string[], given: Omit<Io, 'json'>): Promise<ExitCode> {
  // what is said may quote an argument, and a key may stand there by mistake
  const io = { ...given, err: (text: string) => given.err(scrub(text)), json: asksForJson(args) }
  let code: ExitCode = exit.fine
  const program = programOf(io, (told) => {
    code = told
  })
  throwing(program)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.fine : exit.badUsage
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return refuse(io, exit.fault, `Something went wrong in tollkeeper: ${why}`)
  }
  return code
}

/** Read here because arguments that make no sense have no options, and are an error in JSON all the same. What follows `run` is the assistant's. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args[0] !== 'run' && args.slice(0, end === -1 ? args.length : end).includes('--json')
}

/** In place of ending the process. */
function throwing(command: Command): void {
  command.exitOverride()
  for (const one of command.commands) throwing(one)
}
