/** Cooldowns as they are folded: set, ended, lifted. */
import assert from 'node:assert/strict'
import type { CooldownSet, Event } from '../../shared/contract/event.ts'
import { cooldownEvent, endedEvent, entriesOf } from '../test/plain-events.ts'
import { cooldownBound } from './cooldowns.ts'
import { emptyLedger, fold, readLedger, writeLedger } from './ledger.ts'

const named = { provider: 'anthropic', account: 'acct-1', model: null }
const set = (changes: Partial<CooldownSet> = {}) => cooldownEvent({ until: 9000, ...changes })
function ledgerOf(...events: (readonly [number, Event])[]) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events)) fold(ledger, entry)
  return ledger
}
const shown = (...events: (readonly [number, Event])[]) =>
  [...ledgerOf(...events).cooldowns.values()].map(({ model, until, strikes }) => [model, until, strikes])

describe('cooldowns', () => {
  it('are kept by account and by model, the newest of each', () => {
    const events = [
      [1, set()],
      [2, set({ model: 'opus', until: 5000 })],
      [3, set({ strikes: 2 })],
    ] as const
    assert.deepEqual(shown(...events), [
      ['opus', 5000, 1],
      [null, 9000, 2],
    ])
  })
  it('end one by one', () => {
    const both = [
      [1, set()],
      [1, set({ model: 'opus' })],
      [1, set({ model: 'haiku' })],
    ] as const
    const ended = (model: string | null): Event => ({ type: 'cooldown.ended', ...named, model, why: 'answered' })
    assert.deepEqual(
      shown(...both, [9, ended('opus')]).map(([model]) => model),
      [null, 'haiku'],
    )
    assert.deepEqual(
      shown(...both, [9, ended(null)]).map(([model]) => model),
      ['opus', 'haiku'],
    )
    assert.equal(shown(...both, [9, endedEvent('a', { model: 'opus', startedAt: 5 })]).length, 3)
  })
  it('are lifted by name', () => {
    const both = [
      [1, set()],
      [1, set({ model: 'opus' })],
      [1, set({ account: 'other' })],
    ] as const
    const lifted = (changes: object): Event => ({ type: 'cooldown.lifted', ...named, why: 'asked', ...changes })
    assert.equal(shown(...both, [2, lifted({ model: 'opus' })]).length, 2)
    assert.equal(shown(...both, [2, lifted({})]).length, 1)
    assert.equal(shown(...both, [2, lifted({ account: null })]).length, 0)
  })
  it('stand in a snapshot, and have a bound', () => {
    const many = Array.from({ length: cooldownBound + 1 }, (_, i) => [1, set({ model: `m-${i}` })] as const)
    const ledger = ledgerOf(...many)
    assert.equal(ledger.cooldowns.size, cooldownBound)
    const read = readLedger(JSON.parse(JSON.stringify(writeLedger(ledger))), 'UTC')
    assert.deepEqual(read?.cooldowns, ledger.cooldowns)
  })
})
