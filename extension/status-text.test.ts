/** Every state of the status bar item: text, background, spoken label. */
import assert from 'node:assert/strict'
import type { Headline } from '../shared/contract/rows.ts'
import { emptyView } from '../shared/view.ts'
import type { Link } from './link.ts'
import { eighthsOf, type StatusShown, statusOf } from './status-text.ts'
import { limitRow, liveInput, standing, view, windowHeadline } from './test/samples.ts'

type Row = [state: string, shown: StatusShown, expected: [string, StatusShown['background'], string]]

const at = (link: Link) => statusOf({ ...liveInput(emptyView), link })
const headed = (headline: Headline, simulated = false) =>
  statusOf(liveInput(view({ standing: standing({ headline, simulated }), limits: [limitRow()] })))
const spend = (some: object = {}): Headline => ({
  kind: 'spend',
  account_label: 'OpenAI key …3f9a',
  tokens: 12_400,
  billed_usd: 0.42,
  unpriced_requests: 0,
  ...some,
})

const table: Row[] = [
  ['starting', at({ kind: 'starting' }), ['$(loading~spin) Tollkeeper', null, 'Tollkeeper, starting']],
  ['off', at({ kind: 'off', why: '' }), ['$(meter-off) Tollkeeper off', null, 'Tollkeeper daemon is not running']],
  [
    'a daemon that is too old',
    at({ kind: 'mismatch', older: 'daemon', version: '0.0.1' }),
    ['$(arrow-up) Update Tollkeeper', 'warning', 'Tollkeeper daemon is too old for this extension'],
  ],
  [
    'a window that is too old',
    at({ kind: 'mismatch', older: 'window', version: '9.0.0' }),
    ['$(refresh) Reload', 'warning', 'Extension is older than the daemon; reload window'],
  ],
  ['running, nothing told yet', at({ kind: 'live' }), ['$(meter-0)', null, 'Tollkeeper, running']],
  ['no call seen', headed({ kind: 'none' }), ['$(meter-0)', null, 'Tollkeeper, running, no calls seen yet']],
  [
    'fine',
    headed(windowHeadline()),
    ['$(meter-3) 5h 38%', null, 'Claude plan, 5 hour limit 38 percent used, resets 16:10, measured just now'],
  ],
  [
    'fine, measured a while ago',
    headed(windowHeadline({ measured_at: '2026-11-20T13:56:00Z' })),
    ['$(meter-3) 5h 38%', null, 'Claude plan, 5 hour limit 38 percent used, resets 16:10, measured 4 min ago'],
  ],
  [
    'the week binds',
    headed(windowHeadline({ name: '7d', used_pct: 71, resets_at: '2026-11-21T09:00:00Z' })),
    ['$(meter-6) 7d 71%', null, 'Claude plan, weekly limit 71 percent used, resets Sat 09:00, measured just now'],
  ],
  [
    'hardly anything used',
    headed(windowHeadline({ used_pct: 0.2 })),
    ['$(meter-0) 5h <1%', null, 'Claude plan, 5 hour limit less than 1 percent used, resets 16:10, measured just now'],
  ],
  [
    'reset and not confirmed',
    headed(windowHeadline({ used_pct: 0, resets_at: null, confirmed: false })),
    ['$(meter-0) 5h 0%', null, 'Claude plan, 5 hour limit 0 percent used, not confirmed since the reset'],
  ],
  [
    'a window without a share',
    headed(windowHeadline({ used_pct: null, resets_at: null })),
    ['$(meter-0) 5h –', null, 'Claude plan, 5 hour limit, share not stated, measured just now'],
  ],
  [
    'near the limit',
    headed(windowHeadline({ used_pct: 91, resets_at: '2026-11-20T14:47:00Z', status: 'warning' })),
    [
      '$(meter-7) 5h 91% · 47m',
      'warning',
      'Claude plan, 5 hour limit 91 percent used, resets 14:47, measured just now',
    ],
  ],
  [
    'limit reached',
    headed(windowHeadline({ used_pct: 100, resets_at: '2026-11-20T14:47:00Z', status: 'rejected' })),
    ['$(meter-8) Limit · 47m', 'error', 'Claude plan, 5 hour limit reached, resets 14:47'],
  ],
  [
    'limit reached, no reset known',
    headed(windowHeadline({ used_pct: 100, resets_at: null, status: 'rejected' })),
    ['$(meter-8) Limit', 'error', 'Claude plan, 5 hour limit reached'],
  ],
  [
    'over plan',
    headed(windowHeadline({ used_pct: 115 })),
    [
      '$(meter-8) 5h 115%',
      'warning',
      'Claude plan, 5 hour limit 115 percent used, 15 percent over plan, extra usage is billed, resets 16:10',
    ],
  ],
  [
    'refused by the plan, going on as paid extra usage',
    statusOf(
      liveInput(
        view({
          standing: standing({ headline: windowHeadline({ used_pct: 100, status: 'rejected' }) }),
          limits: [limitRow({ model: 'claude-opus', windows: [] }), limitRow({ overage_in_use: true })],
        }),
      ),
    ),
    [
      '$(meter-8) 5h 100%',
      'warning',
      'Claude plan, 5 hour limit 100 percent used, over plan, extra usage is billed, resets 16:10',
    ],
  ],
  [
    'stale',
    headed(windowHeadline({ measured_at: '2026-11-20T12:04:00Z' }, true)),
    ['$(history) 5h 38%', null, 'Claude plan, 5 hour limit 38 percent used as of 12:04, not confirmed since'],
  ],
  [
    'spend',
    headed(spend()),
    ['$(meter-0) 12.4k tok · $0.42 today', null, 'OpenAI key …3f9a, 12400 tokens and $0.42 today'],
  ],
  [
    'spend with calls of unknown price',
    headed(spend({ unpriced_requests: 2 })),
    ['$(meter-0) 12.4k tok · $0.42+ today', null, 'OpenAI key …3f9a, 12400 tokens and at least $0.42 today'],
  ],
  [
    'sandbox',
    headed(windowHeadline(), true),
    [
      '$(meter-3) 5h 38% · sandbox',
      null,
      'Simulated calls only: Claude plan, 5 hour limit 38 percent used, resets 16:10, measured just now',
    ],
  ],
]

describe('the status bar item', () => {
  for (const [state, shown, [text, background, label]] of table) {
    it(`shows: ${state}`, () => assert.deepEqual(shown, { text, background, label }))
  }

  it('keeps the bar’s own background where the user wants no colour', () => {
    const input = liveInput(view({ standing: standing({ headline: windowHeadline({ status: 'rejected' }) }) }))
    assert.equal(statusOf(input).background, 'error')
    assert.equal(statusOf({ ...input, colour: false }).background, null)
  })

  it('warns from the percentage on that the user set', () => {
    const input = liveInput(view({ standing: standing({ headline: windowHeadline({ used_pct: 60 }) }) }))
    assert.equal(statusOf({ ...input, warnAt: 61 }).background, null)
    assert.equal(statusOf({ ...input, warnAt: 60 }).background, 'warning')
  })

  it('takes no icon from a window’s name', () => {
    assert.equal(headed(windowHeadline({ name: '$(flame)' })).text, '$(meter-3) \\$(flame) 38%')
  })

  it('fills the ring by the nearest eighth, and whole only where all is used', () => {
    const filled = [0, 6, 7, 38, 50, 62, 71, 91, 99.9, 100, 250].map(eighthsOf)
    assert.deepEqual(filled, [0, 0, 1, 3, 4, 5, 6, 7, 7, 8, 8])
  })
})
