/** Sums by user, feature, session and key, each alone and capped: crossed with the joint key they would not stay small. */
import {
  addToBucket,
  type Bucket,
  type Buckets,
  dropOldest,
  keyOf,
  type Row,
  readBuckets,
  writeBuckets,
} from './buckets.ts'
import { billingAt, jointDimensions } from './counted.ts'
import { fieldOf } from './reading.ts'
import type { Slice } from './slice.ts'
import { addSums, emptySums, type Sums, subtractSums } from './sums.ts'
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
export const marginalHours = { rows: 120, hours: 32 * 24 } as const

/**
 * By number of the day; a row's names are the name and `simulated` or nothing. Calls that name none are not in here. `hours`: by
 * first instant, what budgets over a span look back at; a row's names begin with what is named.
 */
export type Marginals = Record<Marginal | 'hours', Buckets>

type Counted = { sums: Sums; simulated: boolean }

export const marginals: Slice<Marginals> = {
  empty: () => ({ user: new Map(), feature: new Map(), session: new Map(), key: new Map(), hours: new Map() }),

  fold(state, { e }, zone, counted) {
    const one = counted[0]
    if (e.type !== 'attempt.ended' || !one) return
    const day = zone.dayOf(one.at)
    const simulated = e.billing === 'simulated'
    const kind = simulated ? 'simulated' : ''
    const what = { sums: one.sums, simulated }
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
      addBounded(state.hours, zone.startOfHour(one.at), names, marginalHours.rows, what)
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
    const buckets = (name: keyof Marginals, width = 2) => readMarginal(fieldOf(json, name), names, width)
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
  { sums, simulated }: Counted,
): void {
  const rows = buckets.get(start)?.rows
  const key = keyOf(asked)
  const fits = !rows || rows.has(key) || rows.size < bound
  addToBucket(buckets, start, { key: fits ? key : keyOf(instead), names: fits ? asked : instead, sums, simulated })
}

/** undefined: not what `writeBuckets` writes of a marginal. */
export function readMarginal(json: unknown, names: readonly string[], width = 2): Buckets | undefined {
  return readBuckets(json, names, width, (row) => row[width - 1] === 'simulated')
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
  const rest = { real: emptySums(), simulated: emptySums() }
  addSums(rest.real, whole.real)
  addSums(rest.simulated, whole.simulated)
  const add = (name: string, kind: 'real' | 'simulated', sums: Sums) => {
    const names = [...jointDimensions.map((_, at) => (at === billingAt ? kind : '')), name]
    rows.set(keyOf(names), { names, sums })
  }
  for (const { names, sums } of marginal?.rows.values() ?? []) {
    const [name = '', simulated] = names
    if (name === '') continue
    const kind = simulated === 'simulated' ? 'simulated' : 'real'
    add(name, kind, sums)
    subtractSums(rest[kind], sums)
  }
  add('', 'real', rest.real)
  add('', 'simulated', rest.simulated)
  return { rows, real: whole.real, simulated: whole.simulated }
}
