/** `/api/v1/cost/export`: which calls are asked for, and the eight fields that are told of each. */
import type * as z from 'zod/mini'
import type { costRows, ExportRecord } from '../../../shared/contract/endpoints/cost.ts'
import type { AttemptEnded } from '../../../shared/contract/event.ts'
import { promptTokensOf } from '../../../shared/contract/usage.ts'
import type { Ledger } from '../ledger.ts'
import { dateOf } from '../zone.ts'
import { readDates } from './date-range.ts'
import { isoOf } from './rows.ts'
import { kindShown } from './shown.ts'
import type { Bad } from './usage-query.ts'

type Query = z.infer<typeof costRows.costExport.query>

/** `from` with, `to` without, epoch ms. */
export type ExportAsked = {
  from: number
  to: number
  period: { start_date: string; end_date: string }
  simulated: boolean
}

/** `oldest`: from when on single calls are kept, epoch ms; null: there is none. */
export function readExportQuery(ledger: Ledger, now: number, query: Query, oldest: number | null): ExportAsked | Bad {
  const { zone } = ledger
  const kept = zone.dayOf(oldest ?? now)
  const range = readDates(zone, now, query, (last) => Math.min(kept, last))
  if ('bad' in range) return range
  const { first, last } = range
  return {
    from: query.start_date === undefined ? -Infinity : zone.startOfDay(first),
    to: query.end_date === undefined ? Infinity : zone.startOfDay(last + 1),
    period: { start_date: dateOf(first), end_date: dateOf(last) },
    simulated: kindShown(ledger, query.simulated) === 'simulated',
  }
}

/** `at`: when the call counts, epoch ms. Money is to the nano-dollar: of many small calls the sum would be another one than everybody else tells. */
export function exportRecordOf(
  { provider, model, task, usage, cost, latencyMs }: AttemptEnded,
  at: number,
): ExportRecord {
  return {
    timestamp: isoOf(at),
    provider,
    model,
    task_type: task,
    tokens_input: usage && promptTokensOf(usage),
    tokens_output: usage && usage.output,
    cost_usd: cost === null ? null : cost / 1e9,
    latency_ms: latencyMs,
  }
}
