/** `/api/v1/requests` and `/api/v1/store`: old calls, and the disk they are kept on; snake_case, ISO 8601. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { requestRow } from '../rows.ts'
import { billing, count, outcome } from '../usage.ts'

const name = z.optional(z.string())

export const historyRows = {
  requestRows: {
    method: 'GET',
    path: '/api/v1/requests',
    auth: 'read',
    query: z.object({
      simulated: z.optional(z.enum(['only'])),
      /** When it ended, as `/api/v1/usage` takes it; default: from the oldest that is kept. */
      from: z.optional(z.string()),
      to: z.optional(z.string()),
      provider: name,
      model: name,
      client: name,
      task: name,
      chain: name,
      folder: name,
      account: name,
      session: name,
      billing: z.optional(billing),
      outcome: z.optional(outcome),
      /** From 1 to 500; default 50. */
      limit: z.optional(z.string()),
      /** `next_cursor` of the page before, asked with the same filters. */
      cursor: z.optional(z.string()),
    }),
    reply: z.object({
      /** Newest first, imported ones where they were imported. There may be fewer than `limit`, even none, although more follow: a page reads a bounded part of the disk. */
      requests: z.array(requestRow),
      /** null: nothing older is kept. */
      next_cursor: z.nullable(z.string()),
    }),
    summary: 'Calls of any age, newest first, a page at a time',
    tag: 'usage',
  },
  compact: {
    method: 'POST',
    path: '/api/v1/store/compact',
    auth: 'admin',
    body: z.strictObject({}),
    reply: z.object({
      /** The snapshot holds everything up to this number. */
      snapshot: count,
      segments: count,
      bytes: count,
    }),
    summary: 'Write a snapshot of the ledger now, and drop what is past its retention',
    tag: 'daemon',
  },
} as const satisfies EndpointTable
