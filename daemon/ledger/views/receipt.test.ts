/** The receipt of a call that failed over, of one that goes on, of none. */
import assert from 'node:assert/strict'
import { receipt } from '../../../shared/contract/rows.ts'
import { endedEvent, entriesOf, startedEvent } from '../../test/plain-events.ts'
import { receiptOf } from './receipt.ts'

const first = endedEvent('a', {
  provider: 'openai',
  last: false,
  outcome: 'refused',
  status: 429,
  usage: null,
  cost: null,
  billed: null,
})
const second = endedEvent('a', {
  attempt: 'a.2',
  attempts: 2,
  usage: { input: 5, cacheRead: 3, output: 2 },
  startedAt: 1000,
})

describe('receipt', () => {
  it('shows every attempt in its order, and the call by its last one', () => {
    const entries = entriesOf([
      [3000, second],
      [1000, startedEvent('a')],
      [2000, first],
      [4000, first],
    ])
    const read = receipt.parse(receiptOf(entries))
    assert.deepEqual(
      read.attempts.map((row) => [row.id, row.provider, row.outcome, row.cost_usd]),
      [
        ['a.1', 'openai', 'refused', null],
        ['a.2', 'anthropic', 'ok', 0.000001],
      ],
    )
    const { request } = read
    assert.deepEqual([request.id, request.provider, request.attempts], ['a', 'anthropic', 2])
    assert.deepEqual(
      [request.tokens, request.tokens_input, request.tokens_output, request.tokens_cache_read],
      [10, 8, 2, 3],
    )
    assert.equal(request.timestamp, '1970-01-01T00:00:03.000Z')
    assert.equal(read.attempts[1]?.started_at, '1970-01-01T00:00:01.000Z')
    assert.deepEqual(
      read.attempts.map((row) => row.usage),
      [null, { input: 5, cache_read: 3, cache_write_5m: 0, cache_write_1h: 0, output: 2, reasoning: 0 }],
    )
    assert.deepEqual(read.attempts[1]?.price, { source: 'catalogue', version: '1', priced_as: null })
  })

  it('shows a call that still goes on by what it has tried', () => {
    assert.equal(receiptOf(entriesOf([[1, first]]))?.request.provider, 'openai')
  })

  it('is none where nothing has ended', () => {
    assert.equal(receiptOf(entriesOf([[1, startedEvent('a')]])), undefined)
    assert.equal(receiptOf([]), undefined)
  })
})
