/** Reads a period of whole days: two dates of the configured time zone, or the part of the calendar that today lies in. */
import { dateOf, dayOfDate, firstOfMonth, firstOfWeek, type Zone } from '../zone.ts'
import type { Bad } from './usage-query.ts'

type Asked = { start_date?: string | undefined; end_date?: string | undefined }
/** Numbers of days, both inclusive. */
export type DateRange = { first: number; last: number }

export type CalendarPeriod = 'day' | 'week' | 'month' | 'year'

/** `firstOf`: where it begins that ends with this day, for whoever gives no start. */
export function readDates(
  zone: Zone,
  now: number,
  { start_date, end_date }: Asked,
  firstOf: (last: number) => number,
): DateRange | Bad {
  const today = zone.dayOf(now)
  const last = end_date === undefined ? today : dayOfDate(end_date)
  if (last === undefined) return noDate('end_date')
  const first = start_date === undefined ? firstOf(last) : dayOfDate(start_date)
  if (first === undefined) return noDate('start_date')
  if (first <= last) return { first, last }
  if (end_date !== undefined) return { bad: 'end_date', why: "'end_date' must not be before 'start_date'." }
  return { bad: 'start_date', why: `'start_date' must not be after today, ${dateOf(today)}.` }
}

function noDate(name: 'start_date' | 'end_date'): Bad {
  return { bad: name, why: `'${name}' is a date such as 2026-03-01.` }
}

/** The first day of the calendar's period that a day lies in. */
export function firstOfPeriod(period: CalendarPeriod, day: number): number {
  switch (period) {
    case 'day':
      return day
    case 'week':
      return firstOfWeek(day)
    case 'month':
      return firstOfMonth(day)
    case 'year':
      return dayOfDate(`${dateOf(day).slice(0, -6)}-01-01`) ?? day
  }
}
