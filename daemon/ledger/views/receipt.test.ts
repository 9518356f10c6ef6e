/** The receipt of a call that failed over, of one that goes on, of none. */
import assert from 'node:assert/strict'
import { type Receipt, receipt } from '../../../shared/contract/receipt.ts'
import { type SkippedTarget, skipReason } from '../../../shared/contract/refusal.ts'
import { endedEvent, entriesOf, startedEvent } from '../../test/plain-events.ts'
import { receiptOf } from './receipt.ts'

const noParts = () => null

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
    const read = receipt.parse(receiptOf(entries, noParts))
    assert.deepEqual(
      read.attempts.map((row) => [row.id, row.provider, row.outcome, row.cost_usd]),
      [
        ['a.1', 'openai', 'refused', null],
        ['a.2', 'anthropic', 'ok', 0.000001],
      ],
    )
    const request = read.request ?? assert.fail('a call that was made')
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
    assert.deepEqual(read.attempts[1]?.price, {
      source: 'catalogue',
      version: '1',
      priced_as: null,
      tier: null,
      within: null,
    })
  })

  it('shows a call that still goes on by what it has tried', () => {
    assert.equal(receiptOf(entriesOf([[1, first]]), noParts)?.request?.provider, 'openai')
  })

  it('is none where nothing has ended', () => {
    assert.equal(receiptOf(entriesOf([[1, startedEvent('a')]]), noParts), undefined)
    assert.equal(receiptOf([], noParts), undefined)
  })

  const until = Date.UTC(2026, 10, 22, 12)
  const skipped: SkippedTarget[] = [
    { provider: 'groq', model: 'llama', why: 'cooling', until, refusal: 'rate' },
    { provider: 'work', model: null, why: 'no-key', until: null, refusal: null },
  ]
  const told = [
    [
      'groq',
      'llama',
      'cooling',
      '2026-11-22T12:00:00.000Z',
      'It is avoided until 2026-11-22T12:00:00.000Z, as groq says that a limit by the minute is reached.',
    ],
    ['work', null, 'no-key', null, 'There is no key to lend for work.'],
  ]
  const toldOf = (rows: Receipt['attempts'][number]['skipped'] | undefined) =>
    rows?.map((row) => [row.provider, row.model, row.why, row.until, row.detail])

  it('says why each attempt failed, and why each target before it was passed over', () => {
    const entries = entriesOf([
      [1, { ...first, refusal: 'rate' }],
      [2, { ...second, skipped }],
    ])
    const { attempts } = receipt.parse(receiptOf(entries, noParts))
    assert.deepEqual(
      attempts.map((row) => row.refusal),
      ['rate', null],
    )
    assert.deepEqual(
      attempts.map((row) => toldOf(row.skipped)),
      [[], told],
    )
  })

  it('shows how the cost came about, where that can be told', () => {
    const parts = [{ kind: 'input', tokens: 5, usd_per_million: 0.2, cost_usd: 0.000001 }] as const
    const flex = {
      ...second,
      price: { source: 'override', version: '2026-11-27', tier: 'flex', within: 'us' },
    } as const
    const read = receipt.parse(receiptOf(entriesOf([[1, flex]]), () => [...parts]))
    assert.deepEqual(read.attempts[0]?.price, {
      source: 'override',
      version: '2026-11-27',
      priced_as: null,
      tier: 'flex',
      within: 'us',
      parts,
    })
  })

  it('says how much of the usage is sound', () => {
    const usage = { input: 5, cacheRead: 2, cacheWrite5m: 0, cacheWrite1h: 0, output: 3, reasoning: 0 }
    const heard = { ...second, usage, audio: { input: 4, output: 0 } }
    const read = receipt.parse(receiptOf(entriesOf([[1, heard]]), noParts))
    assert.deepEqual(read.attempts[0]?.usage?.audio, { input: 4, cache_read: null, output: 0 })
  })

  it('is there for a call that we refused, too', () => {
    const refused = {
      type: 'call.refused',
      call: 'a',
      code: 'all_providers_exhausted',
      status: 503,
      dialect: 'anthropic',
      endpoint: '/v1/messages',
      client: 'c',
      provider: null,
    } as const
    const read = receipt.parse(receiptOf(entriesOf([[until, { ...refused, chain: 'coding', skipped }]]), noParts))
    assert.deepEqual([read.request, read.attempts], [null, []])
    const { timestamp, code, http_status, chain } = read.refused ?? assert.fail('it was refused')
    assert.deepEqual(
      [timestamp, code, http_status, chain],
      ['2026-11-22T12:00:00.000Z', 'all_providers_exhausted', 503, 'coding'],
    )
    assert.deepEqual(toldOf(read.refused?.skipped), told)
    const plain = receipt.parse(receiptOf(entriesOf([[until, refused]]), noParts))
    assert.deepEqual([plain.refused?.chain, plain.refused?.skipped], [null, []])
  })

  it('tells who was asked in place of one that a budget stopped', () => {
    const budget = { id: 'month', text: 'Monthly budget for openai exceeded (120.0 USD)' }
    const stopped: SkippedTarget = { provider: 'openai', model: 'm', why: 'budget', until, refusal: null, budget }
    const detailOf = (more: object) =>
      receiptOf(entriesOf([[1, { ...second, skipped: [stopped], ...more }]]), noParts)?.attempts[0]?.skipped[0]?.detail
    assert.equal(detailOf({}), 'Monthly budget for openai exceeded (120.0 USD). Fallback to anthropic.')
    assert.equal(detailOf({ outcome: 'refused', last: false }), detailOf({}))
    // it may as well have been passed over behind the last one
    assert.equal(detailOf({ outcome: 'refused' }), 'Monthly budget for openai exceeded (120.0 USD).')
  })

  it('has a sentence for each reason', () => {
    for (const why of skipReason.options) {
      const [row] =
        receiptOf(entriesOf([[1, { ...second, skipped: [{ ...skipped[1], why } as SkippedTarget] }]]), noParts)
          ?.attempts[0]?.skipped ?? []
      assert.match(row?.detail ?? '', /^[A-Z][^]*\w\.$/, why)
    }
  })
})
