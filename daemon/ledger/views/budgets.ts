/** How each budget stands. */
import type { Budget, BudgetRow, BudgetState } from '../../../shared/contract/budget.ts'
import type { KeptBudget } from '../budgets.ts'
import type { Ledger } from '../ledger.ts'
import { periodOf } from '../period.ts'
import { amountOf, reservedOf, spentOf } from './budget-spent.ts'
import { budgetLabel } from './budget-text.ts'
import { isoOf, percentOf, usdOf } from './rows.ts'

/** `now` in epoch ms. In the order in which they came to be. */
export function budgetRowsOf(ledger: Ledger, now: number): BudgetRow[] {
  return [...ledger.budgets.values()].map((kept) => rowOf(ledger, kept, now))
}

export function budgetRowOf(ledger: Ledger, id: string, now: number): BudgetRow | undefined {
  const kept = ledger.budgets.get(id)
  return kept && rowOf(ledger, kept, now)
}

/** The one in USD that holds for exactly this provider and month; of several the smallest. */
export function monthlyLimitOf({ budgets }: Pick<Ledger, 'budgets'>, provider: string): Budget | undefined {
  const isOf = ({ period, unit, scope }: Budget) =>
    period === 'month' && unit === 'usd' && scope.provider === provider && Object.keys(scope).length === 1
  return [...budgets.values()]
    .map(({ budget }) => budget)
    .filter(isOf)
    .sort((a, b) => a.limit - b.limit)[0]
}

/**
 * What will be spent by the end of a period if it goes on as until now: `spent` ÷ the share of the period that has passed.
 * Instants in epoch ms; what is spent comes back in its own unit, in whole ones.
 */
export function projectionOf(spent: number, startsAt: number, endsAt: number, now: number): number {
  const passed = Math.min(Math.max(now - startsAt, 1), endsAt - startsAt)
  return Math.round((spent * (endsAt - startsAt)) / passed)
}

function rowOf(ledger: Ledger, kept: KeptBudget, now: number): BudgetRow {
  const { budget } = kept
  const { unit, limit } = budget
  const spent = spentOf(kept, now, ledger.zone)
  const reserved = reservedOf(ledger, budget, now)
  const { startsAt, endsAt } = periodOf(budget.period, now, ledger.zone)
  const amount = amountOf(budget, spent)
  const left = Math.max(0, limit - amount)
  const inUsd = unit === 'usd'
  const projected = (value: number) => (endsAt === null ? null : projectionOf(value, startsAt, endsAt, now))
  const money = projected(spent.money)
  return {
    id: budget.id,
    label: budgetLabel(budget),
    scope: budget.scope,
    period: budget.period,
    action: budget.action,
    basis: budget.basis,
    warn_at: budget.warnAt,
    downgrade: budget.downgrade,
    strict: budget.strict,
    state: stateOf(budget, amount, amountOf(budget, reserved)),
    starts_at: isoOf(startsAt),
    ends_at: endsAt === null ? null : isoOf(endsAt),
    limit_usd: inUsd ? usdOf(limit) : null,
    limit_tokens: inUsd ? null : limit,
    spent_usd: usdOf(spent.money),
    spent_tokens: spent.tokens,
    reserved_usd: usdOf(reserved.money),
    reserved_tokens: reserved.tokens,
    used_pct: percentOf((amount / limit) * 100),
    remaining_usd: inUsd ? usdOf(left) : null,
    remaining_tokens: inUsd ? null : left,
    requests: spent.requests,
    unpriced_requests: spent.unpriced,
    projected_usd: money === null ? null : usdOf(money),
    projected_tokens: projected(spent.tokens),
    over_at: overAt(limit, amount, startsAt, endsAt, now),
  }
}

/** `spent` and `reserved` in the budget's own unit. */
function stateOf(budget: Budget, spent: number, reserved: number): BudgetState {
  const { limit, action, downgrade, warnAt } = budget
  if (action === 'block' && spent + reserved >= limit) return 'blocking'
  if (spent >= limit) return 'exceeded'
  if (downgrade && spent >= downgrade.at * limit) return 'downgraded'
  return warnAt.some((share) => spent >= share * limit) ? 'warning' : 'ok'
}

/** When the limit is reached at this pace, if that is before the end. */
function overAt(limit: number, spent: number, startsAt: number, endsAt: number | null, now: number): string | null {
  if (endsAt === null || spent === 0 || spent >= limit) return null
  const at = Math.ceil(startsAt + (Math.max(now - startsAt, 1) * limit) / spent)
  return at < endsAt ? isoOf(at) : null
}
