/** What clients show after each kind of feed message, as tables. */
import assert from 'node:assert/strict'
import type { FeedMessage } from './contract/feed.ts'
import type { LimitRow, RequestRow, Standing } from './contract/rows.ts'
import { budgetRow, totals } from './test/samples.ts'
import { emptyView, foldFeed, type View } from './view.ts'

const none = totals()

function standingWith(requests: number, inFlight = 0): Standing {
  const today = { ...none, requests }
  return { simulated: false, today, month: today, headline: { kind: 'none' }, in_flight: inFlight }
}

function requestNamed(id: string): RequestRow {
  return {
    id,
    timestamp: '2026-11-20T10:00:00.000Z',
    provider: 'anthropic',
    account: 'a',
    account_label: 'Anthropic',
    model: 'claude-sonnet-5',
    client: 'sdk',
    task: '',
    folder: null,
    session: null,
    chain: null,
    billing: 'metered',
    outcome: 'ok',
    http_status: 200,
    attempts: 1,
    stream: false,
    tokens: 3,
    tokens_input: 1,
    tokens_output: 2,
    tokens_cache_read: 0,
    tokens_cache_write: 0,
    usage_source: 'reported',
    cost_usd: 0.1,
    billed_usd: 0.1,
    latency_ms: 5,
    ttft_ms: null,
    error: null,
  }
}

function limitAt(account: string, usedPct: number): LimitRow {
  return {
    provider: 'anthropic',
    account,
    account_label: account,
    model: null,
    windows: [
      {
        name: '5h',
        used_pct: usedPct,
        limit: null,
        remaining: null,
        resets_at: null,
        status: null,
        source: 'header',
        measured_at: '2026-11-20T10:00:00.000Z',
        confirmed: true,
        elapsed_pct: null,
        pace_pct: null,
        runs_out_at: null,
      },
    ],
    representative: '5h',
    overage_in_use: false,
    billing: 'plan',
    cooldown: null,
  }
}

const budget = budgetRow()

const hello = (instance: string): FeedMessage => ({
  type: 'hello',
  contract: 1,
  version: '0.1.0',
  instance_id: instance,
})

const summary = (seq: number, requests: number, inFlight = 0): FeedMessage => ({
  type: 'summary',
  seq,
  summary: {
    ...standingWith(requests, inFlight),
    instance_id: 'one',
    version: '0.1.0',
    at: '2026-11-20T10:00:00.000Z',
    url: 'http://127.0.0.1:8655',
    time_zone: 'UTC',
    all_time: none,
    limits: [limitAt('a', 10)],
    budgets: [budget],
    recent: [requestNamed('r1')],
    warnings: [],
    history: { from: null, segments: 0, bytes: 0, dropped: 0 },
  },
})

const started = (seq: number, attempt: string): FeedMessage => ({
  type: 'attempt.started',
  seq,
  id: attempt.slice(0, -2),
  attempt,
  provider: 'anthropic',
  model: 'm',
  client: 'sdk',
  standing: standingWith(1, 1),
})

const ended = (seq: number, attempt: string, request: RequestRow | null): FeedMessage => ({
  type: 'attempt.ended',
  seq,
  attempt,
  request,
  standing: standingWith(2),
})

const after = (...messages: FeedMessage[]): View => messages.reduce(foldFeed, emptyView)

describe('foldFeed', () => {
  it('takes over a summary as it stands', () => {
    const view = after(hello('one'), summary(1, 7))
    assert.deepEqual(view.daemon, { instanceId: 'one', version: '0.1.0', contract: 1 })
    assert.deepEqual(view.about, { url: 'http://127.0.0.1:8655', timeZone: 'UTC' })
    assert.equal(view.standing?.today.requests, 7)
    assert.deepEqual(
      view.recent.map((row) => row.id),
      ['r1'],
    )
  })

  it('names an account’s limits as its newest call does', () => {
    const plan: RequestRow = { ...requestNamed('r2'), account_label: 'Claude plan', billing: 'plan' }
    const { limits } = after(hello('one'), summary(1, 0), ended(2, 'r2.1', plan))
    assert.deepEqual(limits, [{ ...limitAt('a', 10), account_label: 'Claude plan', billing: 'plan' }])
    const other = after(hello('one'), summary(1, 0), ended(2, 'r2.1', { ...plan, account: 'b' }))
    assert.deepEqual(other.limits, [limitAt('a', 10)])
  })

  it('drops changes that come before the first summary', () => {
    assert.equal(after(hello('one'), started(1, 'x.1')).standing, null)
  })

  it('shows a call from its start to its end, newest first', () => {
    const running = after(hello('one'), summary(1, 0), started(2, 'r2.1'))
    assert.deepEqual(
      running.running.map((one) => one.attempt),
      ['r2.1'],
    )
    const done = foldFeed(running, ended(3, 'r2.1', requestNamed('r2')))
    assert.deepEqual(done.running, [])
    assert.deepEqual(
      done.recent.map((row) => row.id),
      ['r2', 'r1'],
    )
    assert.equal(done.standing?.today.requests, 2)
  })

  it('lists no call for an attempt after which the call goes on', () => {
    const view = after(hello('one'), summary(1, 0), started(2, 'r2.1'), ended(3, 'r2.1', null))
    assert.equal(view.recent.length, 1)
  })

  it('keeps at most fifty recent calls', () => {
    let view = after(hello('one'), summary(1, 0))
    for (let n = 0; n < 60; n++) view = foldFeed(view, ended(2 + n, `n${n}.1`, requestNamed(`n${n}`)))
    assert.equal(view.recent.length, 50)
    assert.equal(view.recent[0]?.id, 'n59')
  })

  it('replaces the limit of the same account and appends a new one', () => {
    const quota = (seq: number, account: string, used: number): FeedMessage => ({
      type: 'quota',
      seq,
      limit: limitAt(account, used),
      standing: standingWith(1),
    })
    const view = after(hello('one'), summary(1, 0), quota(2, 'a', 38), quota(3, 'b', 5))
    assert.deepEqual(
      view.limits.map((row) => [row.account, row.windows[0]?.used_pct]),
      [
        ['a', 38],
        ['b', 5],
      ],
    )
  })

  it('drops the row of a limit of which nothing is left, and keeps one that is avoided', () => {
    const empty = { ...limitAt('a', 0), windows: [] }
    const cooldown = { until: '2026-11-20T11:00:00.000Z', refusal: 'plan' as const, model: null, reason: 'because.' }
    const quota = (seq: number, limit: LimitRow): FeedMessage => ({
      type: 'quota',
      seq,
      limit,
      standing: standingWith(1),
    })
    const known = [hello('one'), summary(1, 0), quota(2, limitAt('a', 100)), quota(3, limitAt('b', 5))]
    assert.deepEqual(after(...known, quota(4, empty)).limits, [limitAt('b', 5)])
    assert.deepEqual(after(...known, quota(4, { ...empty, account: 'c' })).limits, [limitAt('a', 100), limitAt('b', 5)])
    assert.deepEqual(after(...known, quota(4, { ...empty, cooldown })).limits, [
      { ...empty, cooldown },
      limitAt('b', 5),
    ])
  })

  it('ignores a number it has already taken in', () => {
    const view = after(hello('one'), summary(5, 9), ended(5, 'old.1', requestNamed('old')))
    assert.equal(view.standing?.today.requests, 9)
    assert.equal(view.recent.length, 1)
  })

  it('forgets everything when another instance says hello, and nothing but what ran for the same one', () => {
    const before = after(hello('one'), summary(1, 7), started(2, 'x.1'))
    assert.deepEqual(foldFeed(before, hello('two')), {
      ...emptyView,
      daemon: { instanceId: 'two', version: '0.1.0', contract: 1 },
    })
    const same = foldFeed(before, hello('one'))
    assert.equal(same.recent.length, 1)
    assert.deepEqual(same.running, [])
    assert.equal(same.seq, 0)
  })

  it('takes all budgets over as they are told', () => {
    const view = after(hello('one'), summary(1, 1))
    assert.deepEqual(view.budgets, [budget])
    const standing = standingWith(9)
    const spent = { ...budget, spent_usd: 8, state: 'warning' as const }
    const next = foldFeed(view, { type: 'budget', seq: 2, budgets: [spent], standing })
    assert.deepEqual([next.budgets, next.standing], [[spent], standing])
    assert.deepEqual(foldFeed(next, { type: 'budget', seq: 3, budgets: [], standing }).budgets, [])
  })

  it('shows all warnings that stand, and none once they have passed', () => {
    const warnings = [{ code: 'journal-slow' as const, subject: '', text: 'slow', since: '2026-11-20T10:00:00.000Z' }]
    const view = after(hello('one'), summary(1, 0), { type: 'warning', seq: 2, warnings })
    assert.deepEqual(view.warnings, warnings)
    assert.deepEqual(foldFeed(view, { type: 'warning', seq: 3, warnings: [] }).warnings, [])
  })

  it('counts a refusal into what stands', () => {
    const view = after(hello('one'), summary(1, 0), {
      type: 'call.refused',
      seq: 2,
      id: 'r',
      code: 'bad_key',
      client: 'sdk',
      provider: null,
      standing: standingWith(4),
    })
    assert.equal(view.standing?.today.requests, 4)
  })

  it('replaces the limits of a provider whose cooldowns changed, each in its place', () => {
    const cooldown = { until: '2026-11-20T11:00:00.000Z', refusal: 'rate' as const, model: null, reason: 'because.' }
    const told = (seq: number, limits: LimitRow[]): FeedMessage => ({
      type: 'cooldown',
      seq,
      provider: 'anthropic',
      limits,
      standing: standingWith(5),
    })
    const other = { ...limitAt('a', 1), provider: 'groq' }
    const quota: FeedMessage = { type: 'quota', seq: 2, limit: other, standing: standingWith(0) }
    const avoided = { ...limitAt('a', 10), cooldown }
    const unread = { ...limitAt('b', 0), windows: [], cooldown }
    const view = after(hello('one'), summary(1, 0), quota, told(3, [unread, avoided]))
    assert.deepEqual(view.limits, [avoided, other, unread])
    assert.equal(view.standing?.today.requests, 5)
    const over = after(hello('one'), summary(1, 0), quota, told(3, [unread, avoided]), told(4, [limitAt('a', 10)]))
    assert.deepEqual(over.limits, [limitAt('a', 10), other])
  })
})
