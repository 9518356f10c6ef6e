/** What the meters count, their bounds, and how they begin where the history is no longer there. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Event } from '../../shared/contract/event.ts'
import { noUsage } from '../../shared/contract/usage.ts'
import { endedEvent, entriesOf } from '../test/plain-events.ts'
import { histories } from '../test/random-events.ts'
import { boundsMs, emptyHistogram, observe, quantileMs, readHistogram, writeHistogram } from './histogram.ts'
import { emptyLedger, fold, readLedger, writeLedger } from './ledger.ts'
import { type Meter, modelBound, ways } from './meters.ts'
import { other } from './totals.ts'

function after(...events: Event[]) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events.map((e, at) => [at, e]))) fold(ledger, entry)
  return ledger
}

function modelsOf({ providers }: Meter) {
  return [...providers].flatMap(([provider, { models }]) =>
    [...models].map(([model, { requests, input, output }]) => [provider, model, requests, input, output]),
  )
}

const base = endedEvent('x')
const row = {
  ...{ provider: 'anthropic', account: 'a', model: 'm', client: 'c', task: 't' },
  chain: null,
  folder: null,
}
const sums = { attempts: 5, failed: 0, cost: 1, billed: 1, unpriced: 0, estimated: 0, latencyMs: 9 }

describe('the meters', () => {
  it('count calls by the way they took, and every call by provider and model', () => {
    const { real, simulated } = after(
      endedEvent('a', { usage: { input: 3, output: 1 } }),
      endedEvent('b', { strategy: 'pinned', provider: 'openai', model: '__proto__', outcome: 'failed', usage: null }),
      endedEvent('c', { imported: 'codex', usage: { input: 5 } }),
      endedEvent('d', { billing: 'simulated', strategy: 'routed' }),
      endedEvent('e', { last: false, strategy: 'routed' }),
    ).meters
    assert.deepEqual(real.calls, { direct: 1, pinned: 1, routed: 0, failover: 0, imported: 1, unknown: 0 })
    assert.deepEqual(simulated.calls, { direct: 0, pinned: 0, routed: 1, failover: 0, imported: 0, unknown: 0 })
    assert.deepEqual(modelsOf(real), [
      ['anthropic', 'claude-sonnet-4-5', 2, 8, 1],
      ['openai', '__proto__', 1, 0, 0],
    ])
  })

  it('tell how long those calls took that were answered to their end here, and of every attempt what we took', () => {
    const { real } = after(
      endedEvent('a', { latencyMs: 100, ttftMs: 40, overheadMs: 0.3 }),
      endedEvent('b', { latencyMs: 100.1, stream: false, overheadMs: 2000 }),
      endedEvent('c', { latencyMs: 9, outcome: 'refused' }),
      endedEvent('d', { latencyMs: 9, last: false, overheadMs: 0.1 }),
      endedEvent('e', { latencyMs: 9, imported: 'codex' }),
      endedEvent('f', { latencyMs: 9, outcome: 'interrupted', overheadMs: 0 }),
    ).meters
    const provider = real.providers.get('anthropic')
    const counted = (counts: readonly number[] = []) =>
      counts.flatMap((count, at) => (count === 0 ? [] : [[at, count]]))
    assert.deepEqual(
      [counted(real.latency.direct.counts), real.latency.direct.sumUs],
      [
        [
          [0, 1],
          [1, 1],
        ],
        200_100,
      ],
    )
    assert.deepEqual(provider?.latency, real.latency.direct)
    assert.deepEqual([counted(provider?.firstToken.counts), provider?.firstToken.sumUs], [[[0, 1]], 40_000])
    assert.deepEqual(counted(real.overhead.counts), [
      [0, 1],
      [2, 1],
      [3, 1],
      [boundsMs.overhead.length, 1],
    ])
  })

  it('tell percentiles by the bounds alone: even within a bucket, the last bound beyond it, nothing of nothing', () => {
    const tookMs = (...all: number[]) => {
      const histogram = emptyHistogram('overhead')
      for (const ms of all) observe(histogram, 'overhead', ms)
      return [0.5, 0.95].map((quantile) => quantileMs(histogram, 'overhead', quantile))
    }
    assert.deepEqual(tookMs(), [null, null])
    assert.deepEqual(tookMs(0.05), [0.05, 0.095])
    // two up to 0.5 ms, one up to 2 ms, one up to 10 ms
    assert.deepEqual(tookMs(0.3, 0.4, 1.5, 9), [0.5, 9])
    assert.deepEqual(tookMs(1500, 1500, 1500), [1000, 1000])
  })

  it('keep a bounded number of models, and what comes later under its own provider', () => {
    const many = Array.from({ length: modelBound + 3 }, (_, at) => ({ ...base, attempt: `a${at}`, model: `m${at}` }))
    const { real } = after(...many, { ...base, attempt: 'b', provider: 'openai' }).meters
    assert.equal(real.providers.get('anthropic')?.models.get(other)?.requests, 3)
    assert.equal(real.providers.get('openai')?.models.get(other)?.requests, 1)
    assert.equal(modelsOf(real).length, modelBound + 2)
  })

  it('count lines that were added up, though nobody knows their way', () => {
    const rows = [{ ...row, ...sums, billing: 'metered' as const, at: 1, requests: 4, failedOver: 1, usage: noUsage }]
    const { real } = after({ type: 'folded', from: 1, to: 9, rows }).meters
    assert.deepEqual([real.calls.failover, real.calls.unknown], [1, 3])
    assert.deepEqual(modelsOf(real), [['anthropic', 'm', 4, 0, 0]])
  })

  it('hold the same as the sums by provider, whatever happened', () => {
    fc.assert(
      fc.property(histories(), (entries) => {
        const ledger = emptyLedger('UTC')
        for (const entry of entries) fold(ledger, entry)
        for (const { name, simulated, sums } of ledger.lifetime.providers.values()) {
          const models = ledger.meters[simulated ? 'simulated' : 'real'].providers.get(name)?.models.values() ?? []
          const all = [...models]
          for (const field of Object.keys(sums) as (keyof typeof sums)[]) {
            assert.equal(
              all.reduce((total, model) => total + model[field], 0),
              sums[field],
              `${name} ${field}`,
            )
          }
        }
        for (const kind of ['real', 'simulated'] as const) {
          const { calls } = ledger.meters[kind]
          assert.equal(
            ways.reduce((total, way) => total + calls[way], 0),
            ledger.lifetime[kind].requests,
          )
        }
      }),
      { numRuns: 40 },
    )
  })

  it('begin with what the sums by provider hold where a former version kept none', () => {
    const ledger = after(endedEvent('a', { usage: { input: 7 } }), endedEvent('b', { billing: 'simulated' }))
    const written = JSON.parse(JSON.stringify(writeLedger(ledger))) as { slices: Record<string, unknown> }
    delete written.slices.meters
    const read = readLedger(written, 'UTC')
    assert.ok(read)
    assert.deepEqual(modelsOf(read.meters.real), [['anthropic', other, 1, 7, 0]])
    assert.deepEqual([read.meters.real.calls.unknown, read.meters.simulated.calls.unknown], [1, 1])
    written.slices.meters = [{}, {}]
    assert.equal(readLedger(written, 'UTC'), undefined)
  })
})

describe('a histogram', () => {
  it('counts what took just as long as a bound below it, and what took longer than all beyond', () => {
    const histogram = emptyHistogram('latency')
    for (const ms of [...boundsMs.latency, 600_001]) observe(histogram, 'latency', ms)
    assert.deepEqual(
      histogram.counts,
      [...boundsMs.latency, 0].map(() => 1),
    )
  })

  it('comes back as it was written, and never with other bounds', () => {
    const histogram = emptyHistogram('overhead')
    observe(histogram, 'overhead', 0.7)
    assert.deepEqual(readHistogram(writeHistogram(histogram), 'overhead'), histogram)
    assert.equal(readHistogram(writeHistogram(histogram), 'latency'), undefined)
    assert.equal(readHistogram([-1, ...histogram.counts], 'overhead'), undefined)
  })
})
