/** `/api/v1/auth` and `/api/v1/audit`: tokens that stand for one of our keys for a day, and who changed what. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { adminChanged } from '../event-money.ts'
import { scope } from './core.ts'

const tokenReply = z.object({
  /** A JSON Web Token (RFC 7519), taken wherever its key is. It is void with its key, and may never do more than that. */
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** Seconds: a day, or less where the key ends before. */
  expires_in: z.int(),
})

const auditRow = z.object({
  at: z.string(),
  /** Method and path of the row, `DELETE /api/v1/keys/{id}`, and what stood in the path's places, or the id of what was made; null: it has none. */
  action: z.string(),
  subject: z.nullable(z.string()),
  who: adminChanged.shape.who,
})
export type AuditRow = z.infer<typeof auditRow>

export const authRows = {
  issueToken: {
    method: 'POST',
    path: '/api/v1/auth/token',
    auth: 'proxy',
    body: z.strictObject({
      /** Default: the key's. */
      scope: z.optional(scope),
    }),
    reply: tokenReply,
    summary: 'A token for the key that asks',
    tag: 'auth',
  },
  refreshToken: {
    method: 'POST',
    path: '/api/v1/auth/refresh',
    auth: 'proxy',
    body: z.strictObject({}),
    reply: tokenReply,
    summary: 'A new token for the one that asks, which lives on until its own end',
    tag: 'auth',
  },
  revokeToken: {
    method: 'POST',
    path: '/api/v1/auth/revoke',
    auth: 'proxy',
    body: z.strictObject({
      /** Default: the one that asks. */
      token: z.optional(z.string().check(z.minLength(1), z.maxLength(4096))),
    }),
    reply: z.object({ revoked: z.literal(true) }),
    summary: 'End a token of the same key before its time',
    tag: 'auth',
  },
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
