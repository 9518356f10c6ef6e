/** When a view has grown old without a message. */
import assert from 'node:assert/strict'
import { isDueForRefresh } from './refresh.ts'
import { limitRow, now, standing, view, windowHeadline, windowRow } from './test/samples.ts'

describe('isDueForRefresh', () => {
  const resetting = view({ limits: [limitRow({ windows: [windowRow({ resets_at: '2026-11-20T14:00:00Z' })] })] })

  it('is not due while the daemon has just spoken', () => assert.equal(isDueForRefresh(view(), now - 1000, now), false))
  it('is due after five silent minutes', () => assert.equal(isDueForRefresh(view(), now - 300_000, now), true))
  it('is due once a window’s reset has passed', () => {
    assert.equal(isDueForRefresh(resetting, now - 2000, now - 1), false)
    assert.equal(isDueForRefresh(resetting, now - 2000, now), true)
  })
  it('is due once a refusal is over', () => {
    const refused = { refusal: 'rate' as const, until: '2026-11-20T14:00:00Z' }
    const throttled = view({ standing: standing({ headline: windowHeadline({}, { state: 'throttled', refused }) }) })
    assert.equal(isDueForRefresh(throttled, now - 2000, now - 1), false)
    assert.equal(isDueForRefresh(throttled, now - 2000, now), true)
  })
  it('is due once a cooldown is over', () => {
    const cooldown = { until: '2026-11-20T14:00:00Z', refusal: 'rate' as const, model: null, reason: '' }
    const cooling = view({ limits: [limitRow({ windows: [], cooldown })] })
    assert.deepEqual(
      [isDueForRefresh(cooling, now - 2000, now - 1), isDueForRefresh(cooling, now - 2000, now)],
      [false, true],
    )
  })
  it('is not due for a reset that the daemon knew of when it last spoke', () => {
    assert.equal(isDueForRefresh(resetting, now + 1, now + 2), false)
  })
})
