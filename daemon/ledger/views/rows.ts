/** Sums and ended attempts as the rows that every API shows: here integers become USD and milliseconds. */
import type { AttemptEnded } from '../../../shared/contract/event.ts'
import type { RequestRow, Totals } from '../../../shared/contract/rows.ts'
import { noUsage, promptTokensOf, totalTokensOf } from '../../../shared/contract/usage.ts'
import { countedAt } from '../counted.ts'
import type { Sums } from '../sums.ts'
import { percentilesOf, type Times } from '../times.ts'
import { accountLabel } from './account-label.ts'

/** Nano-dollars as USD, to the nano-dollar: 9 decimals at most. */
export function usdOf(nano: number): number {
  return Math.round(nano) / 1e9
}

/** USD that were worked out of such, free of a float's last digits. */
export function roundUsd(usd: number): number {
  return usdOf(usd * 1e9)
}

/** A share in percent with 2 decimals. */
export function percentOf(value: number): number {
  return Math.round(value * 100) / 100
}

/** Epoch ms as ISO 8601 in UTC. */
export function isoOf(at: number): string {
  return new Date(at).toISOString()
}

/** Milliseconds a call, with one decimal; 0 where there is none. */
export function averageLatencyOf(sums: Sums): number {
  return sums.requests === 0 ? 0 : Math.round(sums.latencyUs / sums.requests / 100) / 10
}

/** `times`: lists of them; none where nothing is known. */
export function totalsOf(sums: Sums, times: readonly Readonly<Times>[] = []): Totals {
  const { latency, firstToken } = percentilesOf(times)
  const prompt = promptTokensOf(sums)
  return {
    requests: sums.requests,
    failed_requests: sums.failed,
    attempts: sums.attempts,
    tokens: totalTokensOf(sums),
    tokens_input: prompt,
    tokens_output: sums.output,
    tokens_cache_read: sums.cacheRead,
    tokens_cache_write: sums.cacheWrite5m + sums.cacheWrite1h,
    tokens_reasoning: sums.reasoning,
    cost_usd: usdOf(sums.cost),
    billed_usd: usdOf(sums.billed),
    unpriced_requests: sums.unpriced,
    estimated_requests: sums.estimated,
    average_latency_ms: averageLatencyOf(sums),
    latency_p50_ms: latency && latency.p50,
    latency_p95_ms: latency && latency.p95,
    ttft_p50_ms: firstToken && firstToken.p50,
    ttft_p95_ms: firstToken && firstToken.p95,
    cache_hit_pct: prompt === 0 ? null : percentOf((sums.cacheRead / prompt) * 100),
  }
}

/** `t`: when the attempt was recorded to have ended, epoch ms. */
export function requestRowOf(e: AttemptEnded, t: number): RequestRow {
  const usage = e.usage ?? noUsage
  return {
    id: e.call,
    timestamp: isoOf(countedAt(e, t)),
    provider: e.provider,
    account: e.account,
    account_label: accountLabel(e),
    model: e.model,
    client: e.client,
    task: e.task,
    folder: e.folder,
    session: e.session,
    chain: e.chain,
    billing: e.billing,
    outcome: e.outcome,
    http_status: e.status,
    attempts: e.attempts,
    stream: e.stream,
    tokens: totalTokensOf(usage),
    tokens_input: promptTokensOf(usage),
    tokens_output: usage.output,
    tokens_cache_read: usage.cacheRead,
    tokens_cache_write: usage.cacheWrite5m + usage.cacheWrite1h,
    usage_source: e.usageSource,
    cost_usd: e.cost === null ? null : usdOf(e.cost),
    billed_usd: e.billed === null ? null : usdOf(e.billed),
    latency_ms: e.latencyMs,
    ttft_ms: e.ttftMs,
    error: e.error,
    ...(e.imported && { imported: e.imported }),
  }
}
