import assert from 'node:assert/strict'
import type { BudgetConfig } from '../shared/contract/budget.ts'
import { budgetProblemsOf } from './budget-problems.ts'

describe('problems of budgets', () => {
  const problems = (changes: Partial<BudgetConfig>) =>
    budgetProblemsOf([{ id: 'one', period: 'day', limitUsd: 1, ...changes }], new Map([['a', 1]]), (path) =>
      path.join('.'),
    )
  const to = (target: string) => ({ downgrade: { at: 0.5, to: target } })

  it('are none where providers are known, or none is named', () => {
    for (const good of [{}, { scope: { provider: 'a' } }, to('a/m'), to('chain:b')])
      assert.deepEqual(problems(good), [])
  })
  it('name the provider that is not there, and where it stands', () => {
    const [counted] = problems({ scope: { provider: 'b' }, ...to('c/m') })
    assert.deepEqual([counted?.code, counted?.subject], ['budget-incomplete', 'one'])
    assert.match(counted?.text ?? '', /^budgets\.0\.scope\.provider: budget "one" counts calls of "b", and no such/)
    assert.match(problems(to('c/m/n'))[0]?.text ?? '', /^budgets\.0\.downgrade\.to: budget "one" leads to "c"/)
  })
})
