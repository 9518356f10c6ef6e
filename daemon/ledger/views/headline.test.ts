/** Which number stands in the status bar, case by case. */
import assert from 'node:assert/strict'
import { type BudgetConfig, budgetOf } from '../../../shared/contract/budget.ts'
import type { Event } from '../../../shared/contract/event.ts'
import type { QuotaWindow } from '../../../shared/contract/quota.ts'
import type { RefusalKind } from '../../../shared/contract/refusal.ts'
import { headline as schema } from '../../../shared/contract/rows.ts'
import { cooldownEvent, endedEvent, entriesOf, quotaEvent, startedEvent, windowOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { standingOf } from './standing.ts'

const now = Date.UTC(2026, 10, 22, 12)
const minute = 60_000
const hour = 60 * minute

/** `events` with how long before now each happened, in minutes. */
function headlineAfter(...events: (readonly [number, Event])[]) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events.map(([ago, e]) => [now - ago * minute, e]))) fold(ledger, entry)
  return schema.parse(standingOf(ledger, now, 0).headline)
}

/** A window read `ago` minutes ago that resets in two hours. */
const read = (name: string, usedPct: number, ago: number, changes = {}) =>
  windowOf(name, { usedPct, measuredAt: now - ago * minute, resetsAt: now + 2 * hour, ...changes })
const plan = (changes = {}) => endedEvent('p', { billing: 'plan', billed: 0, ...changes })
const shown = (headline: ReturnType<typeof headlineAfter>) =>
  headline.kind === 'window' ? [headline.account_label, headline.window.name, headline.window.used_pct] : headline.kind

describe('headline', () => {
  it('is nothing before the first call', () => assert.deepEqual(headlineAfter(), { kind: 'none' }))

  it('is the fullest window of the account in use', () => {
    const headline = headlineAfter([2, plan()], [2, quotaEvent([read('5h', 38, 2), read('7d', 71.239, 2)])])
    assert.deepEqual(shown(headline), ['Claude plan', '7d', 71.24])
  })

  it('lets no window that is nearly free hide a fuller one, whatever the provider calls binding', () => {
    const quota = quotaEvent([read('5h', 0, 2), read('7d', 95, 2)], { representative: '5h' })
    assert.deepEqual(shown(headlineAfter([2, plan()], [2, quota])), ['Claude plan', '7d', 95])
  })

  it('is the window that runs out first at its pace, though another one is fuller', () => {
    // with two hours to go, three of five have passed and six days and 22 hours of seven
    const quota = quotaEvent([read('5h', 80, 2), read('7d', 90, 2)])
    assert.deepEqual(shown(headlineAfter([2, plan()], [2, quota])), ['Claude plan', '5h', 80])
    const both = quotaEvent([read('5h', 70, 2), read('7d', 99.5, 2, { resetsAt: now + 0.7 * 24 * hour })])
    assert.deepEqual(shown(headlineAfter([2, plan()], [2, both])), ['Claude plan', '7d', 99.5])
  })

  it('is of used-up windows the one that is reset last', () => {
    const spent = (name: string, hours: number) =>
      read(name, 100, 2, { status: 'rejected', resetsAt: now + hours * hour })
    const quota = quotaEvent([spent('5h', 1), spent('7d', 60), read('7d-sonnet', 99, 2)])
    assert.deepEqual(shown(headlineAfter([2, plan()], [2, quota])), ['Claude plan', '7d', 100])
  })

  it('is a used-up window whatever the provider calls binding', () => {
    const spent = read('7d', 100, 2, { status: 'rejected' })
    const quota = quotaEvent([read('5h', 38, 2), spent], { representative: '5h' })
    assert.deepEqual(shown(headlineAfter([2, plan()], [2, quota])), ['Claude plan', '7d', 100])
  })

  it('is unused and not confirmed once the reset has passed', () => {
    const passed = read('5h', 97, 90, { resetsAt: now - minute, status: 'rejected' })
    const headline = headlineAfter([90, plan()], [90, quotaEvent([passed])])
    assert.deepEqual(shown(headline), ['Claude plan', '5h', 0])
    assert.equal(headline.kind === 'window' && headline.window.confirmed, false)
  })

  it("is today's spend for an API key, whatever its rate limits", () => {
    const call = endedEvent('k', { account: 'ab12cd3f9a', usage: { input: 400, output: 12 }, billed: 420_000_000 })
    const quota = quotaEvent([read('requests', 99, 1)], { account: 'ab12cd3f9a' })
    assert.deepEqual(headlineAfter([1, call], [1, quota]), {
      kind: 'spend',
      account_label: 'Anthropic key …3f9a',
      tokens: 412,
      billed_usd: 0.42,
      unpriced_requests: 0,
      state: 'ok',
      refused: null,
      budget: null,
    })
  })

  it('follows the newest call, as soon as it starts', () => {
    const quotas = [
      [20, quotaEvent([read('5h', 38, 20)])],
      [5, quotaEvent([read('5h', 12, 5)], { account: 'acct-2' })],
    ] as const
    const calls = [
      [20, plan()],
      [5, endedEvent('q', { account: 'acct-2', billing: 'plan' })],
    ] as const
    assert.deepEqual(shown(headlineAfter(...calls, ...quotas)), ['Claude plan', '5h', 12])
    const again = startedEvent('r', { billing: 'plan' })
    assert.deepEqual(shown(headlineAfter(...calls, ...quotas, [0, again])), ['Claude plan', '5h', 38])
  })

  it('goes by what was read last where no call was made lately', () => {
    const headline = headlineAfter(
      [200, plan()],
      [100, quotaEvent([read('5h', 90, 100)])],
      [10, quotaEvent([read('5h', 12, 10)], { account: 'acct-2' })],
    )
    assert.deepEqual(shown(headline), ['Anthropic …ct-2', '5h', 12])
  })

  it('goes by the tightest that is not used up where nothing was read lately either', () => {
    const headline = headlineAfter(
      [200, plan()],
      [100, quotaEvent([read('5h', 60, 100)])],
      [90, quotaEvent([read('5h', 100, 90, { status: 'rejected' })], { account: 'acct-2' })],
      [80, quotaEvent([read('5h', 12, 80)], { account: 'acct-3' })],
    )
    assert.deepEqual(shown(headline), ['Claude plan', '5h', 60])
  })

  it('is stale when calls go on and the reading is over ten minutes old', () => {
    const staleAfter = (call: number, reading: number) => {
      const headline = headlineAfter([reading, quotaEvent([read('5h', 38, reading)])], [call, plan()])
      return headline.kind === 'window' && headline.state === 'stale'
    }
    assert.equal(staleAfter(1, 11), true)
    assert.equal(staleAfter(1, 9), false)
    assert.equal(staleAfter(12, 20), false)
  })

  it('forgets a window that nothing was heard of for long', () => {
    const old = read('7d', 71, 0, { measuredAt: now - 20 * 24 * hour, resetsAt: now - 9 * 24 * hour })
    assert.equal(headlineAfter([1, plan()], [1, quotaEvent([old])]).kind, 'spend')
  })

  it("leaves other models' windows alone", () => {
    const others = quotaEvent([read('7d', 99, 1)], { model: 'claude-opus' })
    assert.deepEqual(shown(headlineAfter([1, plan()], [1, quotaEvent([read('5h', 38, 1)])], [1, others])), [
      'Claude plan',
      '5h',
      38,
    ])
  })

  const byModel = (model: string) => endedEvent('p', { billing: 'plan', billed: 0, model })
  const spent = (name: string) => read(name, 100, 1, { status: 'rejected' })

  it('leaves out a used-up window of another model, and takes it once that model is used', () => {
    const quota = quotaEvent([read('5h', 38, 1), spent('7d-opus')])
    assert.deepEqual(shown(headlineAfter([1, byModel('claude-sonnet-4-5')], [1, quota])), ['Claude plan', '5h', 38])
    assert.deepEqual(shown(headlineAfter([1, byModel('claude-opus-4-5')], [1, quota])), ['Claude plan', '7d-opus', 100])
  })

  it('takes a window that its provider calls binding, whatever it is for', () => {
    const quota = quotaEvent([read('5h', 38, 1), spent('5h-bengalfox')], { representative: '5h-bengalfox' })
    assert.deepEqual(shown(headlineAfter([1, byModel('gpt-5.2')], [1, quota])), ['Claude plan', '5h-bengalfox', 100])
  })

  it('counts the window beyond the plan for every model', () => {
    const quota = quotaEvent([read('5h', 38, 1), spent('7d_oi')])
    assert.deepEqual(shown(headlineAfter([1, byModel('claude-sonnet-4-5')], [1, quota])), ['Claude plan', '7d_oi', 100])
  })

  it("is a plan's window beside the rate limits of its models", () => {
    const ofModel = quotaEvent([read('requests', 99, 0)], { model: 'claude-sonnet-4-5' })
    const own = quotaEvent([read('5h', 38, 1)])
    assert.deepEqual(shown(headlineAfter([1, plan()], [1, own], [0, ofModel])), ['Claude plan', '5h', 38])
  })

  it('is a plan that is used up until a time, where its windows are not told', () => {
    const body = windowOf('plan', {
      usedPct: 100,
      status: 'rejected',
      source: 'body',
      measuredAt: now - minute,
      resetsAt: now + hour,
    })
    assert.deepEqual(shown(headlineAfter([1, plan()], [1, quotaEvent([body])])), ['Claude plan', 'plan', 100])
  })

  it('is no credit that was used up: the plan goes on without', () => {
    const credits = windowOf('credits', { remaining: 0, measuredAt: now })
    assert.deepEqual(shown(headlineAfter([1, plan()], [1, quotaEvent([read('5h', 38, 1), credits])])), [
      'Claude plan',
      '5h',
      38,
    ])
  })

  describe('tells how it stands', () => {
    const cooling = (refusal: RefusalKind, endsIn: number, changes = {}): Event => ({
      type: 'cooldown.set',
      provider: 'anthropic',
      account: 'acct-1',
      model: null,
      until: now + endsIn,
      refusal,
      strikes: 1,
      attempt: null,
      ...changes,
    })
    const stands = (...events: (readonly [number, Event])[]) => {
      const headline = headlineAfter([2, plan()], ...events)
      assert.ok(headline.kind !== 'none')
      return [headline.state, headline.refused]
    }
    const iso = (at: number) => new Date(at).toISOString()
    const quota = (window: QuotaWindow, changes = {}) => [2, quotaEvent([window], changes)] as const
    const fine = quota(read('5h', 38, 2))
    const refused = { status: 'rejected' }

    const table: [string, unknown[], unknown[]][] = [
      ['ok', stands(fine), ['ok', null]],
      ['near', stands(quota(read('5h', 90, 2, { resetsAt: now + hour / 4 }))), ['near', null]],
      ['near, though it runs out before its reset', stands(quota(read('5h', 91, 2))), ['near', null]],
      ['fast pace', stands(quota(read('5h', 75, 2))), ['fast-pace', null]],
      [
        'limit, by a window',
        stands(quota(read('5h', 100, 2, refused))),
        ['limit', { refusal: 'plan', until: iso(now + 2 * hour) }],
      ],
      ['limit, without a reset', stands(quota(read('5h', 100, 2, { resetsAt: null }))), ['limit', null]],
      ['overage, as said', stands(quota(read('5h', 100, 2, refused), { overageInUse: true })), ['overage', null]],
      ['overage, by its share', stands(quota(read('5h', 115, 2, { status: 'allowed' }))), ['overage', null]],
      [
        'limit, over the plan but refused',
        stands(quota(read('5h', 115, 2, refused), { overageInUse: false })),
        ['limit', { refusal: 'plan', until: iso(now + 2 * hour) }],
      ],
      [
        'limit, by a cooldown of the plan',
        stands(fine, [1, cooling('plan', hour)]),
        ['limit', { refusal: 'plan', until: iso(now + hour) }],
      ],
      [
        'limit, by the later of a used-up window and a cooldown',
        [hour, 3 * hour].map((endsIn) => stands(quota(read('5h', 100, 2, refused)), [1, cooling('money', endsIn)])[1]),
        [
          { refusal: 'plan', until: iso(now + 2 * hour) },
          { refusal: 'money', until: iso(now + 3 * hour) },
        ],
      ],
      [
        'limit, for want of money',
        stands([1, cooling('money', hour)]),
        ['limit', { refusal: 'money', until: iso(now + hour) }],
      ],
      [
        'limit, by a rate limit that lasts',
        stands([1, cooling('rate', hour)]),
        ['limit', { refusal: 'rate', until: iso(now + hour) }],
      ],
      [
        'throttled, by a cooldown',
        stands(fine, [1, cooling('rate', 22_000)]),
        ['throttled', { refusal: 'rate', until: iso(now + 22_000) }],
      ],
      [
        'throttled, by a cooldown of the model in use',
        stands([1, cooling('rate', 22_000, { model: 'claude-sonnet-4-5' })]),
        ['throttled', { refusal: 'rate', until: iso(now + 22_000) }],
      ],
      [
        'ok, by a cooldown of another model',
        stands([1, cooling('rate', 22_000, { model: 'claude-opus' })]),
        ['ok', null],
      ],
      ['ok, by a cooldown of another account', stands([1, cooling('plan', hour, { account: 'acct-2' })]), ['ok', null]],
      ['ok, by a cooldown that is over', stands([1, cooling('plan', 0)]), ['ok', null]],
      ['ok, where the provider is just overloaded', stands([1, cooling('overload', hour)]), ['ok', null]],
      [
        'ok, where calls go through again',
        stands(
          [1, cooling('plan', hour)],
          [0, { type: 'cooldown.ended', provider: 'anthropic', account: 'acct-1', model: null, why: 'answered' }],
        ),
        ['ok', null],
      ],
      [
        'throttled, by a rate limit that is used up',
        stands(quota(windowOf('requests', { measuredAt: now, remaining: 0, resetsAt: now + 9000 }))),
        ['throttled', { refusal: 'rate', until: iso(now + 9000) }],
      ],
      [
        'ok, by a rate limit that takes long to fill up',
        stands(quota(windowOf('tokens', { measuredAt: now, remaining: 0, resetsAt: now + hour }))),
        ['ok', null],
      ],
      [
        'limit, whatever throttles beside it',
        stands(quota(read('5h', 100, 2, refused)), [1, cooling('rate', 22_000)]),
        ['limit', { refusal: 'plan', until: iso(now + 2 * hour) }],
      ],
    ]
    for (const [what, found, expected] of table) it(what, () => assert.deepEqual(found, expected))
  })

  describe('beside budgets', () => {
    const set = (changes: Partial<BudgetConfig>): readonly [number, Event] => [
      500,
      { type: 'budget.set', budget: budgetOf({ id: 'day', period: 'day', limitUsd: 10, ...changes }) },
    ]
    const paid = (usd: number, changes = {}): readonly [number, Event] => [
      2,
      endedEvent(`paid ${usd}`, { account: 'sk1', cost: usd * 1e9, billed: usd * 1e9, ...changes }),
    ]
    const stands = (...events: (readonly [number, Event])[]) => {
      const headline = headlineAfter(...events)
      return headline.kind === 'none' ? [] : [headline.state, headline.budget?.id]
    }

    it('is a passed one with its figures, and nothing while it is not passed', () => {
      const headline = headlineAfter(set({}), paid(10.4))
      assert.ok(headline.kind === 'spend')
      assert.equal(headline.state, 'budget-passed')
      assert.deepEqual(headline.budget, {
        id: 'day',
        label: 'Daily budget',
        limit_usd: 10,
        limit_tokens: null,
        spent_usd: 10.4,
        spent_tokens: 0,
        ends_at: '2026-11-23T00:00:00.000Z',
      })
      assert.deepEqual(stands(set({}), paid(9.99)), ['ok', undefined])
    })

    it('is one that stops calls before one that is passed, and of those the one that ends last', () => {
      const budgets = [
        set({}),
        set({ id: 'hard', action: 'block' }),
        set({ id: 'month', period: 'month', action: 'block' }),
      ]
      assert.deepEqual(stands(...budgets, paid(10.4)), ['budget-stop', 'month'])
      assert.deepEqual(stands(set({}), set({ id: 'low', limitUsd: 1 }), paid(10.4)), ['budget-passed', 'low'])
    })

    it('is none of another provider, account or model, nor one of what a plan does not owe', () => {
      const other = [{ provider: 'openai' }, { account: 'sk2' }, { model: 'gpt-*' }]
      const elsewhere = { account: 'sk2', provider: 'openai', model: 'gpt-5', cost: 11e9, billed: 11e9 }
      const spent = [3, endedEvent('elsewhere', elsewhere)] as const
      for (const scope of other) assert.deepEqual(stands(set({ scope }), spent, paid(1)), ['ok', undefined])
      assert.deepEqual(stands(set({ scope: { model: 'claude-*' } }), spent, paid(10)), ['budget-passed', 'day'])
      const planned = [1, plan({ cost: 12e9 })] as const
      assert.deepEqual(stands(set({}), paid(10.4), planned), ['ok', undefined])
      assert.deepEqual(stands(set({ basis: 'list' }), paid(10.4), planned), ['budget-passed', 'day'])
    })

    it('gives way to a provider that refuses where it is merely passed', () => {
      const refused: readonly [number, Event] = [
        1,
        cooldownEvent({ account: 'sk1', refusal: 'money', until: now + hour }),
      ]
      assert.deepEqual(stands(set({}), paid(10.4), refused), ['limit', undefined])
      assert.deepEqual(stands(set({ action: 'block' }), paid(10.4), refused), ['budget-stop', 'day'])
    })
  })
})
