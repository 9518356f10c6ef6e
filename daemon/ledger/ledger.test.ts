/** Fold, write and read: replay in any portions gives the same ledger, and no damaged snapshot is taken for a whole one. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Entry } from '../../shared/contract/event.ts'
import { endedEvent, entriesOf } from '../test/plain-events.ts'
import { withTimes } from '../test/plain-times.ts'
import { histories } from '../test/random-events.ts'
import { emptyLedger, fold, type Ledger, lastOf, missingSlicesOf, readLedger, writeLedger } from './ledger.ts'
import { standingOf } from './views/standing.ts'

const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'Australia/Lord_Howe')

function folded(entries: readonly Entry[], zone = 'UTC'): Ledger {
  const ledger = emptyLedger(zone)
  for (const entry of entries) fold(ledger, entry)
  return ledger
}

/** As a snapshot goes to disk and comes back. */
function throughDisk(ledger: Ledger): Ledger {
  const read = readLedger(JSON.parse(JSON.stringify(writeLedger(ledger))), ledger.zone.name)
  assert.ok(read, 'the snapshot can be read')
  return read
}

const one = fc.sample(histories({ minLength: 60 }), { seed: 7, numRuns: 1 })[0] ?? []

describe('ledger', () => {
  it('comes back from a snapshot as it was', () => {
    fc.assert(
      fc.property(histories(), zones, (entries, zone) => {
        const ledger = folded(entries, zone)
        const read = throughDisk(ledger)
        assert.deepEqual(writeLedger(read), writeLedger(ledger))
        assert.deepEqual(withTimes({ ...read.totals, kept: 0 }), withTimes({ ...ledger.totals, kept: 0 }))
        assert.deepEqual(withTimes({ ...read, totals: 0, zone: 0 }), withTimes({ ...ledger, totals: 0, zone: 0 }))
      }),
      { numRuns: 40 },
    )
  })

  it('is the same however often a snapshot was taken in between', () => {
    fc.assert(
      fc.property(histories(), zones, fc.array(fc.nat(120), { maxLength: 4 }), (entries, zone, cuts) => {
        let ledger = emptyLedger(zone)
        for (const [at, entry] of entries.entries()) {
          if (cuts.includes(at)) ledger = throughDisk(ledger)
          fold(ledger, entry)
        }
        assert.deepEqual(
          JSON.parse(JSON.stringify(writeLedger(ledger))),
          JSON.parse(JSON.stringify(writeLedger(folded(entries, zone)))),
        )
      }),
      { numRuns: 40 },
    )
  })

  it('counts each attempt once, however often its lines come', () => {
    fc.assert(
      fc.property(histories(), fc.nat(120), (entries, from) => {
        const attempts = entries
          .slice(from)
          .filter(({ e }) => e.type === 'attempt.ended' || e.type === 'attempt.started')
        const again = attempts.map((entry) => ({ ...entry, origin: 'lost-home' }))
        const [once, twice] = [folded(entries), folded([...entries, ...again])]
        assert.deepEqual(twice.lifetime, once.lifetime)
        assert.deepEqual(twice.totals.days, once.totals.days)
        assert.deepEqual([...twice.open.keys()], [...once.open.keys()])
      }),
      { numRuns: 40 },
    )
  })

  it('knows an attempt again after a snapshot', () => {
    const ledger = throughDisk(folded(one))
    const ended = one.filter(({ e }) => e.type === 'attempt.ended')
    assert.ok(ended.length > 5)
    for (const entry of ended) fold(ledger, entry)
    assert.deepEqual(ledger.lifetime, folded(one).lifetime)
  })

  it('reads a snapshot of a version that knew of no cooldowns as one where nothing is avoided', () => {
    const written = JSON.parse(JSON.stringify(writeLedger(folded(one)))) as { slices: Record<string, unknown> }
    delete written.slices.cooldowns
    const read = readLedger(written, 'UTC')
    assert.deepEqual([read?.cooldowns, read?.lifetime], [new Map(), folded(one).lifetime])
    assert.deepEqual(missingSlicesOf(written), [])
    written.slices.cooldowns = [['damaged']]
    assert.equal(readLedger(written, 'UTC'), undefined)
  })

  it('reads a snapshot of a version that counted no chains, ways and failovers, and says so', () => {
    const written = JSON.parse(JSON.stringify(writeLedger(folded(one)))) as { slices: Record<string, unknown> }
    assert.deepEqual(missingSlicesOf(written), [])
    const { chains: _chains, meters: _meters, failovers: _failovers, ...slices } = written.slices
    const former = { ...written, slices }
    assert.deepEqual(missingSlicesOf(former), ['chains', 'meters', 'failovers'])
    const read = readLedger(former, 'UTC')
    assert.deepEqual(read && { ...read.lifetime }, folded(one).lifetime)
    assert.deepEqual(read?.chains, emptyLedger('UTC').chains)
    assert.deepEqual(missingSlicesOf(null), [])
  })

  it('keeps the last number of every origin, and its own first', () => {
    const [first, second] = one
    assert.ok(first && second)
    const ledger = folded([first, { ...second, origin: 'other-home', n: 41 }, { ...second, origin: 'home-1', n: 2 }])
    assert.equal(ledger.last, 2)
    assert.equal(lastOf(ledger, 'other-home'), 41)
    assert.equal(lastOf(ledger, 'never-seen'), 0)
    assert.equal(throughDisk(ledger).last, 2)
  })

  it('takes a folded event for all numbers that it covers, and the attempts it names for ended', () => {
    const started = one.find(({ e }) => e.type === 'attempt.started')
    assert.ok(started?.e.type === 'attempt.started')
    const ledger = folded([{ ...started, n: 1 }])
    assert.deepEqual([...ledger.open.values()], [{ e: started.e, t: started.t }])
    const { provider, account, model, client, task, chain, folder, billing } = started.e
    const usage = { input: 5, cacheRead: 4, cacheWrite5m: 3, cacheWrite1h: 2, output: 1, reasoning: 1 }
    const sums = {
      requests: 2,
      attempts: 3,
      failed: 1,
      usage,
      cost: 10,
      billed: 9,
      unpriced: 0,
      estimated: 1,
      latencyMs: 7,
    }
    const row = { provider, account, model, client, task, chain, folder, billing, at: started.t, ...sums }
    const e = { type: 'folded' as const, from: 2, to: 9, ended: [started.e.attempt], rows: [row] }
    fold(ledger, { origin: 'home-1', n: 9, t: started.t, e })
    assert.equal(ledger.last, 9)
    assert.equal(ledger.open.size, 0)
    assert.equal(ledger.lifetime.real.requests + ledger.lifetime.simulated.requests, 2)
  })

  describe('refuses a damaged snapshot', () => {
    const whole = () => JSON.parse(JSON.stringify(writeLedger(folded(one)))) as Record<string, unknown>
    const damages: [string, (json: Record<string, unknown>) => unknown][] = [
      ['nothing', () => null],
      ['text', () => 'ledger'],
      ['an empty object', () => ({})],
      ['another format', (json) => ({ ...json, format: 2 })],
      ['names that are no text', (json) => ({ ...json, names: [1] })],
      ['names cut off', (json) => ({ ...json, names: [] })],
      ['a slice missing', (json) => ({ ...json, slices: { ...(json.slices as object), recent: undefined } })],
      ['an origin without a number', (json) => ({ ...json, origins: [['home-1', '7']] })],
    ]
    for (const [what, damage] of damages) {
      it(what, () => assert.equal(readLedger(damage(whole()), 'UTC'), undefined))
    }

    it('a sum in it replaced by something that no sum can be', () => {
      const text = JSON.stringify(writeLedger(folded(one)))
      const rows = [...text.matchAll(/\[\[[\d,]+\],\[(\d+),/g)]
      assert.ok(rows.length > 10)
      for (const row of rows.filter((_, at) => at % 25 === 0)) {
        const at = row.index + row[0].length - 1
        const damaged = `${text.slice(0, at)}.5${text.slice(at)}`
        assert.equal(readLedger(JSON.parse(damaged), 'UTC'), undefined)
      }
    })
  })

  it('keeps what was counted when the time zone changes, and counts on in the new one', () => {
    const ledger = folded(one, 'UTC')
    const read = readLedger(JSON.parse(JSON.stringify(writeLedger(ledger))), 'Asia/Kolkata')
    assert.ok(read)
    assert.deepEqual(read.totals.days, ledger.totals.days)
    const at = Date.UTC(2030, 0, 1, 20)
    fold(read, { origin: 'home-1', n: 999, t: at, e: endedEvent('later', { usage: { input: 5 } }) })
    assert.equal(standingOf(read, Date.UTC(2030, 0, 1, 18), 0).today.tokens, 0)
    assert.equal(standingOf(read, Date.UTC(2030, 0, 1, 19), 0).today.tokens, 5)
  })

  it('sums today and this month by the days of its zone', () => {
    const ledger = emptyLedger('America/New_York')
    const calls = [
      '2026-10-31T12:00:00-04:00',
      '2026-11-01T00:00:00-04:00',
      '2026-11-01T23:59:59-05:00',
      '2026-11-02T00:00:00-05:00',
    ]
    const events = calls.map((at, index) => [at, endedEvent(at, { usage: { input: 10 ** index } })] as const)
    for (const entry of entriesOf(events)) fold(ledger, entry)
    const tokensAt = (at: string) => {
      const { today, month } = standingOf(ledger, Date.parse(at), 0)
      return [today.tokens, month.tokens]
    }
    assert.deepEqual(tokensAt('2026-10-31T23:59:59-04:00'), [1, 1])
    assert.deepEqual(tokensAt('2026-11-01T12:00:00-05:00'), [110, 110])
    assert.deepEqual(tokensAt('2026-11-02T00:00:00-05:00'), [1000, 1110])
  })

  it('shows nothing before anything was folded', () => {
    const standing = standingOf(emptyLedger('UTC'), 0, 0)
    assert.deepEqual(standing.headline, { kind: 'none' })
    assert.equal(standing.simulated, false)
    assert.equal(standing.today.average_latency_ms, 0)
  })
})
