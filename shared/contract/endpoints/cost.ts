/** `/api/v1/cost`: what was spent, by whom and of which budget, and every single call for a spreadsheet; snake_case, USD with up to 9 decimals, in the budget status with 6. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { count } from '../usage.ts'

const shown = { simulated: z.optional(z.enum(['only'])) }
const name = z.optional(z.string())

/** Where `unpriced_requests` is above 0 the money is a lower bound. */
const costSums = {
  requests: count,
  /** The list price of what was used; a plan's calls are not billed. */
  cost_usd: z.number(),
  billed_usd: z.number(),
  tokens: count,
  tokens_input: count,
  tokens_output: count,
  average_latency_ms: z.number(),
  unpriced_requests: count,
}

/** Most tokens first; the empty name is of the calls that named none. */
const usageReply = z.object({
  usage_summary: z.object({
    total_requests: count,
    total_cost_usd: z.number(),
    total_billed_usd: z.number(),
    total_tokens: count,
    total_tokens_input: count,
    total_tokens_output: count,
    average_latency_ms: z.number(),
    average_cost_per_request: z.number(),
    unpriced_requests: count,
  }),
  by_provider: z.array(z.object({ provider: z.string(), ...costSums, cost_per_1k_tokens: z.number() })),
  by_task_type: z.array(z.object({ task_type: z.string(), ...costSums })),
  by_model: z.array(z.object({ model: z.string(), ...costSums })),
  by_client: z.array(z.object({ client: z.string(), ...costSums })),
  /** Users and features are counted by day alone: both lists are empty where a provider, task, model or client is asked for. */
  by_user: z.array(z.object({ user: z.string(), ...costSums })),
  by_feature: z.array(z.object({ feature: z.string(), ...costSums })),
  /** One row a day, ascending, days without a call too. */
  timeseries: z.array(z.object({ date: z.string(), ...costSums })),
  period: z.object({ start_date: z.string(), end_date: z.string(), days: z.int() }),
  simulated: z.boolean(),
  /** Past months, `2026-03`, whose file cannot be read: what they hold is in none of these sums, and a warning says more. */
  missing_months: z.array(z.string()),
})
export type CostUsage = z.infer<typeof usageReply>

/** Money is what is owed, or the list price where the budget goes by that. Simulated calls never count. */
const spend = {
  /** The budget of exactly this provider by the month; null: there is none. */
  monthly_limit_usd: z.nullable(z.number()),
  current_spend_usd: z.number(),
  /** In percent with 2 decimals; 0 without a limit. */
  utilization_pct: z.number(),
  /** Never below 0; null without a limit. */
  remaining_usd: z.nullable(z.number()),
  requests_count: count,
}

const budgetStatusReply = z.object({
  /** Those that config names, a budget limits, or a call went to this month. */
  providers: z.record(z.string(), z.object({ ...spend, status: z.enum(['ok', 'warning', 'exceeded']) })),
  /** Money of the providers with a limit (of all where none has one), requests of all. */
  total: z.object(spend),
  period: z.object({
    /** `2026-03`, of the configured time zone. */
    month: z.string(),
    /** With today. */
    days_elapsed: z.int(),
    days_remaining: z.int(),
    /** The total's spend ÷ the share of the month that has passed until now, to the millisecond. */
    projected_spend_usd: z.number(),
  }),
})
export type BudgetStatus = z.infer<typeof budgetStatusReply>

/** Of a single call; null: what was used, or its price, is not known. */
const exportRecord = z.object({
  timestamp: z.string(),
  provider: z.string(),
  model: z.string(),
  task_type: z.string(),
  tokens_input: z.nullable(count),
  tokens_output: z.nullable(count),
  cost_usd: z.nullable(z.number()),
  latency_ms: z.number(),
})
export type ExportRecord = z.infer<typeof exportRecord>

export const costExport = z.object({
  export_date: z.string(),
  period: z.object({ start_date: z.string(), end_date: z.string() }),
  records: z.array(exportRecord),
})

export const costRows = {
  costBudgetStatus: {
    method: 'GET',
    path: '/api/v1/cost/budget-status',
    auth: 'read',
    rateLimited: true,
    reply: budgetStatusReply,
    summary: 'What each provider has used of its monthly budget, and where the month leads',
    tag: 'cost',
  },
  costUsage: {
    method: 'GET',
    path: '/api/v1/cost/usage',
    auth: 'read',
    rateLimited: true,
    query: z.object({
      ...shown,
      /** The day, week (from Monday), month or year of the configured time zone that today lies in, up to today; default: month. */
      period: z.optional(z.enum(['day', 'week', 'month', 'year'])),
      provider: name,
      task_type: name,
      model: name,
      client: name,
      /** Dates such as 2026-03-01, both inclusive; they win over `period`. The end alone: from the beginning of its period. */
      start_date: z.optional(z.string()),
      end_date: z.optional(z.string()),
    }),
    reply: usageReply,
    summary: 'Cost and usage of a period, by provider, task, model, client, user, feature and day',
    tag: 'cost',
  },
  costExport: {
    method: 'GET',
    path: '/api/v1/cost/export',
    auth: 'read',
    rateLimited: true,
    query: z.object({
      ...shown,
      /** Default: csv. `json`: `{export_date, period, records}`, with the same fields. */
      format: z.optional(z.enum(['csv', 'json'])),
      /** Dates such as 2026-03-01, both inclusive, days of the configured time zone; default: everything that is kept. */
      start_date: z.optional(z.string()),
      end_date: z.optional(z.string()),
    }),
    produces: 'text/csv',
    reply: z.string(),
    jsonReply: costExport,
    summary: 'Every single call of a time as CSV or JSON, oldest first',
    tag: 'cost',
  },
} as const satisfies EndpointTable
