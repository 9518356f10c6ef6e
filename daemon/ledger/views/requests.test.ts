/** The newest calls and the totals of providers. */
import assert from 'node:assert/strict'
import { providerStats, statsRequest } from '../../../shared/contract/endpoints/stats.ts'
import { endedEvent, entriesOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { statsRequestsOf } from './requests.ts'
import { providerStatsOf } from './stats.ts'

function ledgerWith(events: Parameters<typeof entriesOf>[0]) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events)) fold(ledger, entry)
  return ledger
}

describe('the newest calls', () => {
  const many = ledgerWith(Array.from({ length: 600 }, (_, at) => [at, endedEvent(`c${at}`)] as const))

  const limits = [
    [undefined, 50],
    ['many', 50],
    ['0', 50],
    ['-3', 50],
    ['7', 7],
    ['2.9', 2],
    ['501', 500],
    ['Infinity', 500],
    [3, 3],
  ] as const
  for (const [limit, rows] of limits) {
    it(`are ${rows} for a limit of ${limit ?? 'none'}`, () => assert.equal(statsRequestsOf(many, limit).length, rows))
  }

  it('come newest first, each call once, by its last attempt', () => {
    const failed = endedEvent('a', { last: false, provider: 'openai' })
    const ledger = ledgerWith([
      [1, failed],
      [2, endedEvent('a', { attempt: 'a.2', attempts: 2 })],
      [
        3,
        endedEvent('b', {
          usage: { input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 5 },
        }),
      ],
    ])
    const [b, a, ...rest] = statsRequestsOf(ledger).map((row) => statsRequest.parse(row))
    assert.deepEqual(rest, [])
    assert.deepEqual([a?.id, a?.providerId, a?.attempts, a?.timestamp], ['a', 'anthropic', 2, 2])
    assert.deepEqual([b?.promptTokens, b?.completionTokens, b?.totalTokens], [10, 5, 15])
    assert.deepEqual([b?.cacheReadTokens, b?.cacheWriteTokens], [2, 7])
  })

  it('cost what they cost, to the nano-dollar', () => {
    const [row] = statsRequestsOf(ledgerWith([[1, endedEvent('a', { cost: 400, billed: 1 })]]))
    assert.deepEqual([row?.costUsd, row?.billedUsd], [0.0000004, 1e-9])
  })

  it('have no tokens where nothing is known of them, and no cost where no price is', () => {
    const [row] = statsRequestsOf(ledgerWith([[1, endedEvent('a', { usage: null, cost: null, billed: null })]]))
    assert.deepEqual([row?.promptTokens, row?.totalTokens, row?.costUsd, row?.billedUsd], [null, null, null, null])
  })
})

describe('provider totals', () => {
  it('hold all there ever was, most requests first', () => {
    const ledger = ledgerWith([
      [5, endedEvent('a', { provider: '__proto__', usage: { input: 1, output: 2 }, cost: null })],
      [9, endedEvent('b', { cost: 1_234_567_890 })],
      [7, endedEvent('c', { cost: 1_000 })],
      [8, endedEvent('d', { provider: 'openai', last: false, outcome: 'failed' })],
    ])
    const rows = providerStatsOf(ledger).map((row) => providerStats.parse(row))
    assert.deepEqual(
      rows.map((row) => [
        row.providerId,
        row.totalRequests,
        row.totalTokens,
        row.totalCostUsd,
        row.unpricedRequests,
        row.lastRequestTimestamp,
      ]),
      [
        ['anthropic', 2, 0, 1.23456889, 0, 9],
        ['__proto__', 1, 3, 0, 1, 5],
        ['openai', 0, 0, 0, 0, null],
      ],
    )
  })
})
