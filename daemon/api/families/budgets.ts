/** `/api/v1/budgets`: the budgets of the user's config, shown as they stand and changed with its comments left. */
import { budgetConfig } from '../../../shared/contract/budget.ts'
import type { BudgetBody, budgetsRows } from '../../../shared/contract/endpoints/budgets.ts'
import { budgetRowOf, budgetRowsOf } from '../../ledger/views/budgets.ts'
import { putBack } from '../../store/config-shown.ts'
import { wordsForIssue } from '../../store/config-words.ts'
import type { EditNo } from '../../store/live-config.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'
import { bad, ifMatch, problemOf, stateTag, type Value, valueIn } from './config.ts'

export function budgetsHandlers({
  config: { live },
  ledger,
}: Pick<FamilyDeps, 'config' | 'ledger'>): Pick<Handlers, keyof typeof budgetsRows> {
  const shown = <Row>(value: Row) => ({ value, headers: { etag: stateTag(live.version(), value) } })
  const row = (id: string, now: number) => {
    const found = budgetRowOf(ledger(), id, now)
    return found ? shown(found) : problem('not_found', notThere(id))
  }
  return {
    budgets: (_asked, { now }) => shown({ budgets: budgetRowsOf(ledger(), now) }),
    budget: ({ params }, { now }) => row(params.id, now),
    async putBudget({ params: { id }, body }, context) {
      const no = await live.edit(ifMatch(context), (written) => withBudget(written, id, body))
      return no ? problemOf(no) : row(id, context.now)
    },
    async removeBudget({ params: { id } }, context) {
      const no = await live.edit(ifMatch(context), (written) => withoutBudget(written, id))
      return no ? problemOf(no) : { value: { id, removed: true } }
    },
  }
}

/** The name of each field in the config, and here. */
const shownNames: Readonly<Record<string, string>> = {
  limitUsd: 'limit_usd',
  limitTokens: 'limit_tokens',
  warnAt: 'warn_at',
}

function writtenOf(id: string, { limit_usd, limit_tokens, warn_at, scope, period, ...rest }: BudgetBody): Value {
  return {
    id,
    ...(scope && { scope }),
    period,
    ...(limit_usd !== undefined && { limitUsd: limit_usd }),
    ...(limit_tokens !== undefined && { limitTokens: limit_tokens }),
    ...(warn_at && { warnAt: warn_at }),
    ...rest,
  }
}

function withBudget(written: Value, id: string, body: BudgetBody): { value: Value } | EditNo {
  const wanted = writtenOf(id, body)
  const checked = budgetConfig.safeParse(wanted)
  if (!checked.success) return bad(faultsOf(checked.error.issues))
  const budgets = budgetsIn(written)
  const at = budgets.findIndex((one) => valueIn(one).id === id)
  const back = putBack(wanted, budgets[at])
  if ('bad' in back) return bad(`The value at "${back.path}" ${back.bad}.`)
  const all = at === -1 ? [...budgets, back.value] : budgets.map((one, place) => (place === at ? back.value : one))
  return { value: { ...written, budgets: all } }
}

function faultsOf(
  issues: Extract<ReturnType<typeof budgetConfig.safeParse>, { success: false }>['error']['issues'],
): string {
  return issues
    .map((issue) => {
      const path = issue.path.map((key) => shownNames[String(key)] ?? String(key)).join('.')
      const words = wordsForIssue(issue).replace(/"limitTokens"/g, '"limit_tokens"')
      return `"${path}" ${words}`
    })
    .join(' ')
}

function withoutBudget(written: Value, id: string): { value: Value } | EditNo {
  const budgets = budgetsIn(written)
  const left = budgets.filter((one) => valueIn(one).id !== id)
  return left.length === budgets.length
    ? { code: 'not_found', detail: notThere(id) }
    : { value: { ...written, budgets: left } }
}

function budgetsIn(written: Value): unknown[] {
  return Array.isArray(written.budgets) ? (written.budgets as unknown[]) : []
}

function notThere(id: string): string {
  return `There is no budget "${id.slice(0, 64)}"; GET /api/v1/budgets lists those there are.`
}
