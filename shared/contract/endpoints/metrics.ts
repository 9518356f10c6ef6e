/** `/metrics`: what Prometheus reads. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'

export const metricsRows = {
  metrics: {
    method: 'GET',
    path: '/metrics',
    auth: 'read',
    openOnLoopback: true,
    query: z.object({ simulated: z.optional(z.enum(['only'])) }),
    reply: z.string(),
    produces: 'text/plain; version=0.0.4; charset=utf-8',
    summary: 'Figures for Prometheus, as OpenMetrics where that is asked for; on this machine without a key',
    tag: 'daemon',
  },
} as const satisfies EndpointTable
