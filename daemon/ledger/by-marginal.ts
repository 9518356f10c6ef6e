/** A day's sums by user, feature, session or key, in the form of the joint rows: each name beside what names none. */
import { type Bucket, type Buckets, keyOf, readBuckets, rowsOf } from './buckets.ts'
import { billingAt, jointDimensions } from './counted.ts'
import { type Marginal, type Marginals, marginalBounds } from './marginals.ts'
import type { Row } from './packed-rows.ts'
import { addSums, emptySums, type Sums, subtractSums } from './sums.ts'
import { emptySpread, spread, type Times, timesIn } from './times.ts'
import { isSimulatedRow } from './totals.ts'

/** undefined: not what `writeBuckets` writes of a marginal. */
export function readMarginal(json: unknown, names: readonly string[]): Buckets | undefined {
  return readBuckets(json, names, 2, (row) => row[1] === 'simulated')
}

/** From when on a marginal is complete, as the number of a day; undefined: it lacks nothing. */
export function reachOf(marginals: Marginals, name: Marginal): number | undefined {
  const days = marginals[name]
  return days.size < marginalBounds[name].days ? undefined : Math.min(...days.keys())
}

/** Where `byMarginal` puts the name, behind those of the joint key. */
export const marginalAt = jointDimensions.length

/**
 * A day's sums by the names of one marginal, as rows of joint names that are all empty but for the billing, which tells a simulated
 * row. What the marginal lacks of `whole` stands under the empty name; it is below nothing where `whole` is only a part of the day.
 */
export function byMarginal(whole: Bucket, marginal: Bucket | undefined): Bucket {
  const rows = new Map<string, Row>()
  const rest = {
    real: { sums: emptySums(), times: emptySpread() },
    simulated: { sums: emptySums(), times: emptySpread() },
  }
  addSums(rest.real.sums, whole.real)
  addSums(rest.simulated.sums, whole.simulated)
  for (const row of rowsOf(whole)) spread(rest[isSimulatedRow(row.names) ? 'simulated' : 'real'].times, row.times)
  const add = (name: string, kind: 'real' | 'simulated', { sums, times }: { sums: Sums; times: Times }) => {
    const names = [...jointDimensions.map((_, at) => (at === billingAt ? kind : '')), name]
    rows.set(keyOf(names), { names, sums, times })
  }
  for (const row of rowsOf(marginal)) {
    const [name = '', simulated] = row.names
    if (name === '') continue
    const kind = simulated === 'simulated' ? 'simulated' : 'real'
    add(name, kind, row)
    subtractSums(rest[kind].sums, row.sums)
    spread(rest[kind].times, row.times, -1)
  }
  for (const kind of ['real', 'simulated'] as const) {
    add('', kind, { sums: rest[kind].sums, times: timesIn(rest[kind].times) })
  }
  return { ...whole, rows }
}
