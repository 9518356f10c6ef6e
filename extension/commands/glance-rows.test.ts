/** The rows of Show Limits and Spend, whole. */
import assert from 'node:assert/strict'
import { totals } from '../../shared/test/samples.ts'
import { emptyView } from '../../shared/view.ts'
import {
  budgetRow,
  limitRow,
  liveInput,
  requestRow,
  standing,
  view,
  windowHeadline,
  windowRow,
} from '../test/samples.ts'
import { type GlanceRow, glanceRows } from './glance-rows.ts'

const text = (row: GlanceRow) =>
  row.kind === 'separator' ? `-- ${row.label}` : [row.label, row.description, row.detail].filter(Boolean).join(' | ')

describe('glanceRows', () => {
  it('shows limits, spend, calls, actions', () => {
    const today = totals({
      requests: 12,
      failed_requests: 1,
      tokens: 412_000,
      tokens_input: 400_000,
      tokens_output: 12_000,
      tokens_cache_read: 300_000,
      cost_usd: 3.1,
      billed_usd: 0,
      unpriced_requests: 2,
      estimated_requests: 1,
    })
    const failed = requestRow({
      id: 'r2',
      outcome: 'refused',
      http_status: 429,
      error: 'slow $(down)',
      billing: 'metered',
      billed_usd: 0,
    })
    const month = totals({ requests: 1, tokens: 5, cost_usd: 61.2, billed_usd: 61.2 })
    const limits = [
      limitRow({
        windows: [
          windowRow(),
          windowRow({ name: 'requests', used_pct: 50, limit: 100, remaining: 50, resets_at: null }),
        ],
      }),
    ]
    const rows = glanceRows(
      liveInput(view({ limits, recent: [requestRow(), failed], standing: standing({ today, month }) })),
    )
    assert.deepEqual(rows.map(text), [
      '-- Limits',
      '$(meter-3) 5 hour limit · 38% | Claude plan · resets 16:10 (2h 10m) | measured just now from response headers',
      '$(meter-4) requests limit · 50% | Claude plan | 50 of 100 left · measured just now from response headers',
      '-- Spend',
      '$(credit-card) Today · $0.00+ | 412k tokens | 12 calls · 1 failed · 400k in, 12k out · 300k from cache · list price $3.10 · 2 without a known price · 1 estimated',
      '$(credit-card) This month · $61.20 | 5 tokens | 1 call · 0 in, 0 out',
      '-- Recent calls',
      '$(check) claude-opus-5-5 | 13:59 · claude-code | 12.4k in (10k cached), 600 out · in the plan (list price $0.09) · 4.1s',
      '$(error) claude-opus-5-5 | 13:59 · claude-code | refused (429) · 12.4k in (10k cached), 600 out · $0.00 · 4.1s · slow \\$(down)',
      '-- Actions',
      '$(dashboard) Open Dashboard',
      '$(search) Query Usage…',
      '$(search) Query Rate Limits…',
      '$(debug-restart) Restart Daemon',
      '$(debug-stop) Stop Daemon',
    ])
  })

  it('says first what stops calls now, and how fast each limit is used', () => {
    const headline = windowHeadline(
      {},
      { state: 'limit', refused: { refusal: 'money', until: '2026-11-20T14:47:00Z' } },
    )
    const windows = [windowRow({ pace_pct: 9.2, runs_out_at: '2026-11-20T14:20:00Z' })]
    const limits = [limitRow({ windows })]
    const rows = glanceRows(liveInput(view({ limits, standing: standing({ headline }) }))).map(text)
    assert.deepEqual(rows.slice(1, 3), [
      '$(error) Claude plan: no credit, or a spend limit | avoided until 14:47 | Add credit or raise the spend limit at the provider.',
      '$(meter-3) 5 hour limit · 38% | Claude plan · resets 16:10 (2h 10m) · +9%, out 14:20 | measured just now from response headers',
    ])
  })

  it('shows what calls pass over, once', () => {
    const cooldown = { until: '2026-11-20T14:47:00Z', refusal: 'overload' as const, model: 'gpt-5', reason: 'It $(x).' }
    const limits = [limitRow({ model: 'gpt-5', windows: [], cooldown })]
    const rows = glanceRows(liveInput(view({ limits }))).map(text)
    assert.equal(rows[1], '$(circle-slash) Claude plan · gpt-5 | avoided until 14:47: overloaded | It \\$(x).')
    const headline = windowHeadline({}, { state: 'limit', refused: { refusal: 'plan', until: cooldown.until } })
    const said = glanceRows(liveInput(view({ limits, standing: standing({ headline }) }))).map(text)
    assert.deepEqual(said.slice(1, 3), ['$(error) Claude plan: limit reached | resets 14:47', '-- Spend'])
  })

  it('shows each budget beside the sums, those that stop calls first', () => {
    const budgets = [
      budgetRow({ over_at: '2026-11-20T18:00:00Z', unpriced_requests: 2 }),
      budgetRow({
        label: 'Span $(x)',
        period: '24h',
        ends_at: null,
        state: 'blocking',
        used_pct: 100.4,
        spent_usd: 10.04,
      }),
    ]
    const rows = glanceRows(liveInput(view({ budgets }))).map(text)
    const at = rows.indexOf('-- Spend')
    assert.deepEqual(rows.slice(at + 3, at + 5), [
      '$(meter-8) Span \\$(x) · 100% | $10.04 of $10 · no more calls | goes with the time · 12 calls',
      '$(meter-2) Daily budget · 31% | $3.10 of $10 · at this pace over 18:00 | begins anew Sat 00:00 · 12 calls · 2 without a known price',
    ])
  })

  it('says what is not there yet, and what is simulated', () => {
    const empty = standing({ simulated: true, today: totals(), month: totals() })
    const rows = glanceRows(liveInput(view({ standing: empty }))).map(text)
    assert.deepEqual(rows.slice(0, 6), [
      '-- Limits (sandbox)',
      'No limit has been stated yet',
      '-- Spend (sandbox)',
      'No calls seen yet',
      '-- Recent calls (sandbox)',
      'No calls seen yet | Begin with: tollkeeper run claude, or call http://127.0.0.1:8655',
    ])
  })

  it('says of a reading that a reset has passed since, and nothing of where it came from', () => {
    const limits = [limitRow({ windows: [windowRow({ used_pct: 0, confirmed: false, resets_at: null })] })]
    const rows = glanceRows(liveInput(view({ limits }))).map(text)
    assert.equal(rows[1], '$(meter-0) 5 hour limit · 0% | Claude plan | not confirmed since the reset')
  })

  it('says which limits are counted here', () => {
    const windows = [windowRow({ name: 'requests-day', source: 'counted' })]
    const rows = glanceRows(liveInput(view({ limits: [limitRow({ windows })] }))).map(text)
    assert.match(rows[1] ?? '', /measured just now by our own count$/)
  })

  it('names the model that a limit is for', () => {
    const limits = [limitRow({ model: 'gpt-5', account_label: 'OpenAI', windows: [windowRow({ name: 'requests' })] })]
    const rows = glanceRows(liveInput(view({ limits }))).map(text)
    assert.match(rows[1] ?? '', /requests limit · 38% \| OpenAI · gpt-5 · resets/)
  })

  it('shows the five newest calls', () => {
    const recent = Array.from({ length: 9 }, (_, n) => requestRow({ id: `r${n}`, model: `m${n}` }))
    const labels = glanceRows(liveInput(view({ recent }))).map((row) => row.label)
    assert.ok(labels.includes('$(check) m4'))
    assert.ok(!labels.includes('$(check) m5'))
  })

  it('offers what can be done without a daemon, and says why there is none', () => {
    const rows = glanceRows({ ...liveInput(emptyView), link: { kind: 'off', why: 'no daemon runs' } })
    assert.deepEqual(rows.map(text), [
      '-- Actions',
      '$(debug-start) Start Daemon',
      '$(output) Show Extension Log',
      '$(output) Show Daemon Log',
      '$(info) The daemon is not running | no daemon runs',
    ])
  })

  it('offers the restart where the daemon is too old', () => {
    const rows = glanceRows({ ...liveInput(emptyView), link: { kind: 'mismatch', older: 'daemon', version: '0' } })
    assert.ok(rows.map(text).includes('$(debug-restart) Restart Daemon'))
    assert.ok(!rows.map(text).includes('$(debug-start) Start Daemon'))
  })

  it('lists warnings', () => {
    const warnings = [{ code: 'home-open' as const, subject: '~', text: 'Others can read it.', since: '' }]
    assert.deepEqual(
      glanceRows(liveInput(view({ warnings })))
        .map(text)
        .slice(-2),
      ['-- Warnings', '$(warning) Others can read it.'],
    )
  })
})
