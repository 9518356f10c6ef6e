/** The options of `tollkeeper chain list|set|remove`. */
import type { Command } from 'commander'
import type { ExitCode, Io } from './io.ts'

type Home = { home?: string }
type Around = {
  command(name: string, description: string, parent: Command): Command
  home(options: Home): string
  io: Io
  done(code: ExitCode): void
}
type Set = Home & { route?: string[] | false; default?: boolean }

export function addChainCommands(program: Command, { command, home, io, done }: Around): void {
  const chain = program
    .command('chain')
    .description('list and change chains: targets that are asked one after the other, and the models they serve')
  command('list', 'list the chains, with the routes that lead to them', chain).action(async (options: Home) =>
    done(await (await import('./chain.ts')).listChains({ ...options, home: home(options) }, io)),
  )
  command('set <name> <target...>', 'write a chain of targets, provider/model each, into config.jsonc', chain)
    .option(
      '--route <model>',
      'a model that it serves; * stands for anything; may be given several times (default: as before)',
      (model: string, before: string[] | false | undefined) => [...(before || []), model],
    )
    .option('--no-route', 'no route leads to it any more')
    .option('--default', 'it serves what nothing else says a target for')
    .option('--no-default', 'it is the default no more')
    .action(async (name: string, targets: string[], { route, default: isDefault, ...options }: Set) => {
      const body = {
        targets,
        ...(route !== undefined && { routes: route === false ? [] : route }),
        ...(isDefault !== undefined && { is_default: isDefault }),
      }
      done(await (await import('./chain.ts')).setChain({ home: home(options), name, body }, io))
    })
  command('remove <name>', 'take a chain out of config.jsonc', chain).action(async (name: string, options: Home) =>
    done(await (await import('./chain.ts')).removeChain({ home: home(options), name }, io)),
  )
}
