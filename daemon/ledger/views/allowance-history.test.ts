/** Usage by the hour, day and month: which steps there are, what they hold, how pages follow each other, which question is bad. */
import assert from 'node:assert/strict'
import { allowanceHistory } from '../../../shared/contract/endpoints/allowance.ts'
import type { Event } from '../../../shared/contract/event.ts'
import { endedEvent, entriesOf } from '../../test/plain-events.ts'
import { emptyLedger, fold, type Ledger } from '../ledger.ts'
import { closeMonth } from '../months.ts'
import { hourBound } from '../totals.ts'
import { hourMs } from '../zone.ts'
import { type HistoryQuery, tallyHistory } from './allowance-history.ts'

const now = Date.parse('2026-11-22T12:20:00Z')

function ledgerWith(events: readonly (readonly [number | string, Event])[], zone = 'UTC') {
  const ledger = emptyLedger(zone)
  for (const entry of entriesOf(events)) fold(ledger, entry)
  return ledger
}

const call = (input: number, changes = {}) => endedEvent(`c${input}`, { usage: { input, output: 1 }, ...changes })

function pageOf(ledger: Ledger, query: HistoryQuery, at = now) {
  const tally = tallyHistory(ledger, at, query)
  assert.ok(!('bad' in tally), JSON.stringify(tally))
  return allowanceHistory.parse(tally.reply([]))
}

describe('usage history', () => {
  it('has one row a step, also where nothing was called', () => {
    const cached = { usage: { input: 5, cacheRead: 20, cacheWrite5m: 3, cacheWrite1h: 2, output: 7 } }
    const ledger = ledgerWith([
      ['2026-11-20T23:59:59Z', call(1)],
      ['2026-11-22T00:00:00Z', endedEvent('cached', { ...cached, cost: 2_500_000, billed: 0 })],
      ['2026-11-22T09:00:00Z', call(100, { cost: null, billed: null })],
      ['2026-11-22T09:00:01Z', call(1000, { attempt: 'c1000.0', last: false })],
      ['2026-11-22T12:19:00Z', call(7, { billing: 'simulated' })],
    ])
    const nothing = { input_tokens: 0, output_tokens: 0, requests: 0, cost_usd: 0, billed_usd: 0, unpriced_requests: 0 }
    assert.deepEqual(pageOf(ledger, { from: '2026-11-20' }), {
      granularity: 'day',
      time_zone: 'UTC',
      rows: [
        {
          ...nothing,
          start: '2026-11-20T00:00:00.000Z',
          ...{ input_tokens: 1, output_tokens: 1, requests: 1, cost_usd: 0.000001, billed_usd: 0.000001 },
        },
        { ...nothing, start: '2026-11-21T00:00:00.000Z' },
        {
          ...{ start: '2026-11-22T00:00:00.000Z', input_tokens: 130, output_tokens: 8, requests: 2 },
          ...{ cost_usd: 0.0025, billed_usd: 0, unpriced_requests: 1 },
        },
      ],
      next_cursor: null,
      missing_months: [],
    })
    const simulated = pageOf(ledger, { from: '2026-11-20', simulated: 'only' }).rows
    assert.deepEqual(
      simulated.map((row) => row.input_tokens),
      [0, 0, 7],
    )
  })

  it('tells a day, 30 days or a year where it is told nothing', () => {
    const ledger = emptyLedger('America/New_York')
    const firstAndLast = (granularity: 'hour' | 'day' | 'month') => {
      const { rows } = pageOf(ledger, { granularity })
      return [rows.length, rows[0]?.start, rows.at(-1)?.start]
    }
    assert.deepEqual(firstAndLast('hour'), [24, '2026-11-21T13:00:00.000Z', '2026-11-22T12:00:00.000Z'])
    // by then summer time was over
    assert.deepEqual(firstAndLast('day'), [30, '2026-10-24T04:00:00.000Z', '2026-11-22T05:00:00.000Z'])
    assert.deepEqual(firstAndLast('month'), [12, '2025-12-01T05:00:00.000Z', '2026-11-01T04:00:00.000Z'])
  })

  it('follows the clock of the zone over both of its changes', () => {
    const steps = (from: string, to: string, granularity: 'hour' | 'day' | 'month') =>
      pageOf(emptyLedger('Europe/Berlin'), { from, to, granularity }).rows.map((row) => row.start)
    assert.equal(steps('2026-03-29', '2026-03-29', 'hour').length, 23)
    assert.equal(steps('2026-10-25', '2026-10-25', 'hour').length, 25)
    assert.deepEqual(steps('2026-10-25', '2026-10-26', 'day'), ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'])
    assert.deepEqual(steps('2028-01-31', '2028-03-01', 'month'), [
      '2027-12-31T23:00:00.000Z',
      '2028-01-31T23:00:00.000Z',
      '2028-02-29T23:00:00.000Z',
    ])
  })

  it('comes in pages that follow each other without a gap', () => {
    const events = Array.from({ length: 250 }, (_, day) => [now - day * 24 * hourMs, call(day + 1)] as const)
    const ledger = ledgerWith(events.reverse())
    const from = new Date(now - 249 * 24 * hourMs).toISOString()
    const first = pageOf(ledger, { from })
    const second = pageOf(ledger, { from, cursor: String(first.next_cursor) })
    const third = pageOf(ledger, { from, cursor: String(second.next_cursor) })
    assert.equal(third.next_cursor, null)
    assert.deepEqual(
      [...first.rows, ...second.rows, ...third.rows].map((row) => row.input_tokens),
      Array.from({ length: 250 }, (_, day) => 250 - day),
    )
    assert.deepEqual(
      [first, second, third].map(({ rows }) => rows.length),
      [100, 100, 50],
    )
  })

  it('adds what the files of closed months hold, and names those that cannot be read', () => {
    const events = ['2026-07-04', '2026-08-31', '2026-11-02'].map(
      (day, at) => [`${day}T10:00:00Z`, call(10 ** at)] as const,
    )
    const whole = ledgerWith(events)
    const ledger = ledgerWith(events)
    for (const month of ['2026-07', '2026-08']) closeMonth(ledger, month, { n: 2, c: 1 })
    const query: HistoryQuery = { granularity: 'month', from: '2026-07-15' }
    const tally = tallyHistory(ledger, now, query)
    assert.ok('months' in tally)
    assert.deepEqual(tally.months, ['2026-07', '2026-08'])
    const tokensOf = (missing: string[]) => tally.reply(missing).rows.map((row) => row.input_tokens)
    assert.deepEqual(tokensOf([]), [0, 0, 0, 0, 100])
    assert.deepEqual(tally.reply(['2026-07']).missing_months, ['2026-07'])
    tally.add(new Map([...whole.totals.days].filter(([day]) => day < ledger.zone.dayOf(Date.parse('2026-09-01')))))
    assert.deepEqual(tokensOf([]), [1, 10, 0, 0, 100])
  })

  it('names what it cannot obey', () => {
    const ledger = ledgerWith(
      Array.from({ length: hourBound + 1 }, (_, hour) => [now + (hour - hourBound) * hourMs, endedEvent(`c${hour}`)]),
    )
    const badOf = (query: HistoryQuery) => {
      const found = tallyHistory(ledger, now, query)
      assert.ok('bad' in found, JSON.stringify(query))
      return [found.bad, found.why]
    }
    assert.match(badOf({ from: 'yesterday' }).join(), /^from,'from' is a date/)
    assert.match(badOf({ to: '2026-02-30' }).join(), /^to,'to' is a date/)
    assert.deepEqual(badOf({ from: '2026-12-01' }), ['from', "'from' must not be in the future."])
    assert.deepEqual(badOf({ from: '2026-11-02', to: '2026-11-01' }), ['to', "'to' must be after 'from'."])
    for (const cursor of ['x', '2026-11-22T12:00:00Z', '2027-01-01']) assert.equal(badOf({ cursor })[0], 'cursor')
    assert.deepEqual(badOf({ granularity: 'hour', from: '2026-01-01' }), [
      'granularity',
      "hours reach back to 2026-09-21T13:00:00.000Z only: give a later 'from', or ask for days.",
    ])
  })
})
