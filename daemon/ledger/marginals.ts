/** Sums by user, by feature and by session, each alone and capped: crossed with the joint key they would not stay small. */
import { addToBucket, type Buckets, dropOldest, keyOf, readBuckets, writeBuckets } from './buckets.ts'
import { fieldOf } from './reading.ts'
import type { Slice } from './slice.ts'
import { other } from './totals.ts'

/** Names a day keeps, and days kept; sessions are many and soon forgotten. */
export const marginalBounds = {
  user: { names: 50, days: Number.POSITIVE_INFINITY },
  feature: { names: 20, days: Number.POSITIVE_INFINITY },
  session: { names: 100, days: 62 },
} as const
export type Marginal = keyof typeof marginalBounds
const marginalNames = ['user', 'feature', 'session'] as const

/** By number of the day; a row's names are the name and `simulated` or nothing. Calls that name none are not in here. */
export type Marginals = Record<Marginal, Buckets>

export const marginals: Slice<Marginals> = {
  empty: () => ({ user: new Map(), feature: new Map(), session: new Map() }),

  fold(state, { e }, zone, counted) {
    const one = counted[0]
    if (e.type !== 'attempt.ended' || !one) return
    const { sums } = one
    const day = zone.dayOf(one.at)
    const simulated = e.billing === 'simulated'
    const kind = simulated ? 'simulated' : ''
    for (const marginal of marginalNames) {
      const name = e[marginal]
      if (name === null) continue
      const bound = marginalBounds[marginal]
      const rows = state[marginal].get(day)?.rows
      const asked = [name, kind]
      const key = keyOf(asked)
      const fits = !rows || rows.has(key) || rows.size < bound.names
      const names = fits ? asked : [other, kind]
      addToBucket(state[marginal], day, { key: fits ? key : keyOf(names), names, sums, simulated })
      dropOldest(state[marginal], bound.days)
    }
  },

  write: (state, names) => ({
    user: writeBuckets(state.user, names),
    feature: writeBuckets(state.feature, names),
    session: writeBuckets(state.session, names),
  }),

  read(json, names) {
    const buckets = (name: Marginal) => readBuckets(fieldOf(json, name), names, 2, (row) => row[1] === 'simulated')
    const [user, feature, session] = [buckets('user'), buckets('feature'), buckets('session')]
    return user && feature && session ? { user, feature, session } : undefined
  },
}
