/** `/v1/stats`: totals since the ledger began, of all calls, of every provider and of every chain. */
import type * as z from 'zod/mini'
import type { chainStats, providerStats, statsSummary } from '../../../shared/contract/endpoints/stats.ts'
import { promptTokensOf, totalTokensOf } from '../../../shared/contract/usage.ts'
import type { Ledger } from '../ledger.ts'
import type { NamedTotals, TotalsByName } from '../named-totals.ts'
import type { Sums } from '../sums.ts'
import { averageLatencyOf, usdOf } from './rows.ts'
import { kindShown } from './shown.ts'

export type ProviderStats = z.infer<typeof providerStats>
export type ChainStats = z.infer<typeof chainStats>
export type StatsSummary = z.infer<typeof statsSummary>

/** Most requests first. */
export function providerStatsOf(ledger: Ledger, simulated?: 'only'): ProviderStats[] {
  return shownOf(ledger, ledger.lifetime.providers, simulated).map((row) => ({ providerId: row.name, ...statsOf(row) }))
}

/** Most requests first; calls that no chain served are in none. */
export function chainStatsOf(ledger: Ledger, simulated?: 'only'): ChainStats[] {
  return shownOf(ledger, ledger.chains.rows, simulated).map((row) => ({ chainName: row.name, ...statsOf(row) }))
}

export function statsSummaryOf(ledger: Ledger, simulated?: 'only'): StatsSummary {
  const kind = kindShown(ledger, simulated)
  const sums = ledger.lifetime[kind]
  return {
    ...totalsOf(sums),
    totalBilledUsd: usdOf(sums.billed),
    totalAttempts: sums.attempts,
    failedRequests: sums.failed,
    failedOverRequests: ledger.chains.failedOver[kind],
    averageLatencyMs: averageLatencyOf(sums),
    lastRequestTimestamp: newestOf(shownOf(ledger, ledger.lifetime.providers, simulated)),
    simulated: kind === 'simulated',
  }
}

function shownOf(ledger: Ledger, rows: TotalsByName, simulated?: 'only'): NamedTotals[] {
  const shown = kindShown(ledger, simulated) === 'simulated'
  return [...rows.values()]
    .filter((row) => row.simulated === shown)
    .sort((a, b) => b.sums.requests - a.sums.requests || (a.name < b.name ? -1 : 1))
}

function newestOf(rows: readonly NamedTotals[]): number | null {
  return rows.reduce<number | null>(
    (newest, { lastAt }) => (lastAt === null ? newest : Math.max(newest ?? lastAt, lastAt)),
    null,
  )
}

function statsOf({ simulated, sums, lastAt }: NamedTotals) {
  return { ...totalsOf(sums), lastRequestTimestamp: lastAt, simulated }
}

function totalsOf(sums: Sums) {
  return {
    totalRequests: sums.requests,
    totalTokens: totalTokensOf(sums),
    totalPromptTokens: promptTokensOf(sums),
    totalCompletionTokens: sums.output,
    totalCostUsd: usdOf(sums.cost),
    unpricedRequests: sums.unpriced,
  }
}
