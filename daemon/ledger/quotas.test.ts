/** Which reading of a window stays. */
import assert from 'node:assert/strict'
import { entriesOf, quotaEvent, windowOf } from '../test/plain-events.ts'
import { countedOf } from './counted.ts'
import { modelBound, quotaBound, quotaKey, quotas, windowBound } from './quotas.ts'
import { openZone } from './zone.ts'

type Events = Parameters<typeof entriesOf>[0]

function folded(events: Events) {
  const state = quotas.empty()
  for (const entry of entriesOf(events)) quotas.fold(state, entry, openZone('UTC'), countedOf(entry))
  return state
}
const onlyOf = (events: Events) => {
  const quota = folded(events).get(quotaKey('anthropic', 'acct-1', null))
  assert.ok(quota)
  return quota
}

describe('quotas', () => {
  it('keep the last value of a window that a reading does not name', () => {
    const [five, seven] = [
      windowOf('5h', { usedPct: 38, measuredAt: 1 }),
      windowOf('7d', { usedPct: 71, measuredAt: 1 }),
    ]
    const newer = windowOf('5h', { usedPct: 40, measuredAt: 2 })
    const quota = onlyOf([
      [1, quotaEvent([five, seven], { representative: '7d', overageInUse: true })],
      [2, quotaEvent([newer])],
    ])
    assert.deepEqual([...quota.windows.values()], [newer, seven])
    assert.deepEqual([quota.representative, quota.overageInUse, quota.measuredAt], ['7d', true, 2])
  })

  it('never let an older measurement replace a newer one', () => {
    const newer = windowOf('5h', { usedPct: 40, measuredAt: 20 })
    const quota = onlyOf([
      [20, quotaEvent([newer], { representative: '5h', overageInUse: false })],
      [21, quotaEvent([windowOf('5h', { usedPct: 10, measuredAt: 10 })], { representative: '7d', overageInUse: true })],
    ])
    assert.deepEqual([...quota.windows.values()], [newer])
    assert.deepEqual([quota.representative, quota.overageInUse], ['5h', false])
  })

  it('are kept apart by provider, account and model', () => {
    const window = windowOf('requests', { measuredAt: 1 })
    const named = [
      {},
      { model: 'a' },
      { account: '__proto__' },
      { provider: 'openai' },
      { provider: 'openai', model: 'a' },
    ]
    const state = folded(named.map((changes) => [1, quotaEvent([window], changes)]))
    assert.equal(state.size, named.length)
    assert.ok(state.has(quotaKey('anthropic', '__proto__', null)))
  })

  it('have a bound, and the one read longest ago goes first', () => {
    const many = Array.from({ length: quotaBound + 5 }, (_, at) => {
      const measuredAt = at === 3 ? 1e6 : at
      return [at, quotaEvent([windowOf('5h', { measuredAt })], { account: `a${at}` })] as const
    })
    const state = folded(many)
    assert.equal(state.size, quotaBound)
    assert.ok(state.has(quotaKey('anthropic', 'a3', null)))
    assert.ok(!state.has(quotaKey('anthropic', 'a5', null)))
  })

  it('have a bound of models in one account, so that no other account is driven out', () => {
    const flood = Array.from(
      { length: quotaBound + 5 },
      (_, at) => [at + 2, quotaEvent([windowOf('requests', { measuredAt: at + 2 })], { model: `m${at}` })] as const,
    )
    const own = quotaEvent([windowOf('5h', { measuredAt: 1 })])
    const other = quotaEvent([windowOf('requests', { measuredAt: 1 })], { account: 'acct-2', model: 'm' })
    const state = folded([[1, own], [1, other], ...flood])
    assert.equal(state.size, modelBound + 2)
    assert.ok(state.has(quotaKey('anthropic', 'acct-1', null)) && state.has(quotaKey('anthropic', 'acct-2', 'm')))
    assert.ok(state.has(quotaKey('anthropic', 'acct-1', `m${quotaBound + 4}`)))
    assert.ok(!state.has(quotaKey('anthropic', 'acct-1', 'm0')))
  })

  it('have a bound of windows too', () => {
    const many = Array.from({ length: windowBound + 5 }, (_, at) => windowOf(`w${at}`, { measuredAt: at }))
    const quota = onlyOf([[1, quotaEvent(many)]])
    assert.equal(quota.windows.size, windowBound)
    assert.ok(!quota.windows.has('w4') && quota.windows.has('w5'))
  })
})
