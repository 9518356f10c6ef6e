/** The command line: every command with its options; each command's own file is loaded only when it is called. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { isPort } from '../port.ts'
import { version } from '../version.ts'
import { addBudgetCommands } from './budget-commands.ts'
import { addChainCommands } from './chain-commands.ts'
import type { ImportOptions } from './import.ts'
import { type ExitCode, exit, homeOf, type Io } from './io.ts'
import { addPriceCommands } from './price-commands.ts'
import { addProviderCommands } from './provider-commands.ts'
import { refuse } from './say.ts'
import { type Shell, shells } from './shells.ts'
import { addStoreCommands } from './store-commands.ts'

type Home = { home?: string }

/** `done` is told the exit code of the command that ran. */
export function programOf(io: Io, done: (code: ExitCode) => void): Command {
  const home = (options: Home) => homeOf(io.env, options.home)
  const program = new Command('tollkeeper')
    .description('Know what is left before your coding assistant stops.')
    .version(version, '-v, --version')
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => void refuse(io, exit.badUsage, withoutValue(io.json ? text.replace(/^error: /, '') : text)),
    })
  /** What it prints is no answer of its own: such a command knows no `--json`. */
  const plainCommand = (name: string, description: string, parent = program) =>
    parent
      .command(name)
      .description(description)
      .option('--home <dir>', 'the folder of the daemon (default: ~/.tollkeeper)')
  const command: typeof plainCommand = (...named) =>
    plainCommand(...named).option('--json', 'the answer, or why there is none, as JSON')
  const withDaemonOptions = (of: Command) =>
    of
      .addOption(
        new Option('--port <n>', 'where to listen; 0 takes any free port').argParser(portOf).env('TOLLKEEPER_PORT'),
      )
      .option('--sandbox', 'add a simulated provider, to try things without any key', false)
  type Daemon = Home & { port?: number; sandbox: boolean }
  const daemonOptions = ({ port, sandbox, ...options }: Daemon) => ({
    home: home(options),
    sandbox,
    ...(port === undefined ? {} : { port }),
  })

  withDaemonOptions(plainCommand('serve', 'run the daemon in the foreground'))
    .addOption(new Option('--host <address>', 'the address to listen on').argParser(hostOf))
    .action(async (options: Daemon) => done(await (await import('./serve.ts')).serve(daemonOptions(options), io)))
  withDaemonOptions(command('start', 'start the daemon in the background')).action(async (options: Daemon) =>
    done(await (await import('./start.ts')).start(daemonOptions(options), io)),
  )
  withDaemonOptions(command('restart', 'stop the daemon and start it again'))
    .addOption(graceOption())
    .action(async ({ grace, ...options }: Daemon & { grace: number }) =>
      done(await (await import('./restart.ts')).restart({ ...daemonOptions(options), graceSeconds: grace }, io)),
    )
  command('stop', 'stop the daemon')
    .addOption(graceOption())
    .action(async (options: Home & { grace: number }) =>
      done(await (await import('./stop.ts')).stop({ home: home(options), graceSeconds: options.grace }, io)),
    )
  command('status', 'say whether the daemon runs, and how it is').action(async (options: Home) =>
    done(await (await import('./status.ts')).status({ ...options, home: home(options) }, io)),
  )
  command('doctor', 'check what could keep the daemon from its work, and say what to do')
    .option('--offline', 'ask nothing beyond this machine', false)
    .action(async (options: Home & { offline: boolean }) =>
      done(await (await import('./doctor.ts')).doctor({ ...options, home: home(options) }, io)),
    )
  command('stats', 'show usage and cost')
    .option(
      '--by <what>',
      'provider, model, chain, client, task, folder, account, billing, day or hour, several with commas; or user, feature, session or key, alone or with day',
      'provider,model',
    )
    .option('--since <when>', 'a date, an instant, or a span such as 7d or 24h (default: the start of this month)')
    .option('--simulated', "show the sandbox's calls although there are real ones", false)
    .action(async (options: Home & { by: string; since?: string; simulated: boolean }) =>
      done(await (await import('./stats.ts')).stats({ ...options, home: home(options) }, io)),
    )
  command('limits', 'show what providers say is left, and what is avoided until when')
    .option('--lift <target>', 'avoid a provider, or provider/model, no longer: ask it again at once')
    .action(async ({ lift, ...options }: Home & { lift?: string }) => {
      const { liftLimits, limits } = await import('./limits.ts')
      const asked = { ...options, home: home(options) }
      done(lift === undefined ? await limits(asked, io) : await liftLimits({ ...asked, target: lift }, io))
    })
  command(
    'import [source]',
    'add the calls that assistants logged before: claude-code, codex, or a file or folder (default: all that is found)',
  )
    .addOption(
      new Option('--billing <how>', 'who paid (default: plan for assistants, else metered)').choices([
        'metered',
        'plan',
      ]),
    )
    .option('--dry-run', 'say what would be added, and add nothing', false)
    .action(async (source: string | undefined, options: Home & Omit<ImportOptions, 'home' | 'source'>) => {
      const wanted = { ...options, home: home(options), ...(source === undefined ? {} : { source }) }
      done(await (await import('./import.ts')).importCalls(wanted, io))
    })
  plainCommand('get <path>', 'ask any path of the API with GET, e.g. `get /v1/ratelimits`').action(
    async (path: string, options: Home) =>
      done(await (await import('./get.ts')).get({ home: home(options), path }, io)),
  )
  command('dashboard', 'open the dashboard in a browser')
    .option('--no-open', 'print the link and open nothing')
    .action(async (options: Home & { open: boolean }) =>
      done(await (await import('./dashboard.ts')).dashboard({ ...options, home: home(options) }, io)),
    )
  plainCommand(
    'run <assistant> [args...]',
    'start an assistant (claude, codex, opencode …) with its calls coming through here',
  )
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (assistant: string, args: string[], options: Home) =>
      done(await (await import('./run.ts')).run({ home: home(options), assistant, args }, io)),
    )
  command('env <assistant>', 'print the settings that an assistant reads, for a shell to take in')
    .addOption(new Option('--shell <shell>', 'sh, powershell or cmd (default: as this system has it)').choices(shells))
    .action(async (assistant: string, options: Home & { shell?: Shell }) =>
      done(await (await import('./env.ts')).env({ ...options, home: home(options), assistant }, io)),
    )
  addKeyCommands(program.command('key').description('make, list and revoke keys of our own'))
  addProviderCommands(program, { command, home, io, done })
  addChainCommands(program, { command, home, io, done })
  addBudgetCommands(program, { command, home, io, done })
  addPriceCommands(program, { command, home, io, done })
  addStoreCommands({ command, home, io, done })
  return program

  function addKeyCommands(key: Command): void {
    type Create = Home & {
      name: string
      scope: 'proxy' | 'read' | 'admin'
      provider?: string[]
      chain?: string[]
      expires?: string
    }
    command('create', 'make a key and show it, this once', key)
      .option('--name <name>', 'what it is for', 'unnamed')
      .addOption(new Option('--scope <scope>', 'what it may do').choices(['proxy', 'read', 'admin']).default('proxy'))
      .option('--provider <id...>', 'the providers it may reach (default: all)')
      .option('--chain <name...>', 'the only chains that it may go through (default: everything)')
      .option('--expires <instant>', 'until when it works, e.g. 2027-01-31T00:00:00Z (default: for ever)')
      .action(async ({ provider, chain, ...options }: Create) => {
        const rights = { ...(provider && { providers: provider }), ...(chain && { chains: chain }) }
        const wanted = { ...options, home: home(options), ...rights }
        done(await (await import('./key.ts')).createKey(wanted, io))
      })
    command('list', 'list the keys', key).action(async (options: Home) =>
      done(await (await import('./key.ts')).listKeys({ ...options, home: home(options) }, io)),
    )
    command('revoke <id>', 'revoke a key, at once', key).action(async (id: string, options: Home) =>
      done(await (await import('./key.ts')).revokeKey({ home: home(options), id }, io)),
    )
  }
}

/** An option that there is not may have been given a key, of whatever form. */
function withoutValue(text: string): string {
  return text.replace(/(unknown option '-[^=]*=).*(?=')/s, '$1…')
}

function graceOption(): Option {
  return new Option('--grace <seconds>', 'how long running calls may go on').argParser(secondsOf).default(30)
}

function portOf(text: string): number {
  if (!isPort(text)) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return Number(text)
}

function secondsOf(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (!(seconds >= 0 && seconds <= 3600)) throw new InvalidArgumentError('Give seconds, from 0 to 3600.')
  return seconds
}

/** We always listen on both loopback addresses; others need TLS and keys on every path, which is not there yet. */
function hostOf(text: string): string {
  if (!['127.0.0.1', '::1', 'localhost'].includes(text)) {
    throw new InvalidArgumentError('This version listens on this machine only: 127.0.0.1.')
  }
  return text
}
