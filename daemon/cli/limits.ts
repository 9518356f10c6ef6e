/** `tollkeeper limits`: what providers say is left, how fast it is used, when it comes back and how old the reading is; what is avoided; and the budgets. */
import { budgetOutlook, spentText } from '../../shared/budget-text.ts'
import type { BudgetRow } from '../../shared/contract/budget.ts'
import type { LimitRow, WindowRow } from '../../shared/contract/rows.ts'
import { clockTime, duration, measured, paceText, percent, price, tokens } from '../../shared/format.ts'
import { askDaemon } from './attach.ts'
import type { ExitCode, Io } from './io.ts'
import { answer } from './say.ts'
import { printable, tableOf } from './table.ts'

export async function limits({ home }: { home: string }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'summary', {})
  if (!reply.ok) return reply.code
  const { limits: rows, budgets, time_zone } = reply.value
  const text = limitsText(rows, io.now(), time_zone) + budgetSection(budgets, io.now(), time_zone)
  return answer(io, { limits: rows, budgets }, text)
}

/** `target`: a provider, or a provider and a model with a slash between them. */
export async function liftLimits({ home, target }: { home: string; target: string }, io: Io): Promise<ExitCode> {
  const [provider = '', ...model] = target.split('/')
  const params = { provider, model: model.join('/') || '*' }
  const reply = await askDaemon(home, io, 'liftCooldowns', { params })
  if (!reply.ok) return reply.code
  const lines = reply.value.lifted.map(({ provider, account, model }) =>
    printable(`${provider}, ${model === '*' ? 'all models' : model} (${account}) is asked again.`),
  )
  return answer(io, reply.value, lines.join('\n'))
}

export function limitsText(rows: readonly LimitRow[], now: number, timeZone: string): string {
  if (rows.length === 0) return 'No limits are known yet: providers state them with each reply.\n'
  return rows.map((row) => `${limitLines(row, now, timeZone).join('\n')}\n`).join('\n')
}

function limitLines(row: LimitRow, now: number, timeZone: string): string[] {
  const model = row.model === null ? '' : `, ${row.model}`
  const simulated = row.billing === 'simulated' ? ' – simulated' : ''
  const overage = row.overage_in_use ? ' – extra usage is being paid for' : ''
  const title = printable(`${row.account_label} (${row.provider}${model})`) + simulated + overage
  const hasPace = row.windows.some((window) => window.pace_pct !== null)
  const columns = Array.from({ length: hasPace ? 6 : 5 }, (_, at) => ({
    title: '',
    align: at === 2 ? ('right' as const) : ('left' as const),
  }))
  const lines = row.windows.map((window) => [
    `  ${window.name}`,
    barOf(window.used_pct),
    window.used_pct === null ? leftOf(window) : percent(window.used_pct),
    ...(hasPace ? [paceOf(window, now, timeZone)] : []),
    resetOf(window, now, timeZone),
    window.confirmed ? measured(window.measured_at, now) : 'not confirmed since',
  ])
  return [title, ...cooldownLines(row, now, timeZone), ...(lines.length > 0 ? tableOf(columns, lines).slice(1) : [])]
}

/** Nothing where there are none. */
export function budgetSection(budgets: readonly BudgetRow[], now: number, timeZone: string): string {
  if (budgets.length === 0) return ''
  const columns = Array.from({ length: 6 }, (_, at) => ({
    title: '',
    align: at === 2 ? ('right' as const) : ('left' as const),
  }))
  const lines = budgets.map((budget) => [
    `  ${budget.label}`,
    barOf(budget.used_pct),
    percent(budget.used_pct),
    spentText(budget),
    budgetOutlook(budget, now, timeZone) || projected(budget),
    budget.ends_at === null ? '' : resetOf({ resets_at: budget.ends_at }, now, timeZone),
  ])
  return `\n${['Budgets', ...tableOf(columns, lines).slice(1)].join('\n')}\n`
}

/** By the end of its period, if it goes on as until now. */
function projected({ limit_usd, projected_usd, projected_tokens }: BudgetRow): string {
  const amount = limit_usd === null ? projected_tokens : projected_usd
  return amount === null ? '' : `${limit_usd === null ? tokens(amount) : price(amount)} at this pace`
}

function cooldownLines({ cooldown }: LimitRow, now: number, timeZone: string): string[] {
  const inMs = cooldown === null ? 0 : Date.parse(cooldown.until) - now
  if (cooldown === null || inMs <= 0) return []
  const until = `avoided until ${clockTime(cooldown.until, now, timeZone)} (in ${duration(inMs)})`
  return [`  ${until}`, `  ${printable(cooldown.reason)}`]
}

/** No column has a name here, so that a number says itself what it is. */
function paceOf(window: WindowRow, now: number, timeZone: string): string {
  const text = paceText({ points: window.pace_pct, runsOutAt: window.runs_out_at }, now, timeZone)
  return /^[+-]/.test(text) ? `pace ${text}` : text
}

const barWidth = 20

function barOf(used: number | null): string {
  if (used === null) return ''
  const full = Math.round((Math.min(100, Math.max(0, used)) / 100) * barWidth)
  return '█'.repeat(full) + '░'.repeat(barWidth - full)
}

function leftOf({ remaining, limit }: WindowRow): string {
  if (remaining === null) return '?'
  return `${tokens(remaining)}${limit === null ? '' : ` of ${tokens(limit)}`} left`
}

function resetOf({ resets_at }: Pick<WindowRow, 'resets_at'>, now: number, timeZone: string): string {
  if (resets_at === null) return ''
  const inMs = Date.parse(resets_at) - now
  if (inMs <= 0) return 'was reset'
  return `resets ${clockTime(resets_at, now, timeZone)} (in ${duration(inMs)})`
}
