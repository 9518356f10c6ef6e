/** `/v0/management/qs/metrics`: tokens and requests of a stretch of time, by model and by hour. */
import type * as z from 'zod/mini'
import type { management, QsMetrics } from '../../../shared/contract/endpoints/management.ts'
import { totalTokensOf } from '../../../shared/contract/usage.ts'
import { rowsOf } from '../buckets.ts'
import { jointDimensions } from '../counted.ts'
import type { Ledger } from '../ledger.ts'
import { addSums, emptySums, type Sums } from '../sums.ts'
import { isSimulatedRow } from '../totals.ts'
import { dayMs } from '../zone.ts'
import { instantOf } from './instant.ts'
import { isoOf } from './rows.ts'
import { kindShown } from './shown.ts'
import { bucketsWithin, ceilTo, floorTo } from './usage.ts'
import type { Bad } from './usage-query.ts'

type Query = z.infer<typeof management.qsMetrics.query>

const modelAt = jointDimensions.indexOf('model')

/** Hours in which nothing was called are left out. Texts about times are those that this family's clients know. */
export function hourlyOf(ledger: Ledger, now: number, query: Query): QsMetrics | Bad {
  const asked = readTimes(now, query)
  if ('bad' in asked) return asked
  const { zone, totals } = ledger
  if (asked.from < totals.hoursFrom) {
    return { bad: 'from', why: `hourly figures reach back to ${isoOf(totals.hoursFrom)}: give a later 'from'` }
  }
  const size = asked.from >= totals.slotsFrom ? '15m' : 'hour'
  const simulated = kindShown(ledger, query.simulated) === 'simulated'

  const total = emptySums()
  const models = new Map<string, Sums>()
  const hours = new Map<number, Sums>()
  for (const { at, bucket } of bucketsWithin(
    ledger,
    size,
    floorTo(zone, size, asked.from),
    ceilTo(zone, size, asked.to),
  )) {
    const hour = zone.startOfHour(at)
    for (const row of rowsOf(bucket)) {
      const model = row.names[modelAt] ?? ''
      // a failed attempt of a call that went on counts where it ended
      if (isSimulatedRow(row.names) !== simulated || row.sums.requests === 0) continue
      if (query.model !== undefined && query.model !== model) continue
      addSums(total, row.sums)
      addTo(models, model, row.sums)
      addTo(hours, hour, row.sums)
    }
  }
  return {
    totals: figuresOf(total),
    by_model: [...models]
      .map(([model, sums]) => ({ model, ...figuresOf(sums) }))
      .sort((a, b) => b.tokens - a.tokens || (a.model < b.model ? -1 : 1)),
    timeseries: [...hours]
      .sort(([a], [b]) => a - b)
      .map(([start, sums]) => ({ bucket_start: isoOf(start), ...figuresOf(sums) })),
    ...(simulated && { simulated }),
  }
}

function readTimes(now: number, query: Query): { from: number; to: number } | Bad {
  const to = query.to === undefined ? now + 1 : instantOf(query.to)
  const from = query.from === undefined ? (to ?? now) - dayMs : instantOf(query.from)
  if (from === undefined) return badTime('from')
  if (to === undefined) return badTime('to')
  return to > from ? { from, to } : { bad: 'to', why: "'to' must be after 'from'" }
}

function badTime(name: string): Bad {
  return { bad: name, why: `invalid '${name}' timestamp format, expected RFC3339` }
}

function addTo<Key>(sums: Map<Key, Sums>, key: Key, more: Sums): void {
  const known = sums.get(key) ?? emptySums()
  addSums(known, more)
  sums.set(key, known)
}

function figuresOf(sums: Sums) {
  return { tokens: totalTokensOf(sums), requests: sums.requests }
}
