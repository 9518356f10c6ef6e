/** What raises alerts, when it is looked at, and that nothing is raised twice: over a real home. */
import assert from 'node:assert/strict'
import type { Event } from '../shared/contract/event.ts'
import { openAlerting } from './alerting.ts'
import { writeLedger } from './ledger/ledger.ts'
import { budgetRowsOf } from './ledger/views/budgets.ts'
import { inlineCompactor, makeHome, type TestBook, type TestHome } from './store/test-home.ts'
import { endedEvent, quotaEvent, windowOf } from './test/plain-events.ts'
import { eventually } from './test/start.ts'
import { hooksOf } from './webhooks/hooks.ts'
import { hookIdOf, openTestClock, start } from './webhooks/test-hooks.ts'

const hour = 3_600_000

describe('alerting', () => {
  let home: TestHome
  let book: TestBook
  let clock: ReturnType<typeof openTestClock>
  let alerting: { close(): void }
  let looks: number
  const hooks = hooksOf(
    [
      { url: 'https://a.example.com/money', secret: 'sss', events: ['budget'] },
      { url: 'https://a.example.com/limits', secret: 'sss', events: ['quota'] },
      { url: 'https://a.example.com/all', secret: 'sss' },
    ],
    hookIdOf,
  )

  async function open() {
    book = await home.open({ now: () => clock.now(), compactor: inlineCompactor })
    alerting = openAlerting({
      book,
      budgetRows: () => {
        looks += 1
        return budgetRowsOf(book.ledger, clock.now())
      },
      isSimulated: (provider) => provider === 'sandbox',
      hooks: () => hooks,
      now: clock.now,
      later: clock.later,
    })
  }
  async function restart() {
    alerting.close()
    await book.close()
    await open()
  }
  beforeEach(async () => {
    clock = openTestClock()
    looks = 0
    home = await makeHome()
    await open()
  })
  afterEach(async () => {
    alerting.close()
    await book.close()
    await home.remove()
  })

  /** Records, waits until watchers were told, and lets the moment pass after which it is looked. */
  async function happens(...events: Event[]) {
    const last = events.map((e) => book.record(e)).at(-1)
    let told = 0
    const stop = book.watch(({ n }) => {
      told = n
    })
    await eventually('watchers are told', () => told === last)
    stop()
    clock.moveTo(clock.now() + 200)
  }
  const raised = () => [...book.ledger.alerts.values()].map(({ e }) => `${e.about.kind} ${e.about.threshold}`)
  const limit = (usedPct: number | null, more = {}) =>
    quotaEvent([windowOf('5h', { measuredAt: clock.now(), usedPct, resetsAt: start + hour, ...more })])
  const budget = (id = 'day'): Event => ({
    type: 'budget.set',
    budget: {
      ...{ id, scope: {}, period: 'day', unit: 'usd', limit: 10_000_000_000, basis: 'billed', warnAt: [0.8] },
      ...{ action: 'warn', downgrade: null, strict: false },
    },
  })

  /** The limit is 10 USD a day. */
  const spent = (call: string, usd: number): Event => endedEvent(call, { cost: usd * 1e9, billed: usd * 1e9 })

  it('tells each webhook what it wants to hear', async () => {
    await happens(budget(), spent('a', 8.5), limit(95))
    const heard = [...book.ledger.alerts.values()].map(({ e }) => [e.about.kind, e.hooks])
    assert.deepEqual(heard, [
      ['quota', ['hash-of-limits', 'hash-of-all']],
      ['budget', ['hash-of-money', 'hash-of-all']],
    ])
  })

  it('takes a budget for used up where it stopped a call, and not where what runs held it or the call went elsewhere', async () => {
    const stoppedBy = (why?: 'held' | 'led') => ({ budget: { id: 'day', text: 'x', ...(why && { why }) } })
    const skippedBy = (why?: 'held' | 'led') =>
      [{ provider: 'openai', model: null, why: 'budget', until: null, refusal: null, ...stoppedBy(why) }] as const
    await happens(budget(), spent('a', 1))
    await happens(endedEvent('b', { skipped: [...skippedBy('held'), ...skippedBy('led')] }))
    assert.deepEqual(raised(), [])
    await happens(endedEvent('c', { skipped: [...skippedBy()] }))
    assert.deepEqual(raised(), ['budget 100'])
  })

  it('looks once at what comes within a moment, and not at all without a budget', async () => {
    await happens(endedEvent('a'), endedEvent('b'))
    assert.equal(looks, 0)
    await happens(budget())
    looks = 0
    await happens(...['c', 'd', 'e'].map((call) => endedEvent(call)))
    assert.equal(looks, 1)
  })

  it('looks at budgets after a call, one set anew, a call that a budget stopped, and calls folded away', async () => {
    await happens(budget())
    const stoppedBy = { budget: { id: 'day', text: 'Daily budget exceeded (10.0 USD)' } }
    const skipped = [
      { provider: 'openai', model: null, why: 'budget', until: null, refusal: null, ...stoppedBy },
    ] as const
    const names = { dialect: null, endpoint: '/*', client: 'c', provider: null }
    const code = 'budget_exceeded'
    const refused: Event = { type: 'call.refused', call: 'r', code, status: 429, ...names, skipped: [...skipped] }
    const events: Event[] = [spent('a', 9.6), budget(), refused, { type: 'folded', from: 1, to: 1, rows: [] }]
    for (const e of events) {
      looks = 0
      await happens(e)
      assert.equal(looks, 1, e.type)
    }
    assert.deepEqual(raised(), ['budget 80', 'budget 100'], 'the call that did not fit is what is told of')
    await happens({ ...refused, call: 'r2' })
    assert.deepEqual(raised(), ['budget 80', 'budget 100'])
  })

  it('raises nothing for simulated calls and limits, also before the account is known', async () => {
    const sandbox = { provider: 'sandbox', account: 'sandbox' }
    await happens(budget())
    looks = 0
    await happens(quotaEvent([windowOf('5h', { measuredAt: start, usedPct: 100 })], sandbox))
    await happens(endedEvent('a', { ...sandbox, billing: 'simulated' }), limit(95, {}))
    assert.equal(looks, 0)
    assert.deepEqual(raised(), ['quota 90'])
  })

  it('raises nothing twice after a restart, from segments or from a snapshot', async () => {
    await happens(budget(), spent('a', 8.5), limit(95))
    for (const compacted of [false, true]) {
      if (compacted) await book.compact()
      const before = JSON.stringify(writeLedger(book.ledger))
      await restart()
      clock.moveTo(clock.now() + 200)
      assert.deepEqual(raised(), ['quota 90', 'budget 80'])
      assert.equal(JSON.stringify(writeLedger(book.ledger)), before)
    }
    await happens(limit(96))
    assert.deepEqual(raised(), ['quota 90', 'budget 80'])
  })

  it('raises at a start what the daemon before did not live to raise', async () => {
    book.record(budget())
    book.record(spent('a', 8.5))
    book.record(limit(100))
    await restart()
    assert.deepEqual(raised(), [])
    clock.moveTo(clock.now() + 200)
    assert.deepEqual(raised(), ['quota 100', 'budget 80'])
  })

  it('tells that a limit is usable again as its reset passes, although nothing happens', async () => {
    await happens(endedEvent('a', { billing: 'plan' }), limit(100))
    assert.deepEqual(raised(), ['quota 100'])
    // a minute at a time, as the timer is never trusted for longer
    while (clock.now() < start + hour - 1) clock.moveTo(Math.min(clock.now() + 60_000, start + hour - 1))
    assert.deepEqual(raised(), ['quota 100'])
    await restart()
    clock.moveTo(start + hour + 60_000)
    assert.deepEqual(raised(), ['quota 100', 'usable 100'])
    await restart()
    clock.moveTo(start + 2 * hour)
    assert.deepEqual(raised(), ['quota 100', 'usable 100'])
  })
})
