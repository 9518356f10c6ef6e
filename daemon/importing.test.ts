/** Adding imported calls, with a history that is played: what it cannot be asked, or cannot take, is refused and added later. */
import assert from 'node:assert/strict'
import type { ImportCall } from '../shared/contract/endpoints/import.ts'
import type { Entry, Event } from '../shared/contract/event.ts'
import { noUsage } from '../shared/contract/usage.ts'
import type { InUse } from './config-in-use.ts'
import { type ImportDeps, type Importing, openImporting } from './importing.ts'
import { emptyLedger } from './ledger/ledger.ts'
import { shippedCatalogue } from './pricing/catalogue.ts'
import { routingOf } from './routing/table.ts'
import { settingsOf } from './settings.ts'
import { marksOfEnded } from './store/call-marks.ts'
import type { Gathered } from './store/known-calls.ts'
import { ended } from './test/sample-events.ts'
import { eventually } from './test/start.ts'
import { directNetwork } from './upstream/agent.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const call = (key: string, more: Partial<ImportCall> = {}): ImportCall => ({
  ...{ key, request_id: null, at: '2026-03-09T10:00:00Z', provider: 'anthropic', model: 'm', client: 'c' },
  ...{ session: null, folder: null, billing: 'plan', usage: null },
  ...more,
})

describe('adding imported calls', () => {
  let importing: Importing
  let recorded: Event[]
  let backlog = 0
  let asked = 0
  let gather: () => Promise<Gathered>
  let tell: (entry: Entry) => void
  const nothing = (): Promise<Gathered> => Promise.resolve({ kind: 'gathered', marks: new Float64Array() })
  beforeEach(() => {
    recorded = []
    backlog = 0
    asked = 0
    gather = nothing
    const book: ImportDeps['book'] = {
      ledger: emptyLedger('UTC'),
      watch(fn) {
        tell = fn
        return () => true
      },
      knownCalls() {
        asked++
        return gather()
      },
      figures: () => ({
        backlog,
        unsynced: 0,
        lastFsyncAt: null,
        foldedAway: 0,
        last: 0,
        segments: 0,
        lines: 0,
        bytes: 0,
        snapshot: 0,
      }),
      record: (e) => recorded.push(e),
      written: () => Promise.resolve(),
    }
    const inUse: InUse = {
      settings: settingsOf({}),
      providers: new Map(),
      routing: routingOf({}),
      catalogue: shippedCatalogue,
      priceOf: () => null,
      quotesFor: () => [],
      pricesUrl: undefined,
      network: directNetwork,
    }
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
    let id = 0
    importing = openImporting({
      book,
      inUse: () => inUse,
      newRequestId: () => `req_${++id}`,
      now: () => now,
      log,
      idleMs: 20,
    })
  })
  afterEach(() => importing.close())
  const take = (...calls: ImportCall[]) => importing.take({ source: 'claude-code', calls })
  const countsOf = (reply: Awaited<ReturnType<typeof take>>) =>
    'refused' in reply ? reply.refused : [reply.added, reply.known]

  it('adds nothing while it is not known what is there, and all of it once it is', async () => {
    gather = () => Promise.resolve({ kind: 'refused', why: 'the disk is gone' })
    assert.match(
      String(countsOf(await take(call('a')))),
      /could not be read: the disk is gone\. Nothing more was added/,
    )
    gather = () => Promise.reject(new Error('a bug'))
    await assert.rejects(take(call('a')), /a bug/)
    assert.equal(recorded.length, 0)
    gather = nothing
    assert.deepEqual(countsOf(await take(call('a'), call('a'), call('b'))), [2, 1])
    assert.equal(recorded.length, 2)
  })

  it('keeps how a call was served, and its searches', async () => {
    await take(call('a', { service_tier: 'batch', served_within: 'us', web_searches: 2 }), call('b'))
    const kept = recorded.map((e) => e.type === 'attempt.ended' && [e.tier, e.within, e.searches])
    assert.deepEqual(kept, [
      ['batch', 'us', 2],
      [undefined, undefined, undefined],
    ])
  })

  it('leaves the room of a failing disk to calls that come through', async () => {
    backlog = 1001
    assert.match(String(countsOf(await take(call('a')))), /Make room on the disk/)
    backlog = 0
    assert.deepEqual(countsOf(await take(call('a'))), [1, 0])
  })

  it('knows what comes through the daemon while an import goes on', async () => {
    await take(call('a'))
    tell({ origin: 'home', n: 1, t: now, e: ended({ upstreamId: 'req_up' }) })
    assert.deepEqual(countsOf(await take(call('b', { request_id: 'req_up' }))), [0, 1])
    assert.equal(asked, 1)
  })

  it('asks the history anew once an import is over for a while', async () => {
    await take(call('a'))
    gather = () => {
      const [only] = recorded
      const marks = only?.type === 'attempt.ended' ? marksOfEnded(only, now).sort((a, b) => a - b) : []
      return Promise.resolve({ kind: 'gathered', marks: Float64Array.from(marks) })
    }
    await eventually('it was asked again', async () => {
      assert.deepEqual(countsOf(await take(call('a'))), [0, 1])
      await new Promise((resolve) => setTimeout(resolve, 40))
      return asked > 1
    })
    assert.equal(recorded.length, 1)
  })

  it('knows each of a hundred thousand calls', async () => {
    const batch = (from: number) =>
      Array.from({ length: 1000 }, (_, i) => call(`k${from + i}`, { usage: { ...rowOf(noUsage), output: from + i } }))
    for (let from = 0; from < 100_000; from += 1000) assert.deepEqual(countsOf(await take(...batch(from))), [1000, 0])
    for (const from of [0, 50_000, 99_000]) assert.deepEqual(countsOf(await take(...batch(from))), [0, 1000])
  })
})

function rowOf({ input, output, reasoning }: typeof noUsage) {
  return { input, cache_read: 0, cache_write_5m: 0, cache_write_1h: 0, output, reasoning }
}
