/** `/metrics`, what Prometheus reads; and the daemon's figures of itself among them for everybody else: snake_case, ISO 8601. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { count } from '../usage.ts'

const milliseconds = z.nullable(z.number())

const daemonFigures = z.object({
  timestamp: z.string(),
  /** The start of this run: figures that end in `_total` and are not of the history count from then on. */
  since: z.string(),
  /** The overhead is that of the sandbox's calls: there is no real one yet, or it was asked for. */
  simulated: z.boolean(),
  /** By the name that it has in `/metrics`, without `tollkeeper_`; what cannot be known is not there. */
  figures: z.record(z.string(), z.number()),
  /** Spent in the daemon for each attempt, since ever; percentiles as Prometheus makes them of the same buckets. null: there was none. */
  overhead: z.object({ attempts: count, average_ms: milliseconds, p50_ms: milliseconds, p95_ms: milliseconds }),
  /** Calls that were refused here, since ever, by code; of real use alone. */
  refusals: z.record(z.string(), count),
  journal: z.object({
    /** Lines that wait in memory for the disk. */
    backlog_lines: count,
    /** Lines written, but not yet known to be on the disk. */
    unsynced_lines: count,
    /** When lines were last known to be there. null: not in this run. */
    synced_at: z.nullable(z.string()),
  }),
})
export type DaemonFigures = z.infer<typeof daemonFigures>

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
  daemonFigures: {
    method: 'GET',
    path: '/api/v1/metrics/daemon',
    auth: 'read',
    query: z.object({ simulated: z.optional(z.enum(['only'])) }),
    reply: daemonFigures,
    summary: 'What the daemon takes of each call, what waits in it, what it refused and left out',
    tag: 'daemon',
  },
} as const satisfies EndpointTable
