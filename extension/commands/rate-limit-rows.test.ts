/** The accounts and limits of Query Rate Limits… as text. */
import assert from 'node:assert/strict'
import { limitRow, now, timeZone } from '../test/samples.ts'
import { accountName, accountSummary, type RateLimit, rateLimitRows } from './rate-limit-rows.ts'

const clock = { now, timeZone }
const row: RateLimit = {
  provider: 'anthropic',
  account: 'acc',
  model: '*',
  status: 'exhausted',
  cooldownUntil: now + 2_820_000,
  reason: 'quota $(x)',
  quota: null,
  windows: [
    {
      name: '5h',
      usedPct: 100,
      limit: null,
      remaining: null,
      resetsAt: now + 2_820_000,
      source: 'header',
      measuredAt: now - 20_000,
      pace: 9.2,
      runsOutAt: now + 1_200_000,
    },
    {
      name: 'tokens',
      usedPct: null,
      limit: 40_000,
      remaining: 12_000,
      resetsAt: null,
      source: 'header',
      measuredAt: now,
      pace: null,
      runsOutAt: null,
    },
  ],
}

describe('rate limits', () => {
  it('name the account as people know it, else by its id', () => {
    assert.equal(accountName(row, [limitRow()]), 'Claude plan')
    assert.equal(accountName({ ...row, model: 'opus' }, []), 'anthropic acc · opus')
  })

  it('say how the account stands', () => {
    assert.equal(accountSummary(row, clock), 'limit reached · until 14:47 · quota \\$(x)')
    assert.equal(accountSummary({ ...row, status: 'available', cooldownUntil: null, reason: null }, clock), 'available')
    assert.equal(
      accountSummary({ ...row, status: 'tracking', cooldownUntil: null, reason: null }, clock),
      'limits are known',
    )
  })

  it('say what is left, until when, and how that is known', () => {
    assert.deepEqual(rateLimitRows(row, clock), [
      {
        kind: 'row',
        label: '5 hour limit · 100%',
        description: 'resets 14:47 (47m) · +9%, out 14:20',
        detail: 'measured 20 s ago from response headers',
      },
      {
        kind: 'row',
        label: 'tokens limit · –',
        description: '12k of 40k left · no reset stated',
        detail: 'measured just now from response headers',
      },
    ])
  })
})
