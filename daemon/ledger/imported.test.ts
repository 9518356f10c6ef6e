/** Imported calls in the ledger: counted when they were made, and nowhere taken for what is used now. */
import assert from 'node:assert/strict'
import { ended } from '../test/sample-events.ts'
import { emptyLedger, fold, type Ledger, readLedger, writeLedger } from './ledger.ts'
import { recentBound } from './recent.ts'
import { newestCalls } from './views/requests.ts'
import { standingOf } from './views/standing.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const dayMs = 24 * 60 * 60 * 1000
const imported = (n: number, startedAt: number) =>
  ended({ call: `req_${n}`, attempt: `imp_${n}`, startedAt, imported: 'codex', user: 'me', session: 's' })

describe('imported calls', () => {
  let ledger: Ledger
  let n = 0
  const add = (e: ReturnType<typeof ended>, t = now) => fold(ledger, { origin: 'home', n: ++n, t, e })
  beforeEach(() => {
    ledger = emptyLedger('UTC')
    n = 0
  })

  it('count on their own day, whatever their order, and leave today and the accounts alone', () => {
    for (const days of [40, 3, 90]) add(imported(days, now - days * dayMs))
    const today = ledger.zone.dayOf(now)
    assert.deepEqual(
      [...ledger.totals.days].map(([day, bucket]) => [today - day, bucket.real.requests]),
      [
        [40, 1],
        [3, 1],
        [90, 1],
      ],
    )
    assert.deepEqual(
      [...ledger.marginals.user.keys()].map((day) => today - day),
      [40, 3, 90],
    )
    assert.equal([...ledger.lifetime.providers.values()][0]?.lastAt, now - 3 * dayMs)
    assert.equal(ledger.accounts.size, 0)
    const { headline, today: sums, month } = standingOf(ledger, now, 0)
    assert.deepEqual([headline.kind, sums.requests, month.requests], ['none', 0, 1])
  })

  it('keep the finest sums for the newest time: old ones do not push them out', () => {
    add(ended({ call: 'req_now', attempt: 'req_now.1' }))
    for (let i = 0; i < 2000; i++) add(imported(i, now - (i + 1) * 60 * 60 * 1000))
    const slot = Math.floor(now / (15 * 60_000)) * 15 * 60_000
    assert.equal(ledger.totals.slots.get(slot)?.real.requests, 1)
    assert.ok(ledger.totals.slotsFrom < now - 2 * dayMs && ledger.totals.slotsFrom > now - 13 * dayMs)
    const sum = (buckets: Ledger['totals']['days']) =>
      [...buckets.values()].reduce((all, one) => all + one.real.requests, 0)
    assert.equal(sum(ledger.totals.days), 2001)
  })

  it('stand in lists by their own time, the newest of them, beside all that came through the daemon', () => {
    add(ended({ call: 'req_a', attempt: 'req_a.1' }), now - 2 * dayMs)
    for (let i = 0; i < 3 * recentBound.imported; i++) add(imported(i, now - dayMs - ((i * 7) % 1499) * 1000))
    add(imported(9999, now - 3 * dayMs))
    assert.equal(ledger.recent.real.rows.length, 1)
    assert.ok(ledger.recent.imported.size < 2 * recentBound.imported)
    const calls = newestCalls(ledger, 500).map(({ e }) => e)
    assert.equal(calls.length, 500)
    assert.deepEqual([calls[0]?.startedAt, calls[499]?.startedAt], [now - dayMs, now - dayMs - 498_000])
    assert.deepEqual(newestCalls(ledger, 1)[0]?.e.imported, 'codex')
  })

  it('are the same after a snapshot', () => {
    for (let i = 0; i < 5; i++) add(imported(i, now - i * dayMs))
    add(ended())
    const read = readLedger(JSON.parse(JSON.stringify(writeLedger(ledger))), 'UTC')
    assert.ok(read)
    assert.deepEqual(read.recent, ledger.recent)
    assert.deepEqual(writeLedger(read), writeLedger(ledger))
  })
})
