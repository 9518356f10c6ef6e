/** `tollkeeper stats`: usage and cost as a table. */
import type { UsageReply } from '../../shared/contract/endpoints/core.ts'
import type { Totals } from '../../shared/contract/rows.ts'
import { clockTime, price, tokens, took } from '../../shared/format.ts'
import { askDaemon } from './attach.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { type Column, tableOf } from './table.ts'

export type StatsOptions = { home: string; by: string; since?: string; simulated: boolean; json: boolean }

export async function stats({ home, by, since, simulated, json }: StatsOptions, io: Io): Promise<ExitCode> {
  const query = {
    group_by: by,
    ...(since === undefined ? {} : { from: since }),
    ...(simulated ? { simulated: 'only' as const } : {}),
  }
  const answer = await askDaemon(home, io, 'usage', { query })
  if (!answer.ok) return answer.code
  io.out(json ? `${JSON.stringify(answer.value, null, 2)}\n` : statsText(answer.value, by.split(','), io.now()))
  return exit.fine
}

const figures: readonly [string, (totals: Totals) => string][] = [
  ['calls', (t) => String(t.requests)],
  ['failed', (t) => String(t.failed_requests)],
  ['input', (t) => tokens(t.tokens_input)],
  ['output', (t) => tokens(t.tokens_output)],
  ['tokens', (t) => tokens(t.tokens)],
  ['list price', (t) => atLeast(t, t.cost_usd)],
  ['billed', (t) => atLeast(t, t.billed_usd)],
  ['latency', (t) => (t.requests === 0 ? '–' : took(t.average_latency_ms))],
]

/** The list price of what was used, and what is billed for it, which a plan's calls are not. */
export function statsText(usage: UsageReply, by: readonly string[], now: number): string {
  const { period, simulated, groups, total } = usage
  const since = clockTime(period.from, now, period.time_zone)
  const title = `Usage since ${since} (${period.time_zone})${simulated ? ' – simulated: calls of the sandbox only' : ''}`
  if (total.attempts === 0 && usage.missing_months.length === 0) return `${title}\n\nNo calls yet.\n`
  const columns: Column[] = [
    ...by.map((title) => ({ title: title.trim(), align: 'left' as const })),
    ...figures.map(([title]) => ({ title, align: 'right' as const })),
  ]
  const figuresOf = (totals: Totals) => figures.map(([, text]) => text(totals))
  const rows = groups.map((group) => [...group.key.map((name) => name || '–'), ...figuresOf(group.totals)])
  const sum = [...by.map((_, at) => (at === 0 ? 'total' : '')), ...figuresOf(total)]
  return `${[title, '', ...tableOf(columns, [...rows, sum]), ...notesOn(usage)].join('\n')}\n`
}

function notesOn({ total, missing_months: missing }: UsageReply): string[] {
  const notes: string[] = []
  if (total.unpriced_requests > 0) {
    notes.push(`≥ No price is known for ${calls(total.unpriced_requests)}: the money is a lower bound.`)
  }
  if (total.estimated_requests > 0) notes.push(`Tokens of ${calls(total.estimated_requests)} are estimated.`)
  if (missing.length > 0) notes.push(`≥ The sums of ${missing.join(', ')} cannot be read and are not in here.`)
  return notes.length > 0 ? ['', ...notes] : []
}

function calls(count: number): string {
  return count === 1 ? 'one call' : `${count} calls`
}

function atLeast(totals: Totals, usd: number): string {
  if (totals.unpriced_requests === 0) return price(usd)
  return totals.unpriced_requests === totals.requests ? '?' : `≥ ${price(usd)}`
}
