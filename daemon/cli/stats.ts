/** `tollkeeper stats`: usage and cost as a table, as wide as the terminal takes it. */
import type { UsageReply } from '../../shared/contract/endpoints/core.ts'
import type { Totals } from '../../shared/contract/rows.ts'
import { clockTime, nothing, percent, priceAtLeast, tokens, took } from '../../shared/format.ts'
import { askDaemon } from './attach.ts'
import type { ExitCode, Io } from './io.ts'
import { answer } from './say.ts'
import { type Column, tableOf } from './table.ts'

export type StatsOptions = { home: string; by: string; since?: string; simulated: boolean }

export async function stats({ home, by, since, simulated }: StatsOptions, io: Io): Promise<ExitCode> {
  const query = {
    group_by: by,
    ...(since === undefined ? {} : { from: since }),
    ...(simulated ? { simulated: 'only' as const } : {}),
  }
  const reply = await askDaemon(home, io, 'usage', { query }, { reworded: inOptions })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, statsText(reply.value, namesOf(by), io.now(), io.columns))
}

/** The API names its parameters. */
function inOptions(detail: string): string {
  return detail
    .replace(/'group_by=([^']*)'/g, "'--by $1'")
    .replaceAll("'group_by'", '--by')
    .replaceAll("'from'", '--since')
}

/** As the API reads them. */
function namesOf(by: string): string[] {
  const names = by.split(',').map((name) => name.trim())
  return [...new Set(names.filter((name) => name !== ''))]
}

/** `yields`: the higher, the sooner it makes room in a narrow terminal; 0 never. */
type Figure = { title: string; yields: number; text(totals: Totals): string }

const figures: readonly Figure[] = [
  { title: 'calls', yields: 0, text: (t) => String(t.requests) },
  { title: 'failed', yields: 3, text: (t) => String(t.failed_requests) },
  { title: 'input', yields: 1, text: (t) => tokens(t.tokens_input) },
  { title: 'cached', yields: 4, text: (t) => (t.cache_hit_pct === null ? nothing : percent(t.cache_hit_pct)) },
  { title: 'output', yields: 2, text: (t) => tokens(t.tokens_output) },
  { title: 'tokens', yields: 0, text: (t) => tokens(t.tokens) },
  { title: 'list price', yields: 0, text: (t) => priceAtLeast(t.cost_usd, t) },
  { title: 'billed', yields: 0, text: (t) => priceAtLeast(t.billed_usd, t) },
  { title: 'unpriced', yields: 0, text: (t) => String(t.unpriced_requests) },
  { title: 'p50', yields: 5, text: (t) => timeText(t.latency_p50_ms) },
  { title: 'p95', yields: 6, text: (t) => timeText(t.latency_p95_ms) },
  { title: '1st token p50', yields: 7, text: (t) => timeText(t.ttft_p50_ms) },
  { title: '1st token p95', yields: 8, text: (t) => timeText(t.ttft_p95_ms) },
]

function timeText(ms: number | null): string {
  return ms === null ? nothing : took(ms)
}

/** The list price of what was used, and what is billed for it, which a plan's calls are not. `width` in characters. */
export function statsText(usage: UsageReply, by: readonly string[], now: number, width = Infinity): string {
  const { period, simulated, total } = usage
  const since = clockTime(period.from, now, period.time_zone)
  const title = `Usage since ${since} (${period.time_zone})${simulated ? ' – simulated: calls of the sandbox only' : ''}`
  if (total.attempts === 0 && usage.missing_months.length === 0) return `${title}\n\nNo calls yet.\n`
  let shown = figures.filter((figure) => figure.title !== 'unpriced' || total.unpriced_requests > 0)
  let lines = linesOf(usage, by, shown)
  let leftOut = false
  while (lines.some((line) => [...line].length > width)) {
    const next = Math.max(...shown.map(({ yields }) => yields))
    if (next === 0) break
    shown = shown.filter(({ yields }) => yields !== next)
    lines = linesOf(usage, by, shown)
    leftOut = true
  }
  const notes = [...notesOn(usage), ...(leftOut ? ['A wider terminal shows more columns, --json all.'] : [])]
  return `${[title, '', ...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`
}

function linesOf({ groups, total }: UsageReply, by: readonly string[], shown: readonly Figure[]): string[] {
  const names = by.length > 0 ? by : ['']
  const columns: Column[] = [
    ...names.map((title) => ({ title, align: 'left' as const })),
    ...shown.map(({ title }) => ({ title, align: 'right' as const })),
  ]
  const figuresOf = (totals: Totals) => shown.map(({ text }) => text(totals))
  const rows = by.length > 0 ? groups : []
  const sum = [...names.map((_, at) => (at === 0 ? 'total' : '')), ...figuresOf(total)]
  return tableOf(columns, [
    ...rows.map(({ key, totals }) => [...key.map((name) => name || nothing), ...figuresOf(totals)]),
    sum,
  ])
}

function notesOn({ total, missing_months: missing }: UsageReply): string[] {
  const notes: string[] = []
  if (total.unpriced_requests > 0) {
    notes.push(`≥ No price is known for ${calls(total.unpriced_requests)}: the money is a lower bound.`)
  }
  if (total.estimated_requests > 0) notes.push(`Tokens of ${calls(total.estimated_requests)} are estimated.`)
  if (missing.length > 0) notes.push(`≥ The sums of ${missing.join(', ')} cannot be read and are not in here.`)
  return notes
}

function calls(count: number): string {
  return count === 1 ? 'one call' : `${count} calls`
}
