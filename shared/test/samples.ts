/** Rows for tests of what clients show, plain but for what a test says about them. */
import type { Totals } from '../contract/rows.ts'

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
    ...some,
  }
}
