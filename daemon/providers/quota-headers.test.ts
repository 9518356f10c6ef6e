/** What limit headers mean, family by family, and that no header whatever makes the reading throw. */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { type QuotaWindow, quotaWindow } from '../../shared/contract/quota.ts'
import type { OwnHeaders } from './provider.ts'
import { readQuota, retryAfterOf } from './quota-headers.ts'

const at = Date.UTC(2026, 10, 22, 10)
const inSeconds = (seconds: number) => String(at / 1000 + seconds)
const read = (headers: Record<string, string>, status = 200) =>
  readQuota((name) => headers[name], at, Object.keys(headers), status)

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

  it('show how much was paid for beyond the plan, where that is stated', () => {
    const beyond = { 'overage-status': 'allowed', 'overage-utilization': '0.25', 'overage-reset': inSeconds(60) }
    const reading = unified({ '5h-utilization': '0.4', status: 'allowed', ...beyond })
    assert.deepEqual(
      reading?.windows.map((one) => [one.name, one.usedPct, one.status, one.resetsAt]),
      [
        ['5h', 40, null, null],
        ['overage', 25, 'allowed', at + 60_000],
      ],
    )
    assert.equal(unified({ '5h-utilization': '0.4', 'overage-status': 'rejected' })?.windows.length, 1)
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
      reading?.modelWindows.map((one) => [one.name, one.usedPct, one.limit, one.remaining, one.resetsAt]),
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
      reading?.modelWindows.map((one) => [one.name, one.usedPct, one.resetsAt]),
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
      assert.equal(reading?.modelWindows[0]?.resetsAt, ms === null ? null : at + ms)
    })
  }

  it('with a limit of 0 has no share', () => {
    const reading = read({ 'x-ratelimit-limit-tokens': '0', 'x-ratelimit-remaining-tokens': '0' })
    assert.equal(reading?.modelWindows[0]?.usedPct, null)
  })

  it('with more left than the limit has used nothing', () => {
    const reading = read({ 'x-ratelimit-limit-tokens': '10', 'x-ratelimit-remaining-tokens': '12' })
    assert.equal(reading?.modelWindows[0]?.usedPct, 0)
  })
})

const shown = (windows: readonly QuotaWindow[] | undefined) =>
  windows?.map((one) => [one.name, one.usedPct, one.remaining, one.resetsAt === null ? null : one.resetsAt - at])

describe('the limits of a ChatGPT plan', () => {
  const codex = (parts: Record<string, string>) =>
    read(Object.fromEntries(Object.entries(parts).map(([name, value]) => [`x-codex-${name}`, value])))
  const primary = {
    'primary-used-percent': '12.5',
    'primary-window-minutes': '300',
    'primary-reset-at': inSeconds(3600),
  }

  it('are windows named by their length, and hold for the account', () => {
    const reading = codex({
      ...primary,
      'secondary-used-percent': '71',
      'secondary-window-minutes': '10080',
      'secondary-reset-after-seconds': '86400',
      'plan-type': 'plus',
      'primary-over-secondary-limit-percent': '0',
    })
    assert.deepEqual(shown(reading?.windows), [
      ['5h', 12.5, null, 3_600_000],
      ['7d', 71, null, 86_400_000],
    ])
    assert.deepEqual([reading?.modelWindows, reading?.representative, reading?.overageInUse], [[], null, null])
  })

  const lengths: [string, string][] = [
    ['60', '1h'],
    ['90', '90m'],
    ['299', '5h'],
    ['1440', '1d'],
    ['10079', '7d'],
    ['43200', '30d'],
    ['1', '1m'],
    ['soon', 'primary'],
    ['0', 'primary'],
  ]
  for (const [minutes, name] of lengths) {
    it(`a window of ${minutes} minutes is called ${name}`, () => {
      assert.equal(codex({ ...primary, 'primary-window-minutes': minutes })?.windows[0]?.name, name)
    })
  }

  it('leave out a window that the plan has not', () => {
    const none = { 'secondary-used-percent': '0', 'secondary-window-minutes': '0' }
    assert.deepEqual(shown(codex({ ...primary, ...none })?.windows), [['5h', 12.5, null, 3_600_000]])
    assert.equal(codex(none), null)
  })

  it('hold families of single models, and know which one the call was counted in', () => {
    const reading = codex({
      ...primary,
      'bengalfox-primary-used-percent': '80',
      'bengalfox-primary-window-minutes': '300',
      'bengalfox-secondary-used-percent': '10',
      'bengalfox-secondary-window-minutes': '10080',
      'bengalfox-limit-name': 'GPT-5.2-Codex-Sonic',
      'other-primary-used-percent': '1',
      'other-primary-window-minutes': '1440',
      'active-limit': 'codex_bengalfox',
    })
    assert.deepEqual(
      reading?.windows.map((one) => one.name),
      ['5h', '5h-gpt-5.2-codex-sonic', '7d-gpt-5.2-codex-sonic', '1d-other'],
    )
    assert.equal(reading?.representative, '5h-gpt-5.2-codex-sonic')
    assert.equal(codex({ ...primary, 'active-limit': 'codex' })?.representative, '5h')
  })

  it('are not without end', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}-primary-used-percent`, '5']))
    assert.ok((codex(many)?.windows.length ?? 0) <= 16)
  })

  it('tell what is left of credits, and that they are used once the plan is used up', () => {
    const credits = { 'credits-has-credits': 'True', 'credits-unlimited': 'false', 'credits-balance': '5.39' }
    const some = codex({ ...primary, ...credits })
    assert.deepEqual(
      some?.windows.map((one) => [one.name, one.remaining]),
      [
        ['5h', null],
        ['credits', 5.39],
      ],
    )
    assert.equal(some?.overageInUse, false)
    assert.equal(codex({ ...primary, ...credits, 'primary-used-percent': '100' })?.overageInUse, true)
    assert.equal(
      codex({ ...primary, 'credits-has-credits': 'false', 'primary-used-percent': '100' })?.overageInUse,
      false,
    )
  })
})

describe('the limits of others', () => {
  it('at Cerebras are named by what they count and for how long', () => {
    const reading = read({
      'x-ratelimit-limit-requests-day': '14400',
      'x-ratelimit-remaining-requests-day': '14300',
      'x-ratelimit-reset-requests-day': '33011.382867',
      'x-ratelimit-limit-tokens-minute': '60000',
      'x-ratelimit-remaining-tokens-minute': '30000',
      'x-ratelimit-reset-tokens-minute': '11.4',
    })
    assert.deepEqual(shown(reading?.modelWindows), [
      ['requests-day', 0.6944, 14300, 33_011_383],
      ['tokens-minute', 50, 30000, 11_400],
    ])
  })

  it('at Groq are a day’s requests and a minute’s tokens, under the usual names', () => {
    const reading = read({
      'x-ratelimit-limit-requests': '14400',
      'x-ratelimit-remaining-requests': '14370',
      'x-ratelimit-reset-requests': '2m59.56s',
      'x-ratelimit-limit-tokens': '18000',
      'x-ratelimit-remaining-tokens': '17997',
      'x-ratelimit-reset-tokens': '7.66s',
    })
    assert.deepEqual(shown(reading?.modelWindows), [
      ['requests', 0.2083, 14370, 179_560],
      ['tokens', 0.0167, 17997, 7660],
    ])
  })

  it('at Azure are the same, their reset in seconds, and a refusal may tell the wait in ms', () => {
    const headers = {
      'x-ratelimit-limit-requests': '10',
      'x-ratelimit-remaining-requests': '9',
      'x-ratelimit-reset-requests': '12',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '0',
      'x-ms-retry-after-ms': '2500',
    }
    assert.deepEqual(shown(read(headers, 429)?.modelWindows), [
      ['requests', 10, 9, 12_000],
      ['tokens', 100, 0, 2500],
    ])
  })

  it('at Fireworks, Mistral and OpenAI have one name each for the same thing', () => {
    const reading = read({
      'x-ratelimit-limit-tokens-prompt': '100',
      'x-ratelimit-remaining-tokens-prompt': '90',
      'x-ratelimit-limit-tokens-generated': '10',
      'x-ratelimit-limit-req-minute': '60',
      'x-ratelimit-limit-tokens_usage_based': '7',
    })
    assert.deepEqual(
      reading?.modelWindows.map((one) => one.name),
      ['input-tokens', 'output-tokens', 'requests-minute'],
    )
    assert.deepEqual(
      shown(
        read({
          'x-ratelimitbysize-limit-minute': '500000',
          'x-ratelimitbysize-remaining-minute': '467993',
          'ratelimitbysize-reset': '40',
        })?.windows,
      ),
      [['tokens-minute', 6.4014, 467993, 40_000]],
    )
  })

  it('at OpenRouter hold for the key, until an instant in ms', () => {
    const reading = read({
      'x-ratelimit-limit': '50',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(at + 90_000),
    })
    assert.deepEqual([shown(reading?.windows), reading?.modelWindows], [[['requests', 100, 0, 90_000]], []])
  })

  it('at Azure may say -1, which is nothing', () => {
    assert.equal(
      read({ 'x-ratelimit-limit-tokens': '-1', 'x-ratelimit-remaining-tokens': '-1', 'x-ratelimit-reset-tokens': '0' }),
      null,
    )
  })

  it('that are used up reset when a refusal says so, if they do not', () => {
    const headers = {
      'x-ratelimit-limit-tokens': '10',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-remaining-requests': '5',
      'retry-after': '7',
      'retry-after-ms': '6500',
    }
    const resets = (status: number) => read(headers, status)?.modelWindows.map((one) => one.resetsAt)
    assert.deepEqual(resets(429), [at + 6500, null])
    assert.deepEqual(resets(200), [null, null])
    assert.equal(read({ 'retry-after': '7' }, 429), null)
  })

  it('at those who follow the IETF are read policy by policy', () => {
    const reading = read({
      'ratelimit-policy':
        '"default";q=100;w=60, "daily";q=1000;w=86400;pk=:cHsdsRa894==:,"bytes";q=65535;qu="content-bytes"',
      ratelimit: '"default";r=50;t=30, daily;r=0;t=3600 , "bytes" ; r=1;note="a, b; c"',
    })
    assert.deepEqual(shown(reading?.windows), [
      ['requests', 50, 50, 30_000],
      ['daily', 100, 0, 3_600_000],
      ['bytes', 99.9985, 1, null],
    ])
    assert.deepEqual(reading?.modelWindows, [])
  })

  it('in the form of early drafts too', () => {
    assert.deepEqual(
      shown(
        read({ 'ratelimit-limit': '100, 100;w=60', 'ratelimit-remaining': '25', 'ratelimit-reset': '50' })?.windows,
      ),
      [['requests', 75, 25, 50_000]],
    )
  })

  it('lose what is not written as it should be', () => {
    const rows: [string, number][] = [
      ['"a";r=1, ???', 1],
      ['"a;r=1', 0],
      ['"a";r=x', 0],
      ['"a";r', 0],
      ['"\u0007";r=1', 0],
      [`"${'a'.repeat(50)}";r=1`, 0],
      [`"a"${';  '.repeat(600)}!"`, 0],
      [Array.from({ length: 100 }, (_, i) => `"p${i}";r=1`).join(','), 16],
      ['"a";r=1;t=99999999999', 1],
    ]
    for (const [ratelimit, count] of rows) assert.equal(read({ ratelimit })?.windows.length ?? 0, count, ratelimit)
  })
})

describe('limits in headers that the user named', () => {
  const rows: OwnHeaders[] = [
    { window: 'calls', limit: 'x-max', remaining: 'x-left', used: 'x-used', usedPercent: 'x-share', reset: 'x-reset' },
    { window: 'tokens', remaining: 'x-ratelimit-remaining-budget' },
  ]
  const own = (headers: Record<string, string>, status = 200) =>
    readQuota((name) => headers[name], at, Object.keys(headers), status, rows)
  const cases: [string, Record<string, string>, [number | null, number | null, number | null]][] = [
    ['limit and rest', { 'x-max': '10', 'x-left': '4' }, [60, 10, 4]],
    ['limit and what is used', { 'x-max': '10', 'x-used': '12.5' }, [125, 10, 0]],
    ['rest and what is used', { 'x-left': '30', 'x-used': '10' }, [25, 40, 30]],
    ['a share', { 'x-share': ' 71.5 % ' }, [71.5, null, null]],
    ['a share beside the rest', { 'x-share': '50', 'x-max': '10', 'x-left': '4' }, [50, 10, 4]],
    ['a limit of none', { 'x-max': '0', 'x-used': '0' }, [null, 0, 0]],
    ['a bad value beside a good one', { 'x-max': 'lots', 'x-left': '4', 'x-share': '-1' }, [null, null, 4]],
  ]
  for (const [what, headers, expected] of cases) {
    it(`tell ${what}`, () => {
      const [window] = own(headers)?.windows ?? []
      assert.deepEqual([window?.usedPct, window?.limit, window?.remaining], expected)
      assert.ok(quotaWindow.safeParse(window).success)
    })
  }

  const resets: [string, number | null][] = [
    ['90', 90_000],
    ['1m30s', 90_000],
    ['2026-11-22T10:01:30Z', 90_000],
    ['Sun, 22 Nov 2026 10:01:30 GMT', 90_000],
    [inSeconds(90), 90_000],
    [String(at + 90_000), 90_000],
    ['tomorrow', null],
  ]
  for (const [text, ms] of resets) {
    it(`reset in any form: ${text}`, () => {
      assert.equal(own({ 'x-left': '1', 'x-reset': text })?.windows[0]?.resetsAt, ms === null ? null : at + ms)
    })
  }

  it('are the account’s, and go before what the usual headers call by the same name', () => {
    const reading = own({
      'x-left': '1',
      'x-ratelimit-remaining-budget': '7',
      'x-ratelimit-remaining-tokens': '9',
      ratelimit: '"tokens";r=5, "daily";r=3',
    })
    assert.deepEqual(
      reading?.windows.map((one) => [one.name, one.remaining]),
      [
        ['calls', 1],
        ['tokens', 7],
        ['daily', 3],
      ],
    )
    assert.deepEqual(
      reading?.modelWindows.map((one) => [one.name, one.remaining]),
      [['tokens', 9]],
    )
  })

  it('that are used up reset when the refusal says so', () => {
    assert.equal(own({ 'x-left': '0', 'retry-after': '5' }, 429)?.windows[0]?.resetsAt, at + 5000)
  })

  it('are none where none is there', () => {
    assert.equal(own({ 'content-type': 'application/json', 'x-max': '' }), null)
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
        'x-codex-primary-used-percent',
        'x-codex-primary-window-minutes',
        'x-codex-primary-reset-after-seconds',
        'x-ratelimit-remaining',
        'ratelimit',
        'ratelimit-policy',
        'retry-after',
      ),
    )
    const value = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.nat().map(String),
      fc.constantFrom('1e400', '0x10', '∞', '"a";r=1;t=5', 'a;q=1;w=2, "b";r='),
    )
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => {
        const reading = read(headers, 429)
        for (const window of [...(reading?.windows ?? []), ...(reading?.modelWindows ?? [])])
          assert.ok(quotaWindow.safeParse(window).success)
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
    // ten years
    [{ 'retry-after': '30', 'retry-after-ms': '315360000000' }, 30_000],
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
