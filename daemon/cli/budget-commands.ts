/** The options of `tollkeeper budget list|set|remove`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { BudgetScope } from '../../shared/contract/budget.ts'
import type { BudgetBody } from '../../shared/contract/endpoints/budgets.ts'
import type { ExitCode, Io } from './io.ts'

type Home = { home?: string }
type Around = {
  command(name: string, description: string, parent: Command): Command
  home(options: Home): string
  io: Io
  done(code: ExitCode): void
}
type Set = Home & { period: string } & BudgetScope & {
    limitUsd?: number
    limitTokens?: number
    warnAt?: number[]
    basis?: 'billed' | 'list'
    action?: 'warn' | 'block'
    downgradeAt?: number
    downgradeTo?: string
    strict?: boolean
  }

const scopes = [
  ['provider', 'only calls to this provider'],
  ['account', 'only calls of this account'],
  ['model', 'only calls of this model; * stands for anything'],
  ['key', 'only calls on the key of this id'],
  ['chain', 'only calls through this chain; warns only'],
  ['client', 'only calls of this client; warns only'],
  ['folder', 'only calls from this folder; warns only'],
  ['user', 'only calls of this user; warns only'],
  ['feature', 'only calls of this feature; warns only'],
] as const satisfies (readonly [keyof BudgetScope, string])[]

export function addBudgetCommands(program: Command, { command, home, io, done }: Around): void {
  const budget = program.command('budget').description('list and change budgets: what may be spent, and what then')
  command('list', 'list the budgets, and how they stand', budget).action(async (options: Home) =>
    done(await (await import('./budget.ts')).listBudgets({ ...options, home: home(options) }, io)),
  )
  withOptions(command('set <id>', 'write a budget into config.jsonc, in place of the one of its name', budget)).action(
    async (id: string, options: Set & { json: boolean }) =>
      done(await (await import('./budget.ts')).setBudget({ home: home(options), id, body: bodyOf(options) }, io)),
  )
  command('remove <id>', 'take a budget out of config.jsonc', budget).action(async (id: string, options: Home) =>
    done(await (await import('./budget.ts')).removeBudget({ home: home(options), id }, io)),
  )
}

function withOptions(set: Command): Command {
  const all = set
    .requiredOption('--period <period>', 'day, week, month, or a span such as 24h or 7d')
    .option('--limit-usd <usd>', 'the limit in USD', numberOf)
    .option('--limit-tokens <count>', 'the limit in tokens, in place of money', numberOf)
  for (const [name, description] of scopes) all.option(`--${name} <${name}>`, description)
  return all
    .option(
      '--warn-at <shares>',
      'shares of the limit at which to say so, with commas between (default: 0.8)',
      numbersOf,
    )
    .addOption(
      new Option('--action <action>', 'at the limit: only a word, or no more calls (default: warn)').choices([
        'warn',
        'block',
      ]),
    )
    .option('--downgrade-at <share>', 'from this share of the limit on calls on our keys go elsewhere', numberOf)
    .option('--downgrade-to <target>', 'where to: chain:NAME or provider/model')
    .addOption(
      new Option('--basis <basis>', 'what is owed, or the list price of all (default: billed)').choices([
        'billed',
        'list',
      ]),
    )
    .option('--strict', 'hold what a call may use at most while it runs')
    .hook('preAction', (_, asked) => {
      const { downgradeAt, downgradeTo } = asked.opts<Set>()
      if ((downgradeAt === undefined) !== (downgradeTo === undefined))
        asked.error('error: --downgrade-at and --downgrade-to go together: give both.')
    })
}

function bodyOf({ period, limitUsd, limitTokens, warnAt, basis, action, strict, ...rest }: Set): BudgetBody {
  const { downgradeAt: at, downgradeTo: to } = rest
  const scope = Object.fromEntries(scopes.flatMap(([name]) => (rest[name] === undefined ? [] : [[name, rest[name]]])))
  return {
    period,
    ...(Object.keys(scope).length > 0 && { scope }),
    ...(limitUsd !== undefined && { limit_usd: limitUsd }),
    ...(limitTokens !== undefined && { limit_tokens: limitTokens }),
    ...(warnAt && { warn_at: warnAt }),
    ...(basis && { basis }),
    ...(action && { action }),
    ...(at !== undefined && to !== undefined && { downgrade: { at, to } }),
    ...(strict && { strict }),
  }
}

function numberOf(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It is no number; write one such as 120 or 0.8.')
  return value
}

function numbersOf(text: string): number[] {
  return text.split(',').map(numberOf)
}
