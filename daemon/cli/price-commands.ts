/** The options of `tollkeeper prices show|update|reprice`. */
import type { Command } from 'commander'
import type { ExitCode, Io } from './io.ts'

type Home = { home?: string }
type Around = {
  command(name: string, description: string, parent: Command): Command
  home(options: Home): string
  io: Io
  done(code: ExitCode): void
}
type Json = Home

export function addPriceCommands(program: Command, { command, home, io, done }: Around): void {
  const prices = program
    .command('prices')
    .description('show what models cost, fetch newer prices, and hold the past against them')
  command('show <model>', 'what a model costs, by kind and service tier, and who says so', prices)
    .option('--provider <id>', 'at this provider (default: wherever it has a price)')
    .action(async (model: string, options: Json & { provider?: string }) =>
      done(await (await import('./prices.ts')).showPrices({ ...options, home: home(options), model }, io)),
    )
  command('update', 'fetch newer prices and use them from now on; nothing is fetched unasked', prices).action(
    async (options: Json) =>
      done(await (await import('./prices.ts')).updatePrices({ ...options, home: home(options) }, io)),
  )
  command('reprice', 'what past calls would cost at the prices of another time; nothing is changed', prices)
    .option('--as-of <when>', 'at the prices of this date or instant (default: now)')
    .option('--from <when>', 'calls from a date, an instant, or a span such as 30d (default: the start of this month)')
    .option('--to <when>', 'calls until then (default: now)')
    .action(async (options: Json & { asOf?: string; from?: string; to?: string }) =>
      done(await (await import('./prices.ts')).reprice({ ...options, home: home(options) }, io)),
    )
}
