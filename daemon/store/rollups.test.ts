/** Closed months: what is asked of them gives the same before and after, whatever comes late, and a file that is gone is named. */
import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { type UsageDimension, usageDimension } from '../../shared/contract/endpoints/core.ts'
import type { Entry } from '../../shared/contract/event.ts'
import { emptyLedger, fold, writeLedger } from '../ledger/ledger.ts'
import { inOrder } from '../ledger/recent.ts'
import { tallyUsage } from '../ledger/views/usage.ts'
import { isMarginal, type UsageQuery } from '../ledger/views/usage-query.ts'
import { dayMs, hourMs } from '../ledger/zone.ts'
import { histories } from '../test/random-events.ts'
import type { BookOptions } from './book.ts'
import { callId, ended, inlineCompactor, keptFor, makeHome, type TestBook, type TestHome } from './test-home.ts'
import { verifyHome } from './verify.ts'

const february = Date.UTC(2026, 1, 1)

describe('closed months', function () {
  this.timeout(60_000)
  let home: TestHome
  let t = 0
  beforeEach(async () => {
    home = await makeHome()
    t = february
  })
  afterEach(() => home.remove())

  const open = (more: Partial<BookOptions> = {}) => home.open({ now: () => t, retention: keptFor(1e6), ...more })
  const files = async () => (await readdir(join(home.path, 'rollups')).catch(() => [])).sort()
  const path = (month: string) => join(home.path, 'rollups', `${month}.json`)

  const rowsOf = async (file: string) =>
    JSON.stringify((JSON.parse(await readFile(file, 'utf8')) as { rows: object }).rows)

  /** As `/api/v1/usage` answers. */
  async function usage(book: TestBook, query: UsageQuery) {
    const tally = tallyUsage(book.ledger, t, query)
    if ('bad' in tally) return assert.fail(tally.why)
    const missing: string[] = []
    for (const month of tally.months) {
      const days = await book.daysOfMonth(month, tally.names)
      if (days) tally.add(days)
      else missing.push(month)
    }
    return tally.reply(missing)
  }
  /** The same of all that was ever recorded, in memory. */
  function inMemory(entries: readonly Entry[], zone: string, query: UsageQuery) {
    const ledger = emptyLedger(zone)
    for (const entry of entries) fold(ledger, entry)
    const tally = tallyUsage(ledger, t, query)
    return 'bad' in tally ? assert.fail(tally.why) : tally.reply([])
  }
  /** A call every ten hours until `until`, a compaction every twelve of them. */
  async function recordUntil(book: TestBook, until: number, entries: Entry[] = []): Promise<Entry[]> {
    for (let i = entries.length; t < until; i++, t += 10 * hourMs) {
      const model = `m${i % 3}`
      const e = ended(callId(t), { model, user: `u${i % 2}`, feature: 'f', session: `s${i}`, cost: i, billed: i })
      entries.push({ origin: book.origin, n: book.record(e), t, e })
      if (i % 12 === 11) await book.compact()
    }
    await book.compact()
    return entries
  }
  const all: UsageQuery = { from: '2026-01-01', bucket: 'day', group_by: 'model,day' }

  it('leave the ledger for files of their own, and every sum stays', async () => {
    const book = await open()
    const entries = await recordUntil(book, Date.UTC(2026, 4, 20))
    assert.deepEqual(await files(), ['2026-02.json', '2026-03.json'])
    assert.deepEqual([...book.ledger.months.keys()], ['2026-02', '2026-03'])
    assert.ok([...book.ledger.totals.days.keys()].every((day) => day * dayMs >= Date.UTC(2026, 3, 1)))
    assert.deepEqual(await usage(book, all), inMemory(entries, 'UTC', all))
    const again = await open()
    assert.deepEqual(writeLedger(again.ledger), writeLedger(book.ledger))
    assert.deepEqual(await usage(again, all), inMemory(entries, 'UTC', all))
    const questions: UsageQuery[] = [
      {},
      { group_by: 'model' },
      { model: 'm1' },
      { model: 'm1', group_by: 'client,billing' },
      { group_by: 'user' },
      { user: 'u1', group_by: 'day' },
      { group_by: 'feature,day' },
    ]
    for (const question of [...questions, ...questions, { bucket: 'day' as const }, { group_by: 'day' }]) {
      const asked = { from: '2026-01-01', ...question }
      assert.deepEqual(await usage(again, asked), inMemory(entries, 'UTC', asked))
    }
    assert.deepEqual([...book.warn.raised, ...again.warn.raised], [])
  })

  it('give the same answers as a ledger that never closed one, over any history, zone and question', async () => {
    const steps = fc.infiniteStream(fc.constantFrom('go on', 'go on', 'go on', 'compact', 'restart'))
    const zones = fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York')
    const joint = usageDimension.options.filter((name) => name !== 'hour' && !isMarginal(name))
    const groups = fc.oneof(
      fc.subarray<UsageDimension>(joint, { minLength: 1, maxLength: 3 }),
      fc.tuple(fc.constantFrom('user' as const, 'feature' as const, 'session' as const), fc.constant('day' as const)),
    )
    const longHistories = histories({ start: february, step: 4 * dayMs, minLength: 60, maxLength: 100 })
    const fromDay = fc.integer({ min: 0, max: 200 })
    let closed = 0
    await fc.assert(
      fc.asyncProperty(longHistories, steps, zones, groups, fromDay, async (history, todo, timeZone, by, day) => {
        let book = await open({ timeZone })
        const entries: Entry[] = []
        for (const { e, t: at } of history) {
          t = at
          entries.push({ origin: book.origin, n: book.record(e), t, e })
          const step = todo.next().value as string
          if (step === 'compact') await book.compact()
          if (step !== 'restart') continue
          book.settle()
          const open0 = book.ledger.open.size
          book = await open({ timeZone })
          assert.equal(book.recovered.interrupted, open0)
          // what the start ended stands in the history too
          for (const end of [...inOrder(book.ledger.recent.real), ...inOrder(book.ledger.recent.simulated)]) {
            if (end.e.outcome === 'interrupted' && end.e.error === 'the daemon ended before the answer did') {
              const known = entries.some(({ e: one }) => one.type === 'attempt.ended' && one.attempt === end.e.attempt)
              if (!known) entries.push({ origin: book.origin, n: book.ledger.last, ...end })
            }
          }
        }
        await book.compact()
        closed += book.ledger.months.size
        const from = new Date(february + day * dayMs).toISOString().slice(0, 10)
        const query: UsageQuery = { from, to: '2028-01-01', bucket: 'day', group_by: by.join() }
        for (const simulated of [{}, { simulated: 'only' as const }]) {
          const asked = { ...query, ...simulated }
          assert.deepEqual(await usage(book, asked), inMemory(entries, timeZone, asked))
        }
        assert.deepEqual(book.warn.raised, [])
        await home.remove()
        home = await makeHome()
      }),
      { numRuns: 12 },
    )
    assert.ok(closed > 12, `${closed} months were closed`)
  })

  it('take what comes late, before and after a start', async () => {
    const book = await open()
    const entries = await recordUntil(book, Date.UTC(2026, 4, 20))
    const late = async (of: TestBook) => {
      const now = t
      t = Date.UTC(2026, 2, 10)
      const e = ended(callId(t), { model: 'late' })
      entries.push({ origin: of.origin, n: of.record(e), t, e })
      t = now
      await recordUntil(of, t + 5 * dayMs, entries)
      assert.deepEqual(await usage(of, all), inMemory(entries, 'UTC', all))
      assert.deepEqual(of.warn.raised, [])
    }
    await late(book)
    await late(await open())
    assert.deepEqual(await usage(await open(), all), inMemory(entries, 'UTC', all))
    assert.deepEqual(await files(), ['2026-02.json', '2026-03.json'])
  })

  it('know their users and features, and not more sessions than calls where a file is gone', async () => {
    const book = await open()
    const entries = await recordUntil(book, Date.UTC(2026, 4, 20))
    const now = t
    t = Date.UTC(2026, 2, 30)
    const e = ended(callId(t), { user: 'u1', session: 'late' })
    entries.push({ origin: book.origin, n: book.record(e), t, e })
    t = now
    const since = { from: '2026-03-20' }
    for (const group_by of ['user', 'feature', 'session', 'session,day']) {
      const asked = { ...since, group_by }
      assert.deepEqual(await usage(book, asked), inMemory(entries, 'UTC', asked), group_by)
    }
    await rm(path('2026-03'))
    const again = await open()
    const calls = async (query: UsageQuery) => {
      const { total, groups } = await usage(again, { ...since, ...query })
      const named = new Map(groups.map(({ key, totals }) => [key.join(), totals.requests]))
      assert.equal(
        [...named.values()].reduce((sum, one) => sum + one, 0),
        total.requests,
      )
      return named
    }
    const whole = inMemory(entries, 'UTC', { from: '2026-04-01' }).total.requests
    // the late one stands in the ledger
    assert.equal((await calls({ group_by: 'session' })).get(''), 1)
    assert.equal((await calls({ group_by: 'session' })).size, whole + 1)
    assert.deepEqual([...(await calls({ group_by: 'user' })).keys()].sort(), ['u0', 'u1'])
  })

  it('keep an event that comes for one while it is being closed', async () => {
    let late = () => {}
    const run: typeof inlineCompactor.run = async (order) => {
      const result = await inlineCompactor.run(order)
      late()
      return result
    }
    const book = await open({ compactor: { ...inlineCompactor, run } })
    const entries: Entry[] = []
    late = () => {
      if (book.ledger.months.size > 0 || t < Date.UTC(2026, 3, 3)) return
      const e = ended(callId(t), { model: 'late' })
      const now = t
      t = february + dayMs
      entries.push({ origin: book.origin, n: book.record(e), t, e })
      t = now
    }
    await recordUntil(book, Date.UTC(2026, 3, 20), entries)
    assert.deepEqual(await files(), ['2026-02.json'])
    assert.deepEqual(await usage(book, all), inMemory(entries, 'UTC', all))
    const again = await open()
    assert.deepEqual([...again.ledger.months.keys()], ['2026-02'])
    assert.deepEqual(await usage(again, all), inMemory(entries, 'UTC', all))
    assert.deepEqual([...book.warn.raised, ...again.warn.raised], [])
  })

  it('close by the order of events: a clock that ran ahead once closes nothing', async () => {
    const book = await open()
    await recordUntil(book, Date.UTC(2026, 1, 20))
    const now = t
    t = Date.UTC(2099, 0, 1)
    book.record(ended())
    await book.compact()
    t = now
    assert.deepEqual(await files(), [])
  })

  it('are named where their file is missing or damaged, and the rest is answered', async () => {
    const book = await open()
    const entries = await recordUntil(book, Date.UTC(2026, 4, 20))
    const whole = await readFile(path('2026-03'), 'utf8')
    for (const text of [whole.replace('[1,0,1,10', '[2,0,1,10'), whole.slice(0, 90), '', undefined]) {
      if (text === undefined) await rm(path('2026-03'))
      else await writeFile(path('2026-03'), text)
      const again = await open()
      const reply = await usage(again, { from: '2026-01-01' })
      assert.deepEqual(reply.missing_months, ['2026-03'])
      assert.equal(reply.total.requests, entries.filter((entry) => new Date(entry.t).getUTCMonth() !== 2).length)
      assert.deepEqual(again.warn.raised, ['rollup-unreadable'])
      const { faults } = await verifyHome(home.path)
      assert.deepEqual(
        faults.map(({ file }) => file),
        [path('2026-03')],
      )
      assert.match([...again.warn.standing.values()].join(), /2026-03 cannot be read from .*2026-03\.json: /)
      await writeFile(path('2026-03'), whole)
      assert.deepEqual((await usage(again, { from: '2026-01-01' })).missing_months, [])
      assert.deepEqual([...again.warn.standing], [])
      assert.deepEqual((await verifyHome(home.path)).faults, [])
    }
  })

  it('are made anew where the segments still hold them, and stay missing where they do not', async () => {
    const book = await open()
    const entries = await recordUntil(book, Date.UTC(2026, 4, 20))
    const rows = await rowsOf(path('2026-02'))
    await rm(path('2026-02'))
    await writeFile(path('2026-03'), '{')
    const again = await open()
    await recordUntil(again, t + hourMs, entries)
    assert.equal(await rowsOf(path('2026-02')), rows)
    assert.deepEqual(await usage(again, all), inMemory(entries, 'UTC', all))

    await rm(path('2026-02'))
    const [oldest = ''] = (await readdir(join(home.path, 'journal'))).sort()
    await rm(join(home.path, 'journal', oldest))
    const third = await open()
    await recordUntil(third, t + hourMs, entries)
    assert.deepEqual((await usage(third, all)).missing_months, ['2026-02'])
  })

  it('are folded anew in another time zone where the journal holds all, and else stay', async () => {
    const entries = await recordUntil(await open(), Date.UTC(2026, 4, 20))
    const again = await open({ timeZone: 'Asia/Tokyo' })
    assert.equal(again.ledger.months.size, 0)
    await recordUntil(again, t + hourMs, entries)
    assert.deepEqual([...again.ledger.months.keys()], ['2026-02', '2026-03'])
    assert.deepEqual(await usage(again, all), inMemory(entries, 'Asia/Tokyo', all))
    const [oldest = ''] = (await readdir(join(home.path, 'journal'))).sort()
    await rm(join(home.path, 'journal', oldest))
    const third = await open()
    assert.equal(third.ledger.months.size, 2)
    assert.equal((await usage(third, all)).total.requests, entries.length)
  })

  it('stay in the snapshot where their file cannot be written', async () => {
    await writeFile(join(home.path, 'rollups'), 'a file stands where the folder would go')
    const book = await open()
    const entries = await recordUntil(book, Date.UTC(2026, 4, 20))
    assert.equal(book.ledger.months.size, 0)
    assert.deepEqual(book.warn.raised, [])
    assert.deepEqual(await usage(await open(), all), inMemory(entries, 'UTC', all))
  })
})
