/** What a view shows as its clock goes on and nobody says anything. */
import assert from 'node:assert/strict'
import type { Headline } from './contract/rows.ts'
import { budgetRow, limitRow, totals, windowRow } from './test/samples.ts'
import { emptyView, type View } from './view.ts'
import { nextEndOf, viewAt } from './view-at.ts'

const reset = Date.parse('2026-11-20T16:10:00Z')

function viewWith(headline: Headline, more: Partial<View> = {}): View {
  const standing = { simulated: false, today: totals(), month: totals(), headline, in_flight: 0 }
  return { ...emptyView, standing, ...more }
}
type Stated = Extract<Headline, { kind: 'window' }>
const headed = (stands: Partial<Stated> = {}): Stated => ({
  ...{ kind: 'window', provider: 'anthropic', account: 'acc', account_label: 'Claude plan' },
  window: windowRow({ used_pct: 91, pace_pct: 9, elapsed_pct: 82, runs_out_at: '2026-11-20T16:00:00Z' }),
  ...{ state: 'near', refused: null, budget: null },
  ...stands,
})
const unused = windowRow({ used_pct: 0, resets_at: null, status: null, confirmed: false })

describe('viewAt', () => {
  it('leaves a view as it is while nothing has ended', () => {
    const view = viewWith(headed(), { limits: [limitRow()] })
    assert.equal(viewAt(view, reset - 1), view)
    assert.equal(viewAt(emptyView, reset), emptyView)
  })

  it('shows a window as unused and not confirmed once its reset has passed, in the list and in the headline', () => {
    const view = viewAt(viewWith(headed(), { limits: [limitRow()] }), reset)
    const [limit] = view.limits
    assert.deepEqual(limit?.windows[0], unused)
    assert.deepEqual(limit?.windows[1], limitRow().windows[1])
    assert.deepEqual(view.standing?.headline, headed({ window: unused, state: 'ok' }))
    assert.equal(viewAt(view, reset + 1), view)
  })

  it('leaves of the state what was not said of that window alone', () => {
    const until = new Date(reset + 1).toISOString()
    const stands: [Partial<Stated>, Stated['state']][] = [
      [{ state: 'overage' }, 'ok'],
      [{ state: 'fast-pace' }, 'ok'],
      [{ state: 'limit' }, 'ok'],
      [{ state: 'limit', refused: { refusal: 'plan', until } }, 'limit'],
      [{ state: 'stale' }, 'stale'],
      [{ state: 'budget-stop' }, 'budget-stop'],
    ]
    for (const [stood, expected] of stands) {
      const { headline } = viewAt(viewWith(headed(stood)), reset).standing ?? {}
      assert.ok(headline?.kind === 'window')
      assert.equal(headline.state, expected, JSON.stringify(stood))
    }
  })

  it('knows what the daemon counts itself without a reply that confirms it', () => {
    const counted = windowRow({ name: 'requests-minute', source: 'counted', limit: 20, remaining: 2 })
    const [limit] = viewAt(viewWith({ kind: 'none' }, { limits: [limitRow({ windows: [counted] })] }), reset).limits
    assert.deepEqual(limit?.windows, [
      { ...counted, used_pct: 0, remaining: 20, resets_at: null, status: null, measured_at: counted.resets_at },
    ])
  })

  it('shows no cooldown that is over, and no row that has nothing else', () => {
    const cooldown = { until: '2026-11-20T16:10:00Z', refusal: 'rate' as const, model: null, reason: 'Told to wait.' }
    const limits = [
      limitRow({ cooldown, windows: [windowRow({ resets_at: null })] }),
      limitRow({ cooldown, windows: [] }),
    ]
    const view = viewWith({ kind: 'none' }, { limits })
    assert.deepEqual(viewAt(view, reset - 1).limits, limits)
    assert.deepEqual(viewAt(view, reset).limits, [limitRow({ windows: [windowRow({ resets_at: null })] })])
  })
})

describe('nextEndOf', () => {
  it('is the first of what ends later: a window, a cooldown, a budget, a refusal', () => {
    const at = (minutes: number) => new Date(reset + minutes * 60_000).toISOString()
    const cooldown = { until: at(2), refusal: 'rate' as const, model: null, reason: '' }
    const view = viewWith(headed({ refused: { refusal: 'plan', until: at(4) } }), {
      limits: [limitRow({ cooldown, windows: [windowRow({ resets_at: at(1) })] })],
      budgets: [budgetRow({ ends_at: at(3) }), budgetRow({ ends_at: null })],
    })
    const minutes = [-1, 0, 1, 2, 3, 4].map((since) => {
      const end = nextEndOf(view, reset + since * 60_000)
      return end === null ? null : (end - reset) / 60_000
    })
    assert.deepEqual(minutes, [0, 1, 2, 3, 4, null])
    assert.equal(nextEndOf(emptyView, 0), null)
  })
})
