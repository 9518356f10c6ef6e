/** Totals agree in all their buckets, keep their bounds and lose nothing to them. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Entry } from '../../shared/contract/event.ts'
import { endedEvent, entriesOf } from '../test/plain-events.ts'
import { histories } from '../test/random-events.ts'
import { type Buckets, keyOf, rowCountOf, rowsOf } from './buckets.ts'
import { countedOf, jointDimensions } from './counted.ts'
import { addSums, emptySums, type Sums } from './sums.ts'
import {
  dayRowBound,
  hourBound,
  hourRowBound,
  isSimulatedRow,
  nameBounds,
  other,
  slotBound,
  type Totals,
  totals,
} from './totals.ts'
import { hourMs, openZone, quarterMs } from './zone.ts'

function folded(entries: readonly Entry[], zoneName = 'UTC'): Totals {
  const state = totals.empty()
  const zone = openZone(zoneName)
  for (const entry of entries) totals.fold(state, entry, zone, countedOf(entry))
  return state
}

/** By a row's names and the day that `dayOf` says. */
function byDay(buckets: Buckets, dayOf: (start: number) => number): Map<string, Sums> {
  const days = new Map<string, Sums>()
  for (const [start, bucket] of buckets) {
    for (const { names, sums } of rowsOf(bucket)) {
      const at = `${dayOf(start)} ${keyOf(names)}`
      const sum = days.get(at) ?? emptySums()
      addSums(sum, sums)
      days.set(at, sum)
    }
  }
  return days
}

function sumOf(buckets: Buckets): Sums {
  const sums = emptySums()
  for (const bucket of buckets.values()) for (const row of rowsOf(bucket)) addSums(sums, row.sums)
  return sums
}

function namesIn(buckets: Buckets, dimension: (typeof jointDimensions)[number]): Set<string> {
  const at = jointDimensions.indexOf(dimension)
  return new Set([...buckets.values()].flatMap((bucket) => [...rowsOf(bucket)].map((row) => row.names[at] ?? '')))
}

const start = Date.UTC(2026, 5, 1)

describe('totals', () => {
  it('agree in slots, hours and days, name by name, in any zone', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe')
    fc.assert(
      fc.property(histories({ step: 3_600_000 }), zones, (entries, name) => {
        const zone = openZone(name)
        const state = folded(entries, name)
        const days = byDay(state.days, (day) => day)
        assert.deepEqual(byDay(state.hours, zone.dayOf), days)
        assert.deepEqual(byDay(state.slots, zone.dayOf), days)
      }),
      { numRuns: 40 },
    )
  })

  it('are the sums of what ended, and each bucket knows its own', () => {
    fc.assert(
      fc.property(histories(), (entries) => {
        const { days } = folded(entries)
        const ended = entries.flatMap(({ e }) => (e.type === 'attempt.ended' ? [e] : []))
        const last = ended.filter((e) => e.last)
        const sums = sumOf(days)
        assert.equal(sums.attempts, ended.length)
        assert.equal(sums.requests, last.length)
        assert.equal(
          sums.input,
          last.reduce((sum, e) => sum + (e.usage?.input ?? 0), 0),
        )
        assert.equal(
          sums.billed,
          last.reduce((sum, e) => sum + (e.billed ?? 0), 0),
        )
        for (const bucket of days.values()) {
          const kinds = { real: emptySums(), simulated: emptySums() }
          for (const row of rowsOf(bucket)) addSums(kinds[isSimulatedRow(row.names) ? 'simulated' : 'real'], row.sums)
          assert.deepEqual({ real: bucket.real, simulated: bucket.simulated }, kinds)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('count a call that failed over once, at the target that answered', () => {
    const first = endedEvent('a', {
      provider: 'openai',
      last: false,
      outcome: 'refused',
      status: 429,
      usage: { input: 9 },
    })
    const second = endedEvent('a', { attempt: 'a.2', attempts: 2, usage: { input: 5 } })
    const { days } = folded(
      entriesOf([
        [start, first],
        [start + 1, second],
      ]),
    )
    const rows = [...rowsOf(days.values().next().value)]
    assert.deepEqual(
      rows.map(({ names, sums }) => [names[0], sums.requests, sums.attempts, sums.input, sums.cost, sums.failed]),
      [
        ['openai', 0, 1, 0, 0, 0],
        ['anthropic', 1, 1, 5, 1000, 0],
      ],
    )
  })

  it('keep names that objects have of themselves', () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', '']
    const state = folded(entriesOf(names.map((model) => [start, endedEvent(model, { model })])))
    assert.deepEqual([...namesIn(state.days, 'model')], names)
  })

  it("put what is beyond a dimension's bound under other, and begin anew the next day", () => {
    const many = (from: number) =>
      Array.from({ length: nameBounds.model + 20 }, (_, at) => [from, endedEvent('x', { model: `m${at}` })] as const)
    const state = folded(entriesOf([...many(start), ...many(start + 24 * hourMs)]))
    for (const buckets of [state.slots, state.hours, state.days]) {
      const models = namesIn(buckets, 'model')
      assert.equal(models.size, nameBounds.model + 1)
      assert.ok(models.has(other))
    }
    assert.equal(sumOf(state.days).requests, 2 * (nameBounds.model + 20))
  })

  it('keep few rows even where each call is another combination of names', () => {
    const one = endedEvent('x')
    const calls = Array.from({ length: 3000 }, (_, at) => {
      const e = { ...one, model: `m${at % 90}`, folder: `f${at % 89}`, account: `a${at % 47}` }
      return [start + (at % 14) * hourMs, e] as const
    })
    const state = folded(entriesOf(calls))
    for (const bucket of state.hours.values()) assert.ok(rowCountOf(bucket) <= hourRowBound + 1)
    for (const bucket of state.days.values()) assert.ok(rowCountOf(bucket) <= dayRowBound + 1)
    assert.equal(sumOf(state.days).requests, 3000)
    assert.equal(sumOf(state.hours).requests, 3000)
  })

  it('drop the oldest slots and hours, and know from when on they are complete', () => {
    const one = endedEvent('x')
    const hours = Array.from({ length: hourBound + 10 }, (_, at) => [start + at * hourMs, one] as const)
    const state = folded(entriesOf(hours))
    assert.equal(state.slots.size, slotBound)
    assert.equal(state.hours.size, hourBound)
    // the last slot that was dropped ended then
    assert.equal(state.slotsFrom, Math.min(...state.slots.keys()) - 3 * quarterMs)
    assert.equal(state.hoursFrom, Math.min(...state.hours.keys()))
    assert.equal(sumOf(state.days).requests, hours.length)
    // a stray call of long ago stands in its day only
    const late = { origin: 'o', n: 1, t: start, e: endedEvent('late') }
    totals.fold(state, late, openZone('UTC'), countedOf(late))
    assert.equal(state.slots.size, slotBound)
    assert.equal(sumOf(state.days).requests, hours.length + 1)
  })

  it('lose one slot, not all, to a clock that stood in the future', () => {
    const state = folded(
      entriesOf([
        [start, endedEvent('a')],
        [start * 2, endedEvent('b')],
        [start + quarterMs, endedEvent('c')],
      ]),
    )
    assert.deepEqual([...state.slots.keys()], [start, start * 2, start + quarterMs])
  })
})
