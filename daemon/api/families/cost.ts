/** cost */
import type { costRows } from '../../../shared/contract/endpoints/cost.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function costHandlers(_deps: FamilyDeps): Pick<Handlers, keyof typeof costRows> {
  return {}
}
