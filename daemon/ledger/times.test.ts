/** How long calls took: percentiles within 5 %, whatever the order of adding, and the same after writing and reading. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { endedEvent } from '../test/plain-events.ts'
import { addTimes, emptySpread, noTimes, packed, percentilesOf, spread, type Times, timesIn, timesOf } from './times.ts'
import { readTimes, writeTimes } from './times-text.ts'

const call = (latencyMs: number, ttftMs: number | null = null) => endedEvent('c', { latencyMs, ttftMs })
const added = (lists: readonly Times[]) => lists.reduce<Times>((sum, times) => addTimes(sum, times), noTimes)
const ms = fc.oneof(fc.double({ min: 0.1, max: 1000, noNaN: true }), fc.double({ min: 1, max: 1e7, noNaN: true }))
const someCalls = fc.array(fc.tuple(ms, fc.option(ms)), { minLength: 1, maxLength: 400 })
const timesOfCalls = (calls: readonly (readonly [number, number | null])[]) =>
  calls.map(([latency, ttft]) => timesOf(call(latency, ttft)))

/** The value that so large a share of the others does not exceed. */
function exact(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0
}

function isNear(found: number | undefined, value: number): void {
  assert.ok(found !== undefined && Math.abs(found - value) <= 0.05 * value, `${found} for ${value}`)
}

describe('times', () => {
  it('tell percentiles within 5 %, from a tenth of a millisecond to hours', () => {
    fc.assert(
      fc.property(someCalls, (calls) => {
        const { latency, firstToken } = percentilesOf([added(timesOfCalls(calls))])
        const firsts = calls.flatMap(([, ttft]) => (ttft === null ? [] : [ttft]))
        for (const [found, values] of [
          [latency, calls.map(([one]) => one)],
          [firstToken, firsts],
        ] as const) {
          if (values.length === 0) assert.equal(found, null)
          else {
            isNear(found?.p50, exact(values, 0.5))
            isNear(found?.p95, exact(values, 0.95))
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('are the same however they are added up, and after writing and reading', () => {
    fc.assert(
      fc.property(someCalls, fc.nat(), (calls, cut) => {
        const lists = timesOfCalls(calls)
        const at = cut % lists.length
        const [front, back] = [added(lists.slice(0, at)), added(lists.slice(at))]
        const text = writeTimes(added(lists))
        assert.equal(writeTimes(added([back, front])), text)
        assert.equal(writeTimes(added(lists.toReversed())), text)
        const read = readTimes(text)
        assert.deepEqual(read, packed(added(lists)))
        const rest = emptySpread()
        spread(rest, added(lists))
        spread(rest, front, -1)
        assert.deepEqual(timesIn(rest), packed(back))
      }),
      { numRuns: 200 },
    )
  })

  it('never change what they were made from, nor the empty list', () => {
    const one = timesOf(call(100, 10))
    const sum = addTimes(addTimes(noTimes, one), one)
    assert.deepEqual([one.length, noTimes.length, packed(sum).length], [2, 0, 2])
  })

  it('stay small however many calls there are', () => {
    const sum = added(Array.from({ length: 4500 }, (_, at) => timesOf(call(1 + (at % 900), 1 + (at % 50)))))
    assert.ok(sum.length < 512, String(sum.length))
    const { latency } = percentilesOf([sum])
    isNear(latency?.p50, 450)
    assert.ok(writeTimes(sum).length < 400)
  })

  it('are those of calls that ended well and came through here, first tokens those of streams', () => {
    for (const outcome of ['refused', 'failed', 'truncated', 'aborted', 'interrupted'] as const) {
      assert.deepEqual(timesOf({ ...call(100, 10), outcome }), [], outcome)
    }
    assert.deepEqual(timesOf({ ...call(100, 10), last: false }), [])
    assert.deepEqual(timesOf({ ...call(100, 10), imported: 'codex' }), [])
    assert.equal(timesOf({ ...call(100, 10), stream: false }).length, 1)
    assert.equal(timesOf(call(100)).length, 1)
    assert.deepEqual(percentilesOf([]), { latency: null, firstToken: null })
  })

  it('take what no clock tells for the nearest that they know', () => {
    for (const [value, p50] of [
      [-5, 0.09524],
      [0, 0.09524],
      [Number.NaN, 0.09524],
      [1e300, 3419000000],
    ] as const) {
      assert.equal(percentilesOf([timesOf(call(value))]).latency?.p50, p50)
    }
  })

  for (const bad of ['A', 'AB', 'BA', 'B', 'B!', 'gB', 'BBAB', '-----------BB', 'ggQB', 3, null, ['B']]) {
    it(`are not read from ${JSON.stringify(bad)}`, () => assert.equal(readTimes(bad), undefined))
  }
})
