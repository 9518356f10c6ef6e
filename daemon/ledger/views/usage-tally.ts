/** Adds up rows of stretches of time: in all, by group and by step. */
import type { UsageDimension } from '../../../shared/contract/endpoints/core.ts'
import { type Bucket, keyOf, rowsOf } from '../buckets.ts'
import { marginalAt } from '../by-marginal.ts'
import { billingAt, jointDimensions } from '../counted.ts'
import type { Row } from '../packed-rows.ts'
import { addSums, emptySums, type Sums } from '../sums.ts'
import { joined, type Times } from '../times.ts'
import { isSimulatedRow } from '../totals.ts'
import type { Kind } from './shown.ts'
import { isMarginal, type UsageAsked } from './usage-query.ts'
import { wholeTimes } from './whole-times.ts'

/** `at`: where the stretch of time begins. */
export type Placed = { at: number; bucket: Bucket }

/** `times`: lists to be added up once they are asked for. */
export type Added = { sums: Sums; times: Times[] }

export function emptyAdded(): Added {
  return { sums: emptySums(), times: [] }
}

/** Groups of an answer: to make and write more of them would hold up all calls. */
export const groupBound = 20_000

type Options = {
  asked: UsageAsked
  kind: Kind
  /** A stretch of time as part of a group's key. */
  dateOf(at: number): string
  hourOf(at: number): string
  /** Where the step begins that it lies in; undefined: there are none. */
  stepOf(at: number): number | undefined
}

export function openTally({ asked, kind, dateOf, hourOf, stepOf }: Options) {
  const total = emptyAdded()
  const groups = new Map<string, Added & { key: string[] }>()
  let isTooMany = false
  const steps = new Map<number, Added>()
  const filters = asked.filters.map(([name, value]) => ({ place: placeOf(name), value }))
  const asksNames = filters.length > 0 || asked.groupBy.some(isName)

  /** A row's part of a group's key: a text where its stretch of time says it, else the place of the name that does. */
  function partOf(dimension: UsageDimension, at: number): string | number {
    if (isName(dimension)) return placeOf(dimension)
    return dimension === 'day' ? dateOf(at) : hourOf(at)
  }

  function groupAt(key: string[]): Added | undefined {
    const text = keyOf(key)
    isTooMany ||= groups.size >= groupBound && !groups.has(text)
    return isTooMany ? undefined : itemOf(groups, text, () => ({ key, ...emptyAdded() }))
  }

  /** `count` adds a row to a sum. */
  function addRows(at: number, rows: Iterable<Row>, count: (sum: Added, row: Row) => void, inSteps: boolean): void {
    const step = inSteps ? stepOf(at) : undefined
    const ofStep = step === undefined ? undefined : itemOf(steps, step, emptyAdded)
    // what is the same for all rows is made once: there may be a thousand
    const parts = asked.groupBy.map((dimension) => partOf(dimension, at))
    for (const row of rows) {
      if ((isSimulatedRow(row.names) ? 'simulated' : 'real') !== kind) continue
      if (filters.some(({ place, value }) => row.names[place] !== value)) continue
      count(total, row)
      if (ofStep) count(ofStep, row)
      if (parts.length === 0) continue
      const key = parts.map((part) => (typeof part === 'string' ? part : (row.names[part] ?? '')))
      const group = groupAt(key)
      if (group) count(group, row)
    }
  }

  return {
    total,
    steps,
    /** There are more groups than are kept: these say nothing. */
    isTooMany: () => isTooMany,
    add(placed: Iterable<Placed>): void {
      for (const { at, bucket } of placed) {
        addRows(at, asksNames ? rowsOf(bucket) : wholeOf(bucket, kind), addBoth, true)
      }
    },
    /** Only how long calls took. */
    addTimes(placed: Iterable<Placed>, inSteps: boolean): void {
      for (const { at, bucket } of placed)
        addRows(at, asksNames ? rowsOf(bucket) : wholeOf(bucket, kind), addTimesOf, inSteps)
    },
    groups: () => [...groups.values()].filter(({ sums }) => sums.attempts > 0),
  }
}

/** Lists that are kept until they are added up: those of a month of hours would take more room than the hours themselves. */
const listBound = 64

function addTimesOf(sum: Added, row: Row): void {
  if (row.times.length === 0) return
  sum.times.push(row.times)
  if (sum.times.length >= listBound) sum.times = [joined(sum.times)]
}

function addBoth(sum: Added, row: Row): void {
  addSums(sum.sums, row.sums)
  addTimesOf(sum, row)
}

/** One row for all that a bucket holds of this kind, where no name is asked for. */
function wholeOf(bucket: Bucket, kind: Kind): Row[] {
  const names = jointDimensions.map((_, at) => (at === billingAt ? kind : ''))
  return bucket[kind].attempts === 0 ? [] : [{ names, sums: bucket[kind], times: wholeTimes(bucket)[kind] }]
}

export function isName(dimension: UsageDimension): dimension is Exclude<UsageDimension, 'day' | 'hour'> {
  return dimension !== 'day' && dimension !== 'hour'
}

/** Where a row has it among its names. */
function placeOf(name: Exclude<UsageDimension, 'day' | 'hour'>): number {
  return isMarginal(name) ? marginalAt : jointDimensions.indexOf(name)
}

function itemOf<Key, Item>(items: Map<Key, Item>, key: Key, make: () => Item): Item {
  const known = items.get(key)
  if (known !== undefined) return known
  const item = make()
  items.set(key, item)
  return item
}
