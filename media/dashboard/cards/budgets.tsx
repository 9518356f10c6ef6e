/** The user's own limits on money and tokens: what is spent of each, where that leads, and what it does to calls. */
import { budgetOutlook, spentText } from '../../../shared/budget-text.ts'
import type { BudgetRow, BudgetState } from '../../../shared/contract/budget.ts'
import { Bar, Card, Icon, type IconName, Scroll } from '../parts.tsx'
import { clockText, percentText, resetText } from '../text.ts'
import type { Shown } from './card.ts'

export function Budgets(shown: Shown) {
  const { budgets } = shown.view
  if (budgets.length === 0) return null
  return (
    <Card id="budgets" title="Budgets">
      <Scroll label="Budgets">
        <table class="limits stack">
          <caption class="said">
            Budgets: share spent, what is left, where the pace leads, and when it begins anew
          </caption>
          <thead>
            <tr>
              <th scope="col">Budget</th>
              <th scope="col">Spent</th>
              <th scope="col">Begins anew</th>
            </tr>
          </thead>
          <tbody>
            {budgets.map((budget) => (
              <Row key={budget.id} budget={budget} shown={shown} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  )
}

const states: Record<BudgetState, { tone: 'plain' | 'near' | 'over' | 'bad'; icon: IconName; words: string | null }> = {
  ok: { tone: 'plain', icon: 'check', words: null },
  warning: { tone: 'near', icon: 'alert', words: 'near its limit' },
  downgraded: { tone: 'near', icon: 'alert', words: 'leads calls elsewhere' },
  exceeded: { tone: 'over', icon: 'alert', words: 'passed' },
  blocking: { tone: 'bad', icon: 'cross', words: 'no more calls' },
}

function Row({ budget, shown }: { budget: BudgetRow; shown: Shown }) {
  const { tone, icon, words } = states[budget.state]
  const outlook = budgetOutlook(budget, shown.now, shown.timeZone)
  return (
    <tr>
      <th scope="row">
        {budget.label}
        <small>{budget.id}</small>
      </th>
      <td class="used full">
        <span class="row">
          <b>{percentText(budget.used_pct)}</b>
          {words !== null && (
            <span class={`with-icon is-${tone}`}>
              <Icon name={icon} />
              {words}
            </span>
          )}
          <span class="quiet">{spentText(budget)}</span>
        </span>
        <Bar part={budget.used_pct} whole={100} class={`fill-${tone}`} />
        {outlook !== '' && outlook !== words && <small>{outlook}</small>}
      </td>
      <td data-name="Begins anew" class="when">
        {budget.ends_at === null ? 'goes with the time' : resetText(budget.ends_at, shown.now)}
        {budget.ends_at !== null && <small>{clockText(budget.ends_at, shown.now, shown.timeZone)}</small>}
      </td>
    </tr>
  )
}
