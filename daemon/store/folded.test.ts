/** Adding up entries changes how many lines there are, and no sum, no number, no open attempt. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Entry } from '../../shared/contract/event.ts'
import { emptyLedger, fold, type Ledger } from '../ledger/ledger.ts'
import { tallyUsage } from '../ledger/views/usage.ts'
import { cooldownEvent, entriesOf } from '../test/plain-events.ts'
import { withTimes } from '../test/plain-times.ts'
import { histories } from '../test/random-events.ts'
import { digestOf } from './digest.ts'
import { foldAway } from './folded.ts'
import { firstOf, readSegment, writeHeader, writeLine } from './segment.ts'
import { callId, ended } from './test-home.ts'

function ledgerOf(entries: readonly Entry[]): Ledger {
  const ledger = emptyLedger('Asia/Kolkata')
  for (const entry of entries) fold(ledger, entry)
  return ledger
}

/** But for when each was last used: a line of sums knows that to a quarter of an hour. */
function chainsOf({ chains }: Ledger) {
  return [chains.failedOver, [...chains.rows].map(([key, { sums }]) => [key, sums])]
}

describe('adding entries up', () => {
  it('keeps sums, refusals, cooldowns and what is open, for any stretch, also a second time', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(histories({ maxLength: 80 }), part, part, (history, a, b) => {
        const [from = 0, to = 0] = [a, b].map((at) => Math.floor(at * history.length)).sort((x, y) => x - y)
        const once = [...history.slice(0, from), ...foldAway(history.slice(from, to)), ...history.slice(to)]
        const twice = [...once.slice(0, from), ...foldAway(once.slice(from))]
        const expected = ledgerOf(history)
        for (const fewer of [once, twice]) {
          const found = ledgerOf(fewer)
          assert.equal(digestOf(found).sums, digestOf(expected).sums)
          assert.deepEqual(chainsOf(found), chainsOf(expected))
          assert.deepEqual(found.refusals, expected.refusals)
          assert.deepEqual(found.cooldowns, expected.cooldowns)
          assert.deepEqual([...found.open.keys()].sort(), [...expected.open.keys()].sort())
          // a line of sums tells nothing of how long each call took
          const timeless = (ledger: Ledger) => withTimes(ledger.totals.hours, () => null)
          assert.deepEqual(timeless(found), timeless(expected))
          assertWithoutGap(fewer, history.length)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('leaves percentiles to the calls that still have lines of their own, and never makes one up', () => {
    const at = Date.parse('2026-02-10T09:20:00Z')
    const took = [100, 100, 100, 3000]
    const entries = took.map((latencyMs, i): Entry => {
      const e = { ...ended(callId(at)), latencyMs, stream: true, ttftMs: latencyMs / 10 }
      return { origin: 'home-1', n: i + 1, t: at, e }
    })
    const totalAfter = (folded: number) => {
      const ledger = ledgerOf([...foldAway(entries.slice(0, folded)), ...entries.slice(folded)])
      const tally = tallyUsage(ledger, at + 60_000, { from: '24h' })
      assert.ok('reply' in tally)
      return tally.reply([]).total
    }
    const near = (found: number | null, ms: number) => assert.ok(found !== null && Math.abs(found / ms - 1) < 0.05)
    const [none, some, all] = [0, 3, 4].map(totalAfter)
    assert.ok(none && some && all)
    near(none.latency_p50_ms, 100)
    near(none.latency_p95_ms, 3000)
    near(none.ttft_p50_ms, 10)
    for (const found of [some.latency_p50_ms, some.latency_p95_ms]) near(found, 3000)
    near(some.ttft_p50_ms, 300)
    const { latency_p50_ms, latency_p95_ms, ttft_p50_ms, ttft_p95_ms } = all
    assert.deepEqual([latency_p50_ms, latency_p95_ms, ttft_p50_ms, ttft_p95_ms], [null, null, null, null])
    // of all that was added up the sums stay
    for (const total of [none, some, all]) assert.deepEqual([total.requests, total.average_latency_ms], [4, 825])
  })

  function assertWithoutGap(entries: readonly Entry[], last: number): void {
    let n = 0
    for (const entry of entries) {
      assert.equal(firstOf(entry), n + 1)
      n = entry.n
    }
    assert.equal(n, last)
  }

  it('makes lines that can be read back', () => {
    fc.assert(
      fc.property(histories({ minLength: 1 }), (history) => {
        const fewer = foldAway(history)
        const header = writeHeader({ origin: 'home-1', first: 1, epoch: 1 })
        const bytes = Buffer.concat([header, ...fewer.map((entry) => writeLine(entry, 1))])
        const name = { file: 'x', first: 1, epoch: 1, again: 1 }
        const read = readSegment(name, bytes, 'home-1')
        assert.deepEqual(read.faults, [])
        assert.deepEqual(
          read.entries.map(({ entry }) => entry),
          fewer,
        )
      }),
      { numRuns: 30 },
    )
  })

  it('lets no flood of refusals take what is avoided away', () => {
    const set = cooldownEvent({ until: 9 })
    const refused = { type: 'call.refused', call: 'c', code: 'bad_key', status: 401, dialect: null } as const
    const flood = Array.from({ length: 5000 }, () => ({ ...refused, endpoint: '/*', client: 'c', provider: null }))
    const fewer = foldAway(entriesOf([set, ...flood].map((e) => [1, e] as const)))
    assert.equal(ledgerOf(fewer).cooldowns.size, 1)
    assert.ok(fewer.length <= 2002)
  })

  it('has a bound on rows: names become coarser, sums do not change', () => {
    const entries = Array.from({ length: 6000 }, (_, i): Entry => {
      const names = { model: `m${i}`, folder: `f${i}`, session: `s${i}` }
      return { origin: 'home-1', n: i + 1, t: 1_770_000_000_000 + i, e: ended(callId(), names) }
    })
    const fewer = foldAway(entries)
    assert.equal(fewer.length, 1)
    const [line] = fewer
    assert.ok(line?.e.type === 'folded' && line.e.rows.length <= 2000)
    assert.equal(digestOf(ledgerOf(fewer)).sums.includes('"requests":6000'), true)
  })
})
