/** Until when a target is avoided, and where that is said. */
import assert from 'node:assert/strict'
import { avoidedText } from './refusal-text.ts'
import { limitRow } from './test/samples.ts'

const now = Date.parse('2026-11-20T14:00:00Z')

describe('avoidedText', () => {
  const cooldown = { until: '2026-11-20T14:04:00Z', refusal: 'rate' as const, model: null, reason: 'It says so.' }
  const text = (some: Parameters<typeof limitRow>[0]) => avoidedText(limitRow(some), now, 'UTC')

  it('says until when, and why', () => {
    assert.equal(text({ cooldown }), 'avoided until 14:04: rate limit')
    assert.equal(text({ model: 'gpt-5', cooldown: { ...cooldown, model: 'gpt-5' } }), 'avoided until 14:04: rate limit')
  })
  it('is said of the whole account once, not of each of its models', () => {
    assert.equal(text({ model: 'gpt-5', cooldown }), '')
  })
  it('is empty where there is none, or none any more', () => {
    assert.deepEqual([text({}), text({ cooldown: { ...cooldown, until: '2026-11-20T14:00:00Z' } })], ['', ''])
  })
})
