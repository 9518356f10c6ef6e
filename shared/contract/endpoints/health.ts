/** `/health`, and how the machine does that the daemon runs on: snake_case, ISO 8601. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { gpu, machineFigures } from '../machine.ts'

const serviceHealth = z.object({
  status: z.enum(['ok', 'error']),
  latency_ms: z.nullable(z.number()),
  error: z.optional(z.string()),
  /** When that was seen; absent: it was never asked for anything, or it is our own. */
  checked_at: z.optional(z.string()),
  /** Where it is down, so are we: 503. Absent: false. */
  critical: z.optional(z.boolean()),
  /** Of a model server on this machine or network that says so. */
  models_loaded: z.optional(z.array(z.string())),
})
export type ServiceHealth = z.infer<typeof serviceHealth>

/** Beyond this machine it says the status, and what answers: nothing of who is used, or of us. */
const health = z.object({
  status: z.enum(['healthy', 'degraded']),
  product: z.literal('tollkeeper'),
  instance_id: z.optional(z.string()),
  proof: z.optional(z.string()),
  timestamp: z.string(),
  version: z.optional(z.string()),
  /** Why it is degraded, a sentence each; also that it stops and takes no new calls, which is 503. */
  reasons: z.optional(z.array(z.string())),
  services: z.record(z.string(), serviceHealth),
  gpu,
})
export type Health = z.infer<typeof health>

export const healthRows = {
  health: {
    method: 'GET',
    path: '/health',
    auth: 'none',
    query: z.object({ nonce: z.optional(z.string().check(z.maxLength(128))) }),
    reply: health,
    degraded: 503,
    summary: 'Is it well, and why not; with a nonce also the proof that it is the daemon of this home',
    tag: 'daemon',
  },
  machine: {
    method: 'GET',
    path: '/api/v1/metrics/system',
    auth: 'admin',
    reply: z.object({ timestamp: z.string(), ...machineFigures.shape }),
    summary: 'Processor, memory, GPU, disk and network of the machine, read a few seconds ago',
    tag: 'daemon',
  },
} as const satisfies EndpointTable
