/** A few numbers that two ledgers share only if the same was folded into both: how a compaction proves that replay equals live. */
import type { Ledger } from '../ledger/ledger.ts'
import { monthOf } from '../ledger/months.ts'

/**
 * `sums` and `days` (by number of the day) hold even where lines were added up; `rest` only where each entry has its own line.
 */
export type Digest = { sums: string; days: [number, string][]; rest: string }

/** Cheap enough for the event loop: a few numbers a day and a provider, nothing of single calls. */
export function digestOf(ledger: Ledger): Digest {
  const { lifetime, totals, chains, meters, failovers } = ledger
  const rows = [...lifetime.providers].sort(byKey)
  const providers = rows.map(([key, row]) => [key, row.sums])
  const lastAt = rows.map(([key, row]) => [key, row.lastAt])
  const days = [...totals.days].sort(byKey)
  const quotas = [...ledger.quotas].sort(byKey).map(([key, quota]) => [key, quota.measuredAt, quota.windows.size])
  return {
    sums: JSON.stringify([ledger.last, lifetime.real, lifetime.simulated, providers, chains.failedOver]),
    days: days.map(([day, bucket]) => [day, JSON.stringify([bucket.real, bucket.simulated])]),
    // names of chains may become coarser where lines were added up
    rest: JSON.stringify([
      ...[lastAt, [...ledger.open.keys()].sort(), quotas, [...ledger.refusals].sort(byKey)],
      [...chains.rows].sort(byKey),
      // how lines that were added up were served, and in which time, nobody knows any more
      ...[meters.real, meters.simulated].map(({ calls, latency, overhead }) => [calls, latency, overhead]),
      [...failovers.rows].sort(byKey),
    ]),
  }
}

function byKey([a]: [string | number, unknown], [b]: [string | number, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether both are of one history. Days of a month that is `closed` for one of them are no sign. */
export function isSame(a: Digest, b: Digest, options: { sumsOnly: boolean; closed: ReadonlySet<string> }): boolean {
  const openDays = ({ days }: Digest) => JSON.stringify(days.filter(([day]) => !options.closed.has(monthOf(day))))
  return a.sums === b.sums && openDays(a) === openDays(b) && (options.sumsOnly || a.rest === b.rest)
}
