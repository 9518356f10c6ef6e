/** Sums by joint names: 15-minute slots of UTC, hours and days of the configured zone, all folded at the same time. */
import {
  addToBucket,
  type Buckets,
  dropOldest,
  keyOf,
  openAt,
  readBuckets,
  rowsOf,
  type SharedNames,
  writeBuckets,
} from './buckets.ts'
import { billingAt, type Counted, jointDimensions } from './counted.ts'
import type { Row } from './packed-rows.ts'
import { fieldOf, isInstant } from './reading.ts'
import type { Slice } from './slice.ts'
import { noTimes } from './times.ts'
import { hourMs, quarterMs, type Zone } from './zone.ts'

/**
 * Bounds. Three days of slots and 62 days of hours in steady use; they are counted in buckets that hold something, so that one
 * event with a clock in the future drops one bucket and not all of them. Days are kept for ever.
 */
export const slotBound = 3 * 96
export const hourBound = 62 * 24
/** Names a dimension keeps a day; what comes later that day is `other`. */
export const nameBounds = {
  provider: 50,
  account: 50,
  model: 100,
  client: 50,
  task: 50,
  chain: 50,
  folder: 100,
  billing: 5,
}
/** Rows of an hour and of a day; past them, all names but provider and billing are `other`. */
export const hourRowBound = 200
export const dayRowBound = 2000
export const other = 'other'

export type Totals = {
  /** By start instant. */
  slots: Buckets
  hours: Buckets
  /** By number of the day. */
  days: Buckets
  /** Slots from here on are complete; -1e15 while none was dropped. */
  slotsFrom: number
  hoursFrom: number
  /** The names that a day keeps, by dimension. Follows from the day's rows and is made again where it is missing. */
  kept: Map<number, Set<string>[]>
}

const always = -1e15

export const totals: Slice<Totals> = {
  empty: () => ({
    slots: new Map(),
    hours: new Map(),
    days: new Map(),
    slotsFrom: always,
    hoursFrom: always,
    kept: new Map(),
  }),

  fold(state, _, zone, counted) {
    for (const one of counted) count(state, one, zone)
  },

  write: (state, names) => ({
    slots: writeBuckets(state.slots, names),
    hours: writeBuckets(state.hours, names),
    days: writeBuckets(state.days, names),
    slotsFrom: state.slotsFrom,
    hoursFrom: state.hoursFrom,
  }),

  read(json, names) {
    const shared: SharedNames = new Map()
    const buckets = (name: string) =>
      readBuckets(fieldOf(json, name), names, jointDimensions.length, isSimulatedRow, shared)
    const [slots, hours, days] = [buckets('slots'), buckets('hours'), buckets('days')]
    const [slotsFrom, hoursFrom] = [fieldOf(json, 'slotsFrom'), fieldOf(json, 'hoursFrom')]
    if (!slots || !hours || !days || !isInstant(slotsFrom) || !isInstant(hoursFrom)) return undefined
    return { slots, hours, days, slotsFrom, hoursFrom, kept: new Map() }
  },
}

export function isSimulatedRow(names: readonly string[]): boolean {
  return names[billingAt] === 'simulated'
}

function count(state: Totals, counted: Counted, zone: Zone): void {
  const day = zone.dayOf(counted.at)
  const hour = zone.startOfHour(counted.at)
  const slot = Math.floor(counted.at / quarterMs) * quarterMs
  const { key, names } = boundedNames(state, counted.names, day, hour)
  const addition = { key, names, sums: counted.sums, times: counted.times, simulated: isSimulatedRow(names) }
  addToBucket(state.days, day, addition)
  if (hour >= state.hoursFrom) addToBucket(state.hours, hour, addition)
  // how long calls took is told of whole hours: a third list for each of them would cost more than it tells
  if (slot >= state.slotsFrom)
    addToBucket(state.slots, slot, { key, names, sums: counted.sums, times: noTimes, simulated: addition.simulated })
  const slotDropped = dropOldest(state.slots, slotBound)
  if (slotDropped !== undefined) state.slotsFrom = slotDropped + quarterMs
  const hourDropped = dropOldest(state.hours, hourBound)
  if (hourDropped !== undefined) state.hoursFrom = zone.startOfHour(hourDropped + hourMs)
}

type Bounded = { key: string; names: readonly string[] }

/** Decided once for slot, hour and day together, so that they agree on every name and not only on sums. */
function boundedNames(state: Totals, asked: readonly string[], day: number, hour: number): Bounded {
  const askedKey = keyOf(asked)
  // nearly every call: its row is there already, so its names are among those kept
  if (openAt(state.days, day)?.rows.has(askedKey) && openAt(state.hours, hour)?.rows.has(askedKey)) {
    return { key: askedKey, names: asked }
  }
  const kept = keptOf(state, day)
  const names = jointDimensions.map((dimension, at) => {
    const name = asked[at] ?? ''
    const known = kept[at]
    return known && (known.has(name) || known.size < nameBounds[dimension]) ? name : other
  })
  const bounded = withRoom(state, names, day, hour)
  keepNames(kept, bounded.names)
  return bounded
}

function withRoom(state: Totals, names: readonly string[], day: number, hour: number): Bounded {
  const key = keyOf(names)
  if (
    hasRoom(openAt(state.days, day)?.rows, key, dayRowBound) &&
    hasRoom(openAt(state.hours, hour)?.rows, key, hourRowBound)
  ) {
    return { key, names }
  }
  const coarse = names.map((name, at) => (jointDimensions[at] === 'provider' || at === billingAt ? name : other))
  return { key: keyOf(coarse), names: coarse }
}

function hasRoom(rows: Map<string, Row> | undefined, key: string, bound: number): boolean {
  return !rows || rows.has(key) || rows.size < bound
}

function keptOf(state: Totals, day: number): Set<string>[] {
  const known = state.kept.get(day)
  if (known) return known
  const kept = jointDimensions.map(() => new Set<string>())
  for (const row of rowsOf(state.days.get(day))) keepNames(kept, row.names)
  // Events come in order of time but for stray ones: two days are enough to remember.
  if (state.kept.size >= 2) state.kept.clear()
  state.kept.set(day, kept)
  return kept
}

function keepNames(kept: Set<string>[], names: readonly string[]): void {
  for (const [at, name] of names.entries()) if (name !== other) kept[at]?.add(name)
}
