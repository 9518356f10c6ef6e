import assert from 'node:assert/strict'
import { outcome } from '../../shared/contract/usage.ts'
import { outcomeOf } from './outcome.ts'

describe('dashboard outcome', () => {
  it('has words of its own for every ending, and the status of a refusal', () => {
    const words = outcome.options.map((one) => outcomeOf({ outcome: one, http_status: 429 }).words)
    assert.equal(new Set(words).size, words.length)
    assert.ok(words.includes('refused 429'))
    assert.equal(outcomeOf({ outcome: 'refused', http_status: null }).words, 'refused')
  })

  it('shows nothing but success as fine', () => {
    const fine = outcome.options.filter((one) => outcomeOf({ outcome: one, http_status: 200 }).tone === 'fine')
    assert.deepEqual(fine, ['ok'])
  })
})
