/** What an entry adds to the totals stands under the names that the totals expect, in their order. */
import assert from 'node:assert/strict'
import { endedEvent } from '../test/plain-events.ts'
import { countedOf, jointDimensions } from './counted.ts'

describe('countedOf', () => {
  it('gives the names in the order of the joint key', () => {
    const e = endedEvent('one', { chain: 'a chain', folder: null })
    const [counted] = countedOf({ origin: 'o', n: 1, t: 5, e })
    assert.deepEqual(
      counted?.names,
      jointDimensions.map((dimension) => e[dimension] ?? ''),
    )
    assert.equal(new Set(counted?.names).size, jointDimensions.length)
  })
})
