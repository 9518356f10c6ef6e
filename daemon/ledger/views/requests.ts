/** The newest calls: each by its last attempt. */
import type * as z from 'zod/mini'
import type { statsRequest } from '../../../shared/contract/endpoints/stats.ts'
import { promptTokensOf, totalTokensOf } from '../../../shared/contract/usage.ts'
import { countedAt } from '../counted.ts'
import type { Ledger } from '../ledger.ts'
import { inOrder, type RecentAttempt } from '../recent.ts'
import { usdOf } from './rows.ts'
import { kindShown } from './shown.ts'

export type StatsRequest = z.infer<typeof statsRequest>

/** Newest first, at most `limit`. */
export function newestCalls(ledger: Ledger, limit: number, simulated?: 'only'): RecentAttempt[] {
  const calls: RecentAttempt[] = []
  const kind = kindShown(ledger, simulated)
  const rows = inOrder(ledger.recent[kind])
  for (let at = rows.length - 1; at >= 0 && calls.length < limit; at--) {
    const row = rows[at]
    if (row?.e.last) calls.push(row)
  }
  const { imported } = ledger.recent
  if (kind === 'simulated' || imported.size === 0) return calls
  const at = ({ e, t }: RecentAttempt) => countedAt(e, t)
  return [...calls, ...imported.values()].sort((a, b) => at(b) - at(a)).slice(0, limit)
}

/** `limit` as it came in the query: not a number, 0 or negative is 50; over 500 is 500. */
export function statsRequestsOf(ledger: Ledger, limit?: string | number, simulated?: 'only'): StatsRequest[] {
  const asked = Math.floor(Number(limit))
  const most = asked > 0 ? Math.min(asked, 500) : 50
  return newestCalls(ledger, most, simulated).map(statsRequestOf)
}

function statsRequestOf({ e, t }: RecentAttempt): StatsRequest {
  return {
    id: e.call,
    timestamp: countedAt(e, t),
    chainName: e.chain,
    providerId: e.provider,
    model: e.model,
    promptTokens: e.usage && promptTokensOf(e.usage),
    completionTokens: e.usage && e.usage.output,
    totalTokens: e.usage && totalTokensOf(e.usage),
    cacheReadTokens: e.usage && e.usage.cacheRead,
    cacheWriteTokens: e.usage && e.usage.cacheWrite5m + e.usage.cacheWrite1h,
    costUsd: e.cost === null ? null : usdOf(e.cost),
    billedUsd: e.billed === null ? null : usdOf(e.billed),
    billing: e.billing,
    latencyMs: e.latencyMs,
    ttftMs: e.ttftMs,
    httpStatus: e.status,
    attempts: e.attempts,
    outcome: e.outcome,
    client: e.client,
    task: e.task,
    sessionId: e.session,
    errorMessage: e.error,
    ...(e.imported && { imported: e.imported }),
  }
}
