/** A week of a call a second, with ever new names among them, folded into one ledger: what `/metrics` and the ledger itself grow by. */
import assert from 'node:assert/strict'
import type { Event } from '../../shared/contract/event.ts'
import { chance, openMix } from '../bench/mix.ts'
import { emptyLedger, fold, type Ledger, writeLedger } from '../ledger/ledger.ts'
import { openMetrics } from '../metrics/metrics.ts'
import { readMetrics } from './metric-lines.ts'

const start = Date.parse('2026-03-02T00:00:00Z')
const daySeconds = 86_400
const noFigures = {
  ...{ backlog: 0, unsynced: 0, lastFsyncAt: null, foldedAway: 0, last: 0 },
  ...{ segments: 0, lines: 0, bytes: 0, snapshot: 0 },
}

/** Sizes in bytes of JSON, by slice; those of the totals and of the table of names apart. */
type Day = { whole: number; sizes: Map<string, number>; series: number }

function seriesOf(ledger: Ledger, now: number): number {
  const metrics = openMetrics({
    book: { ledger, figures: () => noFigures },
    countedLimits: () => [],
    warnings: { list: () => [] },
    inFlight: { count: () => 0 },
    gpu: () => ({ available: false }),
    gauges: () => [],
    version: '0.1.0',
    now: () => now,
  })
  return readMetrics(metrics.text({ accept: undefined, simulated: undefined }).bytes.toString()).values.size
}

function measured(ledger: Ledger, now: number): Day {
  const { names, slices } = writeLedger(ledger) as {
    names: string[]
    slices: Record<string, unknown> & { totals: Record<string, unknown> }
  }
  const { totals, ...others } = slices
  const parts = { names, ...others, slots: totals.slots, hours: totals.hours, days: totals.days }
  const sizes = new Map(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part).length]))
  const whole = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  return { whole, sizes, series: seriesOf(ledger, now) }
}

describe('a week of a call a second', function () {
  this.timeout(60_000)
  const ledger = emptyLedger('UTC')
  const days: Day[] = []
  const sizeOf = (day: number, part: string) => days[day - 1]?.sizes.get(part) ?? Number.NaN

  before(() => {
    const next = openMix('sessions', chance(7))
    let drawn = next('req_0', start)
    let n = 0
    const put = (t: number, e: Event) => fold(ledger, { origin: 'home', n: ++n, t, e })
    for (let second = 0; second < 7 * daySeconds; second++) {
      const t = start + second * 1000
      // drawing each one would take as long as folding it
      if (second % 4 === 0) drawn = next(`req_${second}`, t)
      const ids = { call: `req_${second}`, attempt: `req_${second}.1` }
      const ended = { ...drawn.ended, ...ids }
      if (second % 50 > 0) {
        if (second % 10 === 1) put(t, { ...drawn.started, ...ids })
        put(t, ended)
      } else {
        // what callers and replies can name at will
        const name = `new-${second}`
        const fresh = {
          provider: name,
          model: name,
          account: name,
          client: name,
          folder: name,
          chain: name,
          user: name,
        }
        put(t, { ...ended, ...fresh, session: name })
        if (drawn.quota) put(t, { ...drawn.quota, provider: name, account: name, model: name })
        const { dialect, endpoint, call } = ended
        put(t, { type: 'call.refused', call, code: name, status: 400, dialect, endpoint, client: name, provider: name })
      }
      if ((second + 1) % daySeconds === 0) days.push(measured(ledger, t))
    }
  })

  it('makes as many series on its last day as on its second, and a bounded number', () => {
    assert.equal(days[6]?.series, days[1]?.series)
    assert.ok((days[6]?.series ?? Infinity) < 12_000, String(days[6]?.series))
  })

  it('makes the ledger grow by what it keeps of each hour and day, and by nothing else', () => {
    const parts = [...(days[6]?.sizes.keys() ?? [])]
    const grown = parts.filter((part) => sizeOf(7, part) > sizeOf(2, part) * 1.05 + 2000)
    assert.deepEqual(grown, ['names', 'marginals', 'slots', 'hours', 'days'])
    // three days of slots are all that there are
    assert.ok(sizeOf(7, 'slots') < sizeOf(3, 'slots') * 1.05)
    for (const part of ['names', 'marginals', 'hours', 'days']) {
      const grew = (day: number) => sizeOf(day, part) - sizeOf(day - 1, part)
      assert.ok(grew(7) < grew(2) * 1.25, `${part}: ${grew(7)} after ${grew(2)}`)
    }
    const byDay = ((days[6]?.whole ?? Infinity) - (days[1]?.whole ?? 0)) / 5
    assert.ok(byDay < 500_000, `${byDay} bytes a day`)
  })
})
