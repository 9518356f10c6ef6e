/** `tollkeeper status`: does it run, where, since when, and is anything not as it should be? */
import { spentText } from '../../shared/budget-text.ts'
import type { Health } from '../../shared/contract/endpoints/health.ts'
import type { DaemonFigures } from '../../shared/contract/endpoints/metrics.ts'
import type { Headline } from '../../shared/contract/rows.ts'
import type { Summary } from '../../shared/contract/summary.ts'
import { ago, clockTime, money, percent, tokens } from '../../shared/format.ts'
import { refusalText } from '../../shared/refusal-text.ts'
import { askDaemon } from './attach.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { answer, refuseAs } from './say.ts'
import { printable, tableOf } from './table.ts'

export async function status({ home }: { home: string }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'summary', {})
  if (!reply.ok) return reply.code
  const asked = await askDaemon(home, io, 'health', {})
  if (!asked.ok) return asked.code
  const { pid, startedAt } = reply.daemon.discovery
  const process = { pid, startedAt, home }
  const { status, reasons = [], services, gpu } = asked.value
  const figures = await asked.daemon.client.ask('daemonFigures', {})
  // a daemon that was started before an update does not tell them yet
  if (!figures.ok && figures.error.status_code !== 404) return refuseAs(io, exit.fault, figures.error)
  const own = figures.ok ? figures.value : null
  const json = { ...process, ...reply.value, health: { status, reasons, services, gpu }, own }
  return answer(io, json, statusText(reply.value, process, { status, reasons, services }, own, io.now()))
}

type ShownHealth = Pick<Health, 'status' | 'services'> & { reasons: readonly string[] }

export function statusText(
  summary: Summary,
  process: { pid: number; startedAt: string; home: string },
  health: ShownHealth,
  own: DaemonFigures | null,
  now: number,
): string {
  const left = (title: string) => ({ title, align: 'left' as const })
  const rows = [
    ['address', summary.url],
    ['started', `${ago(process.startedAt, now)}, process ${process.pid}`],
    ['home', process.home],
    ['health', health.status],
    ...loadedRows(health.services),
    ['in flight', summary.in_flight === 1 ? 'one call' : `${summary.in_flight === 0 ? 'no' : summary.in_flight} calls`],
    ...(own === null ? [] : [['own time', ownTimeText(own)]]),
    ['now', headlineText(summary.headline, now, summary.time_zone) + (summary.simulated ? ' – simulated' : '')],
    ['history', historyText(summary.history, now)],
  ]
  const texts = summary.warnings.map((warning) => warning.text)
  // what is our own says itself in a warning what is wrong with it
  const reasons = health.reasons.filter((reason) => !texts.some((text) => reason.endsWith(text)))
  const warnings = [...reasons, ...texts].map((text) => `! ${printable(text)}`)
  const table = tableOf([left(''), left('')], rows).slice(1)
  return `${[`Tollkeeper ${summary.version} is running`, ...table, ...(warnings.length > 0 ? ['', ...warnings] : [])].join('\n')}\n`
}

/** Servers nearby that say what they have loaded. */
function loadedRows(services: Health['services']): [string, string][] {
  return Object.entries(services).flatMap(([name, { models_loaded }]): [string, string][] => {
    if (models_loaded === undefined) return []
    const models = models_loaded.length === 0 ? 'no model loaded' : `${models_loaded.join(', ')} loaded`
    return [[printable(name), printable(models)]]
  })
}

/** What the daemon itself takes of a call, and for how long it keeps waiting what is due. */
function ownTimeText({ overhead: { p50_ms, p95_ms }, figures }: DaemonFigures): string {
  const lag = figures['event_loop_lag_max_seconds']
  return [
    p50_ms === null || p95_ms === null ? 'of no call yet' : `a call p50 ${msText(p50_ms)}, p95 ${msText(p95_ms)}`,
    ...(lag === undefined ? [] : [`event loop at most ${msText(lag * 1000)} late`]),
  ].join('; ')
}

function msText(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

function historyText({ from, segments, bytes, dropped }: Summary['history'], now: number): string {
  const files = `${segments === 1 ? 'one file' : `${segments} files`}, ${(bytes / 2 ** 20).toFixed(1)} MiB`
  const kept = from === null ? 'no single call is kept' : `single calls since ${ago(from, now)} in ${files}`
  return dropped === 0
    ? kept
    : `${kept}; ${dropped} older ${dropped === 1 ? 'entry is' : 'entries are'} gone, sums stay`
}

export function headlineText(headline: Headline, now: number, timeZone: string): string {
  switch (headline.kind) {
    case 'none':
      return 'no call seen yet'
    case 'window': {
      const { name, used_pct } = headline.window
      const used = used_pct === null ? '' : ` ${percent(used_pct)}`
      return `${headline.account_label}: ${name}${used}${stateText(headline, now, timeZone)}`
    }
    case 'spend':
      return `${headline.account_label}: ${tokens(headline.tokens)} tokens, ${money(headline.billed_usd)} today${stateText(headline, now, timeZone)}`
  }
}

function stateText(headline: Exclude<Headline, { kind: 'none' }>, now: number, timeZone: string): string {
  const until = headline.refused === null ? '' : ` until ${clockTime(headline.refused.until, now, timeZone)}`
  switch (headline.state) {
    case 'limit':
      return ` (the provider refuses${until}: ${headline.refused === null ? 'limit reached' : refusalText[headline.refused.refusal]})`
    case 'throttled':
      return ` (rate limited${until})`
    case 'overage':
      return ' (over the plan, extra usage is billed)'
    case 'stale':
      return ' (not measured lately)'
    case 'fast-pace': {
      const out = headline.kind === 'window' ? headline.window.runs_out_at : null
      return out === null ? '' : ` (runs out ${clockTime(out, now, timeZone)} at this pace)`
    }
    case 'budget-stop':
      return ` (${budgetText(headline)}: calls are refused)`
    case 'budget-passed':
      return ` (${budgetText(headline)})`
    case 'ok':
    case 'near':
      return ''
  }
}

function budgetText({ budget }: Exclude<Headline, { kind: 'none' }>): string {
  return budget === null ? 'a budget is passed' : `${budget.label}: ${spentText(budget)}`
}
