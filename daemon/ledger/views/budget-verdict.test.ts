/** The ladder: what each budget says of a call, at each share of its limit. */
import assert from 'node:assert/strict'
import type { Budget } from '../../../shared/contract/budget.ts'
import type { AttemptEnded, Event } from '../../../shared/contract/event.ts'
import { budgetFor, endedEvent, entriesOf, startedEvent } from '../../test/plain-events.ts'
import { emptyLedger, fold, type Ledger } from '../ledger.ts'
import { dayMs, hourMs, quarterMs } from '../zone.ts'
import { heldForMs } from './budget-spent.ts'
import { type BudgetAsked, budgetVerdict, isHeldStrictly } from './budget-verdict.ts'
import { budgetRowOf } from './budgets.ts'

const now = Date.UTC(2026, 10, 27, 12)
const monthEnd = Date.UTC(2026, 11, 1)
const usd = 1e9
const nothing = { cost: 0, billed: 0, tokens: 0 }

/** Budgets first, then what was spent of them and what runs. */
function ledgerOf(budgets: readonly Partial<Budget>[], events: readonly (readonly [number, Event])[] = []): Ledger {
  const ledger = emptyLedger('UTC')
  const set = budgets.map((one) => [now - dayMs, { type: 'budget.set', budget: budgetFor(one) }] as const)
  for (const entry of entriesOf([...set, ...events])) fold(ledger, entry)
  return ledger
}

function asked(changes: Partial<BudgetAsked> = {}): BudgetAsked {
  const { provider, account, model, chain, client, folder, user, feature, billing } = startedEvent('x')
  const named = { provider, account, model, chain, client, folder, user, feature, billing }
  return { key: null, ...named, held: nothing, heldMost: nothing, ...changes }
}

const spent = (dollars: number, changes: Partial<Omit<AttemptEnded, 'usage'>> = {}) =>
  [now, endedEvent('spent', { cost: dollars * usd, billed: dollars * usd, ...changes })] as const
const tokens = (count: number) => [now, endedEvent('spent', { usage: { input: count - 1, output: 1 } })] as const

describe('the verdict of budgets', () => {
  const downgrade = { at: 0.9, to: 'chain:cheap' }
  const ladder: Partial<Budget> = { action: 'block', downgrade, warnAt: [0.5, 0.8] }
  const rows: [of: string, budget: Partial<Budget>, event: readonly [number, Event], state: string, verdict: string][] =
    [
      ['4.99 of 10 USD', ladder, spent(4.99), 'ok', 'free'],
      ['5 of 10 USD', ladder, spent(5), 'warning', 'free'],
      ['8.99 of 10 USD', ladder, spent(8.99), 'warning', 'free'],
      ['9 of 10 USD', ladder, spent(9), 'downgraded', 'downgrade'],
      ['9.999999999 of 10 USD', ladder, spent(9.999999999), 'downgraded', 'downgrade'],
      ['10 of 10 USD', ladder, spent(10), 'blocking', 'blocked'],
      ['11 of 10 USD', ladder, spent(11), 'blocking', 'blocked'],
      ['10 of 10 USD that only warns', { warnAt: [0.8] }, spent(10), 'exceeded', 'free'],
      ['10 of 10 USD that leads on', { downgrade }, spent(10), 'exceeded', 'downgrade'],
      ['no share to warn at', { warnAt: [] }, spent(9.5), 'ok', 'free'],
      ['899 of 1,000 tokens', { ...ladder, unit: 'tokens', limit: 1000 }, tokens(899), 'warning', 'free'],
      ['900 of 1,000 tokens', { ...ladder, unit: 'tokens', limit: 1000 }, tokens(900), 'downgraded', 'downgrade'],
      ['1,000 of 1,000 tokens', { ...ladder, unit: 'tokens', limit: 1000 }, tokens(1000), 'blocking', 'blocked'],
      ["a plan's 10 USD, billed", ladder, spent(10, { billing: 'plan', billed: 0 }), 'ok', 'free'],
      [
        "a plan's 10 USD, list",
        { ...ladder, basis: 'list' },
        spent(10, { billing: 'plan', billed: 0 }),
        'blocking',
        'blocked',
      ],
      ['10 USD beyond a plan', ladder, spent(10, { billing: 'overage' }), 'blocking', 'blocked'],
      ['what the sandbox cost', ladder, spent(10, { billing: 'simulated' }), 'ok', 'free'],
      ['what another provider cost', { ...ladder, scope: { provider: 'openai' } }, spent(10), 'ok', 'free'],
    ]
  for (const [of, budget, event, state, verdict] of rows) {
    it(`${of}: ${state}, ${verdict}`, () => {
      const ledger = ledgerOf([budget], [event])
      const call = asked(budget.scope?.provider === undefined ? {} : { provider: budget.scope.provider })
      assert.deepEqual(
        [budgetRowOf(ledger, 'one', now)?.state, budgetVerdict(ledger, call, now).kind],
        [state, verdict],
      )
    })
  }

  it('is free without budgets', () => {
    assert.deepEqual(budgetVerdict(ledgerOf([]), asked(), now), { kind: 'free' })
  })

  it('says which budget stops a call, until when, and how it stands', () => {
    const ledger = ledgerOf(
      [{ id: 'm', scope: { provider: 'anthropic' }, action: 'block', limit: 120 * usd }],
      [spent(121.5)],
    )
    assert.deepEqual(budgetVerdict(ledger, asked(), now), {
      kind: 'blocked',
      budget: { id: 'm', text: 'Monthly budget for anthropic exceeded (120.0 USD)' },
      until: monthEnd,
      spentUsd: 121.5,
      limitUsd: 120,
    })
  })

  it('tells no money of a budget in tokens', () => {
    const ledger = ledgerOf([{ period: 'day', unit: 'tokens', limit: 50_000, action: 'block' }], [tokens(50_000)])
    assert.deepEqual(budgetVerdict(ledger, asked(), now), {
      kind: 'blocked',
      budget: { id: 'one', text: 'Daily budget exceeded (50,000 tokens)' },
      until: Date.UTC(2026, 10, 28),
      spentUsd: null,
      limitUsd: null,
    })
  })

  it('says where a call is led instead', () => {
    const ledger = ledgerOf([{ downgrade: { at: 0.5, to: 'openai/gpt-5-mini' } }], [spent(6)])
    assert.deepEqual(budgetVerdict(ledger, asked(), now), { kind: 'downgrade', budget: 'one', to: 'openai/gpt-5-mini' })
  })

  it('leads elsewhere what does not fit any more, and says what stops it where it cannot be led', () => {
    const ledger = ledgerOf([{ action: 'block', downgrade }], [spent(6)])
    const verdict = budgetVerdict(ledger, asked({ held: { cost: 5 * usd, billed: 5 * usd, tokens: 1 } }), now)
    assert.deepEqual(verdict, {
      kind: 'downgrade',
      budget: 'one',
      to: 'chain:cheap',
      ifNot: {
        kind: 'blocked',
        budget: { id: 'one', text: 'Monthly budget exceeded (10.0 USD)' },
        until: monthEnd,
        spentUsd: 6,
        limitUsd: 10,
      },
    })
  })

  describe('what a call may use', () => {
    const block = { action: 'block' } as const
    const held = (dollars: number | null, count = 0) => {
      const money = dollars === null ? null : dollars * usd
      return { cost: money, billed: money, tokens: count }
    }
    const cases: [of: string, budget: Partial<Budget>, call: Partial<BudgetAsked>, verdict: string][] = [
      ['just fits', block, { held: held(4) }, 'free'],
      ['passes the limit', block, { held: held(4.000001) }, 'blocked'],
      ['has no price', block, { held: held(null) }, 'free'],
      ['at most, of a strict budget', { ...block, strict: true }, { held: held(0), heldMost: held(5) }, 'blocked'],
      ['at most, of one that is not', block, { held: held(0), heldMost: held(5) }, 'free'],
      ['is owed nothing of: a plan', block, { held: { cost: 5 * usd, billed: 0, tokens: 0 }, billing: 'plan' }, 'free'],
      [
        'is list money of a plan',
        { ...block, basis: 'list' },
        { held: { cost: 5 * usd, billed: 0, tokens: 0 }, billing: 'plan' },
        'blocked',
      ],
      [
        'counts in tokens, of a local model',
        { ...block, unit: 'tokens', limit: 10 },
        { held: held(null, 11), billing: 'local' },
        'blocked',
      ],
      ['is the sandbox', block, { held: held(50), billing: 'simulated' }, 'free'],
    ]
    for (const [of, budget, call, verdict] of cases) {
      it(`${of}: ${verdict}`, () => {
        assert.equal(budgetVerdict(ledgerOf([budget], [spent(6)]), asked(call), now).kind, verdict)
      })
    }

    it('is owed nothing of, also where the budget is used up', () => {
      const ledger = ledgerOf([block], [spent(10)])
      const kinds = (['metered', 'overage', 'plan', 'local'] as const).map(
        (billing) => budgetVerdict(ledger, asked({ billing }), now).kind,
      )
      assert.deepEqual(kinds, ['blocked', 'blocked', 'free', 'free'])
    })
  })

  describe('what runs', () => {
    const running = (at: number, changes: Parameters<typeof startedEvent>[1] = {}) =>
      [
        at,
        startedEvent('r', { estimate: { input: 90, output: 10, cost: 3 * usd, billed: 3 * usd }, ...changes }),
      ] as const
    const verdict = (at: number, changes?: Parameters<typeof startedEvent>[1], budget: Partial<Budget> = {}) => {
      const ledger = ledgerOf([{ action: 'block', ...budget }], [running(at, changes), spent(5)])
      return budgetVerdict(ledger, asked({ held: { cost: 2.5 * usd, billed: 2.5 * usd, tokens: 1 } }), now).kind
    }
    it('is held', () => assert.equal(verdict(now), 'blocked'))
    it('is held for an hour', () => {
      assert.deepEqual([verdict(now - heldForMs), verdict(now - heldForMs - 1)], ['blocked', 'free'])
    })
    it('is not held of another scope', () => {
      assert.equal(verdict(now, { account: 'acct-2' }, { scope: { account: 'acct-1' } }), 'free')
    })
    it('is not held in the sandbox', () => assert.equal(verdict(now, { billing: 'simulated' }), 'free'))
    it('is not held twice: what has ended counts as it was', () => {
      const ledger = ledgerOf([{ action: 'block' }], [running(now), [now, endedEvent('r', { cost: usd, billed: usd })]])
      const row = budgetRowOf(ledger, 'one', now)
      assert.deepEqual([row?.spent_usd, row?.reserved_usd, row?.reserved_tokens], [1, 0, 0])
    })
    it('stops a call for a moment where it is all that stands in its way', () => {
      for (const period of ['month', '24h']) {
        const ledger = ledgerOf([{ action: 'block', period }], [running(now), spent(5)])
        const verdictOf = (dollars: number) =>
          budgetVerdict(ledger, asked({ held: { cost: dollars * usd, billed: dollars * usd, tokens: 1 } }), now)
        const what = period === 'month' ? 'Monthly' : '24-hour'
        assert.deepEqual(verdictOf(2.5), {
          kind: 'blocked',
          budget: { id: 'one', text: `${what} budget is held for calls that run now (10.0 USD)`, why: 'held' },
          until: now + 2000,
          spentUsd: 5,
          limitUsd: 10,
        })
        const over = verdictOf(5.5)
        assert.ok(over.kind === 'blocked')
        assert.deepEqual([over.budget.why, over.budget.text], [undefined, `${what} budget exceeded (10.0 USD)`])
      }
    })
    it('shows in its row, and stops calls where it may reach the limit', () => {
      const row = budgetRowOf(ledgerOf([{ action: 'block', limit: 8 * usd }], [running(now), spent(5)]), 'one', now)
      assert.deepEqual([row?.state, row?.reserved_usd, row?.reserved_tokens, row?.used_pct], ['blocking', 3, 100, 62.5])
    })
  })

  describe('of several budgets', () => {
    it('tells the one that stops the call for longest', () => {
      const two = [
        { id: 'day', period: 'day', action: 'block' },
        { id: 'month', action: 'block' },
        { id: 'week', period: 'week', action: 'block' },
      ] as const
      const verdict = budgetVerdict(ledgerOf(two, [spent(10)]), asked(), now)
      assert.ok(verdict.kind === 'blocked')
      assert.deepEqual([verdict.budget.id, verdict.until], ['month', monthEnd])
    })
    it('stops rather than leads elsewhere, whichever was set first', () => {
      const downgrade = { id: 'a', downgrade: { at: 0.5, to: 'chain:cheap' } }
      const block = { id: 'b', action: 'block' } as const
      for (const budgets of [
        [downgrade, block],
        [block, downgrade],
      ]) {
        assert.equal(budgetVerdict(ledgerOf(budgets, [spent(10)]), asked(), now).kind, 'blocked')
      }
    })
    it('leads elsewhere as the first of them says', () => {
      const budgets = ['one', 'two'].map((id) => ({ id, downgrade: { at: 0.5, to: `chain:${id}` } }))
      const verdict = budgetVerdict(ledgerOf(budgets, [spent(6)]), asked(), now)
      assert.deepEqual(verdict, { kind: 'downgrade', budget: 'one', to: 'chain:one' })
    })
    it('asks each for its own scope', () => {
      const budgets = [
        { id: 'k', scope: { key: 'key-1' }, action: 'block' },
        { id: 'm', scope: { model: 'gpt-*' }, action: 'block' },
      ] as const
      const ledger = ledgerOf(budgets, [spent(10, { key: 'key-1' })])
      const kinds = [{ key: 'key-1' }, { key: 'key-2' }, { model: 'gpt-5' }].map(
        (one) => budgetVerdict(ledger, asked(one), now).kind,
      )
      assert.deepEqual(kinds, ['blocked', 'free', 'free'])
    })
  })

  describe('of a span', () => {
    const at = (ago: number, dollars: number) =>
      [now - ago, endedEvent(`c${ago}`, { cost: dollars * usd, billed: dollars * usd })] as const
    const until = (budget: Partial<Budget>, events: ReturnType<typeof at>[], dollars = 0) => {
      const held = { cost: dollars * usd, billed: dollars * usd, tokens: 0 }
      const verdict = budgetVerdict(ledgerOf([{ action: 'block', ...budget }], events), asked({ held }), now)
      return verdict.kind === 'blocked' ? verdict.until : verdict.kind
    }
    it('holds until enough of it has passed', () => {
      const events = [at(5 * hourMs, 4), at(3 * hourMs, 4), at(hourMs, 4)]
      assert.equal(until({ period: '24h' }, events), now - 5 * hourMs + quarterMs + dayMs)
      assert.equal(until({ period: '24h' }, events, 5), now - 3 * hourMs + quarterMs + dayMs)
      assert.equal(until({ period: '7d' }, events), now - 5 * hourMs + hourMs + 7 * dayMs)
    })
    it('is free as soon as that has passed', () => {
      const of = (ago: number) => until({ period: '24h' }, [at(ago, 10)])
      assert.deepEqual([of(dayMs), of(dayMs + 1)], [now + quarterMs, 'free'])
    })
    it('never takes what is larger than its limit', () => {
      assert.equal(until({ period: '24h' }, [], 11), null)
    })
    it('may be free again soon, where only what runs stands in the way', () => {
      const running = [
        now,
        startedEvent('r', { estimate: { input: 0, output: 0, cost: 9 * usd, billed: 9 * usd } }),
      ] as const
      const ledger = ledgerOf([{ action: 'block', period: '24h' }], [running])
      const verdict = budgetVerdict(ledger, asked({ held: { cost: 2 * usd, billed: 2 * usd, tokens: 0 } }), now)
      assert.ok(verdict.kind === 'blocked')
      assert.equal(verdict.until, now + 2000)
    })
  })

  it('knows for which calls the most is held', () => {
    const ledger = ledgerOf([
      { scope: { provider: 'openai' }, action: 'block', strict: true },
      { id: 'two', action: 'block' },
    ])
    assert.deepEqual(
      [asked({ provider: 'openai' }), asked(), asked({ provider: 'openai', billing: 'plan' })].map((one) =>
        isHeldStrictly(ledger, one),
      ),
      [true, false, false],
    )
  })
})
