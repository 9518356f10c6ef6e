/** `/api/v1/audit`: who changed what. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { adminChanged } from '../event-money.ts'

const auditRow = z.object({
  at: z.string(),
  /** Method and path of the row, `DELETE /api/v1/keys/{id}`, and what stood in the path's places; null: it has none. */
  action: z.string(),
  subject: z.nullable(z.string()),
  who: adminChanged.shape.who,
})
export type AuditRow = z.infer<typeof auditRow>

export const authRows = {
  audit: {
    method: 'GET',
    path: '/api/v1/audit',
    auth: 'admin',
    /** Newest first; the last 500. */
    reply: z.object({ changes: z.array(auditRow) }),
    summary: 'What was changed over the API, and by whom',
    tag: 'auth',
  },
} as const satisfies EndpointTable
