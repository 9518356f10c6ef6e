/** Every state of the status bar item: text, background, spoken label. */
import assert from 'node:assert/strict'
import type { RefusalKind } from '../shared/contract/refusal.ts'
import type { Headline, HeadlineBudget } from '../shared/contract/rows.ts'
import { emptyView } from '../shared/view.ts'
import { countsSeconds } from './headline-text.ts'
import type { Link } from './link.ts'
import { type StatusShown, statusOf } from './status-text.ts'
import { limitRow, liveInput, now, standing, view, windowHeadline } from './test/samples.ts'
import { eighthsOf } from './window-text.ts'

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
  state: 'ok',
  refused: null,
  budget: null,
  ...some,
})

const budget = (some: Partial<HeadlineBudget> = {}): HeadlineBudget => ({
  ...{ id: 'day', label: 'Daily budget', limit_usd: 10, limit_tokens: null, spent_usd: 10.4, spent_tokens: 0 },
  ends_at: '2026-11-21T00:00:00Z',
  ...some,
})

/** Refused for this long from now on. */
const refused = (refusal: RefusalKind, ms: number) => ({ refusal, until: new Date(now + ms).toISOString() })
const limit = (refusal: RefusalKind, ms: number) => ({ state: 'limit' as const, refused: refused(refusal, ms) })
const throttled = (ms: number) => ({ state: 'throttled' as const, refused: refused('rate', ms) })

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
    headed(windowHeadline({ used_pct: 91, resets_at: '2026-11-20T14:47:00Z', status: 'warning' }, { state: 'near' })),
    [
      '$(meter-7) 5h 91% · 47m',
      'warning',
      'Claude plan, 5 hour limit 91 percent used, resets in 47 minutes, measured just now',
    ],
  ],
  [
    'near the limit, days before its reset',
    headed(windowHeadline({ name: '7d', used_pct: 91, resets_at: '2026-11-21T15:00:00Z' }, { state: 'near' })),
    [
      '$(meter-7) 7d 91% · 1d 1h',
      'warning',
      'Claude plan, weekly limit 91 percent used, resets in 1 day 1 hour, measured just now',
    ],
  ],
  [
    'near the limit, seconds before its reset',
    headed(windowHeadline({ used_pct: 91, resets_at: '2026-11-20T14:01:35Z' }, { state: 'near' })),
    [
      '$(meter-7) 5h 91% · 95s',
      'warning',
      'Claude plan, 5 hour limit 91 percent used, resets in 95 seconds, measured just now',
    ],
  ],
  [
    'near a limit without a reset',
    headed(windowHeadline({ used_pct: 91, resets_at: null }, { state: 'near' })),
    ['$(meter-7) 5h 91%', 'warning', 'Claude plan, 5 hour limit 91 percent used, measured just now'],
  ],
  [
    'fast pace',
    headed(
      windowHeadline({ used_pct: 62, pace_pct: 5.3, runs_out_at: '2026-11-20T14:20:00Z' }, { state: 'fast-pace' }),
    ),
    [
      '$(meter-5) 5h 62% out 14:20',
      null,
      'Claude plan, 5 hour limit 62 percent used, at this pace runs out at 14:20, resets 16:10, measured just now',
    ],
  ],
  [
    'fast pace, which was to run out before now',
    headed(windowHeadline({ used_pct: 62, runs_out_at: '2026-11-20T14:00:00Z' }, { state: 'fast-pace' })),
    ['$(meter-5) 5h 62%', null, 'Claude plan, 5 hour limit 62 percent used, resets 16:10, measured just now'],
  ],
  [
    'near the limit at a fast pace',
    headed(windowHeadline({ used_pct: 91, runs_out_at: '2026-11-20T14:20:00Z' }, { state: 'near' })),
    [
      '$(meter-7) 5h 91% · 2h 10m',
      'warning',
      'Claude plan, 5 hour limit 91 percent used, resets in 2 hours 10 minutes, measured just now',
    ],
  ],
  [
    'limit reached',
    headed(
      windowHeadline(
        { used_pct: 100, resets_at: '2026-11-20T14:47:00.000Z', status: 'rejected' },
        limit('plan', 47 * 60_000),
      ),
    ),
    ['$(meter-8) Limit · 47m', 'error', 'Claude plan, 5 hour limit reached, resets 14:47'],
  ],
  [
    'limit reached by what is not the window that binds',
    headed(windowHeadline({}, limit('plan', 47 * 60_000))),
    ['$(meter-8) Limit · 47m', 'error', 'Claude plan, limit reached, resets 14:47'],
  ],
  [
    'limit reached, no reset known',
    headed(windowHeadline({ used_pct: 100, resets_at: null, status: 'rejected' }, { state: 'limit' })),
    ['$(meter-8) Limit', 'error', 'Claude plan, 5 hour limit reached'],
  ],
  [
    'limit reached, and reset by now',
    headed(windowHeadline({ used_pct: 0, resets_at: null, confirmed: false }, limit('plan', 0))),
    ['$(meter-0) 5h 0%', null, 'Claude plan, 5 hour limit 0 percent used, not confirmed since the reset'],
  ],
  [
    'limit reached by a key without credit',
    headed(spend(limit('money', 47 * 60_000))),
    ['$(meter-8) Limit · 47m', 'error', 'OpenAI key …3f9a, no credit, or a spend limit, avoided until 14:47'],
  ],
  [
    'limit reached by a key, for long',
    headed(spend(limit('rate', 3 * 3_600_000))),
    ['$(meter-8) Limit · 3h', 'error', 'OpenAI key …3f9a, rate limit, resets 17:00'],
  ],
  [
    'throttled',
    headed(windowHeadline({ used_pct: 50 }, throttled(22_000))),
    ['$(meter-4) wait 22s', null, 'Claude plan, rate limited, retry in 22 seconds'],
  ],
  [
    'throttled, by a key',
    headed(spend(throttled(900))),
    ['$(meter-0) wait 1s', null, 'OpenAI key …3f9a, rate limited, retry in 1 second'],
  ],
  [
    'throttled no more',
    headed(windowHeadline({}, throttled(0))),
    ['$(meter-3) 5h 38%', null, 'Claude plan, 5 hour limit 38 percent used, resets 16:10, measured just now'],
  ],
  [
    'over plan',
    headed(windowHeadline({ used_pct: 115 }, { state: 'overage' })),
    [
      '$(meter-8) 5h 115%',
      'warning',
      'Claude plan, 5 hour limit 115 percent used, 15 percent over plan, extra usage is billed, resets 16:10',
    ],
  ],
  [
    'refused by the plan, going on as paid extra usage',
    headed(windowHeadline({ used_pct: 100, status: 'rejected' }, { state: 'overage' })),
    [
      '$(meter-8) 5h 100%',
      'warning',
      'Claude plan, 5 hour limit 100 percent used, over plan, extra usage is billed, resets 16:10',
    ],
  ],
  [
    'stale',
    headed(windowHeadline({ measured_at: '2026-11-20T12:04:00Z' }, { state: 'stale' })),
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
    'soft budget passed',
    headed(spend({ state: 'budget-passed', budget: budget() })),
    ['$(meter-8) $10.40/$10', 'warning', 'Daily budget passed: 10.40 of 10 dollars'],
  ],
  [
    'soft budget in tokens passed',
    headed(
      windowHeadline(
        {},
        {
          state: 'budget-passed',
          budget: budget({ label: 'Weekly budget', limit_usd: null, limit_tokens: 50_000, spent_tokens: 52_000 }),
        },
      ),
    ),
    ['$(meter-8) 52k/50k tok', 'warning', 'Weekly budget passed: 52k of 50k tokens'],
  ],
  [
    'hard budget stop',
    headed(windowHeadline({}, { state: 'budget-stop', budget: budget() })),
    ['$(meter-8) Budget stop', 'error', 'Daily budget stop is active, calls are being refused'],
  ],
  [
    'hard budget stop of one provider',
    headed(spend({ state: 'budget-stop', budget: budget({ label: 'Monthly budget for openai', ends_at: null }) })),
    ['$(meter-8) Budget stop', 'error', 'Monthly budget stop for openai is active, calls are being refused'],
  ],
  [
    'hard budget stop, in a period that is over by now',
    headed(spend({ state: 'budget-stop', budget: budget({ ends_at: '2026-11-20T14:00:00Z' }) })),
    ['$(meter-0) 12.4k tok · $0.42 today', null, 'OpenAI key …3f9a, 12400 tokens and $0.42 today'],
  ],
  [
    'soft budget passed, in a period that is over by now',
    headed(windowHeadline({}, { state: 'budget-passed', budget: budget({ ends_at: '2026-11-20T13:59:59Z' }) })),
    ['$(meter-3) 5h 38%', null, 'Claude plan, 5 hour limit 38 percent used, resets 16:10, measured just now'],
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
    const input = liveInput(view({ standing: standing({ headline: windowHeadline({}, { state: 'limit' }) }) }))
    assert.equal(statusOf(input).background, 'error')
    assert.equal(statusOf({ ...input, colour: false }).background, null)
  })

  it('warns from the percentage on that the user set', () => {
    const input = liveInput(view({ standing: standing({ headline: windowHeadline({ used_pct: 60 }) }) }))
    assert.equal(statusOf({ ...input, warnAt: 61 }).background, null)
    assert.equal(statusOf({ ...input, warnAt: 60 }).background, 'warning')
  })

  it('is drawn each second only while it counts seconds', () => {
    const seconds = (headline: Headline) => countsSeconds(headline, { now, warnAt: 90 })
    const nearly = (resets_at: string) => windowHeadline({ used_pct: 95, resets_at }, { state: 'near' })
    const counted = [throttled(22_000), limit('plan', 119_999)].map((stands) => seconds(windowHeadline({}, stands)))
    assert.deepEqual([...counted, seconds(nearly('2026-11-20T14:01:00Z'))], [true, true, true])
    const still = [windowHeadline(), windowHeadline({}, limit('plan', 120_000)), windowHeadline({}, throttled(0))]
    const near = [nearly('2026-11-20T14:47:00Z'), spend(), { kind: 'none' } as const]
    assert.deepEqual([...still, ...near].map(seconds), [false, false, false, false, false, false])
  })

  it('takes no icon from a window’s name', () => {
    assert.equal(headed(windowHeadline({ name: '$(flame)' })).text, '$(meter-3) \\$(flame) 38%')
  })

  it('fills the ring by the nearest eighth, and whole only where all is used', () => {
    const filled = [0, 6, 7, 38, 50, 62, 71, 91, 99.9, 100, 250].map(eighthsOf)
    assert.deepEqual(filled, [0, 0, 1, 3, 4, 5, 6, 7, 7, 8, 8])
  })
})
