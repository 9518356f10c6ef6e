/** What one attempt adds, and what counts as failed or unpriced. */
import assert from 'node:assert/strict'
import { outcome } from '../../shared/contract/usage.ts'
import { endedEvent } from '../test/plain-events.ts'
import { isFailure, isUnpriced, readSums, sumsOfEnded, writeSums } from './sums.ts'

describe('sums', () => {
  it('of a call hold all that it used', () => {
    const usage = { input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 6 }
    const sums = sumsOfEnded(
      endedEvent('a', { usage, cost: 7, billed: 8, usageSource: 'estimated', latencyMs: 0.0015 }),
    )
    const counted = { requests: 1, failed: 0, attempts: 1, cost: 7, billed: 8, unpriced: 0, estimated: 1, latencyUs: 2 }
    assert.deepEqual(sums, { ...usage, ...counted })
    assert.deepEqual(readSums(writeSums(sums)), sums)
  })

  it('tell failures from what the client gave up', () => {
    const failures = outcome.options.filter((one) => isFailure(endedEvent('a', { outcome: one })))
    assert.deepEqual(failures, ['refused', 'failed', 'truncated', 'interrupted'])
  })

  const unpriced = [
    ['an unknown price', endedEvent('a', { cost: null }), true],
    ['a known price', endedEvent('a', { cost: 0 }), false],
    ['an unmetered answer', endedEvent('a', { cost: null, usage: null }), true],
    ['a refusal', endedEvent('a', { cost: null, usage: null, outcome: 'refused' }), false],
    ['a local model', endedEvent('a', { cost: null, billing: 'local' }), false],
  ] as const
  for (const [what, e, expected] of unpriced) {
    it(`${what} is ${expected ? '' : 'not '}unpriced`, () => assert.equal(isUnpriced(e), expected))
  }

  it('are not read from anything but as many whole numbers', () => {
    const good = writeSums(sumsOfEnded(endedEvent('a')))
    for (const bad of [null, {}, [], good.slice(1), [...good, 1], [...good.slice(1), -1], [...good.slice(1), '1']]) {
      assert.equal(readSums(bad), undefined)
    }
  })
})
