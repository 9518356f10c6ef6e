/** `/v1/stats/providers`: totals of every provider since the ledger began. */
import type * as z from 'zod/mini'
import type { providerStats } from '../../../shared/contract/endpoints/stats.ts'
import { promptTokensOf, totalTokensOf } from '../../../shared/contract/usage.ts'
import type { Ledger } from '../ledger.ts'
import type { ProviderTotals } from '../lifetime.ts'
import { usdOf } from './rows.ts'
import { kindShown } from './shown.ts'

export type ProviderStats = z.infer<typeof providerStats>

/** Most requests first. */
export function providerStatsOf(ledger: Ledger, simulated?: 'only'): ProviderStats[] {
  const shown = kindShown(ledger, simulated) === 'simulated'
  return [...ledger.lifetime.providers.values()]
    .filter((row) => row.simulated === shown)
    .map(statsOf)
    .sort((a, b) => b.totalRequests - a.totalRequests || (a.providerId < b.providerId ? -1 : 1))
}

function statsOf({ provider, simulated, sums, lastAt }: ProviderTotals): ProviderStats {
  return {
    providerId: provider,
    totalRequests: sums.requests,
    totalTokens: totalTokensOf(sums),
    totalPromptTokens: promptTokensOf(sums),
    totalCompletionTokens: sums.output,
    totalCostUsd: usdOf(sums.cost),
    unpricedRequests: sums.unpriced,
    lastRequestTimestamp: lastAt,
    simulated,
  }
}
