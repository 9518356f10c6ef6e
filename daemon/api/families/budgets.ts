/** budgets */
import type { budgetsRows } from '../../../shared/contract/endpoints/budgets.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function budgetsHandlers(_deps: FamilyDeps): Pick<Handlers, keyof typeof budgetsRows> {
  return {}
}
