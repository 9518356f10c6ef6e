/** The options of `tollkeeper verify`, `compact`, `backup` and `restore`. */
import type { Command } from 'commander'
import type { ExitCode, Io } from './io.ts'

type Home = { home?: string }
type Around = {
  command(name: string, description: string): Command
  home(options: Home): string
  io: Io
  done(code: ExitCode): void
}

export function addStoreCommands({ command, home, io, done }: Around): void {
  command('verify', 'check the history on the disk: every line and number, and the snapshot')
    .option('--json', 'as JSON', false)
    .action(async (options: Home & { json: boolean }) =>
      done(await (await import('./verify.ts')).verify({ ...options, home: home(options) }, io)),
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
