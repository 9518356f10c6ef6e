/** The one general view: usage over any time, grouped and in steps. Times are widened to whole slots, hours or days, whichever is read. */
import type { UsageDimension, UsageReply } from '../../../shared/contract/endpoints/core.ts'
import { totalTokensOf } from '../../../shared/contract/usage.ts'
import { type Buckets, keyOf } from '../buckets.ts'
import type { Ledger } from '../ledger.ts'
import { isMonthName, type MonthName, monthOf } from '../months.ts'
import { dateOf, dayMs, hourMs, quarterMs, type Zone } from '../zone.ts'
import { isoOf, totalsOf } from './rows.ts'
import { kindShown } from './shown.ts'
import { daysByMarginal, monthDaysByMarginal, tooEarly } from './usage-marginal.ts'
import { type Bad, readUsageQuery, type UsageAsked, type UsageQuery } from './usage-query.ts'
import { type Added, emptyAdded, groupBound, isName, openTally, type Placed } from './usage-tally.ts'

/** Steps that a series may have. */
const stepBound = 3000

export type Size = '15m' | 'hour' | 'day'
const rank: Record<Size, number> = { '15m': 0, hour: 1, day: 2 }

/**
 * An answer in the making: all that the ledger holds is in it. `months`: closed ones that it lacks; whoever asked adds what
 * their files hold, and names those that could not be read.
 */
export type UsageTally = {
  months: readonly string[]
  /** The names that it reads of a row; all others may be left out. */
  names: readonly MonthName[]
  add(days: Buckets): void
  /** Only once all is added it can be told that these are too many groups. */
  fault(): Bad | undefined
  reply(missing: readonly string[]): UsageReply
}

/** A parameter that cannot be obeyed is named, with what to do instead. */
export function tallyUsage(ledger: Ledger, now: number, query: UsageQuery): UsageTally | Bad {
  const { zone } = ledger
  const asked = readUsageQuery(zone, now, query)
  if ('bad' in asked) return asked
  const needed = neededSize(asked, query.bucket)
  const size = sizeToRead(ledger, asked, needed?.size ?? 'day')
  if (needed && rank[size] > rank[needed.size]) return tooOld(ledger, needed)
  const from = floorTo(zone, size, asked.from)
  const early = asked.marginal && tooEarly(ledger, asked.marginal, from)
  if (early) return early
  const to = ceilTo(zone, size, asked.to)
  const tooMany = query.bucket && tooManySteps(query.bucket, from, to)
  if (tooMany) return tooMany

  const tally = openTally({
    asked,
    kind: kindShown(ledger, query.simulated),
    dateOf: (at) => dateOf(zone.dayOf(at)),
    hourOf: (at) => isoOf(zone.startOfHour(at)),
    stepOf: (at) => query.bucket && floorTo(zone, query.bucket, at),
  })
  const held = bucketsWithin(ledger, size, from, to)
  tally.add(asked.marginal ? daysByMarginal(ledger, asked.marginal, held) : held)
  // how long calls took is kept by the hour
  if (size === '15m') {
    const hours = bucketsWithin(ledger, 'hour', floorTo(zone, 'hour', from), to)
    tally.addTimes(hours, query.bucket !== '15m')
  }
  return {
    months: size === 'day' ? monthsWithin(ledger, from, to) : [],
    names: [...asked.groupBy.filter(isName), ...asked.filters.map(([name]) => name)].filter(isMonthName),
    add(days) {
      const placed = bucketsOf(zone, 'day', days, from, to)
      tally.add(asked.marginal ? monthDaysByMarginal(ledger, asked.marginal, placed) : placed)
    },
    fault: () => (tally.isTooMany() ? tooManyGroups : undefined),
    reply: (missing) => ({
      period: { from: isoOf(from), to: isoOf(to), time_zone: zone.name },
      simulated: kindShown(ledger, query.simulated) === 'simulated',
      total: totalsOf(tally.total.sums, tally.total.times),
      groups: sorted(tally.groups(), asked.groupBy).map(({ key, sums, times }) => ({
        key,
        totals: totalsOf(sums, times),
      })),
      series: query.bucket ? seriesOf(zone, query.bucket, from, to, tally.steps) : [],
      missing_months: [...missing],
    }),
  }
}

/** Closed months with a day in that time, oldest first. */
export function monthsWithin({ months, zone }: Ledger, from: number, to: number): string[] {
  const [first, last] = [monthOf(zone.dayOf(from)), monthOf(zone.dayOf(to - 1))]
  return [...months.keys()].filter((month) => month >= first && month <= last).sort()
}

/** Groups and steps finer than a day can only be had where finer sums are still kept. */
function neededSize(asked: UsageAsked, bucket: Size | undefined): { size: Size; by: string } | undefined {
  if (bucket === '15m') return { size: bucket, by: 'bucket' }
  if (asked.groupBy.includes('hour')) return { size: 'hour', by: 'group_by' }
  return bucket === 'hour' ? { size: bucket, by: 'bucket' } : undefined
}

/** Whole days are read as days; else the finest that is still complete from `from` on. */
function sizeToRead(ledger: Ledger, { from, to, marginal }: UsageAsked, needed: Size): Size {
  const { zone, totals } = ledger
  const isMidnight = (at: number) => zone.startOfDay(zone.dayOf(at)) === at
  if (marginal) return 'day'
  if (needed === 'day' && isMidnight(from) && (isMidnight(to) || isLastDay(ledger, to))) return 'day'
  if (from >= totals.slotsFrom) return '15m'
  return from >= totals.hoursFrom ? 'hour' : 'day'
}

/** Nothing was counted after the day that `to` lies in, nor later in it. */
function isLastDay({ zone, totals }: Ledger, to: number): boolean {
  for (const slot of totals.slots.keys()) if (slot >= to) return false
  for (const day of totals.days.keys()) if (day > zone.dayOf(to)) return false
  return true
}

function tooOld({ totals }: Ledger, { size, by }: { size: Size; by: string }): Bad {
  const since = isoOf(size === '15m' ? totals.slotsFrom : totals.hoursFrom)
  const wanted = by === 'bucket' ? `'bucket=${size}'` : `'group_by=${size}'`
  return { bad: by, why: `${wanted} reaches back to ${since} only: give a later 'from', or ask for longer steps.` }
}

export function floorTo(zone: Zone, size: Size, at: number): number {
  if (size === '15m') return Math.floor(at / quarterMs) * quarterMs
  return size === 'hour' ? zone.startOfHour(at) : zone.startOfDay(zone.dayOf(at))
}

export function nextOf(zone: Zone, size: Size, start: number): number {
  if (size === '15m') return start + quarterMs
  // the hour or day after; a clock that is put back repeats an hour, one that is put forward skips one
  return size === 'hour' ? zone.startOfHour(start + hourMs) : zone.startOfDay(zone.dayOf(start) + 1)
}

export function ceilTo(zone: Zone, size: Size, at: number): number {
  const start = floorTo(zone, size, at)
  return start === at ? at : nextOf(zone, size, start)
}

/** `at`: where the stretch of time begins. Of days, those that the ledger itself holds. */
export function bucketsWithin(ledger: Ledger, size: Size, from: number, to: number): Iterable<Placed> {
  const { totals, zone } = ledger
  return bucketsOf(zone, size, { '15m': totals.slots, hour: totals.hours, day: totals.days }[size], from, to)
}

export function* bucketsOf(zone: Zone, size: Size, buckets: Buckets, from: number, to: number): Generator<Placed> {
  for (const [start, bucket] of buckets) {
    const at = size === 'day' ? zone.startOfDay(start) : start
    if (at >= from && at < to) yield { at, bucket }
  }
}

const leastMs: Record<Size, number> = { '15m': quarterMs, hour: hourMs, day: dayMs - hourMs }

function tooManySteps(size: Size, from: number, to: number): Bad | undefined {
  if ((to - from) / leastMs[size] <= stepBound) return undefined
  return {
    bad: 'bucket',
    why: `'bucket=${size}' makes more than ${stepBound} steps: ask for longer ones or less time.`,
  }
}

const tooManyGroups: Bad = {
  bad: 'group_by',
  why: `'group_by' makes more than ${groupBound} groups: ask for fewer names or less time.`,
}

/** Every step from `from` to `to`, empty ones too. */
function seriesOf(zone: Zone, size: Size, from: number, to: number, steps: Map<number, Added>): UsageReply['series'] {
  const series: UsageReply['series'] = []
  for (let start = floorTo(zone, size, from); start < to; start = nextOf(zone, size, start)) {
    const { sums, times } = steps.get(start) ?? emptyAdded()
    series.push({ start: isoOf(start), totals: totalsOf(sums, times) })
  }
  return series
}

/** Days and hours ascend; within them, and where there are none, most tokens first. */
function sorted<Group extends Added & { key: string[] }>(groups: Group[], by: readonly UsageDimension[]): Group[] {
  const times = by.flatMap((dimension, at) => (dimension === 'day' || dimension === 'hour' ? [at] : []))
  return groups.sort((a, b) => {
    for (const at of times) {
      const order = compare(a.key[at] ?? '', b.key[at] ?? '')
      if (order !== 0) return order
    }
    return totalTokensOf(b.sums) - totalTokensOf(a.sums) || compare(keyOf(a.key), keyOf(b.key))
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
