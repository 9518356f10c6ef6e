/** The options of `tollkeeper provider list|add|remove|set-key`. */
import type { Command } from 'commander'
import type { ExitCode, Io } from './io.ts'

type Home = { home?: string }
type Around = {
  command(name: string, description: string, parent: Command): Command
  home(options: Home): string
  io: Io
  done(code: ExitCode): void
}
type Add = Home & {
  extends?: string
  baseUrl?: string
  local?: true
  passthrough?: true
  allowInsecure?: true
  model?: string[]
}

export function addProviderCommands(program: Command, { command, home, io, done }: Around): void {
  const provider = program
    .command('provider')
    .description('list and change providers, and the keys that are lent for them')
  command('list', 'list the providers in use', provider).action(async (options: Home) =>
    done(await (await import('./provider.ts')).listProviders({ ...options, home: home(options) }, io)),
  )
  command('add <id>', 'write an entry for a provider into config.jsonc', provider)
    .option('--extends <id>', 'a known provider that it is like')
    .option('--base-url <url>', "what one gives this dialect's SDK as its base URL")
    .option('--local', 'it runs on this machine or network: its calls cost nothing')
    .option('--passthrough', 'calls without a tk_ key may reach it although it needs no credential')
    .option('--allow-insecure', 'its base URL may be plain http: to another machine')
    .option('--model <name...>', 'models that it offers to holders of our keys')
    .action(async (id: string, options: Add) => {
      const body = {
        ...(options.extends !== undefined && { extends: options.extends }),
        ...(options.baseUrl !== undefined && { base_url: options.baseUrl }),
        ...(options.local && { local: true }),
        ...(options.passthrough && { passthrough: true }),
        ...(options.allowInsecure && { allow_insecure: true }),
        ...(options.model && { models: options.model }),
      }
      done(await (await import('./provider.ts')).addProvider({ home: home(options), id, body }, io))
    })
  command('remove <id>', 'take its entry out of config.jsonc, and forget its stored key', provider).action(
    async (id: string, options: Home) =>
      done(await (await import('./provider.ts')).removeProvider({ home: home(options), id }, io)),
  )
  command('set-key <id>', 'store a key to lend; it is read from standard input or asked for', provider).action(
    async (id: string, options: Home) =>
      done(await (await import('./provider.ts')).setProviderKey({ home: home(options), id }, io)),
  )
}
