/** Sums by user, feature, session and key, each alone and capped: crossed with the joint key they would not stay small. */
import {
  addToBucket,
  type Bucket,
  type Buckets,
  dropOldest,
  keyOf,
  openAt,
  readBuckets,
  writeBuckets,
} from './buckets.ts'
import { fieldOf } from './reading.ts'
import type { Slice } from './slice.ts'
import type { Sums } from './sums.ts'
import { noTimes, type Times } from './times.ts'
import { other } from './totals.ts'

/** Names a day keeps, and days kept; sessions are many and soon forgotten, and what a key did stands under its user too. */
export const marginalBounds = {
  user: { names: 50, days: Number.POSITIVE_INFINITY },
  feature: { names: 20, days: Number.POSITIVE_INFINITY },
  session: { names: 100, days: 62 },
  key: { names: 100, days: 62 },
} as const
export type Marginal = keyof typeof marginalBounds
export const marginalNames = ['user', 'feature', 'session', 'key'] as const

/** Rows an hour keeps before what comes new is `other`, and hours that hold something: more than 31 days, the longest span of a budget. */
const marginalHours = { rows: 120, hours: 32 * 24 } as const

/**
 * By number of the day; a row's names are the name and `simulated` or nothing. Calls that name none are not in here. `hours`: by
 * first instant, what budgets over a span look back at; a row's names begin with what is named.
 */
export type Marginals = Record<Marginal | 'hours', Buckets>

type Counted = { sums: Sums; times: Times; simulated: boolean }

export const marginals: Slice<Marginals> = {
  empty: () => ({ user: new Map(), feature: new Map(), session: new Map(), key: new Map(), hours: new Map() }),

  fold(state, { e }, zone, counted) {
    const one = counted[0]
    if (e.type !== 'attempt.ended' || !one) return
    const day = zone.dayOf(one.at)
    const simulated = e.billing === 'simulated'
    const kind = simulated ? 'simulated' : ''
    const what = { sums: one.sums, times: one.times, simulated }
    const untimed = { sums: one.sums, times: noTimes, simulated }
    for (const marginal of marginalNames) {
      const name = e[marginal] ?? null
      if (name === null) continue
      const bound = marginalBounds[marginal]
      addBounded(
        state[marginal],
        day,
        [
          [name, kind],
          [other, kind],
        ],
        bound.names,
        what,
      )
      dropOldest(state[marginal], bound.days)
      if (marginal === 'session' || simulated) continue
      const names = [
        [marginal, name, kind],
        [marginal, other, kind],
      ] as const
      addBounded(state.hours, zone.startOfHour(one.at), names, marginalHours.rows, untimed)
      dropOldest(state.hours, marginalHours.hours)
    }
  },

  write: (state, names) => ({
    user: writeBuckets(state.user, names),
    feature: writeBuckets(state.feature, names),
    session: writeBuckets(state.session, names),
    key: writeBuckets(state.key, names),
    hours: writeBuckets(state.hours, names),
  }),

  read(json, names) {
    const buckets = (name: keyof Marginals, width = 2) =>
      readBuckets(fieldOf(json, name), names, width, (row) => row[width - 1] === 'simulated')
    const [user, feature, session] = [buckets('user'), buckets('feature'), buckets('session')]
    // what came to this slice after it was first written
    const later = (name: 'key' | 'hours', width: number) =>
      fieldOf(json, name) === undefined ? new Map<number, Bucket>() : buckets(name, width)
    const [key, hours] = [later('key', 2), later('hours', 3)]
    return user && feature && session && key && hours ? { user, feature, session, key, hours } : undefined
  },
}

/** Under the first names where there is room for them, else under the second. */
function addBounded(
  buckets: Buckets,
  start: number,
  [asked, instead]: readonly [readonly string[], readonly string[]],
  bound: number,
  { sums, times, simulated }: Counted,
): void {
  const rows = openAt(buckets, start)?.rows
  const key = keyOf(asked)
  const fits = !rows || rows.has(key) || rows.size < bound
  const [under, names] = fits ? [key, asked] : [keyOf(instead), instead]
  addToBucket(buckets, start, { key: under, names, sums, times, simulated })
}
