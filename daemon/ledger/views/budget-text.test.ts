import assert from 'node:assert/strict'
import type { BudgetScope } from '../../../shared/contract/budget.ts'
import { budgetFor } from '../../test/plain-events.ts'
import { budgetLabel, exceededText, limitText } from './budget-text.ts'

describe('a budget in words', () => {
  const labels: [period: string, scope: BudgetScope, text: string][] = [
    ['month', { provider: 'openai' }, 'Monthly budget for openai'],
    ['day', {}, 'Daily budget'],
    ['week', { model: 'gpt-5*' }, 'Weekly budget for gpt-5*'],
    ['24h', { provider: 'openai', model: 'gpt-5' }, '24-hour budget for openai/gpt-5'],
    ['7d', { client: 'codex', folder: '0a1b2c3d' }, '7-day budget for client codex, folder 0a1b2c3d'],
    ['day', { provider: 'openai', account: 'acct-1' }, 'Daily budget for openai, account acct-1'],
    ['day', { key: 'key_1' }, 'Daily budget for key key_1'],
  ]
  for (const [period, scope, text] of labels) {
    it(text, () => assert.equal(budgetLabel({ period, scope }), text))
  }

  it('shows a limit with no more digits than it has, but one', () => {
    const texts = [120e9, 12.5e9, 0.05e9, 1e3, 1_234_567e9].map((limit) => limitText({ unit: 'usd', limit }))
    assert.deepEqual(texts, ['120.0 USD', '12.5 USD', '0.05 USD', '0.000001 USD', '1,234,567.0 USD'])
    assert.equal(limitText({ unit: 'tokens', limit: 50_000 }), '50,000 tokens')
  })

  it('says that it is exceeded', () => {
    const budget = budgetFor({ scope: { provider: 'openai' }, limit: 120e9 })
    assert.equal(exceededText(budget), 'Monthly budget for openai exceeded (120.0 USD)')
  })
})
