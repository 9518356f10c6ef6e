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

const left = z.nullable(z.number())

/** One limit that may stand in a call's way. What is not known of it is null. */
const bindingLimit = z.object({
  /** `quota`: a window that the provider states. `own-limit`: a provider's "limits" in the config. `tier`: a month's of /api/usage. */
  kind: z.enum(['budget', 'quota', 'cooldown', 'own-limit', 'tier']),
  /** The budget's id, the window, what the cooldown is for, or the tier and its tokens. */
  name: z.string(),
  provider: z.nullable(z.string()),
  account_label: z.nullable(z.string()),
  used_pct: left,
  unit: z.nullable(z.enum(['tokens', 'usd', 'requests'])),
  limit: left,
  remaining: left,
  resets_at: z.nullable(z.string()),
  /** Nothing was heard of it for ten minutes, or since its reset. */
  stale: z.boolean(),
})

export const allowedReply = z.object({
  allowed: z.boolean(),
  /** A sentence for people and models alike. */
  reason: z.string(),
  /** What stops the call for longest; where it may go, what is nearest to its end. null: no limit is known. */
  binding_limit: z.nullable(bindingLimit),
  /** null: it may go now, or nobody knows when, or not in this size. */
  retry_at: z.nullable(z.string()),
  /** The least of what each limit that can stop it has left. null: none is stated so. */
  remaining: z.object({ tokens: z.nullable(count), usd: left, used_pct: left }),
  /** Where calls on our keys could go now instead. */
  alternatives: z.array(
    z.object({
      /** `provider/model`. */
      target: z.string(),
      /** The chain that leads there; null: ask for the target itself. */
      chain: z.nullable(z.string()),
    }),
  ),
})
export type AllowedReply = z.infer<typeof allowedReply>

const tokensAsked = z.optional(z.string().check(z.regex(/^\d{1,12}$/, 'it is a whole number of tokens, such as 12000')))

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
  allowed: {
    method: 'GET',
    path: '/api/usage/allowed',
    auth: 'read',
    rateLimited: true,
    query: z.object({
      /** A model's name, `provider/model` or `chain:NAME`; without it and `provider`: what was used last. */
      model: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
      provider: z.optional(z.string()),
      /** One of the provider's accounts, as `/v1/ratelimits` names it; default: the one that was used last. */
      account: z.optional(z.string()),
      /** With them it asks whether so much fits; without, whether a call may go now. */
      input_tokens: tokensAsked,
      output_tokens: tokensAsked,
    }),
    reply: allowedReply,
    summary: 'Whether a call may go now or so many tokens fit, what stands in the way, and where else it could go',
    tag: 'usage',
  },
} as const satisfies EndpointTable
