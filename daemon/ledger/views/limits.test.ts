/** A client that is told nothing shows the same limits as somebody who asks at that moment. */
import assert from 'node:assert/strict'
import { emptyView } from '../../../shared/view.ts'
import { viewAt } from '../../../shared/view-at.ts'
import { forgottenAfterMs } from '../../../shared/window-end.ts'
import { cooldownEvent, entriesOf, quotaEvent, windowOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { limitsOf } from './limits.ts'

const now = Date.UTC(2026, 10, 22, 12)
const minute = 60_000

const windows = [
  windowOf('5h', { measuredAt: now, usedPct: 91, resetsAt: now + minute, status: 'warning' }),
  windowOf('requests', { measuredAt: now, usedPct: 80, limit: 50, remaining: 10, resetsAt: now + minute }),
  // a reading at the reset that it names, and one whose share nobody states
  windowOf('tokens', { measuredAt: now, usedPct: 0, limit: 9, remaining: 9, resetsAt: now }),
  windowOf('input-tokens', { measuredAt: now, resetsAt: now + 3 * minute }),
  // no reset, and none that a length could tell a pace of
  windowOf('plan', { measuredAt: now, usedPct: 40 }),
  windowOf('output-tokens', { measuredAt: now, source: 'body', usedPct: 100, resetsAt: now + 2 * minute }),
]

describe('limits that a client was told once', () => {
  const ledger = emptyLedger('UTC')
  const alone = { provider: 'groq', account: 'g', model: 'm' }
  const events = [
    quotaEvent(windows),
    quotaEvent([windowOf('tokens', { measuredAt: now, source: 'body', usedPct: 100, resetsAt: now + minute })], alone),
    cooldownEvent({ until: now + 2 * minute, model: 'claude', refusal: 'plan' }),
    cooldownEvent({ until: now + minute, ...alone }),
  ]
  for (const entry of entriesOf(events.map((e) => [now, e]))) fold(ledger, entry)
  const told = { ...emptyView, limits: limitsOf(ledger, now) }

  const laters: [string, number][] = [
    ['at once', 0],
    ['just before a reset', minute - 1],
    ['at the reset', minute],
    ['between two', 2 * minute - 1],
    ['when a refusal is over', 2 * minute],
    ['after all of them', 4 * minute],
    ['when they are forgotten', forgottenAfterMs + 4 * minute],
  ]
  for (const [when, ms] of laters) {
    it(`are those of the daemon ${when}`, () => {
      const shown = viewAt(told, now + ms).limits
      // how much of a window's time has passed, and so its pace, moves with each moment
      const plain = (rows: typeof shown) =>
        rows
          .map((row) => ({
            ...row,
            windows: row.windows.map((window) => ({ ...window, elapsed_pct: null, pace_pct: null, runs_out_at: null })),
          }))
          .sort((a, b) => a.provider.localeCompare(b.provider))
      assert.deepEqual(plain(shown), plain(limitsOf(ledger, now + ms)))
    })
  }

  it('have no pace of a window that was reset', () => {
    const fiveHours = (at: number) =>
      viewAt(told, at).limits.flatMap((row) => row.windows.filter((w) => w.name === '5h'))
    const [before, after] = [fiveHours(now), fiveHours(now + minute)]
    assert.ok(before[0] && before[0].elapsed_pct !== null && after[0])
    assert.deepEqual(after, [limitsOf(ledger, now + minute).flatMap((row) => row.windows)[0]])
  })
})
