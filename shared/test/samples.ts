/** Rows for tests of what clients show, plain but for what a test says about them. */
import type { BudgetRow } from '../contract/budget.ts'
import type { LimitRow, Totals, WindowRow } from '../contract/rows.ts'

export function totals(some: Partial<Totals> = {}): Totals {
  return {
    requests: 0,
    failed_requests: 0,
    attempts: 0,
    tokens: 0,
    tokens_input: 0,
    tokens_output: 0,
    tokens_cache_read: 0,
    tokens_cache_write: 0,
    tokens_reasoning: 0,
    cost_usd: 0,
    billed_usd: 0,
    unpriced_requests: 0,
    estimated_requests: 0,
    average_latency_ms: 0,
    latency_p50_ms: null,
    latency_p95_ms: null,
    ttft_p50_ms: null,
    ttft_p95_ms: null,
    cache_hit_pct: null,
    ...some,
  }
}

/** Of a Claude plan, read 20 s before Friday, 20 November 2026, 14:00 UTC. */
export function windowRow(some: Partial<WindowRow> = {}): WindowRow {
  return {
    name: '5h',
    used_pct: 38,
    limit: null,
    remaining: null,
    resets_at: '2026-11-20T16:10:00Z',
    status: 'allowed',
    source: 'header',
    measured_at: '2026-11-20T13:59:40Z',
    confirmed: true,
    elapsed_pct: null,
    pace_pct: null,
    runs_out_at: null,
    ...some,
  }
}

export function limitRow(some: Partial<LimitRow> = {}): LimitRow {
  return {
    provider: 'anthropic',
    account: 'acc',
    account_label: 'Claude plan',
    model: null,
    windows: [windowRow(), windowRow({ name: '7d', used_pct: 71, resets_at: '2026-11-21T09:00:00Z' })],
    representative: '5h',
    overage_in_use: false,
    billing: 'plan',
    cooldown: null,
    ...some,
  }
}

/** Of a day that ends at midnight after Friday, 20 November 2026, 14:00 UTC. */
export function budgetRow(some: Partial<BudgetRow> = {}): BudgetRow {
  return {
    id: 'day',
    label: 'Daily budget',
    scope: {},
    period: 'day',
    action: 'warn',
    basis: 'billed',
    warn_at: [0.8],
    downgrade: null,
    strict: false,
    state: 'ok',
    starts_at: '2026-11-20T00:00:00Z',
    ends_at: '2026-11-21T00:00:00Z',
    limit_usd: 10,
    limit_tokens: null,
    spent_usd: 3.1,
    spent_tokens: 412_000,
    reserved_usd: 0,
    reserved_tokens: 0,
    used_pct: 31,
    remaining_usd: 6.9,
    remaining_tokens: null,
    requests: 12,
    unpriced_requests: 0,
    projected_usd: 5.31,
    projected_tokens: 706_000,
    over_at: null,
    ...some,
  }
}
