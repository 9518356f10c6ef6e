/** Usage over any time: groups and steps add up, times are widened, bad parameters are named. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { usageDimension, usageReply } from '../../../shared/contract/endpoints/core.ts'
import type { Totals } from '../../../shared/contract/rows.ts'
import { endedEvent, entriesOf } from '../../test/plain-events.ts'
import { histories } from '../../test/random-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { marginalBounds, marginalNames } from '../marginals.ts'
import { hourBound, other } from '../totals.ts'
import { dayMs, hourMs } from '../zone.ts'
import { standingOf } from './standing.ts'
import { tallyUsage } from './usage.ts'
import { isMarginal, type UsageQuery } from './usage-query.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

function ledgerWith(events: Parameters<typeof entriesOf>[0], zone = 'UTC') {
  const ledger = emptyLedger(zone)
  for (const entry of entriesOf(events)) fold(ledger, entry)
  return ledger
}

/** Of a ledger that holds all its months. */
function usageOf(ledger: ReturnType<typeof ledgerWith>, at: number, query: UsageQuery) {
  const tally = tallyUsage(ledger, at, query)
  if ('bad' in tally) return tally
  assert.deepEqual(tally.months, [])
  return tally.reply([])
}

function asked(ledger: ReturnType<typeof ledgerWith>, query: UsageQuery, at = now) {
  const reply = usageOf(ledger, at, query)
  assert.ok('total' in reply, JSON.stringify(reply))
  return usageReply.parse(reply)
}

const call = (input: number, changes = {}) => endedEvent(`c${input}`, { usage: { input }, ...changes })
const tokensOf = (rows: { totals: Totals }[]) => rows.map((row) => row.totals.tokens)

describe('usage', () => {
  it('gives the same total however it is grouped or cut into steps', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/New_York')
    const joint = usageDimension.options.filter((name) => !isMarginal(name))
    const groups = fc.oneof(
      { weight: 3, arbitrary: fc.subarray(joint, { minLength: 1, maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom(...marginalNames).map((name) => [name]) },
    )
    const buckets = fc.constantFrom('15m' as const, 'hour' as const, 'day' as const)
    fc.assert(
      fc.property(
        histories({ step: 1_800_000, minLength: 10 }),
        zones,
        groups,
        buckets,
        (entries, zone, by, bucket) => {
          const ledger = emptyLedger(zone)
          for (const entry of entries) fold(ledger, entry)
          const at = entries.at(-1)?.t ?? now
          const alone = by.some(isMarginal)
          const plain = asked(ledger, { from: '2026-03-27' }, at)
          const steps = { bucket: alone ? ('day' as const) : bucket }
          const grouped = asked(ledger, { from: '2026-03-27', group_by: by.join(','), ...steps }, at)
          const whole = ['requests', 'attempts', 'tokens', 'tokens_output', 'unpriced_requests'] as const
          for (const name of whole) {
            assert.equal(grouped.total[name], plain.total[name])
            assert.equal(sum(grouped.groups.map(({ totals }) => totals[name])), plain.total[name])
            assert.equal(sum(grouped.series.map(({ totals }) => totals[name])), plain.total[name])
          }
          const shown = ledger.lifetime[plain.simulated ? 'simulated' : 'real']
          assert.equal(plain.total.requests, shown.requests)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('reads this month of the time zone unless told otherwise', () => {
    const before = ['2026-10-31T22:59:59Z', call(1)] as const
    const first = ['2026-10-31T23:00:00Z', call(2)] as const
    const reply = asked(ledgerWith([before, first], 'Europe/Berlin'), {})
    assert.equal(reply.total.tokens, 2)
    assert.deepEqual(reply.period, {
      from: '2026-10-31T23:00:00.000Z',
      to: '2026-11-22T23:00:00.000Z',
      time_zone: 'Europe/Berlin',
    })
  })

  it('filters by any name, `__proto__` too', () => {
    const ledger = ledgerWith([
      [now - 1, call(1, { model: '__proto__', folder: 'f1' })],
      [now - 1, call(2, { model: 'constructor' })],
    ])
    assert.equal(asked(ledger, { model: '__proto__' }).total.tokens, 1)
    assert.equal(asked(ledger, { folder: 'f1', model: 'constructor' }).total.tokens, 0)
    assert.deepEqual(
      asked(ledger, { group_by: 'model' }).groups.map((group) => group.key),
      [['constructor'], ['__proto__']],
    )
  })

  it('filters by account, chain and billing too', () => {
    const ledger = ledgerWith([
      [now - 1, call(1, { account: 'a1', chain: 'coding', billing: 'plan' })],
      [now - 1, call(2, { account: 'a2', billing: 'plan' })],
      [now - 1, call(4)],
    ])
    const queries = [
      { account: 'a2' },
      { chain: 'coding' },
      { billing: 'plan' },
      { billing: 'plan', chain: '' },
    ] as const
    assert.deepEqual(
      queries.map((query) => asked(ledger, query).total.tokens),
      [2, 1, 3, 2],
    )
  })

  it('groups by user, feature, session and key, each alone or with days, and what names none is in no name', () => {
    const named = { user: 'ann', feature: 'chat', session: 's1', key: 'key_1' }
    const ledger = ledgerWith([
      ['2026-11-20T10:00:00Z', call(1, named)],
      ['2026-11-21T10:00:00Z', call(2, { ...named, user: 'bob' })],
      ['2026-11-21T11:00:00Z', call(4)],
      ['2026-11-21T11:00:00Z', call(8, { ...named, user: other, billing: 'simulated' })],
    ])
    const rows = (query: UsageQuery) => asked(ledger, query).groups.map(({ key, totals }) => [...key, totals.tokens])
    assert.deepEqual(rows({ group_by: 'user' }), [
      ['', 4],
      ['bob', 2],
      ['ann', 1],
    ])
    for (const [group_by, name] of [
      ['feature', 'chat'],
      ['session', 's1'],
      ['key', 'key_1'],
    ] as const) {
      assert.deepEqual(rows({ group_by }), [
        ['', 4],
        [name, 3],
      ])
    }
    assert.deepEqual(rows({ group_by: 'day,session' }), [
      ['2026-11-20', 's1', 1],
      ['2026-11-21', '', 4],
      ['2026-11-21', 's1', 2],
    ])
    assert.deepEqual(rows({ group_by: 'user', simulated: 'only' }), [[other, 8]])
    assert.deepEqual(tokensOf(asked(ledger, { from: '2026-11-20', session: 's1', bucket: 'day' }).series), [1, 2, 0])
    assert.equal(asked(ledger, { user: '' }).total.tokens, 4)
    // they are kept by day: what was asked for is widened
    assert.equal(asked(ledger, { user: 'bob', from: '2026-11-21T23:00:00Z' }).period.from, '2026-11-21T00:00:00.000Z')
  })

  it('tells how long calls took, by names, days and hours, and how much came from a cache', () => {
    const took = (ms: number, changes = {}) => call(ms, { latencyMs: ms, ttftMs: ms / 10, ...changes })
    const ledger = ledgerWith([
      ...Array.from({ length: 19 }, (_, i) => [now - 2 * dayMs, took(100 + i, { user: 'ann' })] as const),
      [now - 2 * dayMs, took(5000, { usage: { cacheRead: 300, input: 100 }, model: 'gpt-5' })],
      [now - 1, took(40, { outcome: 'refused', model: 'gpt-5' })],
      [now - 1, took(900, { user: 'ann' })],
      [now - 1, took(60_000, { billing: 'simulated' })],
    ])
    const figures = ({ latency_p50_ms, latency_p95_ms, ttft_p50_ms }: Totals) =>
      [latency_p50_ms, latency_p95_ms, ttft_p50_ms].map((ms) => ms && Number(ms.toPrecision(1)))
    const by = (query: UsageQuery) => asked(ledger, query).groups.map(({ key, totals }) => [...key, ...figures(totals)])
    assert.deepEqual(figures(asked(ledger, {}).total), [100, 900, 10])
    assert.deepEqual(by({ group_by: 'model' }), [
      ['claude-sonnet-4-5', 100, 100, 10],
      ['gpt-5', 5000, 5000, 500],
    ])
    assert.deepEqual(by({ group_by: 'user' }), [
      ['ann', 100, 100, 10],
      ['', 5000, 5000, 500],
    ])
    assert.deepEqual(by({ group_by: 'day' }), [
      ['2026-11-20', 100, 100, 10],
      ['2026-11-22', 900, 900, 90],
    ])
    // slots are read, and of what took how long the hours that they lie in
    assert.deepEqual(figures(asked(ledger, { from: '10m' }).total), [900, 900, 90])
    const hours = asked(ledger, { from: '30m', bucket: 'hour' }).series.map(({ totals }) => figures(totals))
    assert.deepEqual(hours, [
      [900, 900, 90],
      [null, null, null],
    ])
    const steps = asked(ledger, { from: '30m', bucket: '15m' }).series.map(({ totals }) => totals.latency_p50_ms)
    assert.deepEqual(steps, [null, null, null])
    const standing = standingOf(ledger, now, 0)
    assert.deepEqual(
      [figures(standing.today), figures(standing.month)],
      [
        [900, 900, 90],
        [100, 900, 10],
      ],
    )
    fold(ledger, { ...entriesOf([[now, took(2, { model: 'gpt-5' })]])[0]!, n: 99 })
    assert.deepEqual(figures(standingOf(ledger, now, 0).today), [2, 900, 0.2])
    assert.deepEqual(asked(ledger, { group_by: 'model' }).groups.map(({ totals }) => totals.cache_hit_pct)[0], 0)
    assert.equal(asked(ledger, { model: 'gpt-5', to: '2026-11-20' }).total.cache_hit_pct, 75)
    assert.equal(asked(ledger, { model: 'nothing' }).total.cache_hit_pct, null)
  })

  it('says since when sessions are counted', () => {
    const days = Array.from({ length: marginalBounds.session.days + 1 }, (_, at) => now - at * dayMs).reverse()
    const ledger = ledgerWith(days.map((at, i) => [at, call(i, { session: 's', user: 'ann' })] as const))
    const oldest = new Date(now - (marginalBounds.session.days - 1) * dayMs).toISOString().slice(0, 10)
    const bad = usageOf(ledger, now, { from: '2026-01-01', group_by: 'session' })
    assert.ok('bad' in bad && bad.bad === 'from' && bad.why.includes(oldest), JSON.stringify(bad))
    assert.equal(asked(ledger, { from: oldest, group_by: 'session' }).total.requests, marginalBounds.session.days)
    assert.equal(asked(ledger, { from: '2026-01-01', group_by: 'user' }).groups[0]?.totals.requests, days.length)
  })

  it('puts most tokens first, but days and hours in their order', () => {
    const ledger = ledgerWith([
      ['2026-11-20T10:00:00Z', call(5)],
      ['2026-11-21T10:00:00Z', call(1)],
      ['2026-11-21T11:00:00Z', call(9, { model: 'gpt-5' })],
    ])
    const keys = (query: UsageQuery) => asked(ledger, query).groups.map(({ key }) => key.join(' '))
    assert.deepEqual(keys({ group_by: 'model' }), ['gpt-5', 'claude-sonnet-4-5'])
    assert.deepEqual(keys({ group_by: 'model,day' }), [
      'claude-sonnet-4-5 2026-11-20',
      'gpt-5 2026-11-21',
      'claude-sonnet-4-5 2026-11-21',
    ])
    assert.deepEqual(keys({ group_by: 'hour', from: '2026-11-21' }), [
      '2026-11-21T10:00:00.000Z',
      '2026-11-21T11:00:00.000Z',
    ])
  })

  it('fills empty steps, through a day of 23 hours', () => {
    const ledger = ledgerWith([['2026-03-29T10:00:00Z', call(3)]], 'Europe/Berlin')
    const day = { from: '2026-03-28', to: '2026-03-30' }
    const days = asked(ledger, { ...day, bucket: 'day' })
    assert.deepEqual(tokensOf(days.series), [0, 3, 0])
    assert.deepEqual(
      days.series.map((step) => step.start),
      ['2026-03-27T23:00:00.000Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    )
    assert.equal(asked(ledger, { ...day, bucket: 'hour' }).series.length, 71)
  })

  it("cuts hours where the zone's clock does", () => {
    const ledger = ledgerWith([[now, call(3)]], 'Asia/Kolkata')
    const reply = asked(ledger, { from: '2026-11-22T11:00:00Z', to: '2026-11-22T13:00:00Z', bucket: 'hour' })
    assert.deepEqual(
      reply.series.map((step) => [step.start.slice(11, 16), step.totals.tokens]),
      [
        ['10:30', 0],
        ['11:30', 3],
        ['12:30', 0],
      ],
    )
  })

  it('reads slots, hours or days, whichever still reaches back', () => {
    const old = Date.parse('2026-08-01T12:10:00Z')
    const one = call(1)
    const later = Array.from(
      { length: hourBound + 5 },
      (_, at) => [old + (at + 24) * hourMs, { ...one, attempt: `c1.${at}` }] as const,
    )
    const ledger = ledgerWith([[old, call(1000)], ...later])
    const at = old + (hourBound + 30) * hourMs
    // hours of that day are gone: a time within it is widened to the whole day
    const widened = asked(ledger, { from: '2026-08-01T18:00:00Z', to: '2026-08-01T19:00:00Z' }, at)
    assert.deepEqual([widened.period.from, widened.total.tokens], ['2026-08-01T00:00:00.000Z', 1000])
    for (const query of [{ bucket: 'hour' }, { bucket: '15m' }] as const) {
      const bad = usageOf(ledger, at, { from: '2026-08-01', ...query })
      assert.ok('bad' in bad && bad.bad === 'bucket' && bad.why.includes('later'))
    }
    const bad = usageOf(ledger, at, { from: '2026-08-01', group_by: 'hour' })
    assert.equal('bad' in bad && bad.bad, 'group_by')
    assert.equal(asked(ledger, { from: '24h', bucket: '15m' }, at).series.length, 97)
  })

  const bad: [UsageQuery, string][] = [
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-02-31' }, 'from'],
    [{ from: '2026-11-01T00:00:00' }, 'from'],
    [{ from: '2026-13-01T00:00:00Z' }, 'from'],
    [{ from: '2030-01-01' }, 'from'],
    [{ to: '7' }, 'to'],
    [{ from: '2026-11-20', to: '2026-11-19' }, 'to'],
    [{ group_by: 'provider,colour' }, 'group_by'],
    [{ group_by: '__proto__' }, 'group_by'],
    [{ from: '1970-01-01', bucket: 'day' }, 'bucket'],
    [{ group_by: 'user,model' }, 'group_by'],
    [{ group_by: 'session,hour' }, 'group_by'],
    [{ group_by: 'user,key' }, 'group_by'],
    [{ group_by: 'model', session: 's1' }, 'group_by'],
    [{ group_by: 'feature', provider: 'openai' }, 'provider'],
    [{ user: 'ann', session: 's1' }, 'session'],
    [{ group_by: 'user', bucket: 'hour' }, 'bucket'],
  ]
  for (const [query, name] of bad) {
    it(`names ${name} as bad in ${JSON.stringify(query)}`, () => {
      const reply = usageOf(ledgerWith([]), now, query)
      assert.ok('bad' in reply)
      assert.equal(reply.bad, name)
      assert.match(reply.why, new RegExp(`'${name}`))
    })
  }

  const good: [UsageQuery, string, string][] = [
    [{ from: '7d' }, '2026-11-15T12:00:00.000Z', '2026-11-22T12:15:00.000Z'],
    [{ from: '90m' }, '2026-11-22T10:30:00.000Z', '2026-11-22T12:15:00.000Z'],
    [{ from: '2026-11-20', to: '2026-11-20' }, '2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z'],
    [
      { from: '2026-11-20T10:07:00+02:00', to: '2026-11-20t08:08:00z' },
      '2026-11-20T08:00:00.000Z',
      '2026-11-20T08:15:00.000Z',
    ],
  ]
  for (const [query, from, to] of good) {
    it(`widens ${JSON.stringify(query)} to ${from} until ${to}`, () => {
      const { period } = asked(ledgerWith([]), query)
      assert.deepEqual([period.from, period.to], [from, to])
    })
  }
})

function sum(numbers: number[]): number {
  return numbers.reduce((all, number) => all + number, 0)
}
