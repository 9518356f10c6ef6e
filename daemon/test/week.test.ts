/** A week of a call a second, with ever new names among them, folded into one ledger: what `/metrics` and the ledger itself grow by. */
import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Event } from '../../shared/contract/event.ts'
import { type CallEvents, chance, openMix } from '../bench/mix.ts'
import { emptyLedger, fold, type Ledger, writeLedger } from '../ledger/ledger.ts'
import { closeMonth, closingMonths } from '../ledger/months.ts'
import { openMetrics } from '../metrics/metrics.ts'
import { readMetrics } from './metric-lines.ts'

const start = Date.parse('2026-03-02T00:00:00Z')
const daySeconds = 86_400
const noFigures = {
  ...{ backlog: 0, unsynced: 0, lastFsyncAt: null, foldedAway: 0, last: 0 },
  ...{ segments: 0, lines: 0, bytes: 0, snapshot: 0 },
}

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** MB that are alive: what is packed as bytes lies beside the heap. */
function liveMb(): number {
  assert.ok(typeof collect === 'function')
  // the second one waits for what the first one gives back beside the heap
  Reflect.apply(collect, undefined, [])
  Reflect.apply(collect, undefined, [])
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 1e6
}

/** As events come from a wire: no two of them share the text of a name. */
function asRead(events: CallEvents): CallEvents {
  return JSON.parse(JSON.stringify(events)) as CallEvents
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
  this.timeout(240_000)
  const ledger = emptyLedger('UTC')
  const days: Day[] = []
  /** After the second day and after the last one. */
  const live: number[] = []
  const sizeOf = (day: number, part: string) => days[day - 1]?.sizes.get(part) ?? Number.NaN

  before(() => {
    const next = openMix('sessions', chance(7))
    let drawn = asRead(next('req_0', start))
    let n = 0
    const put = (t: number, e: Event) => fold(ledger, { origin: 'home', n: ++n, t, e })
    for (let second = 0; second < 7 * daySeconds; second++) {
      const t = start + second * 1000
      // drawing each one would take as long as folding it
      if (second % 4 === 0) drawn = asRead(next(`req_${second}`, t))
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
      if ((second + 1) % daySeconds > 0) continue
      days.push(measured(ledger, t))
      if (days.length === 2 || days.length === 7) live.push(liveMb())
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

  it('takes little more memory on its last day than on its second', () => {
    const [second = 0, last = Infinity] = live
    // 3.2 MB as the rows are now
    assert.ok(last - second < 5, `${last - second} MB`)
  })
})

describe('months of a call every two minutes', function () {
  this.timeout(240_000)

  it('take no more memory once the oldest hours and months go', () => {
    const ledger = emptyLedger('UTC')
    const next = openMix('sessions', chance(7))
    const live = new Map<number, number>()
    for (let n = 1; n <= 101 * 720; n++) {
      const t = start + n * 120_000
      fold(ledger, { origin: 'home', n, t, e: asRead(next(`req_${n}`, t)).ended })
      if (n % 720 > 0) continue
      // as a compaction does it, whose files are none of the memory
      for (const month of closingMonths(ledger, t)) closeMonth(ledger, month, { n, c: 0 })
      const day = n / 720
      if ([1, 71, 101].includes(day)) live.set(day, liveMb())
    }
    // both times it is the eleventh day of a month
    const at = (day: number) => live.get(day) ?? Number.NaN
    assert.ok(at(101) - at(71) < 1, `${at(101) - at(71)} MB`)
    // 5.7 MB as the rows are now
    assert.ok(at(71) - at(1) < 8, `${at(71) - at(1)} MB`)
  })
})
