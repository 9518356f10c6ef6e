/** The status bar item's tooltip as Markdown source; pure. Text from outside is escaped, links are ours alone. */
import { budgetOutlook, spentInPeriod } from '../shared/budget-text.ts'
import type { BudgetRow, BudgetState } from '../shared/contract/budget.ts'
import type { LimitRow, RequestRow, WindowRow } from '../shared/contract/rows.ts'
import { clockTime, duration, price, tokens, took } from '../shared/format.ts'
import { avoidedText } from '../shared/refusal-text.ts'
import { plainMarkdown } from './escape.ts'
import { type CommandId, commandId } from './ids.ts'
import { problemOf } from './problem-text.ts'
import type { StatusInput } from './status-text.ts'
import { longWindowName } from './window-name.ts'
import { isOverPlan, measuredAgo, shareText, windowPace } from './window-text.ts'

/** What the tooltip's links may run. */
export const tooltipCommands: readonly CommandId[] = [
  commandId.glance,
  commandId.openDashboard,
  commandId.queryStats,
  commandId.queryRateLimits,
  commandId.startDaemon,
  commandId.restartDaemon,
  commandId.showLog,
  commandId.showDaemonLog,
]

/** Cells of a hover's table have no padding of their own, and spaces at a cell's edge are dropped. */
const gap = '&nbsp;&nbsp;'
const accountsShown = 3
const windowsShown = 3
const budgetsShown = 3

export function tooltipOf(input: StatusInput): string {
  const { link } = input
  switch (link.kind) {
    case 'starting':
      return paragraphs('**Tollkeeper** is starting', links([['Log', commandId.showLog]]))
    case 'off':
      return paragraphs(
        '**Tollkeeper daemon is not running**',
        links([
          ['Start', commandId.startDaemon],
          ['Extension log', commandId.showLog],
          ['Daemon log', commandId.showDaemonLog],
        ]),
        plainMarkdown(link.why),
      )
    case 'mismatch':
      return link.older === 'daemon'
        ? paragraphs(
            `**The running daemon (${plainMarkdown(link.version)}) is too old for this extension**`,
            'Restarting it brings the one that came with the extension.',
            links([['Restart', commandId.restartDaemon]]),
          )
        : paragraphs(
            `**This extension is older than the running daemon (${plainMarkdown(link.version)})**`,
            'Update the extension, or reload the window if it has been updated.',
          )
    case 'live':
      return livePage(input)
  }
}

function livePage(input: StatusInput): string {
  const { view } = input
  const { standing } = view
  const warnings = view.warnings.map((warning) => `$(warning) ${plainMarkdown(warning.text)}`)
  return paragraphs(
    problemLine(input),
    standing?.simulated === true ? '$(beaker) Simulated calls of the sandbox; none of this is real.' : '',
    ...accountsFirst(view.limits)
      .slice(0, accountsShown)
      .map((limit) => limitTable(limit, input)),
    view.limits.length > accountsShown ? `+${view.limits.length - accountsShown} more in the dashboard` : '',
    spendLine(input),
    budgetLines(input),
    view.recent[0] === undefined ? 'No calls seen yet.' : lastCall(view.recent[0]),
    standing !== null && standing.in_flight > 0 ? `${standing.in_flight} running now` : '',
    ...warnings,
    links([
      ['Limits and spend', commandId.glance],
      ['Dashboard', commandId.openDashboard],
      ['Query usage…', commandId.queryStats],
      ['Query rate limits…', commandId.queryRateLimits],
    ]),
  )
}

/** What stops calls now comes before all figures. */
function problemLine(input: StatusInput): string {
  const problem = problemOf(input)
  if (problem === null) return ''
  const { what, until, todo } = problem
  return `$(${problem.icon}) **${plainMarkdown(what)}**${until === '' ? '' : ` · ${until}`}${todo === '' ? '' : `  \n${todo}`}`
}

/** An account's own limits before those of its models, which are many and short. */
function accountsFirst(limits: readonly LimitRow[]): LimitRow[] {
  return [...limits].sort((a, b) => Number(a.model !== null) - Number(b.model !== null))
}

function limitTable(limit: LimitRow, input: StatusInput): string {
  const shown = limit.windows.slice(0, windowsShown)
  const hasPace = shown.some((window) => window.pace_pct !== null)
  const rows = shown.map((window) => `| ${windowCells(window, limit, hasPace, input).join(' | ')} |`)
  const rest = limit.windows.length - shown.length
  const model = limit.model === null ? '' : ` · ${plainMarkdown(limit.model)}`
  const title = `**${plainMarkdown(limit.account_label)}**${model}`
  const age = shown[0] === undefined ? '' : ` · ${measuredAgo(shown[0], input.now)}`
  const heads = hasPace
    ? [`| | used | ${gap}pace | ${gap}resets |`, '| :-- | --: | :-- | :-- |']
    : [`| | used | ${gap}resets |`, '| :-- | --: | :-- |']
  const table = rows.length === 0 ? '' : [...heads, ...rows].join('\n')
  return paragraphs(
    title + age,
    plainMarkdown(avoidedText(limit, input.now, input.timeZone)),
    table,
    rest > 0 ? `+${rest} more in the dashboard` : '',
  )
}

function windowCells(window: WindowRow, limit: LimitRow, hasPace: boolean, { now, timeZone }: StatusInput): string[] {
  const used = plainMarkdown(shareText(window))
  const state = isOverPlan(window, limit) ? ' over plan' : window.status === 'rejected' ? ' reached' : ''
  return [
    plainMarkdown(longWindowName(window.name)),
    used + state,
    ...(hasPace ? [gap + plainMarkdown(windowPace(window, now, timeZone))] : []),
    gap + resetText(window, now, timeZone),
  ]
}

/** `16:10 (2h 10m)`, or nothing where no reset is stated. */
export function resetText(window: WindowRow, now: number, timeZone: string): string {
  if (window.resets_at === null) return ''
  const left = Date.parse(window.resets_at) - now
  return clockTime(window.resets_at, now, timeZone) + (left > 0 ? ` (${duration(left)})` : '')
}

function spendLine({ view }: StatusInput): string {
  if (view.standing === null) return ''
  const { today, month } = view.standing
  const calls = today.requests === 1 ? '1 call' : `${today.requests} calls`
  const spent = `${tokens(today.tokens)} tokens · ${billedText(today)} today · ${billedText(month)} this month`
  return `**Spend** ${calls} · ${spent}`
}

/** Those that matter most first. */
function budgetLines({ view, now, timeZone }: StatusInput): string {
  const lines = budgetsFirst(view.budgets).map((budget) => {
    const outlook = budgetOutlook(budget, now, timeZone)
    return `**${plainMarkdown(budget.label)}** ${spentInPeriod(budget)}${outlook === '' ? '' : ` · ${plainMarkdown(outlook)}`}`
  })
  const rest = lines.length - budgetsShown
  return [...lines.slice(0, budgetsShown), ...(rest > 0 ? [`+${rest} more: tollkeeper budget list`] : [])].join('  \n')
}

const ranks: readonly BudgetState[] = ['blocking', 'exceeded', 'downgraded', 'warning', 'ok']

/** By what they do to calls, then by how much of them is used. */
export function budgetsFirst(budgets: readonly BudgetRow[]): BudgetRow[] {
  return [...budgets].sort((a, b) => ranks.indexOf(a.state) - ranks.indexOf(b.state) || b.used_pct - a.used_pct)
}

/** What is owed; with `+` where calls without a known price are not in it. */
export function billedText(sums: { billed_usd: number; unpriced_requests: number }): string {
  return `${price(sums.billed_usd)}${sums.unpriced_requests > 0 ? '+' : ''}`
}

function lastCall(row: RequestRow): string {
  return `Last call: ${plainMarkdown(row.model)} · ${callFigures(row).join(' · ')}`
}

/** What one call used, took and cost, and how it ended where that was not well. */
export function callFigures(row: RequestRow): string[] {
  const cached = row.tokens_cache_read > 0 ? ` (${tokens(row.tokens_cache_read)} cached)` : ''
  const roughly = row.usage_source === 'estimated' ? '~' : ''
  const used = `${roughly}${tokens(row.tokens_input)} in${cached}, ${roughly}${tokens(row.tokens_output)} out`
  return [
    ...(row.outcome === 'ok' ? [] : [row.http_status === null ? row.outcome : `${row.outcome} (${row.http_status})`]),
    ...(row.usage_source === 'none' ? [] : [used]),
    ...costText(row),
    took(row.latency_ms),
  ]
}

function costText(row: RequestRow): string[] {
  // nothing is known of it, or the provider refused it: no money either
  if (row.usage_source === 'none') return []
  switch (row.billing) {
    case 'metered':
    case 'overage':
      return [row.billed_usd === null ? 'price unknown' : price(row.billed_usd)]
    case 'plan':
      return [row.cost_usd === null ? 'in the plan' : `in the plan (list price ${price(row.cost_usd)})`]
    case 'local':
      return ['local']
    case 'simulated':
      return ['simulated']
  }
}

function paragraphs(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n\n')
}

function links(named: [string, CommandId][]): string {
  return named.map(([text, id]) => `[${text}](command:${id})`).join(' · ')
}
