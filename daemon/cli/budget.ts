/** `tollkeeper budget`: the budgets of the config and how they stand, all through the API. */
import type { BudgetRow } from '../../shared/contract/budget.ts'
import type { BudgetBody } from '../../shared/contract/endpoints/budgets.ts'
import { duration, money, percent, tokens } from '../../shared/format.ts'
import { askDaemon } from './attach.ts'
import type { ExitCode, Io } from './io.ts'
import { answer } from './say.ts'
import { printable, tableOf } from './table.ts'

type One = { home: string; id: string }

export async function listBudgets({ home }: { home: string }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'budgets', {})
  if (!reply.ok) return reply.code
  const { budgets } = reply.value
  return answer(io, budgets, budgetsText(budgets, io.now()))
}

export async function setBudget({ home, id, body }: One & { body: BudgetBody }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'putBudget', { params: { id }, body })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, printable(setText(reply.value)))
}

export async function removeBudget({ home, id }: One, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'removeBudget', { params: { id } })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, `Budget ${id} is taken out.`)
}

function setText(row: BudgetRow): string {
  return `${row.label} (${row.id}): ${spentOf(row)} of ${limitOf(row)} is spent. ${effectOf(row)}`
}

function effectOf({ action, downgrade }: BudgetRow): string {
  const led = downgrade === null ? '' : `From ${percent(downgrade.at * 100)} on calls go to ${downgrade.to}. `
  return `${led}${action === 'block' ? 'No more calls go once it is used up.' : 'It warns, and stops no call.'}`
}

function spentOf({ limit_tokens, spent_tokens, spent_usd }: BudgetRow): string {
  return limit_tokens === null ? money(spent_usd) : tokens(spent_tokens)
}

function limitOf({ limit_tokens, limit_usd, basis }: BudgetRow): string {
  if (limit_usd === null) return `${tokens(limit_tokens ?? 0)} tokens`
  return `${money(limit_usd)}${basis === 'list' ? ' at list prices' : ''}`
}

const states: Record<BudgetRow['state'], string> = {
  ok: '',
  warning: 'near its limit',
  downgraded: 'calls are led elsewhere',
  exceeded: 'exceeded',
  blocking: 'no more calls',
}

export function budgetsText(budgets: readonly BudgetRow[], now: number): string {
  if (budgets.length === 0) {
    return 'There are no budgets. `tollkeeper budget set ID --period month --limit-usd 120` writes one.\n'
  }
  const right = ['spent', 'limit', 'used']
  const columns = ['id', 'what', ...right, 'begins anew', 'state'].map((title) => ({
    title,
    align: right.includes(title) ? ('right' as const) : ('left' as const),
  }))
  const rows = budgets.map((row) => [
    row.id,
    row.label,
    spentOf(row),
    limitOf(row),
    percent(row.used_pct),
    row.ends_at === null ? 'goes with the time' : `in ${duration(Date.parse(row.ends_at) - now)}`,
    states[row.state],
  ])
  return `${tableOf(columns, rows).join('\n')}\n`
}
