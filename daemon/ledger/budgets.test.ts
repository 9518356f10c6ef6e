/** What a budget has counted is the same whenever it was set, however often the ledger went to the disk and came back. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Budget } from '../../shared/contract/budget.ts'
import type { Entry, Event } from '../../shared/contract/event.ts'
import { totalTokensOf } from '../../shared/contract/usage.ts'
import { budgetFor, endedEvent, entriesOf } from '../test/plain-events.ts'
import { histories } from '../test/random-events.ts'
import { fits } from './budget-scope.ts'
import type { Spent } from './budgets.ts'
import { emptyLedger, fold, type Ledger, readLedger, writeLedger } from './ledger.ts'
import { spentOf } from './views/budget-spent.ts'
import { dayMs, hourMs, openZone } from './zone.ts'

const start = Date.UTC(2026, 2, 27, 20)

function throughDisk(ledger: Ledger): Ledger {
  const read = readLedger(JSON.parse(JSON.stringify(writeLedger(ledger))), ledger.zone.name)
  assert.ok(read, 'the snapshot can be read')
  return read
}

function folded(entries: readonly Entry[], zone = 'UTC'): Ledger {
  const ledger = emptyLedger(zone)
  for (const entry of entries) fold(ledger, entry)
  return ledger
}

const set = (budget: Budget): Event => ({ type: 'budget.set', budget })

function spentIn(ledger: Ledger, id: string, now: number): Spent {
  const kept = ledger.budgets.get(id)
  assert.ok(kept, 'the budget holds')
  return spentOf(kept, now, ledger.zone)
}

/** Entries put in where they are asked for, all numbered anew; those put in happen when the one before them did. */
function withAdded(entries: readonly Entry[], added: readonly (readonly [at: number, e: Event])[]): Entry[] {
  const all = entries.flatMap((entry, place) => [
    ...added.filter(([at]) => at === place).map(([, e]) => ({ ...entry, e })),
    entry,
  ])
  const t = entries.at(-1)?.t ?? start
  const late = added.filter(([at]) => at >= entries.length).map(([, e]) => ({ origin: 'home-1', n: 0, t, e }))
  return [...all, ...late].map((entry, at) => ({ ...entry, n: at + 1 }))
}

/** Added up from the events themselves, one by one. */
function countedAnew(entries: readonly Entry[], budget: Budget, since: number, until: number): Spent {
  const sum: Spent = { money: 0, tokens: 0, requests: 0, unpriced: 0 }
  for (const { e, t } of entries) {
    if (e.type !== 'attempt.ended' || !e.last || e.billing === 'simulated' || !fits(budget.scope, e)) continue
    if (t < since || t >= until) continue
    sum.money += (budget.basis === 'list' ? e.cost : e.billed) ?? 0
    sum.tokens += e.usage ? totalTokensOf(e.usage) : 0
    sum.requests += 1
    if (e.cost === null && e.billing !== 'local' && (e.usage !== null || e.outcome === 'ok')) sum.unpriced += 1
  }
  return sum
}

const scopes = fc.constantFrom<Budget['scope']>(
  {},
  { provider: 'openai' },
  { provider: 'anthropic', model: 'claude-*' },
  { account: 'acct-2' },
  { model: '*5' },
  { chain: 'coding' },
  { client: 'claude-code', folder: '0a1b2c3d' },
  { user: 'ann' },
  { feature: 'chat' },
  { key: 'key-1' },
)
const budgets = fc
  .tuple(scopes, fc.constantFrom('day', 'week', 'month', '1h', '24h', '3d', '31d'), fc.constantFrom('billed', 'list'))
  .map(([scope, period, basis]) => budgetFor({ id: 'one', scope, period, basis: basis }))

describe('budgets in the ledger', () => {
  it('hold the same sums whenever they were set, also after a snapshot', () => {
    fc.assert(
      fc.property(
        histories({ keys: ['key-1', 'key-2'] }),
        budgets,
        fc.nat(120),
        fc.nat(120),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
        (entries, budget, at, cut, zone) => {
          const first = folded(withAdded(entries, [[0, set(budget)]]), zone)
          const second = { ...budget, id: 'two' }
          let ledger = emptyLedger(zone)
          const told = withAdded(entries, [
            [at, set({ ...budget, period: 'day', basis: 'list', scope: {} })],
            [at, { type: 'budget.removed', id: 'two' }],
            [at + 3, set(budget)],
            [at + 5, set(second)],
          ])
          for (const [place, entry] of told.entries()) {
            if (place === cut) ledger = throughDisk(ledger)
            fold(ledger, entry)
          }
          for (const now of [entries.at(-1)?.t ?? start, (entries.at(-1)?.t ?? start) + 3 * hourMs]) {
            const spent = spentIn(ledger, 'one', now)
            assert.deepEqual(spent, spentIn(first, 'one', now))
            assert.deepEqual(spentIn(throughDisk(ledger), 'two', now), spent)
          }
        },
      ),
      { numRuns: 120 },
    )
  })

  it('hold what the events themselves add up to', () => {
    fc.assert(
      fc.property(
        histories({ keys: ['key-1', 'key-2'] }),
        budgets,
        fc.constantFrom('UTC', 'America/New_York'),
        (entries, budget, zoneName) => {
          const zone = openZone(zoneName)
          const now = entries.at(-1)?.t ?? start
          const ledger = folded(withAdded(entries, [[Number.POSITIVE_INFINITY, set(budget)]]), zoneName)
          const spent = spentIn(ledger, 'one', now)
          const days = {
            day: [zone.dayOf(now), 1],
            week: [zone.dayOf(now) - ((zone.dayOf(now) + 3) % 7), 7],
          }[budget.period]
          if (days) {
            const [first = 0, length = 0] = days
            const [since, until] = [zone.startOfDay(first), zone.startOfDay(first + length)]
            assert.deepEqual(spent, countedAnew(entries, budget, since, until))
          } else if (budget.period !== 'month') {
            // a span counts the step that it begins in as a whole
            const span = { '1h': hourMs, '24h': dayMs, '3d': 3 * dayMs, '31d': 31 * dayMs }[budget.period] ?? 0
            const [least, most] = [span, span + hourMs].map((ms) => countedAnew(entries, budget, now - ms, now + 1))
            assert.ok(least && most && spent.requests >= least.requests && spent.requests <= most.requests)
            assert.ok(spent.money >= least.money && spent.money <= most.money)
          }
        },
      ),
      { numRuns: 120 },
    )
  })

  it('see what was spent before they were there, and forget nothing as they change', () => {
    const call = endedEvent('a', { billed: 5, cost: 7, usage: { input: 10 } })
    const at = Date.UTC(2026, 10, 27, 12)
    const ledger = folded(
      entriesOf([
        [at, call],
        [at + 1, set(budgetFor({ id: 'one' }))],
      ]),
    )
    const now = at + 2
    assert.deepEqual(spentIn(ledger, 'one', now), { money: 5, tokens: 10, requests: 1, unpriced: 0 })
    fold(ledger, { origin: 'home-1', n: 3, t: now, e: set(budgetFor({ id: 'one', basis: 'list' })) })
    assert.equal(spentIn(ledger, 'one', now).money, 7)
    fold(ledger, { origin: 'home-1', n: 4, t: now, e: { type: 'budget.removed', id: 'one' } })
    assert.equal(ledger.budgets.size, 0)
    fold(ledger, { origin: 'home-1', n: 5, t: now, e: { type: 'budget.removed', id: 'never' } })
    assert.equal(ledger.budgets.size, 0)
  })

  it('keep what they have counted as they change, also what the totals no longer tell apart', () => {
    const models = Array.from({ length: 150 }, (_, at) => endedEvent(`c${at}`, { model: `m${at}` }))
    const late = budgetFor({ scope: { model: 'm140' } })
    const events: Event[] = [set(late), ...models, set({ ...late, limit: 5 })]
    const ledger = folded(entriesOf(events.map((e) => [start, e])))
    assert.equal(spentIn(ledger, 'one', start).requests, 1)
    fold(ledger, { origin: 'home-1', n: 200, t: start, e: set({ ...late, scope: { model: 'm1' } }) })
    assert.equal(spentIn(ledger, 'one', start).requests, 1)
    fold(ledger, { origin: 'home-1', n: 201, t: start, e: set({ ...late, basis: 'list', scope: { model: 'm2' } }) })
    assert.equal(spentIn(ledger, 'one', start).requests, 1)
  })

  it('count an imported call when it was made, and folded rows when they happened', () => {
    const at = Date.UTC(2026, 10, 27, 12)
    const imported = endedEvent('i', { imported: 'codex', startedAt: at - 20 * dayMs, billed: 3 })
    const { provider, account, model, client, task } = imported
    const usage = { input: 5, cacheRead: 4, cacheWrite5m: 3, cacheWrite1h: 2, output: 1, reasoning: 1 }
    const row = {
      ...{ provider, account, model, client, task, chain: null, folder: null, billing: 'metered' as const, at, usage },
      ...{ requests: 2, attempts: 3, failed: 1, cost: 10, billed: 9, unpriced: 1, estimated: 1, latencyMs: 7 },
    }
    const events = [
      [at, set(budgetFor({ id: 'day', period: 'day' }))],
      [at, set(budgetFor({ id: 'month', period: 'month' }))],
      [at, imported],
      [at, { type: 'folded', from: 4, to: 9, rows: [row, { ...row, at: at - dayMs }] }],
    ] as const satisfies [number, Event][]
    const ledger = folded(entriesOf(events))
    assert.deepEqual(spentIn(ledger, 'day', at), { money: 9, tokens: 15, requests: 2, unpriced: 1 })
    assert.deepEqual(spentIn(ledger, 'month', at), { money: 21, tokens: 30, requests: 5, unpriced: 2 })
  })

  it('a clock that ran ahead takes nothing from the period that counts, before and after it is right again', () => {
    const at = Date.UTC(2026, 10, 27, 12)
    for (const period of ['day', 'month', '24h', '31d']) {
      const ahead = at + 400 * dayMs
      const events = [
        [at, set(budgetFor({ id: 'one', period }))],
        [at, endedEvent('a', { billed: 1 })],
        [ahead, endedEvent('b', { billed: 10 })],
        [at + 1000, endedEvent('c', { billed: 100 })],
      ] as const
      const ledger = throughDisk(folded(entriesOf(events)))
      assert.equal(spentIn(ledger, 'one', at + 1000).money, 101, period)
      assert.equal(spentIn(ledger, 'one', ahead).money, 10, period)
      // set anew it says the same
      fold(ledger, { origin: 'home-1', n: 5, t: at + 1001, e: set(budgetFor({ id: 'one', period })) })
      assert.equal(spentIn(ledger, 'one', at + 1001).money, 101, period)
    }
  })

  it('never count what the sandbox answers, nor an attempt after which the call goes on', () => {
    const at = Date.UTC(2026, 10, 27, 12)
    const calls = [
      [at, endedEvent('a', { billing: 'simulated', user: 'ann' })],
      [at, endedEvent('b', { last: false })],
    ] as const
    const both = [
      [at, set(budgetFor({ id: 'all' }))],
      [at, set(budgetFor({ id: 'ann', scope: { user: 'ann' } }))],
    ] as const
    for (const events of [
      [...calls, ...both],
      [...both, ...calls],
    ]) {
      const ledger = folded(entriesOf(events))
      assert.deepEqual(
        ['all', 'ann'].map((id) => spentIn(ledger, id, at).requests),
        [0, 0],
      )
    }
  })

  it('a snapshot whose budgets are damaged is none', () => {
    const ledger = folded(
      entriesOf([
        [start, endedEvent('a')],
        [start, set(budgetFor({ id: 'one' }))],
      ]),
    )
    for (const damage of [[['x', []]], [[budgetFor({}), [[1, 2]]]], [[budgetFor({}), [[1, -2, 0, 0, 0]]]], {}]) {
      const written = JSON.parse(JSON.stringify(writeLedger(ledger))) as { slices: Record<string, unknown> }
      written.slices.budgets = damage
      assert.equal(readLedger(written, 'UTC'), undefined)
    }
  })
})
