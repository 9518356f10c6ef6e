/** `/api/usage/history`: usage in steps of an hour, a day or a month, a page at a time. */
import type * as z from 'zod/mini'
import type { AllowanceHistory, allowanceRows, Granularity } from '../../../shared/contract/endpoints/allowance.ts'
import { promptTokensOf } from '../../../shared/contract/usage.ts'
import type { Buckets } from '../buckets.ts'
import type { Ledger } from '../ledger.ts'
import { addSums, emptySums, type Sums } from '../sums.ts'
import { firstOfMonth, type Zone } from '../zone.ts'
import { isoOf, usdOf } from './rows.ts'
import { kindShown } from './shown.ts'
import { bucketsOf, floorTo, monthsWithin, nextOf } from './usage.ts'
import { type Bad, readTime, timeForms } from './usage-query.ts'

export type HistoryQuery = z.infer<typeof allowanceRows.allowanceHistory.query>

/** A page in the making, as `UsageTally` is an answer. */
export type HistoryTally = {
  months: readonly string[]
  names: readonly []
  add(days: Buckets): void
  reply(missing: readonly string[]): AllowanceHistory
}

const pageSteps = 100

/** Steps that are told where no `from` is given; this one is the last. */
const usualSteps: Record<Granularity, number> = { hour: 24, day: 30, month: 12 }

export function tallyHistory(ledger: Ledger, now: number, query: HistoryQuery): HistoryTally | Bad {
  const { zone, totals } = ledger
  const size = query.granularity ?? 'day'
  const asked = readAsked(zone, now, size, query)
  if ('bad' in asked) return asked
  const { from, to } = asked
  if (size === 'hour' && from < totals.hoursFrom) {
    const why = `hours reach back to ${isoOf(totals.hoursFrom)} only: give a later 'from', or ask for days.`
    return { bad: 'granularity', why }
  }
  const kind = kindShown(ledger, query.simulated)
  const steps = new Map<number, Sums>()
  let end = from
  for (; end < to && steps.size < pageSteps; end = stepAfter(zone, size, end)) steps.set(end, emptySums())
  const read = size === 'hour' ? 'hour' : 'day'
  const add = (buckets: Buckets): void => {
    for (const { at, bucket } of bucketsOf(zone, read, buckets, from, end)) {
      const sums = steps.get(startOf(zone, size, at))
      if (sums) addSums(sums, bucket[kind])
    }
  }
  add(size === 'hour' ? totals.hours : totals.days)
  return {
    months: size === 'hour' ? [] : monthsWithin(ledger, from, end),
    names: [],
    add,
    reply: (missing) => ({
      granularity: size,
      time_zone: zone.name,
      rows: [...steps].map(([start, sums]) => rowOf(start, sums)),
      next_cursor: end < to ? isoOf(end) : null,
      missing_months: [...missing],
    }),
  }
}

function rowOf(start: number, sums: Sums): AllowanceHistory['rows'][number] {
  return {
    start: isoOf(start),
    input_tokens: promptTokensOf(sums),
    output_tokens: sums.output,
    requests: sums.requests,
    cost_usd: usdOf(sums.cost),
    billed_usd: usdOf(sums.billed),
    unpriced_requests: sums.unpriced,
  }
}

/** `from`: where the page's first step starts. */
function readAsked(
  zone: Zone,
  now: number,
  size: Granularity,
  query: HistoryQuery,
): { from: number; to: number } | Bad {
  const to = query.to === undefined ? now + 1 : readTime(zone, now, query.to, 1)
  if (to === undefined) return { bad: 'to', why: `'to' is ${timeForms}.` }
  if (query.cursor !== undefined) {
    const at = readTime(zone, now, query.cursor, 0)
    if (at === undefined || startOf(zone, size, at) !== at || at >= to) {
      const why = "'cursor' is the 'next_cursor' of a page that was asked with the same 'granularity' and 'to'."
      return { bad: 'cursor', why }
    }
    return { from: at, to }
  }
  const from = query.from === undefined ? usualFrom(zone, size, to - 1) : readTime(zone, now, query.from, 0)
  if (from === undefined) return { bad: 'from', why: `'from' is ${timeForms}.` }
  if (to > from) return { from: startOf(zone, size, from), to }
  if (query.to === undefined) return { bad: 'from', why: "'from' must not be in the future." }
  return { bad: 'to', why: "'to' must be after 'from'." }
}

function usualFrom(zone: Zone, size: Granularity, last: number): number {
  let start = startOf(zone, size, last)
  for (let more = usualSteps[size] - 1; more > 0; more--) start = startOf(zone, size, start - 1)
  return start
}

function startOf(zone: Zone, size: Granularity, at: number): number {
  return size === 'month' ? zone.startOfDay(firstOfMonth(zone.dayOf(at))) : floorTo(zone, size, at)
}

function stepAfter(zone: Zone, size: Granularity, start: number): number {
  // no month is longer than 31 days, and 32 days on is never the month after the next
  return size === 'month'
    ? zone.startOfDay(firstOfMonth(firstOfMonth(zone.dayOf(start)) + 32))
    : nextOf(zone, size, start)
}
