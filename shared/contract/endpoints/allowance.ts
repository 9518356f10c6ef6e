/** `/api/usage`: what this month used, how that came about, and whether a call may go now; snake_case, ISO 8601. */
import * as z from 'zod/mini'
import { tierName } from '../config.ts'
import type { EndpointTable } from '../endpoint.ts'
import { count } from '../usage.ts'

const simulated = z.optional(z.enum(['only']))

/** Prompt tokens are input and all caches; no limit is null, and so is what remains of it. */
export const allowance = z.object({
  /** The first day of this month in `timeZone`: 2026-11-01. */
  current_period: z.string(),
  input_tokens_used: count,
  output_tokens_used: count,
  input_tokens_limit: z.nullable(count),
  output_tokens_limit: z.nullable(count),
  remaining_input: z.nullable(count),
  remaining_output: z.nullable(count),
  tier: tierName,
})
export type Allowance = z.infer<typeof allowance>

export const granularity = z.enum(['hour', 'day', 'month'])
export type Granularity = z.infer<typeof granularity>

/** `cost_usd`: the list price; `billed_usd`: what is owed of it. Both are a lower bound where requests are unpriced. */
const historyRow = z.object({
  start: z.string(),
  input_tokens: count,
  output_tokens: count,
  requests: count,
  cost_usd: z.number(),
  billed_usd: z.number(),
  unpriced_requests: count,
})

export const allowanceHistory = z.object({
  granularity,
  time_zone: z.string(),
  /** One a step, ascending, also where nothing was called; 100 at most. */
  rows: z.array(historyRow),
  /** null: this page reaches the end. */
  next_cursor: z.nullable(z.string()),
  /** Closed months whose sums cannot be read: the rows lack them. */
  missing_months: z.array(z.string()),
})
export type AllowanceHistory = z.infer<typeof allowanceHistory>

export const allowanceRows = {
  allowance: {
    method: 'GET',
    path: '/api/usage',
    auth: 'read',
    rateLimited: true,
    query: z.object({ simulated }),
    reply: allowance,
    summary: "This month's tokens, and what is left of the tier's limits",
    tag: 'usage',
  },
  allowanceHistory: {
    method: 'GET',
    path: '/api/usage/history',
    auth: 'read',
    rateLimited: true,
    query: z.object({
      /** Steps of the configured time zone; default day. */
      granularity: z.optional(granularity),
      /** As `/api/v1/usage` takes it, widened to whole steps; default: 24 hours, 30 days or 12 months, this one the last. */
      from: z.optional(z.string()),
      to: z.optional(z.string()),
      /** `next_cursor` of the page before, asked with the same `granularity` and `to`. */
      cursor: z.optional(z.string()),
      simulated,
    }),
    reply: allowanceHistory,
    summary: 'Usage by the hour, day or month, a page at a time',
    tag: 'usage',
  },
} as const satisfies EndpointTable
