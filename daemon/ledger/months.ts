/** Closed months: which days may leave the ledger for a file of their own, what that file holds, and that they are gone. */
import { addToBucket, type Bucket, type Buckets, keyOf, readBuckets, rowsOf, writeRows } from './buckets.ts'
import { byMarginal, readMarginal } from './by-marginal.ts'
import { billingAt, type JointDimension, jointDimensions } from './counted.ts'
import type { Ledger } from './ledger.ts'
import type { Marginal } from './marginals.ts'
import { openNameTable } from './names.ts'
import type { Row } from './packed-rows.ts'
import { isArray, isCount, readAll } from './reading.ts'
import { addSums, emptySums } from './sums.ts'
import { noTimes } from './times.ts'
import { isSimulatedRow } from './totals.ts'
import { dateOf } from './zone.ts'

/**
 * By name, `2026-03`. `n`: the number up to which its file counts; what comes later for one of its days stays in the ledger and
 * is added to it. `c`: the file's check sum, so that no other one is taken for it.
 */
export type Months = Map<string, Closed>
export type Closed = { n: number; c: number }

/**
 * What the file of a month holds. `[number of the day, its rows as JSON]`: each day is a text of its own, so that nobody has to
 * read a month in one go. A row's names are their places in `names`.
 */
export type MonthText = { names: string[]; days: DayText[]; user: DayText[]; feature: DayText[] }
export type DayText = [number, string]

/** Marginals that a month's file holds; the others are forgotten by then. */
const filedMarginals = ['user', 'feature'] as const satisfies readonly Marginal[]
export type FiledMarginal = (typeof filedMarginals)[number]
/** What the days of a closed month can be summed by: names of the joint key, or one marginal alone (see `byMarginal`). */
export type MonthName = JointDimension | FiledMarginal

export function isMonthName(name: string): name is MonthName {
  return isFiled(name) || jointDimensions.some((dimension) => dimension === name)
}

export function isFiled(name: string): name is FiledMarginal {
  return filedMarginals.some((filed) => filed === name)
}

/** So many later days must have seen a call: one event stamped by a clock that ran ahead closes nothing. */
const laterDays = 3

export const monthOf = (day: number): string => dateOf(day).slice(0, -3)

/** Months since the year 0; undefined for one that no clock in order tells. */
function placeOf(month: string): number | undefined {
  const parts = /^(\d{4})-(\d\d)$/.exec(month)
  return parts ? Number(parts[1]) * 12 + Number(parts[2]) : undefined
}

/** Months that may close after an entry of time `newest`, epoch ms: all that lie before the month before its own. Oldest first. */
export function closingMonths(ledger: Ledger, newest: number): string[] {
  const today = ledger.zone.dayOf(newest)
  const now = placeOf(monthOf(today))
  if (now === undefined) return []
  const days = [...ledger.totals.days.keys()].filter((day) => day <= today)
  const months = [...new Set(days.map(monthOf))].filter((month) => !ledger.months.has(month))
  return months
    .filter((month) => {
      const place = placeOf(month)
      if (place === undefined || place > now - 2) return false
      const later = days.filter((day) => (placeOf(monthOf(day)) ?? 0) > place + 1)
      return later.length >= laterDays
    })
    .sort()
}

/** Days and rows in one order, whatever order they came in: the same month folded anew gives the same text. */
export function writeMonth(ledger: Ledger, month: string, how: 'timed' | 'untimed' = 'timed'): MonthText {
  const names = openNameTable()
  const of = (buckets: Buckets): DayText[] =>
    [...buckets]
      .filter(([day]) => monthOf(day) === month)
      .sort(([a], [b]) => a - b)
      .map(([day, bucket]) => [day, JSON.stringify(writeRows(inOrder(bucket, how), names))])
  const [days, user, feature] = [of(ledger.totals.days), of(ledger.marginals.user), of(ledger.marginals.feature)]
  return { names: names.list(), days, user, feature }
}

function inOrder(bucket: Bucket, how: 'timed' | 'untimed'): Row[] {
  const byKey = [...rowsOf(bucket)].map((row): [string, Row] => [keyOf(row.names), row])
  const sorted = byKey.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row)
  return how === 'timed' ? sorted : sorted.map((row) => ({ ...row, times: noTimes }))
}

/** One day of a month summed by `asked`. undefined: not what `writeMonth` writes. */
export function readDay(month: MonthText, day: DayText, asked: readonly MonthName[]): Bucket | undefined {
  const rows = parsed(day)
  const whole = readBuckets(rows, month.names, jointDimensions.length, isSimulatedRow)?.get(day[0])
  const marginal = asked.find(isFiled)
  if (!whole || !marginal) return whole && narrowed(whole, asked)
  const text = month[marginal].find(([number]) => number === day[0])
  const named = text ? readMarginal(parsed(text), month.names) : new Map<number, Bucket>()
  return named && byMarginal(whole, named.get(day[0]))
}

/** As one bucket; undefined: no JSON. */
function parsed([day, text]: DayText): unknown {
  try {
    return [[day, JSON.parse(text)]]
  } catch {
    return undefined
  }
}

/** The same sums by fewer names: those not asked for are empty, but for the billing, which tells a simulated row. */
function narrowed(bucket: Bucket, asked: readonly string[]): Bucket {
  const kept = jointDimensions.map((dimension, at) => at === billingAt || asked.includes(dimension))
  const narrow: Buckets = new Map()
  for (const row of rowsOf(bucket)) {
    const names = row.names.map((name, at) => (kept[at] ? name : ''))
    addToBucket(narrow, 0, {
      key: keyOf(names),
      names,
      sums: row.sums,
      times: row.times,
      simulated: isSimulatedRow(names),
    })
  }
  return narrow.get(0) ?? bucket
}

/** All that the ledger itself holds of a month, as one text: the same text, the same sums. */
export function sumsOfMonth(ledger: Ledger, month: string): string {
  const [real, simulated] = [emptySums(), emptySums()]
  for (const [day, bucket] of ledger.totals.days) {
    if (monthOf(day) !== month) continue
    addSums(real, bucket.real)
    addSums(simulated, bucket.simulated)
  }
  return JSON.stringify([real, simulated])
}

/** Its days stand in a file from now on: they leave the ledger. */
export function closeMonth(ledger: Ledger, month: string, closed: Closed): void {
  const { totals, marginals } = ledger
  for (const buckets of [totals.days, totals.kept, marginals.user, marginals.feature]) {
    for (const day of buckets.keys()) if (monthOf(day) === month) buckets.delete(day)
  }
  ledger.months.set(month, closed)
}

export function writeMonths(months: Months): unknown {
  return [...months].map(([month, { n, c }]) => [month, n, c])
}

/** A snapshot of a version that closed no month says nothing of them. undefined: not what `writeMonths` writes. */
export function readMonths(json: unknown): Months | undefined {
  if (json === undefined) return new Map()
  const rows = readAll(json, (row): [string, Closed] | undefined => {
    if (!isArray(row) || row.length !== 3) return undefined
    const [month, n, c] = row
    return typeof month === 'string' && isCount(n) && isCount(c) ? [month, { n, c }] : undefined
  })
  return rows && new Map(rows)
}
