/** Keeps the budgets of the history as the config has them: each change of one is an event, and from then on it holds. */
import { type Budget, type BudgetConfig, budgetOf } from '../shared/contract/budget.ts'
import type { BudgetRemoved, BudgetSet } from '../shared/contract/event-money.ts'
import { isSame } from './store/config-text.ts'
import type { LiveConfig } from './store/live-config.ts'

/** What makes those that are held those that are written. */
export function budgetChanges(
  written: readonly BudgetConfig[],
  held: ReadonlyMap<string, { budget: Budget }>,
): (BudgetSet | BudgetRemoved)[] {
  const wanted = new Map(written.map((one) => [one.id, budgetOf(one)]))
  const gone = [...held.keys()].filter((id) => !wanted.has(id))
  const changed = [...wanted.values()].filter((budget) => !isSame(budget, held.get(budget.id)?.budget))
  return [
    ...gone.map((id) => ({ type: 'budget.removed' as const, id })),
    ...changed.map((budget) => ({ type: 'budget.set' as const, budget })),
  ]
}

/** At the start and after each change of the config. A file that nobody could read yet takes no budget away. */
export function keepBudgets(
  live: Pick<LiveConfig, 'isKnown' | 'config'>,
  held: ReadonlyMap<string, { budget: Budget }>,
  record: (e: BudgetSet | BudgetRemoved) => unknown,
): void {
  if (!live.isKnown()) return
  for (const e of budgetChanges(live.config().budgets ?? [], held)) record(e)
}
