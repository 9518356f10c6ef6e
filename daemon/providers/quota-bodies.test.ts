/** What events and refusals' bodies say of limits, in recorded forms, and that no JSON whatever makes the reading throw. */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { type QuotaWindow, quotaWindow } from '../../shared/contract/quota.ts'
import { readQuotaBody, readQuotaEvent, readQuotaIn } from './quota-bodies.ts'
import { readQuota } from './quota-headers.ts'
import { nextPacificMidnight } from './quota-midnight.ts'

const at = Date.UTC(2026, 10, 22, 10)
const minute = 60_000
const hour = 60 * minute
const shown = (windows: readonly QuotaWindow[] | undefined) =>
  windows?.map((one) => [one.name, one.usedPct, one.status, one.resetsAt === null ? null : one.resetsAt - at])

const codexEvent = {
  type: 'codex.rate_limits',
  plan_type: 'pro',
  rate_limits: {
    allowed: true,
    limit_reached: false,
    primary: { used_percent: 7, window_minutes: 300, reset_after_seconds: 13168, reset_at: at / 1000 + 13168 },
    secondary: { used_percent: 29, window_minutes: 10080, reset_after_seconds: 434962, reset_at: null },
  },
  code_review_rate_limits: null,
  additional_rate_limits: null,
  credits: { has_credits: true, unlimited: false, balance: '12' },
}

const geminiError = (violations: unknown[], retryDelay?: string) => ({
  error: {
    code: 429,
    message: 'You exceeded your current quota, please check your plan and billing details.',
    status: 'RESOURCE_EXHAUSTED',
    details: [
      { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations },
      ...(retryDelay === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }]),
    ],
  },
})
const perDay = {
  quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
  quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
  quotaDimensions: { location: 'global', model: 'gemini-3-flash' },
  quotaValue: '20',
}

describe('readQuotaEvent', () => {
  it("reads a ChatGPT plan's windows from Codex's stream", () => {
    const said = readQuotaEvent(codexEvent, at)
    assert.deepEqual(shown(said?.windows), [
      ['5h', 7, null, 13_168_000],
      ['7d', 29, null, 434_962_000],
      ['credits', null, null, null],
    ])
    assert.deepEqual([said?.windows[2]?.remaining, said?.overageInUse, said?.modelWindows], [12, false, []])
    assert.ok(said?.windows.every((one) => one.source === 'event' && one.measuredAt === at))
  })

  it('keeps limits of single models apart by their names', () => {
    const rate_limits = { primary: { used_percent: 100, window_minutes: 300, reset_after_seconds: 60 } }
    assert.deepEqual(
      shown(readQuotaEvent({ ...codexEvent, rate_limits, metered_limit_name: 'codex_other' }, at)?.windows)?.[0],
      ['5h-other', 100, null, minute],
    )
    const additional_rate_limits = [
      { limit_name: 'GPT-5.2', rate_limit: { primary_window: { used_percent: 3, limit_window_seconds: 604800 } } },
      { limit_name: '', rate_limit: rate_limits },
      null,
    ]
    const names = readQuotaEvent({ ...codexEvent, additional_rate_limits }, at)?.windows.map((one) => one.name)
    assert.deepEqual(names, ['5h', '7d', '7d-gpt-5.2', 'credits'])
  })

  it('says null of any other event', () => {
    for (const json of [{ type: 'response.created' }, { type: 'codex.rate_limits' }, null, 'x', 7, []]) {
      assert.equal(readQuotaEvent(json, at), null)
    }
  })
})

describe('readQuotaIn', () => {
  it('takes a plan that the body calls used up for the window that the headers say is', () => {
    const body = { error: { type: 'usage_limit_reached', resets_in_seconds: 60 } }
    const headers = (used: string, more: Record<string, string> = {}) => {
      const all = new Map(Object.entries({ 'x-codex-primary-used-percent': used, ...more }))
      return readQuota((name) => all.get(name), at, [...all.keys()], 429)
    }
    assert.equal(readQuotaIn(body, at, 429, headers('100')), null)
    const spent = { 'x-codex-credits-has-credits': 'True', 'x-codex-credits-balance': '0' }
    for (const head of [null, headers('99'), headers('99', spent)])
      assert.deepEqual(shown(readQuotaIn(body, at, 429, head)?.windows), [['plan', 100, 'rejected', minute]])
    assert.deepEqual(
      readQuotaIn(codexEvent, at, 200, headers('100'))?.windows.map((one) => one.name),
      ['5h', '7d', 'credits'],
    )
  })
})

describe('readQuotaBody', () => {
  const reached = (more: object) => ({ error: { type: 'usage_limit_reached', message: 'Limit reached', ...more } })

  it('knows until when a ChatGPT plan is used up', () => {
    const rows: [object, number][] = [
      [{ resets_at: at / 1000 + 60, resets_in_seconds: 99 }, minute],
      [{ resets_in_seconds: 7200, plan_type: 'plus' }, 2 * hour],
      [{ resets_at: 12 }, hour],
      [{}, hour],
    ]
    for (const [more, resets] of rows) {
      assert.deepEqual(shown(readQuotaBody(429, reached(more), at)?.windows), [['plan', 100, 'rejected', resets]])
    }
    assert.equal(readQuotaBody(400, reached({}), at), null)
  })

  it('reads which quotas of Gemini are used up, by account and by model', () => {
    const inputs = { quotaId: 'GenerateContentPaidTierInputTokensPerModelPerMinute', quotaValue: '1000000' }
    const project = { quotaId: 'GenerateRequestsPerMinutePerProject', quotaValue: '60' }
    const said = readQuotaBody(429, [geminiError([inputs, project], '34.074824224s')], at)
    assert.deepEqual(shown(said?.modelWindows), [['input-tokens-minute', 100, 'rejected', 34_075]])
    assert.deepEqual(shown(said?.windows), [['requests-minute', 100, 'rejected', 34_075]])
    const [window] = said?.modelWindows ?? []
    assert.deepEqual([window?.limit, window?.remaining, window?.source], [1_000_000, 0, 'body'])
  })

  it("lets a day's quota of Gemini reset at midnight, Pacific time, whatever a short delay says", () => {
    // 02:00 there
    assert.deepEqual(shown(readQuotaBody(429, geminiError([perDay], '1s'), at)?.modelWindows), [
      ['requests-day', 100, 'rejected', 22 * hour],
    ])
    assert.deepEqual(
      shown(readQuotaBody(429, geminiError([perDay], '10h17m5s'), at)?.modelWindows)?.[0]?.[3],
      37_025_000,
    )
  })

  it('takes a quota with the name of a model beside it for that model’s', () => {
    const { model: _, ...elsewhere } = perDay.quotaDimensions
    const named = { ...perDay, quotaId: 'GenerateRequestsPerDay' }
    const scopes = (one: object) => {
      const said = readQuotaBody(429, geminiError([one]), at)
      return [said?.windows.length, said?.modelWindows.length]
    }
    assert.deepEqual(scopes(named), [0, 1])
    assert.deepEqual(scopes({ ...named, quotaDimensions: elsewhere }), [1, 0])
    assert.deepEqual(scopes({ ...named, quotaDimensions: '[MaxDepth]' }), [1, 0])
  })

  it('reads a quota of Google’s that only an ErrorInfo names', () => {
    const metadata = { quota_metric: 'aiplatform.googleapis.com/x', quota_limit: 'Gemini25ProRequestsPerDay' }
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED', metadata }]
    const said = readQuotaBody(429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED', details } }, at)
    assert.deepEqual(shown(said?.modelWindows), [['requests-day', null, 'rejected', 22 * hour]])
  })

  it('reads what OpenRouter repeats of its headers: limits of models that are free', () => {
    const refusal = (headers: object) => ({
      error: { code: 429, message: 'Rate limit exceeded', metadata: { headers } },
    })
    const headers = {
      'X-RateLimit-Limit': '50',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': String(at + 90_000),
    }
    assert.deepEqual(shown(readQuotaBody(429, refusal(headers), at)?.modelWindows), [
      ['requests', 100, 'rejected', 90_000],
    ])
    const partly = readQuotaBody(429, refusal({ ...headers, 'X-RateLimit-Reset': 'soon', 'X-RateLimit-Limit': {} }), at)
    assert.deepEqual(shown(partly?.modelWindows), [['requests', null, 'rejected', null]])
    assert.equal(readQuotaBody(429, refusal({ 'Retry-After': '17' }), at), null)
    assert.equal(readQuotaBody(402, refusal(headers), at), null)
  })

  it('gives no share of a limit of none', () => {
    const said = readQuotaBody(429, geminiError([{ ...perDay, quotaValue: '0' }]), at)
    assert.deepEqual([said?.modelWindows[0]?.limit, said?.modelWindows[0]?.usedPct], [0, null])
  })

  it('says null where a body does not tell which limit it is', () => {
    for (const json of [geminiError([]), { error: { type: 'rate_limit_error' } }, {}, [], null, 'x']) {
      assert.equal(readQuotaBody(429, json, at), null)
    }
  })
})

describe('what is read of limits in JSON', () => {
  it('never throws and always makes sound windows', () => {
    const leaf = fc.oneof(fc.jsonValue(), fc.constantFrom(1e308, -1, 'NaN', 'google.rpc.RetryInfo', '99999999999s'))
    const stated = fc.record({ used_percent: leaf, window_minutes: leaf, reset_at: leaf, reset_after_seconds: leaf })
    const event = fc.record({
      type: fc.constant('codex.rate_limits'),
      rate_limits: fc.oneof(leaf, fc.record({ primary: stated, secondary: leaf })),
      credits: fc.oneof(leaf, fc.record({ has_credits: fc.boolean(), balance: leaf })),
      additional_rate_limits: leaf,
    })
    const error = fc.record({
      type: fc.constantFrom('usage_limit_reached', 'x'),
      status: fc.constant('RESOURCE_EXHAUSTED'),
      resets_at: leaf,
      resets_in_seconds: leaf,
      details: fc.array(
        fc.record({
          '@type': fc.constantFrom('google.rpc.QuotaFailure', 'google.rpc.RetryInfo'),
          violations: leaf,
          retryDelay: leaf,
        }),
      ),
    })
    fc.assert(
      fc.property(fc.oneof(event, leaf), fc.oneof(fc.record({ error }), leaf), (event, body) => {
        for (const said of [readQuotaEvent(event, at), readQuotaBody(429, body, at)]) {
          for (const one of [...(said?.windows ?? []), ...(said?.modelWindows ?? [])]) {
            assert.ok(quotaWindow.safeParse(one).success, JSON.stringify(one))
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('nextPacificMidnight', () => {
  const rows: [string, string][] = [
    ['2026-11-22T10:00:00Z', '2026-11-23T08:00:00Z'],
    ['2026-11-22T07:59:59.999Z', '2026-11-22T08:00:00Z'],
    ['2026-11-22T08:00:00Z', '2026-11-23T08:00:00Z'],
    ['2026-07-01T12:00:00Z', '2026-07-02T07:00:00Z'],
    // clocks go forward, and back
    ['2026-03-08T08:30:00Z', '2026-03-09T07:00:00Z'],
    ['2026-11-01T07:30:00Z', '2026-11-02T08:00:00Z'],
  ]
  for (const [now, then] of rows) {
    it(`after ${now} is ${then}`, () =>
      assert.equal(new Date(nextPacificMidnight(Date.parse(now))).toISOString(), then.replace('Z', '.000Z')))
  }
})
