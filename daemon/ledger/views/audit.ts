/** Who changed what over the API, newest first. */
import type { AuditRow } from '../../../shared/contract/endpoints/auth.ts'
import type { Ledger } from '../ledger.ts'

export function auditOf(ledger: Ledger): AuditRow[] {
  return ledger.audit
    .map(({ t, e: { action, subject, who } }) => ({ at: new Date(t).toISOString(), action, subject, who }))
    .reverse()
}
