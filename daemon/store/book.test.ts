/** Record and recover: what was told is there again, whatever became of the daemon, and nothing is there twice. */
import assert from 'node:assert/strict'
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { writeLedger } from '../ledger/ledger.ts'
import { callId, ended, makeHome, openTestWarn, recordCalls, started, type TestHome } from './test-home.ts'

describe('the book', () => {
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  it('begins empty, with a random origin that it keeps', async () => {
    const first = await home.open()
    assert.equal(first.ledger.last, 0)
    assert.deepEqual(await readdir(join(home.path, 'journal')), [])
    const second = await home.open()
    assert.equal(second.origin, first.origin)
    assert.equal(first.origin.length, 26)
  })

  it('numbers from 1 without a gap, and goes on where the former daemon died', async () => {
    const first = await home.open()
    assert.equal(first.record(ended()), 1)
    assert.equal(first.record(ended()), 2)
    const second = await home.open()
    assert.equal(second.recovered.events, 2)
    assert.equal(second.record(ended()), 3)
    assert.deepEqual(second.warn.raised, [])
  })

  it('has the lines of a turn on their way to the disk when it ends: no flush, no close, and yet they are there', async () => {
    const first = await home.open()
    recordCalls(first, 20)
    const second = await home.open()
    assert.deepEqual(writeLedger(second.ledger), writeLedger(first.ledger))
  })

  it('tells the watchers each entry in order, after the lines; one that throws harms nobody', async () => {
    const book = await home.open()
    const seen: number[] = []
    book.watch(() => {
      throw new Error('no')
    })
    const stop = book.watch((entry) => seen.push(entry.n))
    recordCalls(book, 2)
    assert.deepEqual(seen, [])
    await nextTurn()
    stop()
    recordCalls(book, 1)
    await nextTurn()
    assert.deepEqual(seen, [1, 2, 3, 4])
    assert.equal(book.ledger.last, 6)
  })

  it('ends as interrupted what a former daemon left open, at its estimate, priced where a price is known', async () => {
    const call = callId()
    const first = await home.open()
    first.record(started(call))
    const price = { source: 'user', version: '1' } as const
    const second = await home.open({ price: (_, usage) => ({ cost: usage.input, billed: usage.output, price }) })
    assert.equal(second.recovered.interrupted, 1)
    const [start, end] = await second.entriesOf(call)
    assert.equal(start?.e.type, 'attempt.started')
    assert.ok(end?.e.type === 'attempt.ended')
    assert.equal(end.e.outcome, 'interrupted')
    assert.equal(end.e.usageSource, 'estimated')
    assert.deepEqual([end.e.usage?.input, end.e.usage?.output, end.e.cost, end.e.billed], [70, 30, 70, 30])
    const third = await home.open()
    assert.equal(third.recovered.interrupted, 0)
    assert.equal(third.ledger.lifetime.real.requests, 1)
  })

  it('leaves the cost of an interrupted attempt unknown where no price is', async () => {
    const call = callId()
    const first = await home.open()
    first.record(started(call))
    const second = await home.open()
    const e = (await second.entriesOf(call)).at(-1)?.e
    assert.ok(e?.type === 'attempt.ended')
    assert.deepEqual([e.cost, e.billed, e.price, e.status], [null, null, null, null])
    assert.equal(second.ledger.lifetime.real.unpriced, 1)
  })

  it('counts an interrupted attempt at what was held for it, though its price has changed', async () => {
    const [metered, plan] = [callId(), callId()]
    const first = await home.open()
    const estimate = { input: 70, output: 30, cost: 500, billed: 500 }
    first.record({ ...started(metered), estimate, billing: 'metered' })
    // a plan that is used up, and goes on as paid extra usage
    first.record({ ...started(plan), estimate, billing: 'plan' })
    const price = { source: 'user', version: '1' } as const
    const second = await home.open({ price: () => ({ cost: 900, billed: 900, price }) })
    for (const [call, billing] of [
      [metered, 'metered'],
      [plan, 'overage'],
    ] as const) {
      const e = (await second.entriesOf(call)).at(-1)?.e
      assert.ok(e?.type === 'attempt.ended')
      assert.deepEqual([e.cost, e.billed, e.price, e.billing], [500, 500, null, billing])
    }
  })

  it('refuses an event in no known form, and goes on', async () => {
    const book = await home.open()
    assert.equal(book.record(ended(callId(), { latencyMs: Number.NaN })), 0)
    assert.equal(book.record(ended()), 1)
  })

  it('writes nothing more once it is closed: the home may be another daemon’s', async () => {
    const book = await home.open()
    book.record(ended())
    await book.close()
    book.record(ended())
    await book.close()
    assert.equal((await home.open()).ledger.last, 1)
  })

  it('finds the entries of a call in the segment of its time, and knows nothing of others', async () => {
    const book = await home.open()
    const calls: string[] = []
    for (let i = 0; i < 5; i++) {
      const call = callId()
      calls.push(call)
      book.record(started(call))
      book.record(ended(call))
      await book.compact()
    }
    assert.equal(book.figures().segments, 5)
    for (const call of calls) {
      const entries = await book.entriesOf(call)
      assert.deepEqual(
        entries.map(({ e }) => [e.type, 'call' in e && e.call]),
        [
          ['attempt.started', call],
          ['attempt.ended', call],
        ],
      )
    }
    assert.deepEqual(await book.entriesOf(callId()), [])
    assert.deepEqual(await book.entriesOf('no id'), [])
  })

  it('counts once what an instance wrote after it had lost the home', async () => {
    const lost = await home.open()
    recordCalls(lost, 2)
    const owner = await home.open()
    owner.record(ended())
    const call = callId()
    lost.record(ended(call))
    lost.record(ended(call))
    const third = await home.open()
    assert.equal(third.ledger.lifetime.real.requests, 4)
    assert.equal((await home.open()).ledger.lifetime.real.requests, 4)
    assert.deepEqual(third.warn.raised, [])
  })

  it('leaves out a segment of another home and says so', async () => {
    const other = await makeHome()
    const book = await other.open()
    recordCalls(book, 1)
    const mine = await home.open()
    recordCalls(mine, 1)
    const [file = ''] = await readdir(join(other.path, 'journal'))
    await cp(join(other.path, 'journal', file), join(home.path, 'journal', file.replace('-1.', '-9.')))
    const warn = openTestWarn()
    const again = await home.open({ warn })
    assert.equal(again.ledger.lifetime.real.requests, 1)
    assert.equal(again.ledger.last, 2)
    assert.match([...warn.standing.values()].join(), /belongs to the history of another home/)
    await other.remove()
  })
})
