/** Reads what `/api/v1/usage` is asked: times, steps, groups and filters, each fault named by its parameter. */
import type * as z from 'zod/mini'
import { type core, type UsageDimension, usageDimension } from '../../../shared/contract/endpoints/core.ts'
import { jointDimensions } from '../counted.ts'
import { type Marginal, marginalNames } from '../marginals.ts'
import { dayMs, dayOfDate, firstOfMonth, hourMs, type Zone } from '../zone.ts'

export type UsageQuery = z.infer<typeof core.usage.query>

export type Bad = { bad: string; why: string }

const filterNames = [...jointDimensions, ...marginalNames] as const
type FilterName = (typeof filterNames)[number]

/** `from` with, `to` without, epoch ms. */
export type UsageAsked = {
  from: number
  to: number
  groupBy: UsageDimension[]
  filters: [FilterName, string][]
  /** The one name that it asks of which sums are kept alone. */
  marginal?: Marginal
}

const spanMs = new Map([
  ['m', 60_000],
  ['h', hourMs],
  ['d', dayMs],
  ['w', 7 * dayMs],
])

/** What `readTime` takes, as the end of a sentence. */
export const timeForms =
  'a date (2026-03-01), an instant with its offset (2026-03-01T12:00:00Z) or a span back from now (7d, 24h)'

export function readUsageQuery(zone: Zone, now: number, query: UsageQuery): UsageAsked | Bad {
  const from =
    query.from === undefined ? zone.startOfDay(firstOfMonth(zone.dayOf(now))) : readTime(zone, now, query.from, 0)
  if (from === undefined) return { bad: 'from', why: `'from' is ${timeForms}.` }
  const to = query.to === undefined ? now + 1 : readTime(zone, now, query.to, 1)
  if (to === undefined) return { bad: 'to', why: `'to' is ${timeForms}.` }
  if (query.to !== undefined && to <= from) return { bad: 'to', why: "'to' must be after 'from'." }
  if (to <= from) return { bad: 'from', why: "'from' must not be in the future." }
  const groupBy = readGroups(query.group_by ?? '')
  if ('bad' in groupBy) return groupBy
  const filters = filterNames.flatMap((name): [FilterName, string][] => {
    const value = query[name]
    return value === undefined ? [] : [[name, value]]
  })
  const marginal = [...groupBy, ...filters.map(([name]) => name)].find(isMarginal)
  if (marginal === undefined) return { from, to, groupBy, filters }
  return besides(marginal, groupBy, filters, query.bucket) ?? { from, to, groupBy, filters, marginal }
}

export function isMarginal(name: string): name is Marginal {
  return marginalNames.some((marginal) => marginal === name)
}

/** What a name whose sums are kept alone, by day, cannot be asked together with. */
function besides(
  marginal: Marginal,
  groupBy: readonly UsageDimension[],
  filters: UsageAsked['filters'],
  bucket: UsageQuery['bucket'],
): Bad | undefined {
  const fits = (name: string) => name === marginal || name === 'day'
  const possible = `${marginal} is counted alone, by day: ask for it without other names, or with day`
  if (!groupBy.every(fits)) {
    return { bad: 'group_by', why: `'group_by=${groupBy.join(',')}' is not kept together: ${possible}.` }
  }
  const filter = filters.find(([name]) => !fits(name))
  if (filter) return { bad: filter[0], why: `'${filter[0]}' cannot be asked together with ${marginal}: ${possible}.` }
  if (bucket === undefined || bucket === 'day') return undefined
  return { bad: 'bucket', why: `'bucket=${bucket}' is not kept for ${marginal}: ask for 'bucket=day'.` }
}

/** Epoch ms; undefined where it is none. `daysOn` 1: a date means the end of that day. Dates are days of the zone. */
export function readTime(zone: Zone, now: number, text: string, daysOn: 0 | 1): number | undefined {
  const span = /^(\d{1,5})([mhdw])$/.exec(text)
  if (span) return now - Number(span[1]) * (spanMs.get(span[2] ?? '') ?? 0)
  const day = dayOfDate(text)
  if (day !== undefined) return zone.startOfDay(day + daysOn)
  // RFC 3339, the offset required: a wall clock without one names no instant
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/.test(text)) return undefined
  const at = Date.parse(text.replace(' ', 'T').toUpperCase())
  return Number.isNaN(at) ? undefined : at
}

function readGroups(text: string): UsageDimension[] | Bad {
  const groups: UsageDimension[] = []
  for (const name of text.split(',').map((part) => part.trim())) {
    if (name === '') continue
    const found = usageDimension.safeParse(name)
    if (!found.success) {
      return {
        bad: 'group_by',
        why: `'group_by' knows ${usageDimension.options.join(', ')}; not '${name.slice(0, 64)}'.`,
      }
    }
    if (!groups.includes(found.data)) groups.push(found.data)
  }
  return groups
}
