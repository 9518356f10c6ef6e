/** Recorded refusals of each provider: which kind each is, whether its call goes on, and until when its target is avoided. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { refusalKind } from '../../shared/contract/refusal.ts'
import { providersOf } from '../providers/index.ts'
import { type RefusalSaid, readRefusal } from '../providers/refusal.ts'
import { cooldownOf } from '../routing/cooldown.ts'
import { mayFailOver } from '../routing/failover.ts'

/** `then`: kind, scope, whether the chain goes on, and how many ms the target is avoided where it says itself for how long. */
type Row = {
  what: string
  status: number
  headers?: Record<string, string>
  body?: unknown
  then: [kind: string, scope: string, goesOn: boolean, avoidedMs: number | null]
  /** After how many ms the provider lets the same call come again; absent: it does not. */
  againMs?: number
}

const folder = join(process.cwd(), 'daemon/providers/fixtures/refusals')
/** 2026-11-22T10:00:00Z, which the fixtures' instants go by. */
const at = Date.UTC(2026, 10, 22, 10)
const { providers } = providersOf({
  providers: {
    azure: { baseUrl: 'https://example.openai.azure.com/openai/v1' },
    own: {
      baseUrl: 'https://llm.example.com/v1',
      refusals: [
        { status: 400, code: 'no_seats', as: 'plan' },
        { status: 418, as: 'money' },
      ],
    },
  },
})

function said(provider: string, { status, headers = {}, body }: Row): RefusalSaid {
  const rules = providers.get(provider)?.refusals ?? []
  return readRefusal({ status, header: (name) => headers[name], json: body, at }, rules)
}

let rows = 0
for (const file of readdirSync(folder).sort()) {
  const provider = basename(file, '.json')
  const table = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Row[]
  rows += table.length
  describe(`verdicts on ${provider}`, () => {
    it('is a provider there is', () => assert.ok(providers.has(provider)))
    for (const row of table) {
      it(`${row.status}: ${row.what}`, () => {
        const is = said(provider, row)
        const cooldown = cooldownOf(is, undefined, at, 1)
        const avoided = is.until === null || cooldown === null ? null : cooldown.until - at
        assert.deepEqual([is.kind, is.scope, mayFailOver(is.kind, 'lent'), avoided], row.then)
        assert.equal(is.sameTargetAfterMs, row.againMs ?? null)
        assert.equal(cooldown === null, is.kind === 'request')
      })
    }
  })
}

const day = 86_400_000
/** What a header or a member of a body may be instead of what it should be. */
const numbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -1, 1e21, 1e308, Number.MAX_SAFE_INTEGER, at, at / 1000),
)
const texts = fc.oneof(
  fc.string(),
  numbers.map(String),
  fc.constantFrom(
    'NaN',
    'Infinity',
    '1e9',
    '-0',
    '0',
    '99999999999999999',
    '9999d',
    '1h1h',
    'rejected',
    'true',
    'false',
  ),
  fc.constantFrom(
    '2026-13-45T99:99:99Z',
    'Sun, 22 Nov 2026 10:00:05 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    '2099-01-01T00:00:00Z',
  ),
)
const names = [
  ...['retry-after', 'retry-after-ms', 'x-ms-retry-after-ms', 'x-should-retry', 'ratelimit', 'ratelimit-policy'],
  ...['limit', 'remaining', 'reset'].flatMap((part) =>
    ['', '-requests', '-tokens-day'].map((of) => `x-ratelimit-${part}${of}`),
  ),
  ...['status', 'reset', 'representative-claim', '5h-status', '5h-reset', '7d_oi-status', '7d_oi-utilization'].map(
    (part) => `anthropic-ratelimit-unified-${part}`,
  ),
  ...['used-percent', 'window-minutes', 'reset-at', 'reset-after-seconds'].map((part) => `x-codex-primary-${part}`),
]
const headers = fc.dictionary(fc.constantFrom(...names), texts, { maxKeys: 8 })
const leaf = fc.oneof(
  numbers,
  texts,
  fc.jsonValue(),
  fc.constantFrom('usage_limit_reached', 'RESOURCE_EXHAUSTED', 'rate_limit_error'),
)
const members = [
  'code',
  'type',
  'status',
  'message',
  'resets_at',
  'resets_in_seconds',
  'retry_after',
  'retryAfter',
  'metadata',
]
const detail = fc.record({
  '@type': fc.constantFrom('google.rpc.QuotaFailure', 'google.rpc.RetryInfo', 'google.rpc.ErrorInfo'),
  violations: fc.array(
    fc.record({ quotaId: fc.constantFrom('RequestsPerDay', 'PerMinutePerModel'), quotaValue: leaf }),
  ),
  retryDelay: leaf,
  reason: leaf,
})
const error = fc.tuple(fc.dictionary(fc.constantFrom(...members), leaf), fc.oneof(fc.array(detail), leaf))
const bodies = fc.oneof(
  error.map(([one, details]) => ({ error: { ...one, details } })),
  error.map(([one]) => [{ error: one }]),
  error.map(([one]) => one),
  leaf,
  fc.constant(undefined),
)

describe('verdicts', () => {
  it('are shown on enough refusals', () => assert.ok(rows >= 80, `${rows}`))

  it('take what was already read of limits, in headers of any name', () => {
    const window = {
      name: 'seats',
      usedPct: 100,
      limit: 5,
      remaining: 0,
      resetsAt: at + 9000,
      status: null,
      source: 'header' as const,
      measuredAt: at,
    }
    const quota = { windows: [], modelWindows: [window], representative: null, overageInUse: null }
    assert.equal(readRefusal({ status: 429, header: () => undefined, json: undefined, at, quota }, []).until, at + 9000)
  })

  it('are sound whatever headers and bodies hold, and at any time', () => {
    const all = [...providers.values()].flatMap((provider) => provider.refusals ?? [])
    const status = fc.oneof(fc.constantFrom(200, 400, 403, 413, 429, 500, 503, 529), fc.integer({ min: 100, max: 999 }))
    const clock = fc.constantFrom(0, 1, at, at + 0.5)
    const before = fc.option(fc.record({ strikes: numbers, setAt: numbers }), { nil: undefined })
    fc.assert(
      fc.property(status, headers, bodies, clock, before, numbers, (status, headers, json, at, before, chance) => {
        const is = readRefusal({ status, header: (name) => headers[name], json, at }, all)
        assert.ok(refusalKind.safeParse(is.kind).success && ['account', 'model'].includes(is.scope))
        assert.equal(mayFailOver(is.kind, 'lent'), is.kind !== 'request')
        assert.ok(is.until === null || (is.until > at && is.until <= at + 400 * day), `until ${is.until}`)
        const again = is.sameTargetAfterMs
        assert.ok(
          again === null || (again >= 250 && again <= 2000 && headers['x-should-retry'] !== 'false'),
          `again ${again}`,
        )
        assert.ok(is.code === null || is.code.length <= 100)
        const cooldown = cooldownOf(is, before, at, chance)
        assert.equal(cooldown === null, is.kind === 'request')
        if (cooldown === null) return
        assert.ok(Number.isSafeInteger(cooldown.until) && cooldown.until > at, `until ${cooldown.until}`)
        assert.ok(cooldown.until <= at + 8 * day + 1 && Number.isSafeInteger(cooldown.strikes) && cooldown.strikes >= 1)
      }),
      { numRuns: 3000 },
    )
  })
})
