import assert from 'node:assert/strict'
import type { UsageReply } from '../../shared/contract/endpoints/core.ts'
import type { Totals } from '../../shared/contract/rows.ts'
import { totals } from '../../shared/test/samples.ts'
import { columnsOf, sentenceOf } from './chart-data.ts'
import { choiceOf, ranges } from './ranges.ts'

const none = totals()
const some: Totals = {
  ...none,
  requests: 4,
  failed_requests: 1,
  tokens: 12_400,
  tokens_cache_read: 9000,
  cost_usd: 0.5,
}
const more: Totals = { ...none, requests: 9, tokens: 30_000, tokens_cache_read: 100, cost_usd: 2, billed_usd: 0.25 }

function replyOf(series: UsageReply['series'], total: Totals): UsageReply {
  const period = { from: '2026-11-20T13:00:00Z', to: '2026-11-21T13:00:00Z', time_zone: 'Europe/Berlin' }
  return { period, simulated: false, total, groups: [], series, missing_months: [] }
}
const reply = replyOf(
  [
    { start: '2026-11-21T12:15:00Z', totals: none },
    { start: '2026-11-21T12:30:00Z', totals: some },
    { start: '2026-11-21T12:45:00Z', totals: more },
  ],
  {
    ...none,
    requests: 13,
    failed_requests: 1,
    tokens: 42_400,
    tokens_cache_read: 9100,
    cost_usd: 2.5,
    billed_usd: 0.25,
  },
)

describe('dashboard chart', () => {
  it('draws what the daemon says, and nothing where there is nothing', () => {
    assert.deepEqual(columnsOf(reply, 'tokens'), [
      [1795263300, 1795264200, 1795265100],
      [null, 12_400, 30_000],
      [null, 9000, 100],
    ])
    assert.deepEqual(columnsOf(reply, 'requests').slice(1), [
      [null, 4, 9],
      [null, 1, null],
    ])
    assert.deepEqual(columnsOf(reply, 'cost').slice(1), [
      [null, 0.5, 2],
      [null, null, 0.25],
    ])
  })

  it('says in one sentence what it shows', () => {
    const tokens = sentenceOf(reply, '24h', 'tokens')
    assert.match(
      tokens,
      /^All tokens of the last 24 hours by 15 minutes: 42\.4k, of it 9\.1k read from cache; most from /,
    )
    assert.match(tokens, /13:45, 30k\.$/)
    assert.match(sentenceOf(reply, '24h', 'cost'), /: \$2\.50, of it \$0\.25 billed; .* \$2\.00\.$/)
    assert.equal(sentenceOf(replyOf([], none), '7d', 'requests'), 'All calls of the last 7 days by hour: none.')
  })

  it('takes up a remembered choice only where it still is one', () => {
    assert.equal(choiceOf(ranges, '7d', '24h'), '7d')
    assert.equal(choiceOf(ranges, 'toString', '24h'), '24h')
    assert.equal(choiceOf(ranges, undefined, '24h'), '24h')
  })
})
