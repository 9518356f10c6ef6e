/** `/api/v1/audit`: who changed what. */
import type { authRows } from '../../../shared/contract/endpoints/auth.ts'
import { auditOf } from '../../ledger/views/audit.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function authHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof authRows> {
  return {
    audit: () => ({ value: { changes: auditOf(deps.ledger()) } }),
  }
}
