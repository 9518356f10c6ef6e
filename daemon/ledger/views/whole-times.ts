/** How long all calls of a stretch of time took, whatever their names; of one that is past it is added up once. */
import { type Bucket, rowsOf } from '../buckets.ts'
import type { PackedRows } from '../packed-rows.ts'
import { emptySpread, spread, type Times, timesIn } from '../times.ts'
import { isSimulatedRow } from '../totals.ts'
import type { Kind } from './shown.ts'

/** Packed rows never change: what comes late makes others of them. */
const known = new WeakMap<PackedRows, Record<Kind, Times>>()

export function wholeTimes(bucket: Bucket): Record<Kind, Times> {
  const { rows } = bucket
  if (rows instanceof Map) return addedUp(bucket)
  const times = known.get(rows) ?? addedUp(bucket)
  known.set(rows, times)
  return times
}

function addedUp(bucket: Bucket): Record<Kind, Times> {
  const [real, simulated] = [emptySpread(), emptySpread()]
  for (const { names, times } of rowsOf(bucket)) spread(isSimulatedRow(names) ? simulated : real, times)
  return { real: timesIn(real), simulated: timesIn(simulated) }
}
