/** Tokens, money, shares, durations and clock times as text for people. Pure: the zone and the now come in. */
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** What stands where nothing is known. */
export const nothing = '–'

/** `412`, `12.4k`, `1.2M`. */
export function tokens(count: number): string {
  if (!Number.isFinite(count)) return nothing
  // 999.95 and up would show as 1000.0: they are the next unit's
  if (Math.abs(count) < 999.5) return String(Math.round(count))
  for (const [unit, size] of tokenUnits) {
    const shown = count / size
    if (Math.abs(shown) < 999.95 || unit === 'T') return `${oneDecimal(shown)}${unit}`
  }
  return String(count)
}

const tokenUnits = [
  ['k', 1e3],
  ['M', 1e6],
  ['B', 1e9],
  ['T', 1e12],
] as const

/** `412 B`, `12.4 kB`, `1.2 MB`, `3.4 GB`. */
export function bytes(count: number): string {
  const text = tokens(count)
  const unit = /[kMBT]$/.exec(text)?.[0] ?? ''
  return `${unit === '' ? text : text.slice(0, -1)} ${unit === 'B' ? 'G' : unit}B`
}

/** USD: `$0.42`, `$1,234.50`; what is owed but under a cent is `<$0.01`, never `$0.00`. */
export function money(usd: number): string {
  if (!Number.isFinite(usd)) return nothing
  if (usd < 0) return `-${money(-usd)}`
  if (usd === 0) return '$0.00'
  if (usd < 0.01) return '<$0.01'
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

/** List prices and single calls, often below a cent: from 10 cents on as `money`, below that two digits that count, as far as a nano-dollar: `$0.023`, `$0.00042`. */
export function price(usd: number): string {
  if (!(usd >= 1e-9 && usd < 0.095)) return money(usd)
  const twoDigits = Number(usd.toPrecision(2))
  return `$${twoDigits.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 9 })}`
}

/** Of a sum that leaves out what no price is known for: `≥ $0.012`; `?` where that is all of it, for it is no `$0.00`. */
export function priceAtLeast(usd: number, of: { requests: number; unpriced_requests: number }): string {
  if (of.unpriced_requests === 0) return price(usd)
  return of.unpriced_requests === of.requests ? '?' : `≥ ${price(usd)}`
}

/** `38%`. Anything used is never `0%`, and what is not used up never `100%`. */
export function percent(value: number): string {
  if (!Number.isFinite(value)) return nothing
  if (value > 0 && value < 1) return '<1%'
  if (value > 99 && value < 100) return '>99%'
  return `${Math.round(value)}%`
}

/** The two largest units: `850ms`, `4.1s`, `22s`, `47m`, `2h 10m`, `3d 4h`. Rounded down, for a countdown never says too much. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return nothing
  if (ms < 0) return duration(0)
  if (ms < 1000) return ms === 0 ? '0s' : `${Math.floor(ms)}ms`
  if (ms < 10_000) return `${oneDecimal(Math.floor(ms / 100) / 10)}s`
  if (ms < minuteMs) return `${Math.floor(ms / 1000)}s`
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)}m`
  if (ms < dayMs) return twoUnits(Math.floor(ms / hourMs), 'h', Math.floor((ms % hourMs) / minuteMs), 'm')
  return twoUnits(Math.floor(ms / dayMs), 'd', Math.floor((ms % dayMs) / hourMs), 'h')
}

/** What is left of a wait: `95s` under two minutes, which never says that it is over too soon; `47m`, `2h 10m` from there on. */
export function countdown(ms: number): string {
  return showsSeconds(ms) ? `${Math.ceil(Math.max(0, ms) / 1000)}s` : duration(ms)
}

/** Whether `countdown` changes with each second. */
export function showsSeconds(ms: number): boolean {
  return ms < 2 * minuteMs
}

/** How long something took: as `duration`, but rounded, for this is a measurement and no countdown. */
export function took(ms: number): string {
  const step = ms < 1000 ? 1 : ms < 10_000 ? 100 : 1000
  return duration(Math.round(ms / step) * step)
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`
}

/** How long ago: `just now`, `20 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. An instant in the future is just now. */
export function ago(at: number | string, now: number | string): string {
  const ms = instantOf(now) - instantOf(at)
  if (!Number.isFinite(ms)) return nothing
  if (ms < 1000) return 'just now'
  if (ms < minuteMs) return `${Math.floor(ms / 1000)} s ago`
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min ago`
  return ms < dayMs ? `${Math.floor(ms / hourMs)} h ago` : `${Math.floor(ms / dayMs)} d ago`
}

/** `measured 20 s ago`: how old a reading is. */
export function measured(at: number | string, now: number | string): string {
  const age = ago(at, now)
  return age === nothing ? 'not measured' : `measured ${age}`
}

/**
 * The wall clock in a zone, as short as it stays clear: `16:10` today, `Sat 09:00` within a week, `28 Nov 09:00` within half a year,
 * else `28 Nov 2027`. Instants in epoch ms or ISO 8601.
 */
export function clockTime(at: number | string, now: number | string, timeZone: string): string {
  const [instant, present] = [instantOf(at), instantOf(now)]
  if (!Number.isFinite(instant) || !Number.isFinite(present)) return nothing
  const shown = partsOf(instant, timeZone)
  const today = partsOf(present, timeZone)
  const time = `${shown.hour}:${shown.minute}`
  if (shown.date === today.date) return time
  const away = Math.abs(instant - present)
  // six days: on the seventh the weekday is today's
  if (away < 6 * dayMs) return `${shown.weekday} ${time}`
  if (away < 180 * dayMs) return `${shown.day} ${shown.month} ${time}`
  return `${shown.day} ${shown.month} ${shown.year}`
}

/**
 * How fast a limit is used, in percentage points beside even use: `on pace`, `+9%, out Thu 14:20`, `-30%`. Nothing where it is not
 * known. What it runs out at may have passed since it was told.
 */
export function paceText(
  pace: { points: number | null; runsOutAt: number | string | null },
  now: number,
  timeZone: string,
): string {
  const { points, runsOutAt } = pace
  if (points === null || !Number.isFinite(points)) return ''
  const signed = `${points > 0 ? '+' : ''}${Math.round(points)}%`
  if (runsOutAt !== null && instantOf(runsOutAt) > now) return `${signed}, out ${clockTime(runsOutAt, now, timeZone)}`
  return Math.abs(points) < paceGrain ? 'on pace' : signed
}

/** A window that runs out is at least this far ahead of even use. */
export const paceGrain = 2

type Parts = Record<'year' | 'month' | 'day' | 'weekday' | 'hour' | 'minute' | 'date', string>
const formats = new Map<string, Intl.DateTimeFormat>()

function partsOf(at: number, timeZone: string): Parts {
  const shown = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes) => shown.get(name) ?? ''
  const [year, month, day] = [part('year'), part('month'), part('day')]
  return {
    year,
    month,
    day,
    weekday: part('weekday'),
    hour: part('hour'),
    minute: part('minute'),
    date: `${year} ${month} ${day}`,
  }
}

/** Making one is slow; a client shows one zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
  if (formats.size >= 16) formats.clear()
  formats.set(timeZone, format)
  return format
}

function instantOf(at: number | string): number {
  return typeof at === 'number' ? at : Date.parse(at)
}

function oneDecimal(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '')
}
