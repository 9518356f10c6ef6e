/** When a budget's period begins and ends, and the steps of time in which what was spent in it is counted. Pure. */
import { dateOf, dayMs, firstOfMonth, firstOfWeek, hourMs, quarterMs, type Zone } from './zone.ts'

/** Calendar periods are counted by days; spans that go with the time by hours, short ones by quarters of an hour. */
export type Step = 'day' | 'hour' | 'quarter'

/** Spans of up to two days are counted by quarters: the totals hold three days of them. */
const quartersUpTo = 2 * dayMs

/** How long a span is, in ms; undefined: it is a day, a week or a month of the calendar. */
export function spanOf(period: string): number | undefined {
  const parts = /^(\d+)([hd])$/.exec(period)
  return parts ? Number(parts[1]) * (parts[2] === 'h' ? hourMs : dayMs) : undefined
}

/** `byHours`: finer sums than those of hours are not kept for it. */
export function stepOf(period: string, byHours: boolean): Step {
  const span = spanOf(period)
  if (span === undefined) return 'day'
  return byHours || span > quartersUpTo ? 'hour' : 'quarter'
}

/** The step that `at` lies in, by the number of its day or by its first instant. */
export function stepAt(step: Step, at: number, zone: Zone): number {
  if (step === 'day') return zone.dayOf(at)
  return step === 'hour' ? zone.startOfHour(at) : Math.floor(at / quarterMs) * quarterMs
}

/** The days of the calendar period that `now` lies in, `end` no longer among them; undefined for a span. */
export function daysOf(period: string, now: number, zone: Zone): { first: number; end: number } | undefined {
  const today = zone.dayOf(now)
  switch (period) {
    case 'day':
      return { first: today, end: today + 1 }
    case 'week': {
      const first = firstOfWeek(today)
      return { first, end: first + 7 }
    }
    case 'month': {
      const first = firstOfMonth(today)
      return { first, end: first + daysOfMonth(first) }
    }
    default:
      return undefined
  }
}

function daysOfMonth(first: number): number {
  const [year, month] = dateOf(first).split('-').map(Number)
  return new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate()
}

/** Epoch ms. `endsAt`: the first instant of the next period; null for a span, which ends now and always. */
export function periodOf(period: string, now: number, zone: Zone): { startsAt: number; endsAt: number | null } {
  const days = daysOf(period, now, zone)
  if (days) return { startsAt: zone.startOfDay(days.first), endsAt: zone.startOfDay(days.end) }
  return { startsAt: now - (spanOf(period) ?? 0), endsAt: null }
}

/** Until when a step counts in a span, epoch ms: as a whole, for as long as any of it lies within. */
export function leavesSpanAt(step: Step, start: number, span: number): number {
  return start + (step === 'hour' ? hourMs : quarterMs) + span
}
