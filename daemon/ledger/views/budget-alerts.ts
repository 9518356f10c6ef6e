/** What is to be told of a budget: the highest share of it that is passed, or that it will be passed at this pace. Once a period. */
import type { AlertAbout } from '../../../shared/contract/alert.ts'
import type { BudgetRow } from '../../../shared/contract/budget.ts'
import { clockTime, money, percent, tokens } from '../../../shared/format.ts'
import type { Alerts } from '../alerts.ts'
import { dateOf, type Zone } from '../zone.ts'
import type { DueAlert } from './quota-alerts.ts'

/** Before so much of a period has passed, a single call would tell its pace. */
const soonestShare = 0.1

export type BudgetsAsked = {
  alerts: Alerts
  rows: readonly BudgetRow[]
  zone: Zone
  now: number
  /** Ids of budgets that have stopped a call since the last look: what it would have cost did not fit any more. */
  stopped: ReadonlySet<string>
}

/** To be raised now; one a budget at most. */
export function budgetAlertsDue({ alerts, rows, zone, now, stopped }: BudgetsAsked): DueAlert[] {
  return rows.flatMap((row) => dueOf(row, stopped.has(row.id), { alerts, zone, now }) ?? [])
}

type Asked = { alerts: Alerts; zone: Zone; now: number }

function dueOf(row: BudgetRow, stopped: boolean, { alerts, zone, now }: Asked): DueAlert | undefined {
  const passed = thresholdsOf(row).filter((threshold) => row.used_pct >= threshold || (threshold === 100 && stopped))
  const isForeseen = row.over_at !== null && row.used_pct < 100 && hasLasted(row, now)
  if (passed.length === 0 && !isForeseen) return undefined
  const told = toldOf(alerts, row)
  const highest = Math.max(0, ...told.filter(({ kind }) => kind === 'budget').map(({ threshold }) => threshold))
  const threshold = Math.max(0, ...passed)
  if (threshold > highest) return raised('budget', row, threshold, isForeseen, { zone, now })
  const isKnown = highest >= 100 || told.some(({ overAt }) => overAt !== null)
  return isForeseen && !isKnown ? raised('forecast', row, 100, true, { zone, now }) : undefined
}

/** In percent: where to warn, where calls are led elsewhere, and the limit itself. */
function thresholdsOf({ warn_at, downgrade }: BudgetRow): number[] {
  const shares = [...warn_at, ...(downgrade ? [downgrade.at] : []), 1]
  return shares.map((share) => Math.round(share * 10_000) / 100)
}

function hasLasted({ starts_at, ends_at }: BudgetRow, now: number): boolean {
  if (ends_at === null) return false
  const [start, end] = [Date.parse(starts_at), Date.parse(ends_at)]
  return now - start >= (end - start) * soonestShare
}

/** What was told of this period of this budget. A span goes with the time: what was told within one counts. */
function toldOf(alerts: Alerts, row: BudgetRow): AlertAbout[] {
  const start = Date.parse(row.starts_at)
  const [limit, unit] = limitOf(row)
  const found: AlertAbout[] = []
  for (const { t, e } of alerts.values()) {
    const { about } = e
    // a limit that was changed is one of which nothing was told yet
    if (about.budget !== row.id || about.limit !== limit || about.unit !== unit) continue
    if (row.ends_at === null ? t > start : about.since === start) found.push(about)
  }
  return found
}

function limitOf(row: BudgetRow): [number, 'usd' | 'tokens'] {
  return row.limit_usd === null ? [row.limit_tokens ?? 0, 'tokens'] : [row.limit_usd, 'usd']
}

function raised(
  kind: 'budget' | 'forecast',
  row: BudgetRow,
  threshold: number,
  isForeseen: boolean,
  { zone, now }: { zone: Zone; now: number },
): DueAlert {
  const [limit, unit] = limitOf(row)
  const since = Date.parse(row.starts_at)
  const overAt = isForeseen && row.over_at !== null ? Date.parse(row.over_at) : null
  const over = overAt === null ? '' : overText(row, overAt, zone, now)
  return {
    id: [kind, row.id, since, limit, threshold].join(':'),
    about: {
      kind,
      budget: row.id,
      ...(row.scope.provider !== undefined && { provider: row.scope.provider }),
      ...(row.scope.account !== undefined && { account: row.scope.account }),
      ...(row.scope.model !== undefined && { model: row.scope.model }),
      limit,
      unit,
      usedPct: row.used_pct,
      threshold,
      since,
      until: row.ends_at === null ? null : Date.parse(row.ends_at),
      overAt,
      text: textOf(kind, row, threshold, over),
    },
  }
}

function textOf(kind: 'budget' | 'forecast', row: BudgetRow, threshold: number, over: string): string {
  const [limit, unit] = limitOf(row)
  const [show, spent] = unit === 'usd' ? [money, row.spent_usd] : [tokens, row.spent_tokens]
  const word = unit === 'usd' ? '' : ' tokens'
  const used = `${percent(row.used_pct)} of ${show(limit)}${word} used`
  if (kind === 'forecast') return `${row.label}: ${over} (${used}).`
  if (threshold < 100) {
    const led =
      row.downgrade && row.used_pct >= row.downgrade.at * 100 ? `; calls on our keys go to ${row.downgrade.to}` : ''
    return `${row.label}: ${used}${over === '' ? '' : `, ${over}`}${led}.`
  }
  const stops = row.action === 'block' ? ' It stops calls.' : ''
  return `${row.label} is ${row.used_pct < 100 ? 'as good as ' : ''}used up: ${show(spent)} of ${show(limit)}${word}.${stops}`
}

/** "over by the 23rd at this pace"; of a day or a week with the time. */
function overText({ period }: BudgetRow, overAt: number, zone: Zone, now: number): string {
  const day = zone.dayOf(overAt)
  const when =
    period === 'month' && day !== zone.dayOf(now)
      ? `the ${ordinal(Number(dateOf(day).slice(8)))}`
      : clockTime(overAt, now, zone.name)
  return `over by ${when} at this pace`
}

function ordinal(day: number): string {
  const ending = day >= 11 && day <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th')
  return `${day}${ending}`
}
