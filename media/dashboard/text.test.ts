import assert from 'node:assert/strict'
import type { WindowRow } from '../../shared/contract/rows.ts'
import {
  axisText,
  barSentence,
  clockText,
  countText,
  lastsText,
  metricText,
  resetText,
  stepText,
  windowText,
} from './text.ts'

const now = Date.parse('2026-11-21T13:00:00Z')

describe('dashboard text', () => {
  it('says when a window resets, and when it has', () => {
    assert.equal(resetText('2026-11-21T15:10:00Z', now), 'in 2h 10m')
    assert.equal(resetText('2026-11-21T12:30:00Z', now), 'has passed')
  })

  it('says whether a window lasts, and what its bar shows', () => {
    const window = {
      name: '7d',
      used_pct: 71,
      limit: null,
      remaining: null,
      resets_at: '2026-11-23T09:00:00Z',
      status: 'allowed',
      source: 'header',
      measured_at: '2026-11-21T12:59:00Z',
      confirmed: true,
      elapsed_pct: 61.8,
      pace_pct: 9.2,
      runs_out_at: '2026-11-22T14:20:00Z',
    }
    const of = (changes: Partial<WindowRow>) => {
      const row = { ...window, ...changes }
      return [lastsText(row, now, 'UTC'), barSentence(row, now, 'UTC')]
    }
    const even = { pace_pct: -1, runs_out_at: null }
    const none = { elapsed_pct: null, pace_pct: null, runs_out_at: null }
    assert.deepEqual(
      [of({}), of(even), of({ ...even, pace_pct: -30 }), of({ ...none, used_pct: null })],
      [
        ['runs out Sun 14:20, pace +9%', 'Weekly: 71% used, 62% of its time has passed, runs out Sun 14:20, pace +9%'],
        ['lasts, on pace', 'Weekly: 71% used, 62% of its time has passed, lasts, on pace'],
        ['lasts, pace -30%', 'Weekly: 71% used, 62% of its time has passed, lasts, pace -30%'],
        ['', 'Weekly: share used not stated'],
      ],
    )
    // just begun, and used up: neither lasts, and neither will run out
    assert.deepEqual(of({ ...even, pace_pct: 8 })[0], 'pace +8%')
    assert.deepEqual(of({ ...even, pace_pct: 1, used_pct: 100 })[0], 'on pace')
  })

  it('names windows for people and leaves unknown ones alone', () => {
    const names = ['5h', '7d', '7d-opus', 'input-tokens', 'monthly']
    assert.deepEqual(names.map(windowText), ['5-hour', 'Weekly', 'Weekly, Opus', 'Input tokens', 'monthly'])
  })

  it('writes steps and calls in the daemon’s time zone', () => {
    assert.equal(stepText('2026-11-21T23:00:00Z', 'Europe/Berlin', 'day'), 'Sun 22 Nov')
    assert.match(stepText('2026-11-21T23:15:00Z', 'Europe/Berlin', 'minute'), /^Sun 22 Nov.* 00:15$/)
    assert.equal(clockText('2026-11-21T12:59:41Z', now, 'Europe/Berlin'), '13:59')
  })

  it('keeps axes short', () => {
    assert.deepEqual([0, 0.06, 0.18, 12].map(axisText.cost), ['$0', '$0.06', '$0.18', '$12'])
    assert.deepEqual(
      [metricText('tokens', 12_400), metricText('requests', 1200), countText(7)],
      ['12.4k', '1,200', '7'],
    )
  })
})
