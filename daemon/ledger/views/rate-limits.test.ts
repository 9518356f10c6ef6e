/** What is shown of a limit at a given now. */
import assert from 'node:assert/strict'
import { rateLimit } from '../../../shared/contract/endpoints/stats.ts'
import type { Event } from '../../../shared/contract/event.ts'
import type { QuotaWindow } from '../../../shared/contract/quota.ts'
import { limitRow } from '../../../shared/contract/rows.ts'
import { cooldownEvent, endedEvent, entriesOf, quotaEvent, windowOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { limitOf, limitsOf } from './limits.ts'
import { rateLimitsOf } from './rate-limits.ts'
import { isSubscriptionWindow } from './windows.ts'

const now = Date.UTC(2026, 10, 22, 12)

function ledgerWith(windows: QuotaWindow[], changes = {}) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf([[now, quotaEvent(windows, changes)]])) fold(ledger, entry)
  return ledger
}
function rowWith(...windows: QuotaWindow[]) {
  const rows = rateLimitsOf(ledgerWith(windows), now)
  assert.equal(rows.length, 1)
  return rateLimit.parse(rows[0])
}

describe('rate limits', () => {
  it('show what is left of requests and tokens, resets counted from the reading', () => {
    const requests = windowOf('requests', {
      measuredAt: now - 500,
      limit: 50,
      remaining: 49,
      usedPct: 2,
      resetsAt: now + 1000,
    })
    const tokens = windowOf('tokens', {
      measuredAt: now - 200,
      limit: 1000,
      remaining: 10,
      usedPct: 99,
      resetsAt: now + 60_000,
    })
    const row = rowWith(requests, tokens)
    assert.deepEqual(row.quota, {
      remainingRequests: 49,
      remainingTokens: 10,
      resetRequestsMs: 1200,
      resetTokensMs: 60_200,
      lastUpdated: now - 200,
    })
    assert.deepEqual([row.status, row.model, row.reason], ['tracking', '*', null])
  })

  it('have no quota object where only subscription windows are known', () => {
    assert.equal(rowWith(windowOf('5h', { measuredAt: now, usedPct: 38 })).quota, null)
  })

  const at = { measuredAt: now - 1000, limit: 10 }
  const statuses: [string, QuotaWindow, string][] = [
    ['nothing remains', windowOf('requests', { ...at, remaining: 0, resetsAt: now + 1 }), 'exhausted'],
    [
      'the provider refuses',
      windowOf('5h', { ...at, usedPct: 98, status: 'rejected', resetsAt: now + 1 }),
      'exhausted',
    ],
    ['all is used and it says no more', windowOf('5h', { ...at, usedPct: 100 }), 'exhausted'],
    [
      'only paid extra use is spent or refused',
      windowOf('overage', { ...at, usedPct: 100, status: 'rejected' }),
      'tracking',
    ],
    ['over the plan, but allowed', windowOf('5h', { ...at, usedPct: 115, status: 'allowed' }), 'tracking'],
    ['some remains', windowOf('requests', { ...at, remaining: 1, resetsAt: now + 1 }), 'tracking'],
    ['its reset has passed', windowOf('requests', { ...at, remaining: 0, resetsAt: now }), 'available'],
  ]
  for (const [what, window, status] of statuses) {
    it(`are ${status} where ${what}`, () => assert.equal(rowWith(window).status, status))
  }

  it('have the user’s own limits behind them, as real ones only', () => {
    const full = windowOf('requests-minute', {
      measuredAt: now,
      limit: 2,
      remaining: 0,
      usedPct: 100,
      source: 'counted',
    })
    const counted = [{ provider: 'vllm', windows: [full] }]
    const ledger = ledgerWith([windowOf('5h', { measuredAt: now, usedPct: 1 })])
    const [, row] = rateLimitsOf(ledger, now, undefined, counted)
    assert.deepEqual(
      [row?.provider, row?.account, row?.status, row?.reason, row?.quota?.remainingRequests],
      ['vllm', '*', 'exhausted', 'Your limit requests-minute is used up.', 0],
    )
    const shown = limitRow.parse(limitsOf(ledger, now, undefined, counted)[1])
    assert.deepEqual([shown.account_label, shown.windows[0]?.source], ['vllm, your limits', 'counted'])
    assert.deepEqual(rateLimitsOf(ledger, now, 'only', counted), [])
  })

  it('show a window whose reset has passed as unused', () => {
    const passed = windowOf('5h', { measuredAt: now - 9000, usedPct: 80, limit: 10, remaining: 2, resetsAt: now - 1 })
    const ledger = ledgerWith([passed])
    const [shown] = rateLimitsOf(ledger, now)[0]?.windows ?? []
    assert.deepEqual([shown?.usedPct, shown?.remaining, shown?.resetsAt, shown?.measuredAt], [0, 10, null, now - 9000])
    const [row] = limitRow.parse(limitsOf(ledger, now)[0]).windows
    assert.deepEqual([row?.used_pct, row?.confirmed, row?.status], [0, false, null])
    // a moment before, it was as read
    assert.equal(rateLimitsOf(ledger, now - 2)[0]?.windows[0]?.usedPct, 80)
  })

  it('are one row a model, beside the one of the account', () => {
    const ledger = ledgerWith([windowOf('5h', { measuredAt: now - 2, usedPct: 1 })])
    const models = ['gpt-5', 'gpt-5-mini', 'gpt-5']
    models.forEach((model, index) => {
      const window = windowOf('requests', {
        measuredAt: now + index,
        limit: 10,
        remaining: index,
        resetsAt: now + 60_000,
      })
      fold(ledger, { origin: 'home-1', n: index + 2, t: now, e: quotaEvent([window], { model }) })
    })
    assert.deepEqual(
      rateLimitsOf(ledger, now).map((row) => [row.model, row.quota?.remainingRequests ?? null, row.status]),
      [
        ['gpt-5', 2, 'tracking'],
        ['gpt-5-mini', 1, 'tracking'],
        ['*', null, 'tracking'],
      ],
    )
  })

  it('show of limits by the day and by the minute what is nearer to its end', () => {
    const of = (name: string, usedPct: number, remaining: number) =>
      windowOf(name, { measuredAt: now, usedPct, remaining, resetsAt: now + 500 })
    const row = rowWith(of('requests-day', 10, 900), of('requests-minute', 90, 3), of('tokens-minute', 50, 5000))
    assert.deepEqual([row.quota?.remainingRequests, row.quota?.remainingTokens], [3, 5000])
  })

  it('are exhausted by no want of credits', () => {
    const credits = windowOf('credits', { measuredAt: now, remaining: 0 })
    assert.equal(rowWith(credits, windowOf('5h', { measuredAt: now, usedPct: 3 })).status, 'tracking')
  })

  it('tell the pace of a window, and when it runs out', () => {
    const day = 86_400_000
    const half = windowOf('7d', { measuredAt: now, usedPct: 70.123, resetsAt: now + 3.5 * day })
    const minute = windowOf('requests', { measuredAt: now, limit: 10, remaining: 3, resetsAt: now + 30_000 })
    const [of7d, ofRequests] = rowWith(half, minute).windows
    const runsOutAt = Math.round(now - 3.5 * day + (3.5 * day * 100) / 70.123)
    assert.deepEqual([of7d?.pace, of7d?.runsOutAt], [20.12, runsOutAt])
    assert.deepEqual([ofRequests?.pace, ofRequests?.runsOutAt], [null, null])
    const [row] = limitRow.parse(limitsOf(ledgerWith([half]), now)[0]).windows
    const iso = new Date(runsOutAt).toISOString()
    assert.deepEqual([row?.elapsed_pct, row?.pace_pct, row?.runs_out_at], [50, 20.12, iso])
  })

  it('forget what a refusal said once its time has passed', () => {
    const body = windowOf('plan', { measuredAt: now - 9, source: 'body', status: 'rejected', resetsAt: now })
    assert.deepEqual(rateLimitsOf(ledgerWith([body]), now), [])
    assert.equal(rateLimitsOf(ledgerWith([body]), now - 1)[0]?.status, 'exhausted')
  })

  it('leave out what is long past', () => {
    const days = 86_400_000
    const ledger = ledgerWith([windowOf('5h', { measuredAt: now - 9 * days, resetsAt: now - 8 * days - 1 })])
    assert.deepEqual(rateLimitsOf(ledger, now), [])
    assert.equal(rateLimitsOf(ledger, now - 2).length, 1)
  })

  it('are found by account and model', () => {
    const ledger = ledgerWith([windowOf('requests', { measuredAt: now })], { model: 'claude-opus', overageInUse: true })
    fold(ledger, { origin: 'home-1', n: 2, t: now, e: endedEvent('a', { billing: 'overage' }) })
    const row = limitOf(ledger, now, 'anthropic', 'acct-1', 'claude-opus')
    assert.deepEqual(
      [row?.model, row?.overage_in_use, row?.billing, row?.account_label],
      ['claude-opus', true, 'overage', 'Claude plan'],
    )
    assert.equal(limitOf(ledger, now, 'anthropic', 'acct-1', null), undefined)
  })

  describe('of what is avoided', () => {
    const until = now + 60_000
    const shown = (at: number, ...events: Event[]) => {
      const ledger = ledgerWith([windowOf('requests', { measuredAt: now, limit: 10, remaining: 9 })], { model: 'opus' })
      events.forEach((e, i) => fold(ledger, { origin: 'home-1', n: i + 2, t: now, e }))
      const limits = limitsOf(ledger, at).map((row) => limitRow.parse(row).cooldown)
      return { rows: rateLimitsOf(ledger, at).map((row) => rateLimit.parse(row)), limits }
    }
    const brief = (at: number, ...events: Event[]) =>
      shown(at, ...events).rows.map(({ model, status, cooldownUntil }) => [model, status, cooldownUntil])

    it('say until when, and why', () => {
      const { rows, limits } = shown(now, cooldownEvent({ model: 'opus', until, strikes: 2 }))
      const reason =
        'anthropic says that a limit by the minute is reached, 2 times in a row: chains pass over this model until then.'
      assert.deepEqual(
        rows.map((row) => [row.model, row.status, row.cooldownUntil, row.reason, row.windows.length]),
        [['opus', 'exhausted', until, reason, 1]],
      )
      assert.deepEqual(limits, [{ until: new Date(until).toISOString(), refusal: 'rate', model: 'opus', reason }])
    })
    it("have a row where nothing was read; the account's holds for its models too", () => {
      assert.deepEqual(brief(now, cooldownEvent({ until })), [
        ['opus', 'exhausted', until],
        ['*', 'exhausted', until],
      ])
      assert.deepEqual(brief(now, cooldownEvent({ model: 'haiku', until })), [
        ['opus', 'tracking', null],
        ['haiku', 'exhausted', until],
      ])
    })
    it('end with the cooldown', () => {
      const events = [cooldownEvent({ until }), cooldownEvent({ model: 'opus', until: until - 1 })]
      assert.deepEqual(brief(until - 1, ...events)[0], ['opus', 'exhausted', until])
      assert.deepEqual(brief(until, ...events), [['opus', 'tracking', null]])
      assert.deepEqual(shown(until, ...events).limits, [null])
    })
    it('are simulated ones only while those are shown', () => {
      const ledger = ledgerWith([])
      const sandbox = { provider: 'sandbox', account: 'sandbox' }
      const events = [endedEvent('a'), endedEvent('b', { ...sandbox, billing: 'simulated' })]
      for (const e of [...events, cooldownEvent({ ...sandbox, until })])
        fold(ledger, { origin: 'home-1', n: ledger.last + 1, t: now, e })
      assert.deepEqual(limitsOf(ledger, now), [])
      assert.equal(limitsOf(ledger, now, 'only').length, 1)
    })
  })

  it("know a subscription's windows by their names", () => {
    const names = [
      '5h',
      '7d',
      '7d-sonnet',
      '7d_oi',
      '30m',
      'primary',
      'plan',
      'requests',
      'tokens',
      '5hours',
      'planned',
      'credits',
    ]
    assert.deepEqual(names.filter(isSubscriptionWindow), ['5h', '7d', '7d-sonnet', '7d_oi', '30m', 'primary', 'plan'])
  })
})
