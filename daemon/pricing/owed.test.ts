import assert from 'node:assert/strict'
import { billing } from '../../shared/contract/usage.ts'
import { owedOf } from './owed.ts'

describe('pricing/owed', () => {
  it('owes what is metered or over a plan, known or not, and nothing else', () => {
    const owed = Object.fromEntries(billing.options.map((one) => [one, [owedOf(one, 5), owedOf(one, null)]]))
    assert.deepEqual(owed, { metered: [5, null], plan: [0, 0], overage: [5, null], local: [0, 0], simulated: [0, 0] })
  })
})
