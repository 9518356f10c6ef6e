/** A few numbers that two ledgers share only if the same was folded into both: how a compaction proves that replay equals live. */
import type { Ledger } from '../ledger/ledger.ts'

/** `sums` holds even where lines were added up; `rest` only where each entry has its own line. */
export type Digest = { sums: string; rest: string }

/** Cheap enough for the event loop: a few numbers a day and a provider, nothing of single calls. */
export function digestOf(ledger: Ledger): Digest {
  const { lifetime, totals, chains } = ledger
  const rows = [...lifetime.providers].sort(byKey)
  const providers = rows.map(([key, row]) => [key, row.sums])
  const lastAt = rows.map(([key, row]) => [key, row.lastAt])
  const days = [...totals.days].sort(byKey).map(([day, bucket]) => [day, bucket.real, bucket.simulated])
  const quotas = [...ledger.quotas].sort(byKey).map(([key, quota]) => [key, quota.measuredAt, quota.windows.size])
  return {
    sums: JSON.stringify([ledger.last, lifetime.real, lifetime.simulated, providers, days, chains.failedOver]),
    // names of chains may become coarser where lines were added up
    rest: JSON.stringify([
      ...[lastAt, [...ledger.open.keys()].sort(), quotas, [...ledger.refusals].sort(byKey)],
      [...chains.rows].sort(byKey),
    ]),
  }
}

function byKey([a]: [string | number, unknown], [b]: [string | number, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
