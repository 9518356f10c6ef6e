/** The budget that stands in the way of what is used now, or is passed by it: what the status bar says before all else. */
import type { BudgetRow } from '../../../shared/contract/budget.ts'
import type { HeadlineBudget } from '../../../shared/contract/rows.ts'
import type { Billing } from '../../../shared/contract/usage.ts'
import { fits } from '../budget-scope.ts'
import type { Ledger } from '../ledger.ts'
import { holdsFor } from './budget-holds.ts'
import { budgetRowsOf } from './budgets.ts'
import type { Stands } from './headline-state.ts'

type Used = { provider: string; account: string; model: string | undefined; billing: Billing | undefined }

/** The state, and the budget where it is the one that made it so. */
export type StandsBeside = Stands & { budget: HeadlineBudget | null }

/** A budget that lets no call through comes first; one that is merely passed gives way to a provider that refuses. */
export function besideBudgets(ledger: Ledger, now: number, used: Used, stands: Stands): StandsBeside {
  const plain = { ...stands, budget: null }
  if (ledger.budgets.size === 0) return plain
  const rows = budgetRowsOf(ledger, now).filter((row) => concerns(row, used))
  const blocking = greatest(rows, 'blocking', ({ ends_at }) =>
    ends_at === null ? Number.POSITIVE_INFINITY : Date.parse(ends_at),
  )
  if (blocking) return { state: 'budget-stop', refused: null, budget: shown(blocking) }
  const passed = greatest(rows, 'exceeded', ({ used_pct }) => used_pct)
  if (!passed || stands.state === 'limit' || stands.state === 'throttled') return plain
  return { state: 'budget-passed', refused: null, budget: shown(passed) }
}

/** By the names that are known of what is used now. Of the others it may have any. */
function concerns(row: BudgetRow, { provider, account, model, billing }: Used): boolean {
  const { provider: ofProvider, account: ofAccount, model: ofModel } = row.scope
  const scope = {
    ...(ofProvider !== undefined && { provider: ofProvider }),
    ...(ofAccount !== undefined && { account: ofAccount }),
    ...(ofModel !== undefined && model !== undefined && { model: ofModel }),
  }
  return (billing === undefined || holdsFor(row, billing)) && fits(scope, { provider, account, model: model ?? '' })
}

function greatest(rows: readonly BudgetRow[], state: BudgetRow['state'], by: (row: BudgetRow) => number) {
  return rows
    .filter((row) => row.state === state)
    .reduce<BudgetRow | undefined>((best, row) => (!best || by(row) > by(best) ? row : best), undefined)
}

function shown({ id, label, limit_usd, limit_tokens, spent_usd, spent_tokens, ends_at }: BudgetRow): HeadlineBudget {
  return { id, label, limit_usd, limit_tokens, spent_usd, spent_tokens, ends_at }
}
