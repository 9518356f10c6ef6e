/** How fast a window is used, and when it runs out: a table of readings. */
import assert from 'node:assert/strict'
import { dayMs, hourMs } from '../zone.ts'
import { type Pace, paceOf } from './pace.ts'

const now = Date.UTC(2026, 2, 29, 12)
const none: Pace = { elapsedPct: null, pace: null, runsOutAt: null }

/** `elapsed` of the window's length in percent: what is left of it is when it resets. */
const at = (name: string, length: number, usedPct: number | null, elapsed: number) =>
  paceOf({ name, usedPct, resetsAt: now + length * (1 - elapsed / 100) }, now)
const fiveHours = 5 * hourMs

describe('pace', () => {
  const table: [string, Pace, Pace][] = [
    // half of the time, 60 %: the other 40 % last two thirds as long as the 60 % have
    [
      'used faster than its time passes',
      at('5h', fiveHours, 60, 50),
      { elapsedPct: 50, pace: 10, runsOutAt: now + (fiveHours / 2) * (40 / 60) },
    ],
    ['used more slowly', at('5h', fiveHours, 20, 50), { elapsedPct: 50, pace: -30, runsOutAt: null }],
    ['used evenly', at('5h', fiveHours, 50, 50), { elapsedPct: 50, pace: 0, runsOutAt: null }],
    ['used as evenly as shares are told', at('5h', fiveHours, 51, 50), { elapsedPct: 50, pace: 1, runsOutAt: null }],
    ['not used', at('5h', fiveHours, 0, 50), { elapsedPct: 50, pace: -50, runsOutAt: null }],
    ['just begun', at('5h', fiveHours, 10, 2), { elapsedPct: 2, pace: 8, runsOutAt: null }],
    ['just begun, at its very start', at('5h', fiveHours, 10, 0), { elapsedPct: 0, pace: 10, runsOutAt: null }],
    [
      'begun long enough ago',
      at('5h', fiveHours, 12, 4),
      { elapsedPct: 4, pace: 8, runsOutAt: now + fiveHours * 0.04 * (88 / 12) },
    ],
    [
      'nearly over',
      at('5h', fiveHours, 99, 96),
      { elapsedPct: 96, pace: 3, runsOutAt: Math.round(now + fiveHours * 0.96 * (1 / 99)) },
    ],
    ['used up', at('5h', fiveHours, 100, 50), { elapsedPct: 50, pace: 50, runsOutAt: null }],
    ['over its plan', at('5h', fiveHours, 115, 50), { elapsedPct: 50, pace: 65, runsOutAt: null }],
    ['with a clock before its beginning', at('5h', fiveHours, 7, -10), { elapsedPct: 0, pace: 7, runsOutAt: null }],
    ['without a share', at('5h', fiveHours, null, 50), { elapsedPct: 50, pace: null, runsOutAt: null }],
    ['reset this moment', at('5h', fiveHours, 60, 100), none],
    ['reset long ago', at('5h', fiveHours, 60, 300), none],
    ['without a reset', paceOf({ name: '5h', usedPct: 60, resetsAt: null }, now), none],
  ]
  for (const [what, found, expected] of table) {
    it(`of a window ${what}`, () => {
      assert.ok(found.elapsedPct === null || Math.abs(found.elapsedPct - (expected.elapsedPct ?? Number.NaN)) < 1e-9)
      assert.ok(found.pace === null || Math.abs(found.pace - (expected.pace ?? Number.NaN)) < 1e-9)
      assert.deepEqual(
        [found.elapsedPct === null, found.pace === null],
        [expected.elapsedPct === null, expected.pace === null],
      )
      assert.equal(found.runsOutAt, expected.runsOutAt)
    })
  }

  it('takes a pause into account: what is left lasts longer', () => {
    const window = { name: '7d', usedPct: 71, resetsAt: now + 3 * dayMs }
    const [then, later] = [paceOf(window, now), paceOf(window, now + dayMs)]
    assert.ok((later.runsOutAt ?? Number.POSITIVE_INFINITY) > (then.runsOutAt ?? 0))
    assert.ok((later.pace ?? 0) < (then.pace ?? 0))
  })

  it('knows a window’s length by its name', () => {
    const halfOf = (length: number) => (name: string) =>
      paceOf({ name, usedPct: 1, resetsAt: now + length / 2 }, now).elapsedPct
    const names = ['5h', '5h-bengalfox', '7d', '7d_oi', '7d-opus', '1w', 'requests-day', 'tokens-hour']
    const lengths = [5, 5, 168, 168, 168, 168, 24, 1].map((hours) => hours * hourMs)
    assert.deepEqual(
      names.map((name, index) => halfOf(lengths[index] ?? 0)(name)),
      names.map(() => 50),
    )
  })

  it('tells none where the name says no length, or one of minutes, or a month', () => {
    const names = [
      'requests',
      'tokens',
      'requests-minute',
      '30m',
      'tokens-month',
      'plan',
      'primary',
      'credits',
      '0h',
      '5hours',
    ]
    const paces = names.map((name) => paceOf({ name, usedPct: 50, resetsAt: now + 30_000 }, now))
    assert.deepEqual(
      paces,
      names.map(() => none),
    )
  })
})
