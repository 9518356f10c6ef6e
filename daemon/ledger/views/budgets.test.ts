/** Rows of budgets: figures in their units, what will be spent, and when it is over. */
import assert from 'node:assert/strict'
import { budgetRow } from '../../../shared/contract/budget.ts'
import type { Event } from '../../../shared/contract/event.ts'
import { budgetFor, endedEvent, entriesOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { budgetRowOf, budgetRowsOf, monthlyLimitOf, projectionOf } from './budgets.ts'

const now = Date.UTC(2026, 10, 16)
const usd = 1e9

function ledgerOf(events: readonly (readonly [number, Event])[], zone = 'UTC') {
  const ledger = emptyLedger(zone)
  for (const entry of entriesOf(events)) fold(ledger, entry)
  return ledger
}
const set = (changes: Parameters<typeof budgetFor>[0]) =>
  [now, { type: 'budget.set', budget: budgetFor(changes) }] as const

describe('rows of budgets', () => {
  it('show what was spent half-way through a month, and where that leads', () => {
    const call = endedEvent('a', { cost: 7 * usd, billed: 6 * usd, usage: { input: 100, output: 50 } })
    const ledger = ledgerOf([[now, call], set({ id: 'm', scope: { provider: 'anthropic' }, warnAt: [0.5, 0.9] })])
    const row = budgetRowOf(ledger, 'm', now)
    assert.deepEqual(row, {
      id: 'm',
      label: 'Monthly budget for anthropic',
      scope: { provider: 'anthropic' },
      period: 'month',
      action: 'warn',
      basis: 'billed',
      warn_at: [0.5, 0.9],
      downgrade: null,
      strict: false,
      state: 'warning',
      starts_at: '2026-11-01T00:00:00.000Z',
      ends_at: '2026-12-01T00:00:00.000Z',
      limit_usd: 10,
      limit_tokens: null,
      spent_usd: 6,
      spent_tokens: 150,
      reserved_usd: 0,
      reserved_tokens: 0,
      used_pct: 60,
      remaining_usd: 4,
      remaining_tokens: null,
      requests: 1,
      unpriced_requests: 0,
      projected_usd: 12,
      projected_tokens: 300,
      over_at: '2026-11-26T00:00:00.000Z',
    })
    assert.deepEqual(budgetRow.parse(row), row)
  })

  it('leave open what a span leads to, and tell tokens of a budget in tokens', () => {
    const call = endedEvent('a', { usage: { input: 600, output: 500 }, cost: null, billed: null })
    const ledger = ledgerOf([[now, call], set({ id: 's', period: '24h', unit: 'tokens', limit: 1000 })])
    const row = budgetRowOf(ledger, 's', now)
    assert.ok(row)
    const { limit_usd, limit_tokens, remaining_usd, remaining_tokens, used_pct, unpriced_requests } = row
    assert.deepEqual(
      [limit_usd, limit_tokens, remaining_usd, remaining_tokens, used_pct, unpriced_requests],
      [null, 1000, null, 0, 110, 1],
    )
    assert.deepEqual(
      [row.starts_at, row.ends_at, row.projected_usd, row.projected_tokens, row.over_at],
      ['2026-11-15T00:00:00.000Z', null, null, null, null],
    )
  })

  it('say nothing of a time at which it is over where it is not, or is already', () => {
    const overAt = (dollars: number) =>
      budgetRowOf(ledgerOf([[now, endedEvent('a', { billed: dollars * usd })], set({ id: 'm' })]), 'm', now)?.over_at
    assert.deepEqual(
      [overAt(0), overAt(5), overAt(5.1), overAt(10)].map((at) => at?.slice(0, 10)),
      [undefined, undefined, '2026-11-30', undefined],
    )
  })

  it('show nothing of a period that is over', () => {
    const ledger = ledgerOf([[now, endedEvent('a', { billed: 9 * usd })], set({ id: 'd', period: 'day' })])
    const at = (ms: number) => budgetRowOf(ledger, 'd', ms)
    assert.deepEqual([at(now)?.spent_usd, at(now + 86_399_999)?.spent_usd, at(now + 86_400_000)?.spent_usd], [9, 9, 0])
    assert.equal(at(now + 86_400_000)?.state, 'ok')
  })

  it('stand in the order in which budgets came, also where one was changed', () => {
    const ledger = ledgerOf([set({ id: 'b' }), set({ id: 'a' }), set({ id: 'b', period: 'day' })])
    assert.deepEqual(
      budgetRowsOf(ledger, now).map(({ id, period }) => [id, period]),
      [
        ['b', 'day'],
        ['a', 'month'],
      ],
    )
    assert.equal(budgetRowOf(ledger, 'c', now), undefined)
  })

  it('begin days and months where the time zone does', () => {
    const ledger = ledgerOf([set({ id: 'm' })], 'America/New_York')
    assert.equal(budgetRowOf(ledger, 'm', now)?.ends_at, '2026-12-01T05:00:00.000Z')
  })

  it("find a provider's monthly limit: of exactly it, in USD, the smallest", () => {
    const scope = { provider: 'openai' }
    const others = [
      set({ id: 'day', period: 'day', scope, limit: 1 }),
      set({ id: 'model', scope: { ...scope, model: 'gpt-5' }, limit: 1 }),
      set({ id: 'tokens', scope, unit: 'tokens', limit: 1 }),
      set({ id: 'all', limit: 1 }),
    ]
    assert.equal(monthlyLimitOf(ledgerOf(others), 'openai'), undefined)
    const ledger = ledgerOf([...others, set({ id: 'large', scope, limit: 9 }), set({ id: 'small', scope, limit: 8 })])
    assert.equal(monthlyLimitOf(ledger, 'openai')?.id, 'small')
    assert.equal(monthlyLimitOf(ledger, 'anthropic'), undefined)
  })

  it('project by the share of the time that has passed', () => {
    assert.deepEqual(
      [projectionOf(10, 0, 100, 25), projectionOf(10, 0, 100, 100), projectionOf(10, 0, 100, 200)],
      [40, 10, 10],
    )
    assert.equal(projectionOf(0, 0, 100, 0), 0)
  })
})
