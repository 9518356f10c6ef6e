/** allowance */
import type { allowanceRows } from '../../../shared/contract/endpoints/allowance.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function allowanceHandlers(_deps: FamilyDeps): Pick<Handlers, keyof typeof allowanceRows> {
  return {}
}
