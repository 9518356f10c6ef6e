/** Which figures stand there, whose, and that no name from outside makes more than a bounded number of them. */
import assert from 'node:assert/strict'
import type { Event } from '../../shared/contract/event.ts'
import type { Gauge } from '../../shared/contract/gauge.ts'
import { emptyLedger, fold } from '../ledger/ledger.ts'
import { modelBound } from '../ledger/meters.ts'
import { nameBound } from '../ledger/named-totals.ts'
import { readMetrics } from '../test/metric-lines.ts'
import { budgetFor, cooldownEvent, endedEvent, entriesOf, quotaEvent, windowOf } from '../test/plain-events.ts'
import { type Metrics, type MetricsDeps, openMetrics } from './metrics.ts'
import { windowsShown } from './standing-families.ts'

const now = Date.UTC(2026, 10, 22, 12)
const figures = {
  ...{ backlog: 2, unsynced: 3, lastFsyncAt: now - 500, foldedAway: 0, last: 9 },
  ...{ segments: 1, lines: 9, bytes: 4096, snapshot: 4 },
}

function openAfter(events: readonly Event[], more: Partial<MetricsDeps> = {}): Metrics {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events.map((e) => [now - 1000, e]))) fold(ledger, entry)
  return openMetrics({
    book: { ledger, figures: () => figures },
    countedLimits: () => [],
    warnings: { list: () => [] },
    inFlight: { count: () => 3 },
    gpu: () => ({ available: false }),
    gauges: () => [],
    version: '0.1.0',
    now: () => now,
    ...more,
  })
}
function textAfter(
  events: readonly Event[],
  more: Partial<MetricsDeps> = {},
  asked: { simulated?: 'only' } = {},
): string {
  return openAfter(events, more).text({ accept: undefined, simulated: asked.simulated }).bytes.toString()
}
const after = (...given: Parameters<typeof textAfter>) => readMetrics(textAfter(...given))

const simulatedCall = endedEvent('s', { provider: 'sandbox', account: 'sandbox', billing: 'simulated', cost: null })

describe('metrics', () => {
  it('tell what was used, by provider and model, so that its kinds add up to all tokens', () => {
    const usage = { input: 1, cacheRead: 20, cacheWrite5m: 300, cacheWrite1h: 4000, output: 50_000, reasoning: 600 }
    const told = after([endedEvent('a', { usage, cost: 1_500_000_000, billed: 0 })])
    const of = (type: string) => told.value('tollkeeper_llm_tokens_total', { provider: 'anthropic', type })
    assert.deepEqual([of('input'), of('cache_read'), of('cache_write'), of('output')], [1, 20, 4300, 50_000])
    assert.equal(told.value('tollkeeper_llm_reasoning_tokens_total', { model: 'claude-sonnet-4-5' }), 600)
    assert.equal(told.value('tollkeeper_llm_cost_usd_total', { provider: 'anthropic' }), 1.5)
    assert.equal(told.value('tollkeeper_llm_billed_usd_total', { provider: 'anthropic' }), 0)
  })

  it('name no model that no call has ended at, and each way from the start', () => {
    const told = after([endedEvent('a', { last: false, model: 'refused' }), endedEvent('b', { strategy: 'failover' })])
    assert.equal(told.value('tollkeeper_llm_requests_total', { model: 'refused' }), undefined)
    assert.equal(told.value('tollkeeper_llm_attempts_total'), 2)
    assert.deepEqual(
      ['direct', 'pinned', 'routed', 'failover', 'imported'].map((strategy) =>
        told.value('tollkeeper_requests_total', { strategy }),
      ),
      [0, 0, 0, 1, undefined],
    )
  })

  it('tell what holds now: quotas, cooldowns, budgets, refusals, warnings', () => {
    const refused = { type: 'call.refused', call: 'r', code: 'bad_key', status: 401 } as const
    const windows = [
      windowOf('5h', { measuredAt: now, usedPct: 42.5, resetsAt: now + 60_000 }),
      windowOf('requests', { measuredAt: now }),
    ]
    const told = after(
      [
        endedEvent('a', { billed: 2_500_000_000 }),
        quotaEvent(windows),
        cooldownEvent({ until: now + 5000 }),
        cooldownEvent({ until: now + 5000, model: 'm' }),
        cooldownEvent({ until: now - 500, account: 'over' }),
        { type: 'budget.set', budget: budgetFor({ id: 'month' }) },
        { type: 'budget.set', budget: budgetFor({ id: 'words', unit: 'tokens', limit: 1000 }) },
        { ...refused, dialect: null, endpoint: '/v1/messages', client: 'c', provider: null },
      ],
      {
        warnings: {
          list: () => ['a', 'b'].map((subject) => ({ code: 'unpriced-model' as const, subject, text: '', since: '' })),
        },
      },
    )
    assert.equal(told.value('tollkeeper_quota_used_ratio', { provider: 'anthropic', window: '5h' }), 0.425)
    assert.equal(told.value('tollkeeper_quota_used_ratio', { window: 'requests' }), undefined)
    assert.equal(told.value('tollkeeper_quota_reset_timestamp_seconds', { window: '5h' }), (now + 60_000) / 1000)
    assert.equal(
      told.value('tollkeeper_cooldown_until_seconds', { account: 'acct-1', model: 'm' }),
      (now + 5000) / 1000,
    )
    assert.equal(told.sum('tollkeeper_cooldown_until_seconds') / 2, (now + 5000) / 1000)
    const budget = { budget: 'month', period: 'month' }
    assert.deepEqual(
      ['limit_usd', 'spent_usd', 'used_ratio', 'limit_tokens'].map((what) =>
        told.value(`tollkeeper_budget_${what}`, budget),
      ),
      [10, 2.5, 0.25, undefined],
    )
    assert.equal(told.value('tollkeeper_budget_limit_tokens', { budget: 'words' }), 1000)
    assert.equal(told.value('tollkeeper_budget_spent_usd', { budget: 'words' }), undefined)
    assert.equal(told.value('tollkeeper_refusals_total', { code: 'bad_key' }), 1)
    assert.equal(told.value('tollkeeper_warnings', { code: 'unpriced-model' }), 2)
  })

  it('tell of the daemon and its machine, and of a GPU where there is one', () => {
    const told = after([], {
      gpu: () => ({ available: true, utilization_pct: 52.7, memory_used_gb: 6.5 }),
      gauges: (): Gauge[] => [
        { name: 'tollkeeper_queue_depth', help: 'Who waits.', value: 1, labels: { queue: 'a' } },
        { name: 'tollkeeper_dropped_total', help: 'Who went.', value: 7, counts: true },
        { name: 'tollkeeper_queue_depth', help: 'Who waits.', value: 2, labels: { queue: 'b' } },
      ],
    })
    assert.deepEqual(
      [told.value('tollkeeper_gpu_utilization_pct'), told.value('tollkeeper_gpu_memory_used_bytes')],
      [52.7, 6_979_321_856],
    )
    assert.deepEqual(
      [told.value('tollkeeper_journal_backlog_lines'), told.value('tollkeeper_requests_in_flight')],
      [2, 3],
    )
    assert.deepEqual(
      [told.value('tollkeeper_queue_depth', { queue: 'b' }), told.types.get('tollkeeper_dropped_total')],
      [2, 'counter'],
    )
    assert.equal(told.value('tollkeeper_build_info', { version: '0.1.0' }), 1)
    assert.ok((told.value('process_resident_memory_bytes') ?? 0) > 1e6)
    assert.equal(after([]).value('tollkeeper_gpu_utilization_pct'), undefined)
  })

  it('tell over REST of the daemon what they tell themselves, and nothing that has a name from outside', () => {
    const refusal = {
      type: 'call.refused',
      code: 'bad_key',
      status: 401,
      dialect: null,
      endpoint: '/v1/messages',
    } as const
    const events = [
      ...[0.3, 0.4, 9].map((overheadMs, at) => endedEvent(`c${at}`, { overheadMs })),
      ...['r', 's'].map((call) => ({ ...refusal, call, client: 'c', provider: null })),
    ]
    const gauges = (): Gauge[] => [
      { name: 'tollkeeper_feed_clients', help: 'Who listens.', value: 2 },
      { name: 'tollkeeper_log_lines_lost_total', help: 'What went.', value: 7, counts: true },
      { name: 'tollkeeper_queue_depth', help: 'Who waits.', value: 1, labels: { queue: 'a' } },
    ]
    const own = openAfter(events, { gauges }).ofDaemon({ simulated: undefined })
    const told = after(events, { gauges })
    assert.deepEqual(
      [own.timestamp, own.simulated, Date.parse(own.since) / 1000],
      [new Date(now).toISOString(), false, told.value('process_start_time_seconds')],
    )
    const { feed_clients, log_lines_lost_total, requests_in_flight, journal_events_total } = own.figures
    assert.deepEqual([feed_clients, log_lines_lost_total, requests_in_flight, journal_events_total], [2, 7, 3, 9])
    assert.equal(own.figures['queue_depth'], undefined)
    const moving = /^(process|nodejs)_/
    for (const [name, value] of Object.entries(own.figures).filter(([one]) => !moving.test(one))) {
      assert.equal(told.value(`tollkeeper_${name}`), value, name)
    }
    assert.deepEqual(own.overhead, { attempts: 3, average_ms: 3.233, p50_ms: 0.425, p95_ms: 9.25 })
    assert.equal(told.value('tollkeeper_overhead_seconds_count'), 3)
    assert.deepEqual(own.refusals, { bad_key: 2 })
    assert.deepEqual(own.journal, {
      ...{ backlog_lines: 2, unsynced_lines: 3 },
      synced_at: new Date(now - 500).toISOString(),
    })
  })

  it('show the sandbox marked, while there is no real call and where it is asked for, and never among real ones', () => {
    const alone = after([simulatedCall])
    assert.equal(alone.value('tollkeeper_llm_requests_total', { provider: 'sandbox', simulated: 'true' }), 1)
    assert.equal(alone.sum('tollkeeper_requests_total', { simulated: 'true' }), 1)
    const both = textAfter([simulatedCall, endedEvent('r')])
    assert.doesNotMatch(both, /simulated|sandbox/)
    const only = textAfter([simulatedCall, endedEvent('r')], {}, { simulated: 'only' })
    assert.doesNotMatch(only, /anthropic/)
    const ofDaemon = (events: Event[], simulated?: 'only') => openAfter(events).ofDaemon({ simulated })
    const marked = [
      ofDaemon([simulatedCall]),
      ofDaemon([simulatedCall, endedEvent('r')]),
      ofDaemon([simulatedCall], 'only'),
    ].map(({ simulated, overhead }) => [simulated, overhead.attempts])
    assert.deepEqual(marked, [
      [true, 1],
      [false, 1],
      [true, 1],
    ])
    for (const line of only.split('\n').filter((one) => /^tollkeeper_(llm|request|overhead|failover)s?_/.test(one))) {
      if (!line.startsWith('tollkeeper_requests_in_flight')) assert.match(line, /simulated="true"/)
    }
  })

  it('stay bounded, whatever names come', () => {
    const many = Array.from({ length: 1500 }, (_, at) =>
      endedEvent(`c${at}`, { provider: `p${at % 700}`, model: `m${at}`, account: `a${at}`, cost: null }),
    )
    const windows = Array.from({ length: 30 }, (_, at) => windowOf(`w${at}`, { measuredAt: now, usedPct: 1 }))
    const limits = Array.from({ length: 20 }, (_, at) => quotaEvent(windows, { account: `a${at}` }))
    const left = Array.from({ length: 900 }, (_, at) => [
      endedEvent(`f${at}`, { provider: `from${at}`, last: false, outcome: 'refused', refusal: 'rate' }),
      endedEvent(`f${at}`, { attempt: `f${at}.2`, provider: `to${at}`, attempts: 2, strategy: 'failover' }),
    ])
    const told = after([...many, ...limits, ...left.flat()])
    const series = (name: string) => [...told.values.keys()].filter((key) => key.startsWith(`${name}{`)).length
    assert.ok(series('tollkeeper_llm_requests_total') <= modelBound + nameBound + 1)
    assert.ok(series('tollkeeper_llm_cost_usd_total') <= nameBound + 1)
    assert.equal(series('tollkeeper_quota_used_ratio'), windowsShown)
    assert.ok(series('tollkeeper_failovers_total') <= 301)
    assert.equal(told.sum('tollkeeper_llm_requests_total'), 2400)
    assert.ok(told.values.size < 20_000, `${told.values.size}`)
  })
})
