/** `/api/v1`: snake_case, ISO 8601. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { receipt } from '../receipt.ts'
import { totals } from '../rows.ts'
import { summary } from '../summary.ts'
import { billing } from '../usage.ts'
import { warning } from '../warning.ts'

export const scope = z.enum(['proxy', 'read', 'admin'])

/** One of our own keys as lists show it: never the key. */
const keyRow = z.object({
  id: z.string(),
  name: z.string(),
  scope,
  /** Its first characters, to tell it from others. */
  prefix: z.string(),
  providers: z.nullable(z.array(z.string())),
  chains: z.nullable(z.array(z.string())),
  created_at: z.string(),
  expires_at: z.nullable(z.string()),
})
export type KeyRow = z.infer<typeof keyRow>

/**
 * By what `/api/v1/usage` can group; `day` is a day of the configured time zone. User, feature, session and key (the id of one of our
 * keys) are each counted alone, by day: they go with `day` only, and their empty name is all calls that named none.
 */
export const usageDimension = z.enum([
  'provider',
  'model',
  'client',
  'task',
  'chain',
  'folder',
  'account',
  'billing',
  'day',
  'hour',
  'user',
  'feature',
  'session',
  'key',
])
export type UsageDimension = z.infer<typeof usageDimension>

const name = z.string().check(z.minLength(1), z.maxLength(64))
const shown = { simulated: z.optional(z.enum(['only'])) }

export const usageReply = z.object({
  period: z.object({ from: z.string(), to: z.string(), time_zone: z.string() }),
  simulated: z.boolean(),
  total: totals,
  /** `key` holds one value for each dimension of `group_by`, in its order. Most tokens first; days and hours ascend. */
  groups: z.array(z.object({ key: z.array(z.string()), totals })),
  /** One row a bucket of `bucket`, ascending, empty ones left in, so that a chart needs no filling. */
  series: z.array(z.object({ start: z.string(), totals })),
  /** Past months, `2026-03`, whose file cannot be read: what they hold is in none of these sums, and a warning says more. */
  missing_months: z.array(z.string()),
})
export type UsageReply = z.infer<typeof usageReply>

export const core = {
  summary: {
    method: 'GET',
    path: '/api/v1/summary',
    auth: 'read',
    reply: summary,
    summary: 'Everything a client sees first',
    tag: 'usage',
  },
  usage: {
    method: 'GET',
    path: '/api/v1/usage',
    auth: 'read',
    query: z.object({
      ...shown,
      /** ISO 8601 instant, a date, or a span back from now such as `7d`, `24h`; default: the start of this month. */
      from: z.optional(z.string()),
      to: z.optional(z.string()),
      /** Size of a step of `series`; none: no series. */
      bucket: z.optional(z.enum(['15m', 'hour', 'day'])),
      /** Comma-separated dimensions. */
      group_by: z.optional(z.string()),
      provider: z.optional(z.string()),
      model: z.optional(z.string()),
      client: z.optional(z.string()),
      task: z.optional(z.string()),
      chain: z.optional(z.string()),
      folder: z.optional(z.string()),
      account: z.optional(z.string()),
      billing: z.optional(billing),
      user: z.optional(z.string()),
      feature: z.optional(z.string()),
      session: z.optional(z.string()),
      key: z.optional(z.string()),
    }),
    reply: usageReply,
    summary: 'Usage and cost over any time, grouped',
    tag: 'usage',
  },
  request: {
    method: 'GET',
    path: '/api/v1/requests/{id}',
    auth: 'read',
    reply: receipt,
    summary: 'The receipt of one call',
    tag: 'usage',
  },
  warnings: {
    method: 'GET',
    path: '/api/v1/warnings',
    auth: 'read',
    reply: z.object({ warnings: z.array(warning) }),
    summary: 'What is not as it should be',
    tag: 'daemon',
  },
  keys: {
    method: 'GET',
    path: '/api/v1/keys',
    auth: 'admin',
    reply: z.object({ keys: z.array(keyRow) }),
    summary: 'Our own keys',
    tag: 'keys',
  },
  createKey: {
    method: 'POST',
    path: '/api/v1/keys',
    auth: 'admin',
    body: z.strictObject({
      name,
      scope,
      providers: z.optional(z.array(z.string())),
      chains: z.optional(z.array(z.string())),
      /** ISO 8601 instant. */
      expires: z.optional(z.string()),
    }),
    reply: z.object({ ...keyRow.shape, key: z.string() }),
    summary: 'Make a key; this reply is the only time it is shown',
    tag: 'keys',
  },
  revokeKey: {
    method: 'DELETE',
    path: '/api/v1/keys/{id}',
    auth: 'admin',
    reply: keyRow,
    summary: 'Revoke a key, effective at once',
    tag: 'keys',
  },
  stop: {
    method: 'POST',
    path: '/api/v1/daemon/stop',
    auth: 'admin',
    loopbackOnly: true,
    body: z.strictObject({ grace_seconds: z.optional(z.number().check(z.nonnegative(), z.maximum(3600))) }),
    reply: z.object({ stopping: z.literal(true), in_flight: z.int(), grace_seconds: z.number() }),
    summary: 'Stop the daemon; open streams get the grace time, a second call cuts them',
    tag: 'daemon',
  },
  dashboardLink: {
    method: 'POST',
    path: '/api/v1/dashboard/link',
    auth: 'admin',
    loopbackOnly: true,
    body: z.strictObject({}),
    reply: z.object({ url: z.string(), expires_at: z.string() }),
    summary: 'A link to the dashboard that works once, within 60 s',
    tag: 'dashboard',
  },
  dashboardSession: {
    method: 'POST',
    path: '/api/v1/dashboard/session',
    auth: 'none',
    loopbackOnly: true,
    body: z.strictObject({ code: z.string().check(z.maxLength(128)) }),
    /** The reply sets a cookie; `value` must come with every later request in `x-tollkeeper-page`. */
    reply: z.object({ value: z.string() }),
    summary: 'Trade the code of a dashboard link for a session',
    tag: 'dashboard',
  },
} as const satisfies EndpointTable
