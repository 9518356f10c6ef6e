/** Homes as this version and the one before it wrote them, kept for ever: their sums are the numbers written out here. */
import assert from 'node:assert/strict'
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inOrder } from '../ledger/recent.ts'
import { tallyUsage } from '../ledger/views/usage.ts'
import type { UsageQuery } from '../ledger/views/usage-query.ts'
import { ended, keptFor, makeHome, type TestBook, type TestHome } from './test-home.ts'
import { verifyHome } from './verify.ts'

/** Thirty calls from January to March: ten each of openai (metered), anthropic (a plan) and the sandbox; the 13th failed. */
const now = Date.UTC(2026, 2, 4, 20)

describe('a home of', () => {
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  const open = () => home.open({ now: () => now, epoch: 2, retention: keptFor(1e6) })

  async function contents(): Promise<Map<string, string>> {
    const found = await readdir(home.path, { recursive: true, withFileTypes: true })
    const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
    const read = async (path: string) => [path.slice(home.path.length + 1), await readFile(path, 'latin1')] as const
    return new Map(await Promise.all(paths.map(read)))
  }

  async function usage(book: TestBook, query: UsageQuery) {
    const tally = tallyUsage(book.ledger, now, query)
    if ('bad' in tally) return assert.fail(tally.why)
    for (const month of tally.months) tally.add((await book.daysOfMonth(month, tally.names)) ?? assert.fail(month))
    return tally.reply([])
  }

  async function hasItsNumbers(book: TestBook): Promise<void> {
    const { total } = await usage(book, { from: '2026-01-01', group_by: 'provider' })
    assert.deepEqual(total, {
      requests: 20,
      failed_requests: 1,
      attempts: 20,
      tokens: 21_916,
      tokens_input: 21_268,
      tokens_output: 648,
      tokens_cache_read: 19_000,
      tokens_cache_write: 100,
      tokens_reasoning: 95,
      cost_usd: 0.287,
      billed_usd: 0.132,
      unpriced_requests: 0,
      estimated_requests: 0,
      average_latency_ms: 1500,
      // of the calls behind the snapshot, which knew no such thing; of all that took as long, where they are folded anew
      latency_p50_ms: 1444,
      latency_p95_ms: 1444,
      ttft_p50_ms: null,
      ttft_p95_ms: null,
      cache_hit_pct: 89.34,
    })
    const months = [
      ['2026-01-01', '2026-01-31', 6, 0.027],
      ['2026-02-01', '2026-02-28', 6, 0.068],
      ['2026-03-01', '2026-03-31', 8, 0.192],
    ] as const
    for (const [from, to, requests, cost_usd] of months) {
      const { total } = await usage(book, { from, to })
      assert.deepEqual([from, total.requests, total.cost_usd], [from, requests, cost_usd])
    }
    const { groups } = await usage(book, { from: '2026-01-01', group_by: 'model,client' })
    assert.deepEqual(
      groups.map(({ key, totals }) => [...key, totals.requests]),
      [
        ['claude-sonnet-4-5', 'claude-code', 5],
        ['claude-sonnet-4-5', 'codex', 5],
        ['gpt-5', 'codex', 5],
        ['gpt-5', 'claude-code', 5],
      ],
    )
    const { lifetime, quotas, refusals, recent } = book.ledger
    assert.deepEqual([lifetime.real.cost, lifetime.simulated.requests, quotas.size], [287_000_000, 10, 1])
    assert.deepEqual([inOrder(recent.real).length, [...refusals.values()].length], [20, 1])
    assert.deepEqual(book.warn.raised, [])
  }

  for (const [format, files] of [
    ['0', ['origin', 'ledger.json', 'ledger.json.prev']],
    ['1', ['origin', 'ledger.json', 'ledger.json.prev', join('rollups', '2026-01.json')]],
  ] as const) {
    describe(`format ${format}`, () => {
      beforeEach(() => cp(join('daemon', 'store', 'fixtures', `golden-${format}`), home.path, { recursive: true }))

      it('is read, and nothing in it is changed by that', async () => {
        const before = await contents()
        for (const file of files) assert.ok(before.has(file), file)
        assert.equal(
          [...before.keys()].some((file) => file.endsWith('.gz')),
          format === '1',
        )
        const book = await open()
        // its snapshot lacks slices that came later, and its segments hold every number: all is folded anew
        assert.equal(book.recovered.events, 62)
        await hasItsNumbers(book)
        await book.close()
        assert.deepEqual(await contents(), before)
      })

      it('is read from its snapshot, and its month from its file, where the oldest segment is gone', async () => {
        const [oldest = ''] = (await readdir(join(home.path, 'journal'))).sort()
        await rm(join(home.path, 'journal', oldest))
        const book = await open()
        assert.equal(book.recovered.events, 6)
        await hasItsNumbers(book)
        assert.deepEqual([...book.ledger.months.keys()], format === '1' ? ['2026-01'] : [])
      })

      it('is found well when it is verified, before and after it was opened', async () => {
        assert.deepEqual((await verifyHome(home.path)).faults, [])
        const book = await open()
        await book.compact()
        await book.close()
        const { faults, snapshot } = await verifyHome(home.path)
        assert.deepEqual(faults, [])
        assert.ok(snapshot && snapshot.n > 0)
      })

      it('gives the same from the snapshot before the newest, and from the segments alone', async () => {
        await rm(join(home.path, 'ledger.json'))
        await hasItsNumbers(await open())
        await rm(join(home.path, 'ledger.json.prev'))
        const book = await open()
        assert.equal(book.recovered.events, 62)
        await hasItsNumbers(book)
      })

      it('gives the receipt of any call', async () => {
        const book = await open()
        const calls = [...inOrder(book.ledger.recent.real), ...inOrder(book.ledger.recent.simulated)]
        assert.equal(calls.length, 30)
        for (const { e } of calls) assert.equal((await book.entriesOf(e.call)).length, 2, e.call)
      })

      it('has its closed month made anew from the segments, where there is one', async () => {
        const book = await open()
        await rm(join(home.path, 'rollups'), { recursive: true, force: true })
        book.record(ended(undefined, { billing: 'simulated' }))
        await book.compact()
        const again = await open()
        again.ledger.lifetime.simulated.requests--
        await hasItsNumbers(again)
        assert.deepEqual([...again.ledger.months.keys()], ['2026-01'])
      })

      it('goes on in the form of today, the former snapshot kept until that is proved', async () => {
        const before = await contents()
        const book = await open()
        book.record(ended(undefined, { billing: 'simulated' }))
        await book.compact()
        const after = await contents()
        assert.match(after.get('ledger.json') ?? '', /^\{"format":2,/)
        assert.equal(after.get('ledger.json.prev'), before.get('ledger.json'))
        assert.ok(after.has(join('rollups', '2026-01.json')))
        book.ledger.lifetime.simulated.requests-- // the one above
        await hasItsNumbers(book)
        const again = await open()
        assert.equal(again.recovered.events, 0)
        again.ledger.lifetime.simulated.requests--
        await hasItsNumbers(again)
      })
    })
  }
})
