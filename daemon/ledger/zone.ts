/** Days and hours of one time zone. Pure: the zone's rules come with the language (ECMA-402), the instant from the caller. */
export const quarterMs = 15 * 60_000
export const hourMs = 4 * quarterMs
export const dayMs = 24 * hourMs

/** A day is the number of its date since 1970-01-01, as a calendar counts: no zone, no instant. */
export type Zone = {
  name: string
  dayOf: (at: number) => number
  /** The first instant of a day. Where midnight is skipped, that is the first instant after it. */
  startOfDay: (day: number) => number
  /** When the wall clock last showed a full hour; in half-hour zones that is not a full hour of UTC. */
  startOfHour: (at: number) => number
}

// Memory of the two caches below: a month of quarters, some years of days.
const cacheBound = 4096

/** Throws RangeError where the name is not a time zone. */
export function openZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offsets = new Map<number, number>()
  const starts = new Map<number, number>()

  /** How far the wall clock is ahead of UTC, in ms. Zones change only at full quarters of an hour. */
  function offsetAt(at: number): number {
    const quarter = Math.floor(at / quarterMs)
    return remembered(offsets, quarter, () => readOffset(format, quarter * quarterMs))
  }

  const dayOf = (at: number): number => Math.floor((at + offsetAt(at)) / dayMs)

  /** Right away but for days on which the clock changes around midnight. */
  function startOf(day: number): number {
    const guess = day * dayMs - offsetAt(day * dayMs - offsetAt(day * dayMs))
    return guess % quarterMs === 0 && dayOf(guess) === day && dayOf(guess - 1) === day - 1 ? guess : findStart(day)
  }

  /** Offsets lie between -12 and +14 hours, so a day begins within 15 hours of its UTC midnight. */
  function findStart(day: number): number {
    let before = day * dayMs - 15 * hourMs
    let after = day * dayMs + 15 * hourMs
    while (after - before > quarterMs) {
      const middle = before + Math.floor((after - before) / quarterMs / 2) * quarterMs
      if (dayOf(middle) < day) before = middle
      else after = middle
    }
    return after
  }

  return {
    name,
    dayOf,
    startOfDay: (day) => remembered(starts, day, () => startOf(day)),
    startOfHour(at) {
      const shown = at + offsetAt(at)
      return at - (shown - Math.floor(shown / hourMs) * hourMs)
    },
  }
}

function remembered(cache: Map<number, number>, key: number, find: () => number): number {
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= cacheBound) cache.clear()
  const found = find()
  cache.set(key, found)
  return found
}

function readOffset(format: Intl.DateTimeFormat, at: number): number {
  const shown = new Map(format.formatToParts(at).map((part) => [part.type, part.value]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => Number(shown.get(name))
  const year = shown.get('era') === 'BC' ? 1 - part('year') : part('year')
  const date = new Date(0)
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, part('month') - 1, part('day'))
  date.setUTCHours(part('hour'), part('minute'), part('second'))
  return date.getTime() - at
}

/** `2026-03-29` of a day. */
export function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}

/** The day of `2026-03-29`; undefined where the text is no date. */
export function dayOfDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined
  const at = Date.parse(text)
  // 31 February is taken for 3 March, or for nothing
  return !Number.isNaN(at) && dateOf(at / dayMs) === text ? at / dayMs : undefined
}

/** The Monday of the week that `day` lies in. */
export function firstOfWeek(day: number): number {
  // day 0 was a Thursday
  return day - ((((day + 3) % 7) + 7) % 7)
}

/** The first day of the month that `day` lies in. */
export function firstOfMonth(day: number): number {
  const date = new Date(day * dayMs)
  return day - date.getUTCDate() + 1
}
