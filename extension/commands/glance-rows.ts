/** The rows of Show Limits and Spend: the tooltip's keyboard twin; pure. */
import { budgetOutlook, spentText } from '../../shared/budget-text.ts'
import type { BudgetRow } from '../../shared/contract/budget.ts'
import type { LimitRow, RequestRow, Totals, WindowRow } from '../../shared/contract/rows.ts'
import { clockTime, percent, price, tokens } from '../../shared/format.ts'
import { avoidedText } from '../../shared/refusal-text.ts'
import { plainLabel } from '../escape.ts'
import { type CommandId, commandId, meterIcon } from '../ids.ts'
import { problemOf } from '../problem-text.ts'
import type { StatusInput } from '../status-text.ts'
import { billedText, budgetsFirst, callFigures, resetText } from '../tooltip.ts'
import { longWindowName } from '../window-name.ts'
import { eighthsOf, isOverPlan, measuredAgo, shareText, windowPace } from '../window-text.ts'
import { line, type PickRow } from './pick-row.ts'
import { sourceText } from './source-text.ts'

export type GlanceRow = PickRow<CommandId>

const callsShown = 5
export function glanceRows(input: StatusInput): GlanceRow[] {
  if (input.link.kind !== 'live') return [...actions(input), offRow(input)]
  const { view } = input
  const simulated = view.standing?.simulated === true ? ' (sandbox)' : ''
  return [
    ...section(
      `Limits${simulated}`,
      [...problemRows(input), ...limitRows(view.limits, input)],
      'No limit has been stated yet',
    ),
    ...section(`Spend${simulated}`, spendRows(input), 'No calls seen yet'),
    ...section(
      `Recent calls${simulated}`,
      view.recent.slice(0, callsShown).map((call) => callRow(call, input)),
      'No calls seen yet',
      firstCallHint(input),
    ),
    ...actions(input),
    ...section(
      'Warnings',
      view.warnings.map((warning) => row(`$(warning) ${plainLabel(warning.text)}`, '', '')),
      '',
    ),
  ]
}

function firstCallHint({ view }: StatusInput): string {
  const client = view.about === null ? '' : `, or call ${view.about.url}`
  return `Begin with: tollkeeper run claude${client}`
}

function offRow({ link }: StatusInput): GlanceRow {
  switch (link.kind) {
    case 'off':
      return row('$(info) The daemon is not running', '', plainLabel(link.why))
    case 'mismatch':
      return link.older === 'daemon'
        ? row('$(info) The running daemon is too old for this extension', '', 'Restart it')
        : row('$(info) This extension is older than the running daemon', '', 'Update it, or reload the window')
    case 'starting':
    case 'live':
      return row('$(info) Tollkeeper is starting', '', '')
  }
}

/** A separator and its rows; where there are none, one that says so, or nothing at all. */
function section(label: string, rows: GlanceRow[], none: string, hint = ''): GlanceRow[] {
  if (rows.length === 0 && none === '') return []
  return [{ kind: 'separator', label }, ...(rows.length === 0 ? [row(none, '', hint)] : rows)]
}

function row(label: string, description: string, detail: string, action?: CommandId): GlanceRow {
  return { kind: 'row', label, description, detail, ...(action === undefined ? {} : { action }) }
}

/** What stops calls now stands first. */
function problemRows(input: StatusInput): GlanceRow[] {
  const problem = problemOf(input)
  if (problem === null) return []
  const { icon, what, until, todo } = problem
  return [row(`$(${icon}) ${plainLabel(what)}`, until, todo, commandId.queryRateLimits)]
}

function limitRows(limits: readonly LimitRow[], input: StatusInput): GlanceRow[] {
  return limits.flatMap((limit) => [
    ...cooldownRows(limit, input),
    ...limit.windows.map((window) => windowRow(limit, window, input)),
  ])
}

/** What calls pass over, but for what stands first already. */
function cooldownRows(limit: LimitRow, { view, now, timeZone }: StatusInput): GlanceRow[] {
  const avoided = avoidedText(limit, now, timeZone)
  const headline = view.standing?.headline
  const first = headline === undefined || headline.kind === 'none' ? undefined : headline.refused?.until
  if (limit.cooldown === null || avoided === '' || limit.cooldown.until === first) return []
  const who = line(plainLabel(limit.account_label), limit.model === null ? '' : plainLabel(limit.model))
  return [row(`$(circle-slash) ${who}`, avoided, plainLabel(limit.cooldown.reason), commandId.queryRateLimits)]
}

function windowRow(limit: LimitRow, window: WindowRow, input: StatusInput): GlanceRow {
  const name = longWindowName(window.name)
  const state = isOverPlan(window, limit)
    ? 'over plan, extra usage is billed'
    : window.status === 'rejected'
      ? 'reached'
      : ''
  const resets = resetText(window, input.now, input.timeZone)
  const left =
    window.remaining === null || window.limit === null
      ? ''
      : `${tokens(window.remaining)} of ${tokens(window.limit)} left`
  return row(
    `${meterIcon(eighthsOf(window.used_pct ?? 0))} ${plainLabel(name)} · ${shareText(window)}`,
    line(
      plainLabel(limit.account_label),
      limit.model === null ? '' : plainLabel(limit.model),
      state,
      resets === '' ? '' : `resets ${resets}`,
      windowPace(window, input.now, input.timeZone),
    ),
    line(left, measuredAgo(window, input.now) + (window.confirmed ? sourceText(window.source) : '')),
    commandId.queryRateLimits,
  )
}

function spendRows(input: StatusInput): GlanceRow[] {
  const { standing, budgets } = input.view
  const rows = budgetsFirst(budgets).map((budget) => budgetRow(budget, input))
  if (standing === null || standing.month.requests === 0) return rows
  return [totalsRow('Today', standing.today), totalsRow('This month', standing.month), ...rows]
}

function budgetRow(budget: BudgetRow, { now, timeZone }: StatusInput): GlanceRow {
  const { label, used_pct, ends_at, requests, unpriced_requests } = budget
  return row(
    `${meterIcon(eighthsOf(used_pct))} ${plainLabel(label)} · ${percent(used_pct)}`,
    line(spentText(budget), plainLabel(budgetOutlook(budget, now, timeZone))),
    line(
      ends_at === null ? 'goes with the time' : `begins anew ${clockTime(ends_at, now, timeZone)}`,
      requests === 1 ? '1 call' : `${requests} calls`,
      unpriced_requests > 0 && `${unpriced_requests} without a known price`,
    ),
    commandId.queryStats,
  )
}

function totalsRow(label: string, sums: Totals): GlanceRow {
  return row(
    `$(credit-card) ${label} · ${billedText(sums)}`,
    `${tokens(sums.tokens)} tokens`,
    totalsDetail(sums),
    commandId.queryStats,
  )
}

/** What the sum is made of, and what it leaves out. */
export function totalsDetail(sums: Totals): string {
  return line(
    sums.requests === 1 ? '1 call' : `${sums.requests} calls`,
    sums.failed_requests > 0 && `${sums.failed_requests} failed`,
    `${tokens(sums.tokens_input)} in, ${tokens(sums.tokens_output)} out`,
    sums.tokens_cache_read > 0 && `${tokens(sums.tokens_cache_read)} from cache`,
    sums.cost_usd !== sums.billed_usd && `list price ${price(sums.cost_usd)}`,
    sums.unpriced_requests > 0 && `${sums.unpriced_requests} without a known price`,
    sums.estimated_requests > 0 && `${sums.estimated_requests} estimated`,
  )
}

function callRow(call: RequestRow, { now, timeZone }: StatusInput): GlanceRow {
  const icon = call.outcome === 'ok' ? '$(check)' : '$(error)'
  return row(
    `${icon} ${plainLabel(call.model)}`,
    line(clockTime(call.timestamp, now, timeZone), plainLabel(call.client)),
    line(...callFigures(call), call.error === null ? '' : plainLabel(call.error)),
    commandId.openDashboard,
  )
}

/** What can be done in which state; the rest would only fail. */
function actions({ link }: StatusInput): GlanceRow[] {
  const [running, there] = [link.kind === 'live', link.kind === 'live' || link.kind === 'mismatch']
  const all: [string, CommandId, boolean][] = [
    ['$(debug-start) Start Daemon', commandId.startDaemon, !there],
    ['$(dashboard) Open Dashboard', commandId.openDashboard, running],
    ['$(search) Query Usage…', commandId.queryStats, running],
    ['$(search) Query Rate Limits…', commandId.queryRateLimits, running],
    ['$(debug-restart) Restart Daemon', commandId.restartDaemon, there],
    ['$(debug-stop) Stop Daemon', commandId.stopDaemon, running],
    ['$(output) Show Extension Log', commandId.showLog, !running],
    ['$(output) Show Daemon Log', commandId.showDaemonLog, !running],
  ]
  const fitting = all.filter(([, , fits]) => fits)
  return [{ kind: 'separator', label: 'Actions' }, ...fitting.map(([label, id]) => row(label, '', '', id))]
}
