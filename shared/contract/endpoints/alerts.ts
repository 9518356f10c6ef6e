/** `/api/v1/alerts`: what was told once, and which webhooks have heard of it; snake_case, ISO 8601. */
import * as z from 'zod/mini'
import { alertRow } from '../alert.ts'
import type { EndpointTable } from '../endpoint.ts'

export const alertsRows = {
  alerts: {
    method: 'GET',
    path: '/api/v1/alerts',
    auth: 'read',
    query: z.object({
      /** From 1 to 500; default 50. */
      limit: z.optional(z.string()),
      /** `next_cursor` of the page before. */
      cursor: z.optional(z.string()),
    }),
    reply: z.object({
      /** Newest first. */
      alerts: z.array(alertRow),
      /** null: nothing older is kept. */
      next_cursor: z.nullable(z.string()),
    }),
    summary: 'Alerts that were raised, newest first, and which webhooks have heard of them',
    tag: 'alerts',
  },
} as const satisfies EndpointTable
