/** `/api/v1/import`: calls that did not come through the daemon; snake_case, ISO 8601. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { importSource } from '../event.ts'
import { billing, count, servedWithin, serviceTier } from '../usage.ts'

const name = z.string().check(z.minLength(1), z.maxLength(200))

/** One call, as what it was read from tells of it. */
export const importCall = z.strictObject({
  /** What makes it this call wherever it stands: the same key is never added twice. */
  key: z.string().check(z.minLength(1), z.maxLength(500)),
  /** The provider's own id of the request, where it is told: a call through the daemon is known by it. */
  request_id: z.nullable(name),
  /** When it was made. */
  at: z.iso.datetime({ offset: true }),
  provider: name,
  model: name,
  client: name,
  task: z.optional(name),
  session: z.nullable(name),
  folder: z.nullable(z.string().check(z.regex(/^[A-Za-z0-9._-]{1,64}$/))),
  billing: z.enum(['metered', 'plan']),
  /** null: nothing is told of it. */
  usage: z.nullable(
    z.strictObject({
      input: count,
      cache_read: count,
      cache_write_5m: count,
      cache_write_1h: count,
      output: count,
      reasoning: count,
    }),
  ),
  web_searches: z.optional(count),
  /** How it was served, where that was told and was not the usual way. */
  service_tier: z.optional(serviceTier),
  /** Where it was kept within, where that was told. */
  served_within: z.optional(servedWithin),
  /** HTTP status, where it is told; 400 and above: the provider said no. */
  status: z.optional(z.nullable(z.int().check(z.nonnegative(), z.maximum(999)))),
  /** A cost that was told, in USD; an export's stands, of others only where no price is known. */
  cost_usd: z.optional(z.nullable(z.number().check(z.nonnegative(), z.maximum(1_000_000)))),
  latency_ms: z.optional(z.number().check(z.nonnegative(), z.maximum(86_400_000))),
})
export type ImportCall = z.infer<typeof importCall>

/** Calls that were added, by what they were read from, model and month. */
export const importSum = z.object({
  source: importSource,
  provider: z.string(),
  model: z.string(),
  /** Of the configured time zone, `2026-03`. */
  month: z.string(),
  billing,
  calls: count,
  tokens: count,
  cost_usd: z.number(),
  billed_usd: z.number(),
  unpriced_calls: count,
})
export type ImportSum = z.infer<typeof importSum>

/** Calls of one request. */
export const importAtOnce = 1000

export const importRows = {
  importCalls: {
    method: 'POST',
    path: '/api/v1/import',
    auth: 'admin',
    inBatches: true,
    body: z.strictObject({
      source: importSource,
      /** Adds nothing, and says what would be added. */
      dry_run: z.optional(z.boolean()),
      calls: z.array(importCall).check(z.maxLength(importAtOnce)),
    }),
    reply: z.object({
      added: count,
      /** Calls that are in the history already. */
      known: count,
      /** Calls that cannot be right. */
      bad: count,
      /** The first of them, by their place in `calls`. */
      faults: z.array(z.object({ at: count, why: z.string() })),
      sums: z.array(importSum),
    }),
    summary: 'Add calls that were made before the daemon was there, each once',
    tag: 'usage',
  },
} as const satisfies EndpointTable
