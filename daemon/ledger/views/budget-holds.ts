/** Whether a budget has to do with calls that are billed in some way. */
import type { BudgetRow } from '../../../shared/contract/budget.ts'
import type { Billing } from '../../../shared/contract/usage.ts'

/** Who owes nothing does not add to what is owed, and is not stopped by it. */
export function holdsFor({ basis, limit_usd }: Pick<BudgetRow, 'basis' | 'limit_usd'>, billing: Billing): boolean {
  if (billing === 'simulated') return false
  const owesNothing = billing === 'plan' || billing === 'local'
  return !(owesNothing && limit_usd !== null && basis === 'billed')
}
