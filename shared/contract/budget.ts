/** What a budget is: what the user writes of one, what the history keeps of it, and how it stands. */
import * as z from 'zod/mini'
import { count } from './usage.ts'

const name = z.string().check(z.minLength(1), z.maxLength(200))

/** What a call must be of to count. Nothing named: every call. `model` may hold `*`. `key`: the id of one of our keys. */
export const budgetScope = z.strictObject({
  key: z.optional(name),
  provider: z.optional(name),
  account: z.optional(name),
  model: z.optional(name),
  chain: z.optional(name),
  client: z.optional(name),
  folder: z.optional(name),
  user: z.optional(name),
  feature: z.optional(name),
})
export type BudgetScope = z.infer<typeof budgetScope>
export type ScopeName = keyof BudgetScope

/** These a caller cannot choose as it likes: only budgets of nothing else, or of everything, may stand in a call's way. */
const binding: readonly string[] = ['key', 'provider', 'account', 'model']
/** These are counted each for itself. */
const alone: readonly string[] = ['key', 'user', 'feature']

/** `day`, `week` (from Monday) and `month` begin at midnight of the time zone; `24h` or `7d` is a span that goes with the time. */
export const budgetPeriod = z
  .string()
  .check(
    z.regex(
      /^(day|week|month|([1-9]|[1-9]\d|[1-6]\d\d|7[0-3]\d|74[0-4])h|([1-9]|[12]\d|3[01])d)$/,
      'a period is day, week, month, or a span such as 24h or 7d, of 31 days at most',
    ),
  )

const share = z.number().check(z.positive(), z.maximum(1))
const shown = z.describe

export const budgetId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'a budget is named by letters, digits, dot, dash or underscore'))

export const budgetConfig = z
  .strictObject({
    id: budgetId,
    scope: z.optional(
      budgetScope.check(shown('Whose calls count: all that are named must fit. Without any: every call.')),
    ),
    period: budgetPeriod.check(
      shown('day, week (from Monday) or month in "timeZone", or a span that goes with the time: 24h, 7d.'),
    ),
    // what is less is shown as nothing, of which there is no share
    limitUsd: z.optional(z.number().check(z.minimum(0.000_001), z.maximum(1_000_000), shown('In USD.'))),
    limitTokens: z.optional(z.int().check(z.positive(), shown('In tokens, in and out, in place of money.'))),
    basis: z.optional(
      z
        .enum(['billed', 'list'])
        .check(shown("billed (the default): what is owed, nothing for a plan's calls. list: the list price of all.")),
    ),
    warnAt: z.optional(
      z.array(share).check(z.maxLength(10), shown('Shares of the limit at which to say so. Default 0.8.')),
    ),
    action: z.optional(
      z.enum(['warn', 'block']).check(shown('What happens at the limit: only a word (the default), or no more calls.')),
    ),
    downgrade: z.optional(
      z
        .strictObject({
          at: share.check(shown('From this share of the limit on.')),
          to: z
            .string()
            .check(
              z.regex(/^(chain:\S+|[a-z0-9][a-z0-9_.-]{0,63}\/\S+)$/, 'it is chain:NAME or provider/model'),
              shown('chain:NAME or provider/model, which calls on our keys go to instead.'),
            ),
        })
        .check(shown('Leads calls on our keys elsewhere before the limit is reached.')),
    ),
    strict: z.optional(
      z
        .boolean()
        .check(shown('Hold what a call may use at most, in place of what calls like it use. For budgets that block.')),
    ),
  })
  .check((checked) => {
    const { scope = {}, limitUsd, limitTokens, basis, action, downgrade, strict } = checked.value
    const names = Object.keys(scope)
    const fault = (path: string[], message: string) =>
      checked.issues.push({ code: 'custom', input: checked.value, path, message })
    if ((limitUsd === undefined) === (limitTokens === undefined))
      fault(['limitUsd'], 'or "limitTokens" is needed: one of them')
    if (basis !== undefined && limitUsd === undefined) fault(['basis'], 'is for budgets in USD only')
    const single = names.find((one) => alone.includes(one))
    if (single !== undefined && names.length > 1)
      fault(['scope', single], 'is counted for itself: take the other names out of this scope')
    const loose = names.find((one) => !binding.includes(one))
    if (loose !== undefined && (action === 'block' || downgrade !== undefined))
      fault(
        [action === 'block' ? 'action' : 'downgrade'],
        `cannot hold, as a caller may say any "${loose}" of itself: such a budget only warns`,
      )
    if (strict !== undefined && action !== 'block') fault(['strict'], 'is for budgets that block')
  })
export type BudgetConfig = z.infer<typeof budgetConfig>

/** With every default filled in, as the history keeps it: money in nano-dollars. */
export const budget = z.strictObject({
  id: z.string(),
  scope: budgetScope,
  period: z.string(),
  unit: z.enum(['usd', 'tokens']),
  /** Nano-dollars, or tokens. */
  limit: count,
  basis: z.enum(['billed', 'list']),
  /** Ascending. */
  warnAt: z.array(share),
  action: z.enum(['warn', 'block']),
  downgrade: z.nullable(z.strictObject({ at: share, to: z.string() })),
  strict: z.boolean(),
})
export type Budget = z.infer<typeof budget>

export function budgetOf(written: BudgetConfig): Budget {
  const { id, scope = {}, period, limitUsd, limitTokens, downgrade } = written
  return {
    id,
    scope,
    period,
    unit: limitTokens === undefined ? 'usd' : 'tokens',
    limit: limitTokens ?? Math.max(1, Math.round((limitUsd ?? 0) * 1e9)),
    basis: written.basis ?? 'billed',
    warnAt: [...new Set(written.warnAt ?? [0.8])].sort((a, b) => a - b),
    action: written.action ?? 'warn',
    downgrade: downgrade ?? null,
    strict: written.strict ?? false,
  }
}

type Written = {
  budgets?: readonly BudgetConfig[] | undefined
  chains?: Record<string, unknown> | undefined
}

/** No two of one name, and none that leads to a chain that is not there. */
export function checkBudgets(checked: z.core.ParsePayload<Written>): void {
  const { budgets = [], chains = {} } = checked.value
  const ids = budgets.map(({ id }) => id)
  const fault = (path: (string | number)[], message: string) =>
    checked.issues.push({ code: 'custom', input: checked.value, path: ['budgets', ...path], message })
  for (const [at, { id, downgrade }] of budgets.entries()) {
    if (ids.indexOf(id) < at) fault([at, 'id'], `is that of another budget too: "${id}" stands there twice`)
    const [, chain] = /^chain:(.*)$/.exec(downgrade?.to ?? '') ?? []
    if (chain !== undefined && !Object.hasOwn(chains, chain))
      fault([at, 'downgrade', 'to'], 'leads to a chain that is not there: write it under "chains"')
  }
}

/**
 * `warning`: a share of `warnAt` is passed. `downgraded`: calls on our keys are led elsewhere. `exceeded`: the limit is passed, and
 * calls go on. `blocking`: it is reached, or what runs now may reach it, and no call goes.
 */
export const budgetState = z.enum(['ok', 'warning', 'downgraded', 'exceeded', 'blocking'])
export type BudgetState = z.infer<typeof budgetState>

/** How a budget stands. Money in USD to the nano-dollar; what is of the other unit is null. */
export const budgetRow = z.object({
  id: z.string(),
  /** "Monthly budget for openai", "Daily budget". */
  label: z.string(),
  scope: budgetScope,
  period: z.string(),
  action: z.enum(['warn', 'block']),
  basis: z.enum(['billed', 'list']),
  warn_at: z.array(z.number()),
  downgrade: z.nullable(z.object({ at: z.number(), to: z.string() })),
  strict: z.boolean(),
  state: budgetState,
  starts_at: z.string(),
  /** null: a span goes with the time and has no end. */
  ends_at: z.nullable(z.string()),
  limit_usd: z.nullable(z.number()),
  limit_tokens: z.nullable(count),
  spent_usd: z.number(),
  spent_tokens: count,
  /** Held for calls that run now. */
  reserved_usd: z.number(),
  reserved_tokens: count,
  /** Of the limit, without what is held, in percent with 2 decimals. */
  used_pct: z.number(),
  remaining_usd: z.nullable(z.number()),
  remaining_tokens: z.nullable(count),
  requests: count,
  unpriced_requests: count,
  /** What will be spent by the end of the period if it goes on as until now; null for a span. */
  projected_usd: z.nullable(z.number()),
  projected_tokens: z.nullable(count),
  /** When the limit is reached if it goes on so, within the period; null: it is not, or is already. */
  over_at: z.nullable(z.string()),
})
export type BudgetRow = z.infer<typeof budgetRow>
