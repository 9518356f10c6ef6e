/** A budget's figures in its own unit. */
import assert from 'node:assert/strict'
import { budgetOutlook, spentInPeriod, spentShort, spentSpoken, spentText, stopName } from './budget-text.ts'
import type { BudgetState } from './contract/budget.ts'

describe('the figures of a budget', () => {
  const texts = (spent: number, limit: number, isUsd: boolean) => {
    const [limit_usd, limit_tokens] = isUsd ? [limit, null] : [null, limit]
    const figures = { limit_usd, limit_tokens, spent_usd: isUsd ? spent : 0, spent_tokens: isUsd ? 0 : spent }
    return [spentShort(figures), spentText(figures), spentSpoken(figures)]
  }

  it('are money where its limit is', () => {
    assert.deepEqual(texts(10.4, 10, true), ['$10.40/$10', '$10.40 of $10', '10.40 of 10 dollars'])
    assert.deepEqual(texts(1234.5, 1200.25, true)[0], '$1,234.50/$1,200.25')
    assert.deepEqual(texts(0.012, 0.01, true)[0], '$0.012/$0.01')
  })

  it('are tokens where its limit is', () => {
    assert.deepEqual(texts(52_000, 50_000, false), ['52k/50k tok', '52k of 50k tokens', '52k of 50k tokens'])
  })

  it('say of which time they are', () => {
    const of = (period: string, limit_usd: number | null, limit_tokens: number | null) =>
      spentInPeriod({ period, limit_usd, limit_tokens, spent_usd: 3.1, spent_tokens: 52_000 })
    assert.deepEqual(
      [of('day', 10, null), of('month', 120, null), of('24h', null, 60_000), of('week', null, 60_000)],
      ['$3.10 today of $10', '$3.10 this month of $120', '52k tokens in 24h of 60k', '52k tokens this week of 60k'],
    )
  })

  it('say what the limit does, else where the pace leads', () => {
    const over_at = '2026-11-20T18:00:00Z'
    const outlook = (state: BudgetState, to: string | null = null) =>
      budgetOutlook(
        { state, downgrade: to === null ? null : { at: 0.9, to }, over_at },
        Date.parse('2026-11-20T14:00:00Z'),
        'UTC',
      )
    assert.deepEqual(
      [
        outlook('blocking'),
        outlook('exceeded'),
        outlook('downgraded', 'chain:cheap'),
        outlook('warning'),
        outlook('ok'),
      ],
      [
        'no more calls',
        'passed',
        'calls on our keys go to chain:cheap',
        'at this pace over 18:00',
        'at this pace over 18:00',
      ],
    )
    assert.equal(budgetOutlook({ state: 'ok', downgrade: null, over_at: null }, 0, 'UTC'), '')
  })

  it('come with its name, also for a stop', () => {
    assert.equal(stopName('Daily budget'), 'Daily budget stop')
    assert.equal(stopName('Monthly budget for openai'), 'Monthly budget stop for openai')
  })
})
