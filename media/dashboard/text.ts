/** Numbers and times as this page writes them; instants come as ISO 8601, days are those of the daemon's time zone. */
import type { WindowRow } from '../../shared/contract/rows.ts'
import {
  ago,
  clockTime,
  duration,
  paceGrain,
  paceText,
  percent,
  price,
  priceAtLeast,
  tokens,
  took,
} from '../../shared/format.ts'
import type { Metric } from './ranges.ts'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

export const tokensText = tokens
export const percentText = percent
export const agoText = ago
export const clockText = clockTime
export const usdText = price
export const usdAtLeastText = priceAtLeast
export const latencyText = took

export function countText(count: number): string {
  return whole.format(count)
}

/** `in 2h 10m`; a reset that has passed says so. */
export function resetText(iso: string, now: number): string {
  const left = Date.parse(iso) - now
  return left > 0 ? `in ${duration(left)}` : 'has passed'
}

/** `runs out 14:20, pace +9%`, `lasts, on pace`; nothing where it is not known. What is used up already does not last. */
export function lastsText(window: WindowRow, now: number, timeZone: string): string {
  const { pace_pct: points, runs_out_at: runsOutAt, used_pct } = window
  const pace = paceText({ points, runsOutAt: null }, now, timeZone)
  if (pace === '') return ''
  const named = pace === 'on pace' ? pace : `pace ${pace}`
  if (runsOutAt !== null && Date.parse(runsOutAt) > now)
    return `runs out ${clockTime(runsOutAt, now, timeZone)}, ${named}`
  const lasts = runsOutAt === null && (points ?? 0) < paceGrain && (used_pct ?? 0) < 100
  return lasts ? `lasts, ${named}` : named
}

/** What a bar and its tick show, as a sentence. */
export function barSentence(window: WindowRow, now: number, timeZone: string): string {
  const used = window.used_pct === null ? 'share used not stated' : `${percent(window.used_pct)} used`
  const passed = window.elapsed_pct === null ? '' : `, ${percent(window.elapsed_pct)} of its time has passed`
  const lasts = lastsText(window, now, timeZone)
  return `${windowText(window.name)}: ${used}${passed}${lasts === '' ? '' : `, ${lasts}`}`
}

const windowNames: Record<string, string> = {
  '5h': '5-hour',
  '7d': 'Weekly',
  requests: 'Requests',
  tokens: 'Tokens',
  'input-tokens': 'Input tokens',
  'output-tokens': 'Output tokens',
  overage: 'Extra usage',
}

/** `5-hour`, `Weekly, Opus`: a window's name with what it is limited to; one that nobody has named here stays as it is. */
export function windowText(name: string): string {
  const known = windowNames[name]
  if (known !== undefined) return known
  const [, span, scope] = /^(5h|7d)-(.+)$/.exec(name) ?? []
  if (span === undefined || scope === undefined) return name
  return `${windowNames[span] ?? span}, ${scope.charAt(0).toUpperCase()}${scope.slice(1)}`
}

const clocks = {
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  minute: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
} as const

/** A step of a chart by its start, as long as needed to find it within 30 days. */
export function stepText(iso: string, timeZone: string, to: keyof typeof clocks): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, ...clocks[to] }).format(new Date(iso))
}

/** Along an axis: short, and alike from mark to mark. */
export const axisText: Record<Metric, (value: number) => string> = {
  tokens,
  requests: countText,
  cost: (usd) => (usd === 0 ? '$0' : `$${Number(usd.toPrecision(3))}`),
}

export function metricText(metric: Metric, value: number): string {
  return metric === 'cost' ? usdText(value) : axisText[metric](value)
}
