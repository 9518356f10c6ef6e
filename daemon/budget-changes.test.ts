/** Which events make the budgets that are held those that the config has. */
import assert from 'node:assert/strict'
import { type BudgetConfig, budgetOf } from '../shared/contract/budget.ts'
import { budgetChanges, keepBudgets } from './budget-changes.ts'

const month: BudgetConfig = {
  id: 'month',
  period: 'month',
  limitUsd: 120,
  scope: { provider: 'openai' },
  action: 'block',
}
const day: BudgetConfig = { id: 'day', period: 'day', limitTokens: 50_000 }
const held = (...all: BudgetConfig[]) => new Map(all.map((one) => [one.id, { budget: budgetOf(one) }]))

describe('budget changes', () => {
  it('are none where all is as it was, also where a default is written out', () => {
    assert.deepEqual(budgetChanges([month, day], held(day, month)), [])
    assert.deepEqual(budgetChanges([{ ...month, warnAt: [0.8], strict: false }], held(month)), [])
  })
  it('are each new one, each changed one, and each that is gone', () => {
    assert.deepEqual(budgetChanges([month, day], held()), [
      { type: 'budget.set', budget: budgetOf(month) },
      { type: 'budget.set', budget: budgetOf(day) },
    ])
    const more = { ...month, limitUsd: 150 }
    assert.deepEqual(budgetChanges([more], held(month, day)), [
      { type: 'budget.removed', id: 'day' },
      { type: 'budget.set', budget: budgetOf(more) },
    ])
    assert.deepEqual(budgetChanges([], held(month)), [{ type: 'budget.removed', id: 'month' }])
  })
  it('wait for a config that could be read', () => {
    const told: unknown[] = []
    const live = { isKnown: () => false, config: () => ({}) }
    keepBudgets(live, held(month), (e) => told.push(e))
    assert.equal(told.length, 0)
    keepBudgets({ ...live, isKnown: () => true }, held(month), (e) => told.push(e))
    assert.deepEqual(told, [{ type: 'budget.removed', id: 'month' }])
  })
})
