/** The tooltip's Markdown, whole, for each state. */
import assert from 'node:assert/strict'
import type { RefusalKind } from '../shared/contract/refusal.ts'
import type { Headline } from '../shared/contract/rows.ts'
import { totals } from '../shared/test/samples.ts'
import { emptyView } from '../shared/view.ts'
import type { Link } from './link.ts'
import {
  budgetRow,
  limitRow,
  liveInput,
  requestRow,
  standing,
  view,
  windowHeadline,
  windowRow,
} from './test/samples.ts'
import { tooltipOf } from './tooltip.ts'

const at = (link: Link) => tooltipOf({ ...liveInput(emptyView), link })
/** Between the numbers of one column and the text of the next. */
const gap = '&nbsp;&nbsp;'
const links =
  '[Limits and spend](command:tollkeeper.glance) · [Dashboard](command:tollkeeper.openDashboard) · ' +
  '[Query usage…](command:tollkeeper.queryStats) · [Query rate limits…](command:tollkeeper.queryRateLimits)'

describe('the tooltip', () => {
  it('shows limits, spend and the last call', () => {
    const shown = view({ limits: [limitRow()], recent: [requestRow()], standing: standing({ in_flight: 2 }) })
    assert.equal(
      tooltipOf(liveInput(shown)),
      `**Claude plan** · measured just now

| | used | ${gap}resets |
| :-- | --: | :-- |
| 5 hour limit | 38% | ${gap}16:10 (2h 10m) |
| weekly limit | 71% | ${gap}Sat 09:00 (19h) |

**Spend** 12 calls · 412k tokens · $3.10 today · $61.20 this month

Last call: claude\\-opus\\-5\\-5 · 12.4k in (10k cached), 600 out · in the plan (list price $0.09) · 4.1s

2 running now

${links}`,
    )
  })

  it('shows the pace of windows that have one', () => {
    const windows = [
      windowRow({ pace_pct: -1.4 }),
      windowRow({ name: '7d', used_pct: 71, pace_pct: 9.2, runs_out_at: '2026-11-21T07:30:00Z' }),
      windowRow({ name: 'requests', used_pct: 1 }),
    ]
    const text = tooltipOf(liveInput(view({ limits: [limitRow({ windows })] })))
    const expected = `| | used | ${gap}pace | ${gap}resets |
| :-- | --: | :-- | :-- |
| 5 hour limit | 38% | ${gap}on pace | ${gap}16:10 (2h 10m) |
| weekly limit | 71% | ${gap}\\+9%, out Sat 07\\:30 | ${gap}16:10 (2h 10m) |
| requests limit | 1% | ${gap} | ${gap}16:10 (2h 10m) |`
    assert.ok(text.includes(expected), text)
  })

  it('says of an account until when it is avoided', () => {
    const cooldown = { until: '2026-11-20T14:47:00Z', refusal: 'money' as const, model: null, reason: '' }
    const text = tooltipOf(liveInput(view({ limits: [limitRow({ windows: [], cooldown })] })))
    assert.ok(
      text.startsWith('**Claude plan**\n\navoided until 14\\:47\\: no credit, or a spend limit\n\n**Spend**'),
      text,
    )
  })

  it('says first what stops calls now, and what helps', () => {
    const first = (headline: Headline) =>
      tooltipOf(liveInput(view({ standing: standing({ headline }) }))).split('\n\n')[0]
    const until = '2026-11-20T14:00:50Z'
    const stopped = (state: 'limit' | 'throttled', refusal: RefusalKind) =>
      first(windowHeadline({}, { state, refused: { refusal, until } }))
    assert.equal(stopped('limit', 'plan'), '$(error) **Claude plan\\: limit reached** · resets 14:00')
    assert.equal(
      stopped('limit', 'money'),
      '$(error) **Claude plan\\: no credit, or a spend limit** · avoided until 14:00  \nAdd credit or raise the spend limit at the provider.',
    )
    assert.equal(stopped('throttled', 'rate'), '$(clock) **Claude plan\\: rate limited** · for less than two minutes')
    assert.equal(first(windowHeadline({}, { state: 'limit' })), '$(error) **Claude plan\\: limit reached**')
    const budget = {
      ...{ id: 'day', label: 'Daily budget for a*b', limit_usd: 10, limit_tokens: null, spent_usd: 10.4 },
      ...{ spent_tokens: 0, ends_at: '2026-11-21T00:00:00Z' },
    }
    assert.equal(
      first(windowHeadline({}, { state: 'budget-stop', budget })),
      '$(error) **Daily budget stop for a\\*b\\: calls are being refused** · until Sat 00:00  \nRaise its limit in config.jsonc, or with "tollkeeper budget set".',
    )
    assert.match(first(windowHeadline()) ?? '', /^\*\*Spend/)
  })

  it('shows three budgets beside the spend, those that stop calls first', () => {
    const budgets = [
      budgetRow({ over_at: '2026-11-20T18:00:00Z' }),
      budgetRow({ label: 'Weekly budget for a*b', period: 'week', state: 'exceeded', spent_usd: 10.4 }),
      budgetRow({ label: 'Monthly budget', period: 'month', state: 'blocking', spent_usd: 120, limit_usd: 120 }),
    ]
    const text = (more: typeof budgets) => tooltipOf(liveInput(view({ budgets: [...budgets, ...more] })))
    const lines = [
      '**Monthly budget** $120.00 this month of $120 · no more calls',
      '**Weekly budget for a\\*b** $10.40 this week of $10 · passed',
      '**Daily budget** $3.10 today of $10 · at this pace over 18\\:00',
    ].join('  \n')
    assert.ok(text([]).includes(`this month\n\n${lines}\n\n`), text([]))
    const four = text([budgetRow({ used_pct: 1 })])
    assert.ok(four.includes(`${lines}  \n+1 more: tollkeeper budget list`), four)
  })

  it('says that nothing was seen yet', () => {
    const shown = view({ standing: standing({ today: totals(), month: totals() }) })
    assert.equal(
      tooltipOf(liveInput(shown)),
      `**Spend** 0 calls · 0 tokens · $0.00 today · $0.00 this month\n\nNo calls seen yet.\n\n${links}`,
    )
  })

  it('labels what is simulated, first of all', () => {
    const text = tooltipOf(liveInput(view({ standing: standing({ simulated: true }) })))
    assert.ok(text.startsWith('$(beaker) Simulated calls of the sandbox; none of this is real.'))
  })

  it('shows three accounts of three windows and counts the rest', () => {
    const windows = ['5h', '7d', '7d-opus', 'requests'].map((name) => windowRow({ name }))
    const limits = ['a', 'b', 'c', 'd', 'e'].map((account) => limitRow({ account, account_label: account, windows }))
    const text = tooltipOf(liveInput(view({ limits })))
    assert.equal(text.match(/\| used \|/g)?.length, 3)
    assert.ok(text.includes('| weekly limit for opus |'))
    assert.ok(!text.includes('| requests limit |'))
    assert.ok(text.includes('+1 more in the dashboard'))
    assert.ok(text.includes('+2 more in the dashboard'))
  })

  it('names a reached limit and one that is passed for money', () => {
    const reached = limitRow({ windows: [windowRow({ used_pct: 100, status: 'rejected' })] })
    assert.ok(tooltipOf(liveInput(view({ limits: [reached] }))).includes('| 100% reached |'))
    const paid = { ...reached, overage_in_use: true }
    assert.ok(tooltipOf(liveInput(view({ limits: [paid] }))).includes('| 100% over plan |'))
  })

  it('shows the limits of accounts before those of their models', () => {
    const requests = windowRow({ name: 'requests' })
    const models = ['gpt-5', 'gpt-5-mini', 'o4'].map((model) => limitRow({ model, windows: [requests] }))
    const text = tooltipOf(liveInput(view({ limits: [...models, limitRow()] })))
    assert.ok(text.indexOf('5 hour limit') < text.indexOf('requests limit') && text.includes('weekly limit'), text)
    assert.ok(text.includes('+1 more in the dashboard'))
  })

  it('says how a call ended, what is estimated, and what no price is known for', () => {
    const last = requestRow({
      outcome: 'refused',
      http_status: 429,
      billing: 'metered',
      billed_usd: null,
      usage_source: 'estimated',
    })
    assert.ok(
      tooltipOf(liveInput(view({ recent: [last] }))).includes(
        'refused (429) · ~12.4k in (10k cached), ~600 out · price unknown · 4.1s',
      ),
    )
  })

  it('names no money where a call used nothing', () => {
    const last = requestRow({ outcome: 'refused', http_status: 429, usage_source: 'none', cost_usd: 0, latency_ms: 15 })
    assert.ok(tooltipOf(liveInput(view({ recent: [last] }))).includes('· refused (429) · 15ms'))
  })

  it('puts a plus where calls without a price are not in the money', () => {
    const today = totals({ requests: 1, tokens: 5, billed_usd: 1, unpriced_requests: 1 })
    assert.ok(
      tooltipOf(liveInput(view({ standing: standing({ today }) }))).includes('1 call · 5 tokens · $1.00+ today'),
    )
  })

  it('shows every warning', () => {
    const warnings = [{ code: 'home-open' as const, subject: '~', text: 'Others can read [x].', since: '' }]
    assert.ok(tooltipOf(liveInput(view({ warnings }))).includes('$(warning) Others can read \\[x\\]\\.'))
  })

  it('lets no name from outside become a link, an icon, a table cell or HTML', () => {
    const model = 'a](command:evil) $(flame) | <b>&amp; https://evil.example `x`\nnext'
    const text = tooltipOf(liveInput(view({ recent: [requestRow({ model })] })))
    const escaped =
      'a\\]\\(command\\:evil\\) \\\\$\\(flame\\) \\| &lt;b&gt;&amp;amp; https\\:\\/\\/evil\\.example \\`x\\` next'
    assert.ok(text.includes(`Last call: ${escaped} ·`), text)
  })

  it('offers a way on while there is no daemon', () => {
    assert.equal(
      at({ kind: 'off', why: 'no daemon runs' }),
      '**Tollkeeper daemon is not running**\n\n' +
        '[Start](command:tollkeeper.startDaemon) · [Extension log](command:tollkeeper.showLog) · ' +
        '[Daemon log](command:tollkeeper.showDaemonLog)\n\nno daemon runs',
    )
    assert.equal(at({ kind: 'starting' }), '**Tollkeeper** is starting\n\n[Log](command:tollkeeper.showLog)')
    assert.ok(
      at({ kind: 'mismatch', older: 'daemon', version: '0.0.1' }).includes('(command:tollkeeper.restartDaemon)'),
    )
    assert.ok(at({ kind: 'mismatch', older: 'window', version: '9.0.0' }).includes('reload the window'))
  })
})
