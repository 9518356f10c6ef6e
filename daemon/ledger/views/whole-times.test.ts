/** How long the calls of a day took, asked again after a call of that day came late. */
import assert from 'node:assert/strict'
import { addToBucket, type Buckets, keyOf } from '../buckets.ts'
import { jointDimensions } from '../counted.ts'
import { emptySums } from '../sums.ts'
import { codeOf, codes, type Times } from '../times.ts'
import { wholeTimes } from './whole-times.ts'

describe('whole times', () => {
  const days: Buckets = new Map()
  const add = (day: number, kind: 'metered' | 'simulated', code: number) => {
    const names = jointDimensions.map((dimension) => (dimension === 'billing' ? kind : dimension))
    const sums = { ...emptySums(), requests: 1, attempts: 1 }
    const addition = { key: keyOf(names), names, sums, times: [codes + code], simulated: kind === 'simulated' }
    addToBucket(days, day, addition)
  }
  const stepsOf = (times: Times) => times.map((item) => [codeOf(item), Math.floor(item / codes)])
  const told = (day: number) => {
    const bucket = days.get(day)
    assert.ok(bucket)
    const { real, simulated } = wholeTimes(bucket)
    return { isPast: !(bucket.rows instanceof Map), real: stepsOf(real), simulated: stepsOf(simulated) }
  }

  it('are those of the day as it is now, by kind', () => {
    add(1, 'metered', 40)
    add(1, 'simulated', 50)
    assert.deepEqual(told(1), { isPast: false, real: [[40, 1]], simulated: [[50, 1]] })
    add(1, 'metered', 40)
    assert.deepEqual(told(1).real, [[40, 2]])
  })

  it('hold what came late to a day that was told before', () => {
    add(2, 'metered', 7)
    assert.deepEqual(told(1), { isPast: true, real: [[40, 2]], simulated: [[50, 1]] })
    assert.deepEqual(told(1).real, [[40, 2]])
    add(1, 'metered', 60)
    const whole = [
      [40, 2],
      [60, 1],
    ]
    assert.deepEqual(told(1), { isPast: false, real: whole, simulated: [[50, 1]] })
    add(3, 'metered', 7)
    assert.deepEqual(told(1), { isPast: true, real: whole, simulated: [[50, 1]] })
  })
})
