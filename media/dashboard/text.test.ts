import assert from 'node:assert/strict'
import { axisText, clockText, countText, metricText, resetText, stepText, windowText } from './text.ts'

const now = Date.parse('2026-11-21T13:00:00Z')

describe('dashboard text', () => {
  it('says when a window resets, and when it has', () => {
    assert.equal(resetText('2026-11-21T15:10:00Z', now), 'in 2h 10m')
    assert.equal(resetText('2026-11-21T12:30:00Z', now), 'has passed')
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
