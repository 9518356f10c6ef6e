/** The options of `tollkeeper export`, `verify`, `compact`, `backup` and `restore`. */
import { type Command, Option } from 'commander'
import type { ExportOptions } from './export.ts'
import type { ExitCode, Io } from './io.ts'

type Home = { home?: string }
type Around = {
  command(name: string, description: string): Command
  home(options: Home): string
  io: Io
  done(code: ExitCode): void
}

export function addStoreCommands({ command, home, io, done }: Around): void {
  command('export', 'write every single call as CSV or JSON, oldest first')
    .addOption(new Option('--format <format>', 'csv or json').choices(['csv', 'json']).default('csv'))
    .option('--from <date>', 'the first day, e.g. 2026-03-01 (default: all that is kept)')
    .option('--to <date>', 'the last day (default: today)')
    .option('-o, --output <file>', 'into a file, which is there whole or not at all (default: to standard output)')
    .option('--simulated', "the sandbox's calls although there are real ones", false)
    .action(async (options: Home & Omit<ExportOptions, 'home'>) =>
      done(await (await import('./export.ts')).exportCalls({ ...options, home: home(options) }, io)),
    )
  command('verify', 'check the history on the disk: every line and number, and the snapshot').action(
    async (options: Home) => done(await (await import('./verify.ts')).verify({ ...options, home: home(options) }, io)),
  )
  command('compact', 'write a snapshot now, and drop what is past its retention').action(async (options: Home) =>
    done(await (await import('./compact.ts')).compact({ home: home(options) }, io)),
  )
  command('backup <file>', 'write snapshot, journal and config to one file, while the daemon runs or not')
    .option(
      '--with-secrets',
      'keys too; all of it encrypted under a passphrase, read from standard input or asked for',
      false,
    )
    .action(async (file: string, options: Home & { withSecrets: boolean }) =>
      done(await (await import('./backup.ts')).backup({ ...options, home: home(options), file }, io)),
    )
  command('restore <file>', 'make a home of a backup; the daemon must be stopped')
    .option('--replace', 'although the home holds a history; that one is kept beside it', false)
    .action(async (file: string, options: Home & { replace: boolean }) =>
      done(await (await import('./backup.ts')).restore({ ...options, home: home(options), file }, io)),
    )
}
