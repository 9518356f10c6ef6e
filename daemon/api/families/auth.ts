/** auth */
import type { authRows } from '../../../shared/contract/endpoints/auth.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function authHandlers(_deps: FamilyDeps): Pick<Handlers, keyof typeof authRows> {
  return {}
}
