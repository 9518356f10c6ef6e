/** Days and hours of zones with half hours, quarters, changing clocks, skipped midnights and a skipped date. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { dateOf, dayMs, firstOfMonth, hourMs, openZone, quarterMs } from './zone.ts'

const at = (iso: string) => Date.parse(iso)

describe('zone', () => {
  const days = [
    ['UTC', '2026-03-29T00:00:00Z', '2026-03-29', 24],
    // clocks go forward at 01:00Z, back at 01:00Z
    ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-25', 25],
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29', 23],
    ['Europe/Berlin', '2026-03-28T22:59:59.999Z', '2026-03-28', 24],
    ['America/New_York', '2026-03-08T04:59:00Z', '2026-03-07', 24],
    ['America/New_York', '2026-11-01T12:00:00Z', '2026-11-01', 25],
    ['Asia/Kolkata', '2026-06-01T18:30:00Z', '2026-06-02', 24],
    ['Asia/Kathmandu', '2026-06-01T18:15:00Z', '2026-06-02', 24],
    ['Pacific/Chatham', '2026-06-01T11:14:59Z', '2026-06-01', 24],
    // the clock moves by half an hour
    ['Australia/Lord_Howe', '2026-04-05T00:00:00Z', '2026-04-05', 24.5],
    ['Australia/Lord_Howe', '2026-10-04T00:00:00Z', '2026-10-04', 23.5],
    // midnight itself is skipped
    ['Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-24', 23],
    ['Pacific/Kiritimati', '2026-06-01T10:00:00Z', '2026-06-02', 24],
    ['Etc/GMT+12', '2026-06-01T11:59:00Z', '2026-05-31', 24],
  ] as const
  for (const [name, iso, date, hours] of days) {
    it(`${iso} lies in ${date} of ${name}, a day of ${hours} hours`, () => {
      const zone = openZone(name)
      const day = zone.dayOf(at(iso))
      assert.equal(dateOf(day), date)
      assert.equal((zone.startOfDay(day + 1) - zone.startOfDay(day)) / hourMs, hours)
    })
  }

  it('gives the date that Samoa never had no time', () => {
    const zone = openZone('Pacific/Apia')
    const skipped = Date.UTC(2011, 11, 30) / dayMs
    assert.equal(zone.startOfDay(skipped), zone.startOfDay(skipped + 1))
    assert.equal(zone.startOfDay(skipped), at('2011-12-30T10:00:00Z'))
  })

  const hours = [
    ['UTC', '2026-06-01T12:34:56Z', '2026-06-01T12:00:00Z'],
    ['Asia/Kolkata', '2026-06-01T12:34:56Z', '2026-06-01T12:30:00Z'],
    ['Asia/Kolkata', '2026-06-01T12:29:00Z', '2026-06-01T11:30:00Z'],
    ['Asia/Kathmandu', '2026-06-01T12:14:00Z', '2026-06-01T11:15:00Z'],
    ['Europe/Berlin', '2026-10-25T01:20:00Z', '2026-10-25T01:00:00Z'],
  ] as const
  for (const [name, iso, start] of hours) {
    it(`the hour of ${iso} in ${name} began at ${start}`, () => {
      assert.equal(openZone(name).startOfHour(at(iso)), at(start))
    })
  }

  it('counts every instant in exactly one day, from its start to the next one', () => {
    const names = fc.constantFrom(
      'Europe/Berlin',
      'Asia/Kolkata',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Africa/Cairo',
    )
    const instants = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') })
    fc.assert(
      fc.property(names, instants, (name, instant) => {
        const zone = openZone(name)
        const day = zone.dayOf(instant)
        assert.ok(zone.startOfDay(day) <= instant && instant < zone.startOfDay(day + 1))
        assert.equal(zone.startOfDay(day) % quarterMs, 0)
        assert.ok(instant - zone.startOfHour(instant) < hourMs && zone.startOfHour(instant) <= instant)
      }),
    )
  })

  it('shows the wall clock that the language shows', () => {
    const zone = openZone('America/St_Johns')
    const shown = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/St_Johns', dateStyle: 'short' })
    for (let day = 0; day < 400; day++) {
      const instant = at('2026-01-01T02:45:00Z') + day * dayMs
      assert.equal(dateOf(zone.dayOf(instant)), shown.format(instant))
    }
  })

  it('finds the first of the month', () => {
    const zone = openZone('UTC')
    const first = (iso: string) => dateOf(firstOfMonth(zone.dayOf(at(iso))))
    assert.equal(first('2028-02-29T12:00:00Z'), '2028-02-01')
    assert.equal(first('2026-01-01T00:00:00Z'), '2026-01-01')
  })

  it('refuses a name that is no time zone', () => assert.throws(() => openZone('Mars/Olympus'), RangeError))
})
