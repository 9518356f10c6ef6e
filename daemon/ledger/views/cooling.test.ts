/** What a cooldown means at a given now. */
import assert from 'node:assert/strict'
import type { CooldownSet, Event } from '../../../shared/contract/event.ts'
import { cooldownEvent, entriesOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { dayMs } from '../zone.ts'
import { cooldownBefore, coolingOf } from './cooling.ts'

const minute = 60_000
const setAt = Date.UTC(2026, 10, 22, 12)
const until = setAt + minute

const set = (changes: Partial<CooldownSet> = {}) => cooldownEvent({ until, ...changes })
function ledgerOf(...events: Event[]) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events.map((e) => [setAt, e] as const))) fold(ledger, entry)
  return ledger
}
const at = (now: number, ...events: Event[]) => coolingOf(ledgerOf(...events), 'anthropic', 'acct-1', 'opus', now)
const free = { kind: 'free' }

describe('cooling', () => {
  it('lasts until its end, and then one call is to find out', () => {
    assert.deepEqual(at(setAt), free)
    assert.deepEqual(at(setAt, set()), { kind: 'cooling', until, refusal: 'rate' })
    assert.deepEqual(at(until - 1, set()), { kind: 'cooling', until, refusal: 'rate' })
    assert.deepEqual(at(until, set()), { kind: 'half-open', refusal: 'rate' })
  })

  it('is by the longer one of the account and of the model', () => {
    const later = until + minute
    const [account, model] = [set(), set({ model: 'opus', until: later, refusal: 'overload' })]
    assert.deepEqual(at(setAt, account, model), { kind: 'cooling', until: later, refusal: 'overload' })
    assert.deepEqual(at(setAt, model, set({ until: later + 1 })), {
      kind: 'cooling',
      until: later + 1,
      refusal: 'rate',
    })
    // the one that is over does not hide the one that is not
    assert.deepEqual(at(until, account, model), { kind: 'cooling', until: later, refusal: 'overload' })
  })

  it("of one model leaves the account's others free, of an account leaves other accounts free", () => {
    const ledger = ledgerOf(set({ model: 'opus' }), set({ account: 'acct-2' }))
    const of = (account: string, model: string | null) => coolingOf(ledger, 'anthropic', account, model, setAt).kind
    assert.deepEqual(
      [of('acct-1', 'opus'), of('acct-1', 'haiku'), of('acct-1', null), of('acct-2', 'haiku'), of('acct-2', null)],
      ['cooling', 'free', 'free', 'cooling', 'cooling'],
    )
    assert.equal(coolingOf(ledger, 'openai', 'acct-2', null, setAt).kind, 'free')
  })

  it('is void where it was set later than now', () => {
    assert.deepEqual(at(setAt - 1, set()), free)
    assert.equal(cooldownBefore(ledgerOf(set()), 'anthropic', 'acct-1', null, setAt - 1), undefined)
  })

  it('is cut to what its kind may last', () => {
    const never = set({ until: setAt + 1000 * dayMs })
    assert.deepEqual(at(setAt, never), { kind: 'cooling', until: setAt + dayMs, refusal: 'rate' })
    const plan = set({ until: setAt + 1000 * dayMs, refusal: 'plan' })
    assert.deepEqual(at(setAt, plan), { kind: 'cooling', until: setAt + 8 * dayMs, refusal: 'plan' })
  })

  it('that is over for a day is forgotten, its strikes with it', () => {
    const rows = ledgerOf(set({ strikes: 4 }), set({ model: 'opus', strikes: 2 }))
    const before = (model: string | null, now: number) =>
      cooldownBefore(rows, 'anthropic', 'acct-1', model, now)?.strikes
    assert.deepEqual([before(null, until), before('opus', until), before('haiku', until)], [4, 2, undefined])
    assert.deepEqual([before(null, until + dayMs - 1), before(null, until + dayMs)], [4, undefined])
    assert.deepEqual(at(until + dayMs, set()), free)
  })

  it('of the past and of the future leaves the ledger with the next one that is set', () => {
    const ledger = emptyLedger('UTC')
    const events = [
      [setAt + 9 * dayMs, set({ model: 'set by a wrong clock', until: setAt + 9 * dayMs })],
      [setAt, set({ model: 'old' })],
      [setAt + 2 * dayMs, set({ model: 'new', until: setAt + 2 * dayMs })],
    ] as const
    for (const entry of entriesOf(events)) fold(ledger, entry)
    assert.deepEqual(
      [...ledger.cooldowns.values()].map(({ model }) => model),
      ['new'],
    )
  })
})
