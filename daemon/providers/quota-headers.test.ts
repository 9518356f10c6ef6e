/** What limit headers mean, family by family, and that no header whatever makes the reading throw. */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { quotaWindow } from '../../shared/contract/quota.ts'
import { readQuota, retryAfterOf } from './quota-headers.ts'

const at = Date.UTC(2026, 10, 22, 10)
const inSeconds = (seconds: number) => String(at / 1000 + seconds)
const read = (headers: Record<string, string>) => readQuota((name) => headers[name], at, Object.keys(headers))

const unified = (parts: Record<string, string>) =>
  read(Object.fromEntries(Object.entries(parts).map(([name, value]) => [`anthropic-ratelimit-unified-${name}`, value])))

describe('the limits of a subscription', () => {
  it('are read window by window', () => {
    const reading = unified({
      status: 'allowed_warning',
      'representative-claim': 'five_hour',
      reset: inSeconds(3600),
      '5h-utilization': '0.38',
      '5h-status': 'allowed_warning',
      '5h-reset': inSeconds(3600),
      '7d-utilization': '0.07',
      '7d-status': 'allowed',
      '7d-reset': inSeconds(86400),
      '7d_oi-utilization': '1',
      '7d_oi-status': 'rejected',
      '7d_oi-reset': inSeconds(86400),
      '7d-sonnet-utilization': '0.5',
      '7d-surpassed-threshold': '0.75',
      'overage-status': 'rejected',
      'overage-reset': inSeconds(5),
      'overage-disabled-reason': 'org_level_disabled',
      fallback: 'available',
      'fallback-percentage': '0.5',
    })
    const given = reading?.windows.map((one) => [one.name, one.usedPct, one.status, one.resetsAt])
    assert.deepEqual(given, [
      ['5h', 38, 'warning', at + 3_600_000],
      ['7d', 7, 'allowed', at + 86_400_000],
      ['7d_oi', 100, 'rejected', at + 86_400_000],
      ['7d-sonnet', 50, null, null],
    ])
    assert.equal(reading?.representative, '5h')
    assert.equal(reading?.overageInUse, false)
    for (const window of reading?.windows ?? []) assert.ok(quotaWindow.safeParse(window).success)
  })

  it('hold windows that nobody has heard of yet, but not without end', () => {
    assert.deepEqual(
      unified({ '30d-fable-utilization': '0.1' })?.windows.map((one) => one.name),
      ['30d-fable'],
    )
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}h-utilization`, '0.1']))
    assert.ok((unified(many)?.windows.length ?? 0) <= 16)
  })

  it('go over 100 percent in paid overage', () => {
    const reading = unified({ '5h-utilization': '1.15', 'overage-in-use': 'true', status: 'allowed' })
    assert.equal(reading?.windows[0]?.usedPct, 115)
    assert.equal(reading?.overageInUse, true)
  })

  it('tell overage by both statuses where nothing says it outright', () => {
    const rows: [Record<string, string>, boolean | null][] = [
      [{ status: 'rejected', 'overage-status': 'allowed' }, true],
      [{ status: 'rejected', 'overage-status': 'allowed_warning' }, true],
      [{ status: 'rejected', 'overage-status': 'rejected' }, false],
      [{ status: 'allowed', 'overage-status': 'allowed' }, false],
      [{ status: 'allowed' }, null],
      [{ 'overage-in-use': 'false', status: 'rejected', 'overage-status': 'allowed' }, false],
    ]
    for (const [parts, expected] of rows) {
      assert.equal(unified({ '5h-utilization': '1', ...parts })?.overageInUse, expected, JSON.stringify(parts))
    }
  })

  it('name the binding window by its short name', () => {
    const rows: [string, string | null][] = [
      ['five_hour', '5h'],
      ['seven_day', '7d'],
      ['seven_day_sonnet', '7d-sonnet'],
      ['seven_day_opus', '7d_opus'],
      ['seven_day_overage_included', '7d_oi'],
      ['seven_day_new', '7d-new'],
      ['7d', '7d'],
      ['overage', null],
      ['whatever', null],
      ['constructor', null],
      ['__proto__', null],
    ]
    const present = { '7d-utilization': '0.1', '7d-sonnet-utilization': '0.1', '7d_opus-utilization': '0.1' }
    for (const [claim, expected] of rows) {
      assert.equal(unified({ ...present, 'representative-claim': claim })?.representative, expected, claim)
    }
  })

  it('take the overall status where only that is said', () => {
    assert.deepEqual(
      unified({ status: 'rejected', reset: inSeconds(60), 'representative-claim': 'five_hour' })?.windows,
      [
        {
          name: '5h',
          usedPct: null,
          limit: null,
          remaining: null,
          resetsAt: at + 60_000,
          status: 'rejected',
          source: 'header',
          measuredAt: at,
        },
      ],
    )
  })

  it('lose a malformed value and nothing else', () => {
    const reading = unified({
      '5h-utilization': 'a lot',
      '5h-status': 'allowed',
      '5h-reset': 'soon',
      '7d-utilization': '-1',
      '7d-status': 'constructor',
      '7d_oi-utilization': '0.2',
      '7d_oi-reset': '1',
    })
    assert.deepEqual(
      reading?.windows.map((one) => [one.name, one.usedPct, one.status, one.resetsAt]),
      [
        ['5h', null, 'allowed', null],
        ['7d_oi', 20, null, null],
      ],
    )
  })
})

describe('the limits of an API key', () => {
  it('at Anthropic', () => {
    const reading = read({
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-requests-reset': '2026-11-22T10:00:30Z',
      'anthropic-ratelimit-input-tokens-limit': '30000',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-22T12:01:00+02:00',
      'anthropic-ratelimit-output-tokens-remaining': '7',
      'anthropic-ratelimit-tokens-limit': 'x',
    })
    assert.deepEqual(
      reading?.windows.map((one) => [one.name, one.usedPct, one.limit, one.remaining, one.resetsAt]),
      [
        ['requests', 2, 50, 49, at + 30_000],
        ['input-tokens', 100, 30000, 0, at + 60_000],
        ['output-tokens', null, null, 7, null],
      ],
    )
    assert.equal(reading?.representative, null)
    assert.equal(reading?.overageInUse, null)
  })

  it('at OpenAI and those who do as it does', () => {
    const reading = read({
      'x-ratelimit-limit-requests': '10000',
      'x-ratelimit-remaining-requests': '9999',
      'x-ratelimit-reset-requests': '8.64s',
      'x-ratelimit-limit-tokens': '200000',
      'x-ratelimit-remaining-tokens': '150000',
      'x-ratelimit-reset-tokens': '6m23.4s',
    })
    assert.deepEqual(
      reading?.windows.map((one) => [one.name, one.usedPct, one.resetsAt]),
      [
        ['requests', 0.01, at + 8640],
        ['tokens', 25, at + 383_400],
      ],
    )
  })

  const durations: [string, number | null][] = [
    ['300ms', 300],
    ['1s', 1000],
    ['17', 17_000],
    ['0.5', 500],
    ['1h2m3s', 3_723_000],
    ['1d', 86_400_000],
    ['6m0s', 360_000],
    ['1.1s', 1100],
    ['500us', 1],
    ['0s', 0],
    ['', null],
    ['s', null],
    ['1x', null],
    ['-1s', null],
    ['1s2', null],
    ['soon', null],
    ['1e9', null],
    ['99999999999d', null],
    ['9999999999999999999', null],
  ]
  for (const [text, ms] of durations) {
    it(`a reset of ${JSON.stringify(text)} is ${ms === null ? 'unknown' : `in ${ms} ms`}`, () => {
      const reading = read({ 'x-ratelimit-remaining-tokens': '1', 'x-ratelimit-reset-tokens': text })
      assert.equal(reading?.windows[0]?.resetsAt, ms === null ? null : at + ms)
    })
  }

  it('with a limit of 0 has no share', () => {
    const reading = read({ 'x-ratelimit-limit-tokens': '0', 'x-ratelimit-remaining-tokens': '0' })
    assert.equal(reading?.windows[0]?.usedPct, null)
  })

  it('with more left than the limit has used nothing', () => {
    const reading = read({ 'x-ratelimit-limit-tokens': '10', 'x-ratelimit-remaining-tokens': '12' })
    assert.equal(reading?.windows[0]?.usedPct, 0)
  })
})

describe('readQuota', () => {
  it('says null where nothing is said', () => {
    assert.equal(read({}), null)
    assert.equal(read({ 'content-type': 'application/json', 'x-ratelimit-limit-requests': 'many' }), null)
  })

  it('never throws and always makes sound windows', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'anthropic-ratelimit-unified-5h-utilization',
        'anthropic-ratelimit-unified-5h-reset',
        'anthropic-ratelimit-unified-representative-claim',
        'anthropic-ratelimit-unified-status',
        'anthropic-ratelimit-requests-limit',
        'anthropic-ratelimit-requests-remaining',
        'anthropic-ratelimit-requests-reset',
        'x-ratelimit-limit-tokens',
        'x-ratelimit-remaining-tokens',
        'x-ratelimit-reset-tokens',
      ),
    )
    const value = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.nat().map(String),
      fc.constantFrom('1e400', '0x10', '∞'),
    )
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => {
        const reading = read(headers)
        for (const window of reading?.windows ?? []) assert.ok(quotaWindow.safeParse(window).success)
      }),
      { numRuns: 200 },
    )
  })
})

describe('retryAfterOf', () => {
  const rows: [Record<string, string>, number | null][] = [
    [{ 'retry-after': '30' }, 30_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Sunday, 22-Nov-26 10:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Sun Nov 22 10:01:00 2026' }, 60_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after': '30', 'retry-after-ms': '1234' }, 1234],
    [{ 'retry-after': '30', 'x-ms-retry-after-ms': '99' }, 99],
    [{ 'retry-after': '30', 'retry-after-ms': 'x' }, 30_000],
    [{ 'retry-after': 'tomorrow' }, null],
    [{ 'retry-after': '-1' }, null],
    [{ 'retry-after': '2026-11-22' }, null],
    [{ 'retry-after': '' }, null],
    [{}, null],
  ]
  for (const [headers, expected] of rows) {
    it(`${JSON.stringify(headers)} → ${expected}`, () => {
      assert.equal(
        retryAfterOf((name) => headers[name], at),
        expected,
      )
    })
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const wait = retryAfterOf(() => text, at)
        assert.ok(wait === null || (Number.isSafeInteger(wait) && wait >= 0))
      }),
    )
  })
})
