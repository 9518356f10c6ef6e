/** The rows of the canonical family (`/api/v1`, snake_case, ISO 8601, USD): what REST answers and the feed pushes alike. */
import * as z from 'zod/mini'
import { budgetRow } from './budget.ts'
import { importSource } from './event.ts'
import { refusalKind } from './refusal.ts'
import { billing, count, outcome, usageSource } from './usage.ts'

/** Sums of calls. Money is USD to the nano-dollar; where `unpriced_requests` is above 0 the money is a lower bound. */
export const totals = z.object({
  requests: count,
  failed_requests: count,
  attempts: count,
  tokens: count,
  tokens_input: count,
  tokens_output: count,
  tokens_cache_read: count,
  tokens_cache_write: count,
  tokens_reasoning: count,
  cost_usd: z.number(),
  billed_usd: z.number(),
  unpriced_requests: count,
  estimated_requests: count,
  average_latency_ms: z.number(),
  /**
   * Of calls that were answered to their end and came through the daemon, within 5 %; of whole hours where less is asked for. null: of
   * none it is known, as of steps of 15 minutes and of all time.
   */
  latency_p50_ms: z.nullable(z.number()),
  latency_p95_ms: z.nullable(z.number()),
  /** Time to the first token: of those that were streams. */
  ttft_p50_ms: z.nullable(z.number()),
  ttft_p95_ms: z.nullable(z.number()),
  /** How much of the prompt tokens was read from a cache. null: there were none. */
  cache_hit_pct: z.nullable(z.number()),
})
export type Totals = z.infer<typeof totals>

/** One call as lists show it: its last attempt. */
export const requestRow = z.object({
  id: z.string(),
  timestamp: z.string(),
  provider: z.string(),
  account: z.string(),
  /** What people call the account: "Claude plan", "Anthropic key …3f9a". */
  account_label: z.string(),
  model: z.string(),
  client: z.string(),
  task: z.string(),
  folder: z.nullable(z.string()),
  session: z.nullable(z.string()),
  chain: z.nullable(z.string()),
  billing,
  outcome,
  http_status: z.nullable(z.int()),
  attempts: count,
  stream: z.boolean(),
  tokens: count,
  tokens_input: count,
  tokens_output: count,
  tokens_cache_read: count,
  tokens_cache_write: count,
  usage_source: usageSource,
  cost_usd: z.nullable(z.number()),
  billed_usd: z.nullable(z.number()),
  latency_ms: z.number(),
  ttft_ms: z.nullable(z.number()),
  error: z.nullable(z.string()),
  /** Present where the call did not come through the daemon: what it was read from. */
  imported: z.optional(importSource),
})
export type RequestRow = z.infer<typeof requestRow>

/** One window of one account as shown: a passed reset with no call since shows 0 %, not confirmed. */
export const windowRow = z.object({
  name: z.string(),
  used_pct: z.nullable(z.number()),
  limit: z.nullable(z.number()),
  remaining: z.nullable(z.number()),
  resets_at: z.nullable(z.string()),
  status: z.nullable(z.string()),
  source: z.string(),
  measured_at: z.string(),
  /** false once the reset has passed and no reply has said anything since. */
  confirmed: z.boolean(),
  /** How much of the window's time has passed. null: its length or reset is not known, or it lasts minutes only. */
  elapsed_pct: z.nullable(z.number()),
  /** `used_pct` less `elapsed_pct`, in percentage points: above 0 it is used faster than its time passes. */
  pace_pct: z.nullable(z.number()),
  /** When it is used up if it goes on as since it began. null: it lasts until its reset, or nothing can be told. */
  runs_out_at: z.nullable(z.string()),
})
export type WindowRow = z.infer<typeof windowRow>

export const limitRow = z.object({
  provider: z.string(),
  account: z.string(),
  account_label: z.string(),
  model: z.nullable(z.string()),
  windows: z.array(windowRow),
  representative: z.nullable(z.string()),
  overage_in_use: z.boolean(),
  billing: z.nullable(billing),
  /** It is avoided until then: chains pass over it. null: it is not. `model` null: so is the whole account. */
  cooldown: z.nullable(
    z.object({ until: z.string(), refusal: refusalKind, model: z.nullable(z.string()), reason: z.string() }),
  ),
})
export type LimitRow = z.infer<typeof limitRow>

/**
 * How what is used now stands. `limit`: the provider refuses, for longer than `throttled`, which is a rate limit that ends within two
 * minutes. `overage`: it goes on as paid extra usage. `stale`: calls flow, but nothing was read of the limit for ten minutes. `near`:
 * 90 % used, or what the client's user chose. `fast-pace`: used up before its reset if it goes on so. `budget-stop`: a budget lets no
 * call through. `budget-passed`: one is passed, and calls go on.
 */
export const headlineState = z.enum([
  'ok',
  'near',
  'limit',
  'overage',
  'throttled',
  'fast-pace',
  'stale',
  'budget-stop',
  'budget-passed',
])
export type HeadlineState = z.infer<typeof headlineState>

/** What is of the other unit than the budget's is null. `ends_at` null: it goes with the time. */
export const headlineBudget = z.pick(budgetRow, {
  id: true,
  label: true,
  limit_usd: true,
  limit_tokens: true,
  spent_usd: true,
  spent_tokens: true,
  ends_at: true,
})
export type HeadlineBudget = z.infer<typeof headlineBudget>

const standsAt = {
  account_label: z.string(),
  state: headlineState,
  /** For what calls are refused and until when, where `state` is `limit` or `throttled` and a refusal or a limit told it. */
  refused: z.nullable(z.object({ refusal: refusalKind, until: z.string() })),
  /** Which one, where `state` is `budget-stop` or `budget-passed`. */
  budget: z.nullable(headlineBudget),
}

/** The one number for the status bar: the limit that binds what is used now, else today's spend, else nothing seen yet. */
export const headline = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('window'),
    provider: z.string(),
    account: z.string(),
    window: windowRow,
    ...standsAt,
  }),
  z.object({
    kind: z.literal('spend'),
    tokens: count,
    billed_usd: z.number(),
    unpriced_requests: count,
    ...standsAt,
  }),
])
export type Headline = z.infer<typeof headline>

/** Sums that every feed message about a call carries, so that no client ever adds anything up. */
export const standing = z.object({
  /** Only simulated calls exist so far and these are theirs: say so wherever the numbers stand. */
  simulated: z.boolean(),
  today: totals,
  month: totals,
  headline,
  in_flight: count,
})
export type Standing = z.infer<typeof standing>
