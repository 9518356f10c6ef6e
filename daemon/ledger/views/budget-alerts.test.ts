/** What is told of a budget, and how often. */
import assert from 'node:assert/strict'
import type { BudgetRow } from '../../../shared/contract/budget.ts'
import type { Event } from '../../../shared/contract/event.ts'
import { type Alerts, alerts } from '../alerts.ts'
import { countedOf } from '../counted.ts'
import { openZone } from '../zone.ts'
import { budgetAlertsDue } from './budget-alerts.ts'

const zone = openZone('Europe/Berlin')
const at = (text: string) => Date.parse(text)

function row(used: number, changes: Partial<BudgetRow> = {}): BudgetRow {
  const limit = changes.limit_usd === undefined ? 120 : (changes.limit_usd ?? 0)
  return {
    id: 'openai-month',
    label: 'Monthly budget for openai',
    scope: { provider: 'openai' },
    period: 'month',
    action: 'block',
    basis: 'billed',
    warn_at: [0.5, 0.8],
    downgrade: null,
    strict: false,
    state: 'ok',
    starts_at: '2026-10-31T23:00:00.000Z',
    ends_at: '2026-11-30T23:00:00.000Z',
    limit_usd: 120,
    limit_tokens: null,
    spent_usd: (limit * used) / 100,
    spent_tokens: 12_400,
    reserved_usd: 0,
    reserved_tokens: 0,
    used_pct: used,
    remaining_usd: 0,
    remaining_tokens: null,
    requests: 1,
    unpriced_requests: 0,
    projected_usd: null,
    projected_tokens: null,
    over_at: null,
    ...changes,
  }
}

/** Looks again and again at one history. */
function story(now = at('2026-11-16T12:00:00Z')) {
  const state: Alerts = alerts.empty()
  const clock = { now }
  const ids: string[] = []
  return {
    clock,
    ids,
    look(...rows: BudgetRow[]): string[] {
      return lookAt(rows, [])
    },
    lookAt,
  }

  function lookAt(rows: BudgetRow[], stopped: string[]): string[] {
    const due = budgetAlertsDue({ alerts: state, rows, zone, now: clock.now, stopped: new Set(stopped) })
    for (const { id, about } of due) {
      assert.ok(!ids.includes(id), `${id} was raised before`)
      ids.push(id)
      const e: Event = { type: 'alert.raised', id, about, hooks: [] }
      const entry = { origin: 'o', n: ids.length, t: clock.now, e }
      alerts.fold(state, entry, zone, countedOf(entry))
    }
    return due.map(({ about }) => about.text)
  }
}

describe('ledger/views/budget-alerts', () => {
  it('tells of each share that is passed, once', () => {
    const { look } = story()
    assert.deepEqual(look(row(49.99)), [])
    assert.deepEqual(look(row(50)), ['Monthly budget for openai: 50% of $120.00 used.'])
    assert.deepEqual(look(row(79)), [])
    assert.deepEqual(look(row(80.4)), ['Monthly budget for openai: 80% of $120.00 used.'])
    assert.deepEqual(look(row(101)), ['Monthly budget for openai is used up: $121.20 of $120.00. It stops calls.'])
    assert.deepEqual(look(row(130)), [])
  })

  it('tells of several that are passed at once by the highest, and of none below it later', () => {
    const { look, ids } = story()
    assert.equal(look(row(85)).length, 1)
    assert.deepEqual(ids, [`budget:openai-month:${at('2026-10-31T23:00:00Z')}:120:80`])
    assert.deepEqual(look(row(60)), [], 'a call was taken out again')
  })

  it('tells of it anew in the next period', () => {
    const { look, clock } = story()
    look(row(85))
    clock.now = at('2026-12-20T12:00:00Z')
    const next = { starts_at: '2026-11-30T23:00:00.000Z', ends_at: '2026-12-31T23:00:00.000Z' }
    assert.equal(look(row(85, next)).length, 1)
  })

  it('tells of it anew where the limit was changed', () => {
    const { look } = story()
    look(row(85))
    assert.deepEqual(look(row(60, { limit_usd: 170, spent_usd: 102 })), [
      'Monthly budget for openai: 60% of $170.00 used.',
    ])
    assert.deepEqual(look(row(85)), [], 'and set back')
  })

  it('tells of a span at most once while it lasts', () => {
    const { look, clock } = story()
    const span = () => ({
      label: '24-hour budget',
      period: '24h',
      starts_at: new Date(clock.now - 24 * 3_600_000).toISOString(),
      ends_at: null,
    })
    assert.deepEqual(look(row(85, span())), ['24-hour budget: 85% of $120.00 used.'])
    clock.now += 23 * 3_600_000
    assert.deepEqual(look(row(85, span())), [])
    assert.equal(look(row(100, span())).length, 1)
    clock.now += 24 * 3_600_000
    assert.equal(look(row(85, span())).length, 1)
  })

  it('says where calls are led to', () => {
    const { look } = story()
    const downgrade = { at: 0.9, to: 'chain:cheap' }
    assert.deepEqual(look(row(91, { downgrade })), [
      'Monthly budget for openai: 91% of $120.00 used; calls on our keys go to chain:cheap.',
    ])
  })

  it('counts tokens', () => {
    const { look } = story()
    const inTokens = { limit_usd: null, limit_tokens: 20_000, action: 'warn' as const, label: 'Daily budget' }
    assert.deepEqual(look(row(62, inTokens)), ['Daily budget: 62% of 20k tokens used.'])
    assert.deepEqual(look(row(120, { ...inTokens, spent_tokens: 24_000 })), [
      'Daily budget is used up: 24k of 20k tokens.',
    ])
  })

  it('tells that a call no longer fitted', () => {
    const { lookAt } = story()
    assert.deepEqual(lookAt([row(97)], ['openai-month']), [
      'Monthly budget for openai is as good as used up: $116.40 of $120.00. It stops calls.',
    ])
    assert.deepEqual(lookAt([row(99)], ['openai-month']), [])
  })

  describe('a forecast', () => {
    const over = { over_at: '2026-11-23T10:00:00.000Z' }

    it('says by when the limit is passed, once', () => {
      const { look, ids } = story()
      assert.deepEqual(look(row(40, over)), [
        'Monthly budget for openai: over by the 23rd at this pace (40% of $120.00 used).',
      ])
      assert.deepEqual(ids, [`forecast:openai-month:${at('2026-10-31T23:00:00Z')}:120:100`])
      assert.deepEqual(look(row(45, over)), [])
    })

    it('is part of the share that is told at the same time', () => {
      const { look } = story()
      assert.deepEqual(look(row(51, over)), [
        'Monthly budget for openai: 51% of $120.00 used, over by the 23rd at this pace.',
      ])
      assert.deepEqual(look(row(55, over)), [])
    })

    it('waits until a tenth of the period has passed', () => {
      const { look, clock } = story(at('2026-11-03T22:59:00Z'))
      assert.deepEqual(look(row(40, over)), [])
      clock.now = at('2026-11-03T23:00:00Z')
      assert.equal(look(row(40, over)).length, 1)
    })

    it('is none where the limit is passed', () => {
      const { look } = story()
      look(row(100))
      assert.deepEqual(look(row(99, over)), [])
    })

    const days: readonly [overAt: string, said: string][] = [
      ['2026-11-21T12:00:00Z', 'the 21st'],
      ['2026-11-22T12:00:00Z', 'the 22nd'],
      ['2026-11-24T12:00:00Z', 'the 24th'],
      ['2026-11-30T12:00:00Z', 'the 30th'],
      ['2026-11-18T23:30:00Z', 'the 19th'],
      ['2026-11-16T20:00:00Z', '21:00'],
    ]
    for (const [overAt, said] of days) {
      it(`of ${overAt} says ${said}, in the time zone`, () => {
        const { look } = story()
        assert.match(look(row(40, { over_at: overAt })).join(), new RegExp(`over by ${said} at this pace`))
      })
    }
    for (const [day, said] of [
      ['11', '11th'],
      ['12', '12th'],
      ['13', '13th'],
    ] as const) {
      it(`says ${said}`, () => {
        const { look } = story(at('2026-11-10T12:00:00Z'))
        assert.match(look(row(40, { over_at: `2026-11-${day}T12:00:00Z` })).join(), new RegExp(`the ${said} at`))
      })
    }

    it('of a day says the time', () => {
      const { look } = story(at('2026-11-16T12:00:00Z'))
      const day = {
        period: 'day',
        label: 'Daily budget',
        starts_at: '2026-11-15T23:00:00.000Z',
        ends_at: '2026-11-16T23:00:00.000Z',
      }
      assert.deepEqual(look(row(40, { ...day, over_at: '2026-11-16T16:40:00.000Z' })), [
        'Daily budget: over by 17:40 at this pace (40% of $120.00 used).',
      ])
    })
  })
})
