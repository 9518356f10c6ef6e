/** What a change of a provider lifts. */
import assert from 'node:assert/strict'
import { emptyLedger, fold } from './ledger/ledger.ts'
import { liftedBy } from './provider-changes.ts'
import { providersOf } from './providers/index.ts'
import { cooldownEvent, entriesOf } from './test/plain-events.ts'

describe('a change of a provider', () => {
  const before = providersOf({}).providers
  const openai = before.get('openai') ?? assert.fail('it is a known one')
  const ledger = emptyLedger('UTC')
  const events = ['openai', 'acct-1'].map((account) => cooldownEvent({ provider: 'openai', account, until: 9 }))
  for (const entry of entriesOf(events.map((e) => [1, e] as const))) fold(ledger, entry)
  const lifted = (changes: object | undefined, id = 'openai') => {
    const after = new Map(before)
    if (changes === undefined) after.delete(id)
    else after.set(id, { ...openai, id, ...changes })
    return liftedBy(before, after, ledger.cooldowns)
  }
  const event = { type: 'cooldown.lifted', provider: 'openai', model: null, why: 'provider-changed' }

  it("lifts the lent account's cooldowns where its key is another one", () => {
    assert.deepEqual(lifted({ apiKey: 'sk-new' }), [{ ...event, account: 'openai' }])
  })
  it('lifts those of all accounts where it is elsewhere now, or gone', () => {
    assert.deepEqual(lifted({ baseUrl: 'https://elsewhere.example.com/v1' }), [{ ...event, account: null }])
    assert.deepEqual(lifted(undefined), [{ ...event, account: null }])
  })
  it('lifts nothing where neither changed, or nothing stands', () => {
    assert.deepEqual(lifted({ streamUsage: 'never' }), [])
    assert.deepEqual(lifted({ apiKey: 'sk-new' }, 'groq'), [])
    assert.deepEqual(lifted(undefined, 'groq'), [])
  })
})
