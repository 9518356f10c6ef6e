/** `/v0/management/qs`: tokens and requests as clients of that family know them; snake_case, RFC 3339. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { count } from '../usage.ts'

const sums = { tokens: count, requests: count }

export const qsMetrics = z.object({
  totals: z.object(sums),
  /** Most tokens first. */
  by_model: z.array(z.object({ model: z.string(), ...sums })),
  /** One row an hour in which something was called, ascending. */
  timeseries: z.array(z.object({ bucket_start: z.string(), ...sums })),
  /** Present where these are the sandbox's calls. */
  simulated: z.optional(z.literal(true)),
})
export type QsMetrics = z.infer<typeof qsMetrics>

/** Loopback only unless the user allows more; the key may stand in this family's own header too. */
const guarded = { loopbackOnly: 'unless-allowed', keyHeader: 'x-management-key', tag: 'management' } as const

export const management = {
  qsHealth: {
    method: 'GET',
    path: '/v0/management/qs/health',
    auth: 'read',
    reply: z.object({ ok: z.literal(true) }),
    summary: 'Is it there',
    ...guarded,
  },
  qsMetrics: {
    method: 'GET',
    path: '/v0/management/qs/metrics',
    auth: 'read',
    query: z.object({
      /** RFC 3339; default: 24 hours before `to`. Widened to whole quarters of an hour, or hours where it is long ago. */
      from: z.optional(z.string()),
      /** RFC 3339; default: now. */
      to: z.optional(z.string()),
      model: z.optional(z.string()),
      simulated: z.optional(z.enum(['only'])),
    }),
    reply: qsMetrics,
    summary: 'Tokens and requests, by model and by hour',
    ...guarded,
  },
  qsMetricsPage: {
    method: 'GET',
    path: '/v0/management/qs/metrics/ui',
    // a browser that is sent here brings the dashboard's cookie at most, which opens nothing by itself
    auth: 'none',
    reply: z.string(),
    produces: 'text/html; charset=utf-8',
    page: true,
    summary: 'The dashboard, or how to open it',
    loopbackOnly: 'unless-allowed',
    tag: 'management',
  },
} as const satisfies EndpointTable
