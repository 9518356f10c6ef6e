/** Periods of whole days: where each of the calendar's begins, over leap days and turns of the year, and dates that are none. */
import assert from 'node:assert/strict'
import { dateOf, dayOfDate, openZone } from '../zone.ts'
import { firstOfPeriod, readDates } from './date-range.ts'

const day = (date: string) => dayOfDate(date) ?? assert.fail(date)

describe('periods of whole days', () => {
  for (const [date, week, month, year] of [
    ['2026-03-09', '2026-03-09', '2026-03-01', '2026-01-01'],
    ['2026-03-15', '2026-03-09', '2026-03-01', '2026-01-01'],
    ['2026-01-01', '2025-12-29', '2026-01-01', '2026-01-01'],
    ['2024-02-29', '2024-02-26', '2024-02-01', '2024-01-01'],
    ['2024-12-31', '2024-12-30', '2024-12-01', '2024-01-01'],
    ['1970-01-01', '1969-12-29', '1970-01-01', '1970-01-01'],
    ['1969-12-31', '1969-12-29', '1969-12-01', '1969-01-01'],
  ] as const) {
    it(`begin right around ${date}`, () => {
      const firsts = (['day', 'week', 'month', 'year'] as const).map((period) =>
        dateOf(firstOfPeriod(period, day(date))),
      )
      assert.deepEqual(firsts, [date, week, month, year])
    })
  }

  it('take no date that is not in the calendar', () => {
    for (const text of [
      '2026-02-29',
      '2026-00-10',
      '2026-13-01',
      '2026-1-1',
      '26-01-01',
      '',
      ' 2026-01-01',
      '2026-01-01T00:00:00Z',
    ])
      assert.equal(dayOfDate(text), undefined, text)
    assert.equal(dayOfDate('2024-02-29'), Date.UTC(2024, 1, 29) / 86_400_000)
  })

  it('end today in the zone, on a day without a midnight too', () => {
    // Beirut's clock goes from 0:00 to 1:00 on that day
    const zone = openZone('Asia/Beirut')
    const midnight = Date.parse('2026-03-28T22:00:00Z')
    const asked = (now: number) => readDates(zone, now, {}, (last) => last)
    assert.deepEqual(asked(midnight), { first: day('2026-03-29'), last: day('2026-03-29') })
    assert.deepEqual(asked(midnight - 1), { first: day('2026-03-28'), last: day('2026-03-28') })
  })
})
