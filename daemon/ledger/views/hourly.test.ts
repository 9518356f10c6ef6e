/** Tokens and requests by model and by hour: what is counted, where hours begin, how far back they reach. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { qsMetrics } from '../../../shared/contract/endpoints/management.ts'
import type { Event } from '../../../shared/contract/event.ts'
import { endedEvent, entriesOf } from '../../test/plain-events.ts'
import { histories } from '../../test/random-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { hourBound } from '../totals.ts'
import { hourMs } from '../zone.ts'
import { hourlyOf } from './hourly.ts'

const now = Date.parse('2026-11-22T12:20:00Z')

function ledgerWith(events: readonly (readonly [number | string, Event])[], zone = 'UTC') {
  const ledger = emptyLedger(zone)
  for (const entry of entriesOf(events)) fold(ledger, entry)
  return ledger
}

const call = (input: number, changes = {}) => endedEvent(`c${input}`, { usage: { input }, ...changes })

describe('hourly metrics', () => {
  it('count each call once, by model with most tokens first, by hour ascending', () => {
    const ledger = ledgerWith([
      ['2026-11-22T11:59:59Z', call(1)],
      ['2026-11-22T09:30:00Z', call(10, { model: 'gpt-5' })],
      ['2026-11-22T09:05:00Z', call(100, { model: 'gpt-5', attempt: 'x.1', last: false })],
      ['2026-11-22T12:20:00Z', call(1000)],
      ['2026-11-20T12:00:00Z', call(5)],
    ])
    assert.deepEqual(hourlyOf(ledger, now, {}), {
      totals: { tokens: 1011, requests: 3 },
      by_model: [
        { model: 'claude-sonnet-4-5', tokens: 1001, requests: 2 },
        { model: 'gpt-5', tokens: 10, requests: 1 },
      ],
      timeseries: [
        { bucket_start: '2026-11-22T09:00:00.000Z', tokens: 10, requests: 1 },
        { bucket_start: '2026-11-22T11:00:00.000Z', tokens: 1, requests: 1 },
        { bucket_start: '2026-11-22T12:00:00.000Z', tokens: 1000, requests: 1 },
      ],
    })
    assert.deepEqual(hourlyOf(ledger, now, { model: 'gpt-5', from: '2026-11-22T09:15:00Z' }), {
      totals: { tokens: 10, requests: 1 },
      by_model: [{ model: 'gpt-5', tokens: 10, requests: 1 }],
      timeseries: [{ bucket_start: '2026-11-22T09:00:00.000Z', tokens: 10, requests: 1 }],
    })
  })

  it('take the day before an end that is given alone', () => {
    const ledger = ledgerWith([
      ['2026-11-20T00:00:00Z', call(1)],
      ['2026-11-20T20:00:00Z', call(10)],
      ['2026-11-21T20:00:00Z', call(100)],
    ])
    const found = hourlyOf(ledger, now, { to: '2026-11-21T12:00:00Z' })
    assert.ok('totals' in found)
    assert.equal(found.totals.tokens, 10)
  })

  it('add up to the same by model and by hour, in any zone', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata')
    fc.assert(
      fc.property(histories({ step: 1_800_000, minLength: 10 }), zones, (history, zone) => {
        const ledger = emptyLedger(zone)
        for (const entry of history) fold(ledger, entry)
        const found = hourlyOf(ledger, now, { from: '2026-03-01T00:00:00Z' })
        assert.ok('totals' in found)
        assert.deepEqual(qsMetrics.parse(found), found)
        for (const rows of [found.by_model, found.timeseries]) {
          const sum = (of: 'tokens' | 'requests') => rows.reduce((total, row) => total + row[of], 0)
          assert.deepEqual({ tokens: sum('tokens'), requests: sum('requests') }, found.totals)
        }
        const starts = found.timeseries.map((row) => row.bucket_start)
        assert.deepEqual(starts, [...new Set(starts)].sort())
      }),
      { numRuns: 30 },
    )
  })

  it('say what is wrong with a time, in the words that clients know', () => {
    const ledger = ledgerWith([])
    for (const [query, bad, why] of [
      [{ from: 'yesterday' }, 'from', "invalid 'from' timestamp format, expected RFC3339"],
      [{ to: '2026-11-22' }, 'to', "invalid 'to' timestamp format, expected RFC3339"],
      [{ from: '2026-11-22T12:00:00Z', to: '2026-11-22T11:00:00Z' }, 'to', "'to' must be after 'from'"],
      [{ from: '2026-11-22T12:00:00Z', to: '2026-11-22T12:00:00Z' }, 'to', "'to' must be after 'from'"],
      [{ from: '2027-01-01T00:00:00Z' }, 'to', "'to' must be after 'from'"],
    ] as const) {
      assert.deepEqual(hourlyOf(ledger, now, query), { bad, why })
    }
  })

  it('name the hour from which they are complete where older ones are only kept as days', () => {
    const ledger = ledgerWith(Array.from({ length: hourBound + 2 }, (_, at) => [now - at * hourMs, call(at)] as const))
    const found = hourlyOf(ledger, now, { from: '2020-01-01T00:00:00Z' })
    assert.ok('bad' in found && found.bad === 'from')
    assert.match(found.why, /reach back to 2026-09-21T/)
  })

  it('show the sandbox’s calls, named so, while there is no real one', () => {
    const simulated = call(7, { billing: 'simulated' })
    const alone = hourlyOf(ledgerWith([['2026-11-22T12:00:00Z', simulated]]), now, {})
    assert.ok('totals' in alone)
    assert.deepEqual([alone.simulated, alone.totals.tokens], [true, 7])
    const both = ledgerWith([
      ['2026-11-22T12:00:00Z', simulated],
      ['2026-11-22T12:01:00Z', call(1)],
    ])
    const [real, only] = [hourlyOf(both, now, {}), hourlyOf(both, now, { simulated: 'only' })]
    assert.ok('totals' in real && 'totals' in only)
    assert.deepEqual([real.totals.tokens, 'simulated' in real, only.totals.tokens], [1, false, 7])
  })
})
