/** Periods over changing clocks, leap days, month ends, zones without midnight, and spans. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { daysOf, leavesSpanAt, periodOf, spanOf, stepAt, stepOf } from './period.ts'
import { dayMs, hourMs, openZone, quarterMs } from './zone.ts'

const at = (iso: string) => Date.parse(iso)

describe('period', () => {
  const rows: [zone: string, period: string, now: string, starts: string, ends: string, hours: number][] = [
    ['UTC', 'day', '2026-11-27T15:04:00Z', '2026-11-27T00:00:00Z', '2026-11-28T00:00:00Z', 24],
    // clocks go forward, and back
    ['Europe/Berlin', 'day', '2026-03-29T10:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 23],
    ['Europe/Berlin', 'day', '2026-10-25T10:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 25],
    ['Europe/Berlin', 'week', '2026-03-29T10:00:00Z', '2026-03-22T23:00:00Z', '2026-03-29T22:00:00Z', 167],
    ['Europe/Berlin', 'week', '2026-10-19T10:00:00Z', '2026-10-18T22:00:00Z', '2026-10-25T23:00:00Z', 169],
    ['Europe/Berlin', 'month', '2026-03-15T10:00:00Z', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z', 31 * 24 - 1],
    ['Europe/Berlin', 'month', '2026-10-15T10:00:00Z', '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z', 31 * 24 + 1],
    ['Australia/Lord_Howe', 'day', '2026-04-05T00:00:00Z', '2026-04-04T13:00:00Z', '2026-04-05T13:30:00Z', 24.5],
    // midnight is skipped
    ['Africa/Cairo', 'day', '2026-04-24T12:00:00Z', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z', 23],
    // a week from which a date is missing
    ['Pacific/Apia', 'week', '2011-12-29T12:00:00Z', '2011-12-26T10:00:00Z', '2012-01-01T10:00:00Z', 6 * 24],
    // the first and last instant of a month, the leap day, the year's end
    ['America/New_York', 'month', '2026-12-01T04:59:59.999Z', '2026-11-01T04:00:00Z', '2026-12-01T05:00:00Z', 721],
    ['America/New_York', 'month', '2026-12-01T05:00:00Z', '2026-12-01T05:00:00Z', '2027-01-01T05:00:00Z', 31 * 24],
    ['UTC', 'month', '2028-02-29T12:00:00Z', '2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z', 29 * 24],
    ['UTC', 'month', '2026-02-28T23:59:59Z', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z', 28 * 24],
    ['UTC', 'month', '2100-02-28T12:00:00Z', '2100-02-01T00:00:00Z', '2100-03-01T00:00:00Z', 28 * 24],
    ['UTC', 'day', '2028-02-29T12:00:00Z', '2028-02-29T00:00:00Z', '2028-03-01T00:00:00Z', 24],
    // Sunday's last instant and Monday's first
    ['UTC', 'week', '2026-11-29T23:59:59.999Z', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z', 168],
    ['UTC', 'week', '2026-11-30T00:00:00Z', '2026-11-30T00:00:00Z', '2026-12-07T00:00:00Z', 168],
    ['Asia/Kolkata', 'week', '2026-11-29T18:30:00Z', '2026-11-29T18:30:00Z', '2026-12-06T18:30:00Z', 168],
    ['UTC', 'week', '1969-12-31T12:00:00Z', '1969-12-29T00:00:00Z', '1970-01-05T00:00:00Z', 168],
  ]
  for (const [zone, period, now, starts, ends, hours] of rows) {
    it(`the ${period} of ${now} in ${zone} has ${hours} hours`, () => {
      const { startsAt, endsAt } = periodOf(period, at(now), openZone(zone))
      assert.deepEqual([startsAt, endsAt], [at(starts), at(ends)])
      assert.equal(((endsAt ?? 0) - startsAt) / hourMs, hours)
    })
  }

  it('a span ends never, and began as long ago as it is', () => {
    const now = at('2026-03-29T10:00:00Z')
    const zone = openZone('Europe/Berlin')
    assert.deepEqual(periodOf('24h', now, zone), { startsAt: now - dayMs, endsAt: null })
    assert.deepEqual(periodOf('31d', now, zone), { startsAt: now - 31 * dayMs, endsAt: null })
    assert.deepEqual(
      ['24h', '7d', 'day', 'week', 'month'].map((period) => spanOf(period)),
      [dayMs, 7 * dayMs, undefined, undefined, undefined],
    )
  })

  it('counts short spans by quarters of an hour, where those are kept, and long ones by hours', () => {
    const steps = (byHours: boolean) =>
      ['day', 'month', '1h', '48h', '2d', '49h', '3d'].map((one) => stepOf(one, byHours))
    assert.deepEqual(steps(false), ['day', 'day', 'quarter', 'quarter', 'quarter', 'hour', 'hour'])
    assert.deepEqual(steps(true), ['day', 'day', 'hour', 'hour', 'hour', 'hour', 'hour'])
  })

  const names = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Africa/Cairo', 'Australia/Lord_Howe')
  const instants = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') })

  it('puts every instant into exactly one period, and periods one behind the other', () => {
    fc.assert(
      fc.property(names, instants, fc.constantFrom('day', 'week', 'month'), (name, now, period) => {
        const zone = openZone(name)
        const { startsAt, endsAt } = periodOf(period, now, zone)
        assert.ok(endsAt !== null && startsAt <= now && now < endsAt)
        assert.deepEqual(periodOf(period, startsAt, zone), { startsAt, endsAt })
        assert.equal(periodOf(period, endsAt, zone).startsAt, endsAt)
        assert.equal(periodOf(period, startsAt - 1, zone).endsAt, startsAt)
        const days = daysOf(period, now, zone)
        assert.ok(days && days.first <= zone.dayOf(now) && zone.dayOf(now) < days.end)
      }),
    )
  })

  it('lets a step leave a span as a whole, no sooner than what happened in it and at most one step later', () => {
    fc.assert(
      fc.property(names, instants, fc.constantFrom('hour' as const, 'quarter' as const), (name, now, step) => {
        const leaves = leavesSpanAt(step, stepAt(step, now, openZone(name)), dayMs)
        assert.ok(leaves > now + dayMs && leaves <= now + dayMs + (step === 'hour' ? hourMs : quarterMs))
      }),
    )
  })
})
