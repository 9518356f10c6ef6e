/** When a plan's account goes on as paid extra usage, as far as its newest reading tells. */
import assert from 'node:assert/strict'
import { entriesOf, quotaEvent, windowOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { isInOverage } from './overage.ts'

const hour = 3_600_000
const now = 1_790_000_000_000

describe('paid extra usage of a plan', () => {
  const told = (window: object, overageInUse: boolean | null, name = '5h', at = now) => {
    const ledger = emptyLedger('UTC')
    const windows = [windowOf(name, { measuredAt: now - hour, resetsAt: now + hour, usedPct: 100, ...window })]
    for (const entry of entriesOf([[now - hour, quotaEvent(windows, { overageInUse })]])) fold(ledger, entry)
    return isInOverage(ledger, 'anthropic', 'acct-1', at)
  }

  it('is there where the plan is used up and its provider says so, until the window begins anew', () => {
    assert.equal(told({}, true), true)
    assert.equal(told({ usedPct: null, status: 'rejected' }, true), true)
    assert.equal(told({}, true, '5h', now + 2 * hour), false)
  })

  it('is not there otherwise', () => {
    assert.equal(told({}, false), false)
    assert.equal(told({}, null), false)
    assert.equal(told({ usedPct: 99 }, true), false)
    assert.equal(told({}, true, 'requests'), false)
    assert.equal(isInOverage(emptyLedger('UTC'), 'anthropic', 'acct-1', now), false)
  })
})
