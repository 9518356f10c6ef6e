/** What is held for an answer, learned from answers: by client, by model, fading, bounded, and after a snapshot. */
import assert from 'node:assert/strict'
import type { AttemptEnded } from '../../../shared/contract/event.ts'
import { endedEvent } from '../../test/plain-events.ts'
import { emptyLedger, fold, type Ledger, readLedger, writeLedger } from '../ledger.ts'
import { fadesAt, outputsBound } from '../outputs.ts'
import { learnedOutput, unknownOutput } from './learned-output.ts'

function answers(ledger: Ledger, sizes: readonly number[], changes: Partial<Omit<AttemptEnded, 'usage'>> = {}): Ledger {
  for (const output of sizes) {
    const n = ledger.last + 1
    fold(ledger, {
      origin: 'home-1',
      n,
      t: n,
      e: endedEvent(`c${n}`, { model: 'm', client: 'c', usage: { output }, ...changes }),
    })
  }
  return ledger
}
const times = (count: number, size: number) => Array.from({ length: count }, () => size)
const isNear = (found: number, size: number) => assert.ok(found >= size && found < size * 1.2, `${found} for ${size}`)

describe('learned output', () => {
  it('is modest where nothing is known', () => {
    assert.equal(learnedOutput(emptyLedger('UTC'), 'm', 'c'), unknownOutput)
    assert.equal(learnedOutput(answers(emptyLedger('UTC'), times(4, 9)), 'm', 'c'), unknownOutput)
  })

  it('is what nine of ten answers stay within', () => {
    isNear(learnedOutput(answers(emptyLedger('UTC'), [...times(90, 100), ...times(10, 30_000)]), 'm', 'c'), 100)
    isNear(learnedOutput(answers(emptyLedger('UTC'), [...times(89, 100), ...times(11, 30_000)]), 'm', 'c'), 30_000)
    const mixed = Array.from({ length: 100 }, (_, at) => (at + 1) * 10)
    isNear(learnedOutput(answers(emptyLedger('UTC'), mixed), 'm', 'c'), 900)
    for (const size of [1, 2, 7, 1000, 131_072])
      isNear(learnedOutput(answers(emptyLedger('UTC'), times(5, size)), 'm', 'c'), size)
    assert.ok(learnedOutput(answers(emptyLedger('UTC'), times(5, 0)), 'm', 'c') <= 1)
  })

  it("is the client's own, else that of all clients", () => {
    const ledger = answers(answers(emptyLedger('UTC'), times(9, 50)), times(3, 8000), { client: 'other' })
    isNear(learnedOutput(ledger, 'm', 'c'), 50)
    isNear(learnedOutput(ledger, 'm', 'other'), 8000)
    isNear(learnedOutput(answers(ledger, times(20, 50)), 'm', 'never seen'), 50)
    assert.equal(learnedOutput(ledger, 'another model', 'c'), unknownOutput)
  })

  it('learns from whole answers only whose size was stated', () => {
    for (const changes of [
      { outcome: 'aborted' },
      { outcome: 'refused' },
      { usageSource: 'estimated' },
      { billing: 'simulated' },
    ] as const) {
      assert.equal(learnedOutput(answers(emptyLedger('UTC'), times(9, 50), changes), 'm', 'c'), unknownOutput)
    }
  })

  it('forgets what was long ago', () => {
    const ledger = answers(emptyLedger('UTC'), times(fadesAt, 30_000))
    isNear(learnedOutput(ledger, 'm', 'c'), 30_000)
    isNear(learnedOutput(answers(ledger, times(fadesAt * 4, 100)), 'm', 'c'), 100)
  })

  it('is the same after a snapshot', () => {
    const ledger = answers(emptyLedger('UTC'), [...times(12, 300), ...times(3, 4000)])
    const read = readLedger(JSON.parse(JSON.stringify(writeLedger(ledger))), 'UTC')
    assert.ok(read)
    assert.deepEqual(read.outputs, ledger.outputs)
    assert.equal(learnedOutput(read, 'm', 'c'), learnedOutput(ledger, 'm', 'c'))
  })

  it('keeps a bounded number of models, those in use', () => {
    const ledger = answers(emptyLedger('UTC'), times(9, 50))
    for (let at = 0; at < outputsBound; at++) {
      answers(ledger, [7], { model: `m${at}`, client: '__proto__' })
      if (at % 100 === 0) answers(ledger, [50])
    }
    assert.equal(ledger.outputs.size, outputsBound)
    isNear(learnedOutput(ledger, 'm', 'c'), 50)
  })
})
