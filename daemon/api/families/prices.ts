/** prices */
import type { pricesRows } from '../../../shared/contract/endpoints/prices.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function pricesHandlers(_deps: FamilyDeps): Pick<Handlers, keyof typeof pricesRows> {
  return {}
}
