/** Does it fit? The number that is typed, and each answer with its basis. */
import assert from 'node:assert/strict'
import { now, timeZone } from '../test/samples.ts'
import { fitRow, tokensIn } from './fits.ts'
import type { RateLimit } from './rate-limit-rows.ts'

type Window = RateLimit['windows'][number]

const window = (name: string, some: Partial<Window> = {}): Window => ({
  name,
  usedPct: null,
  limit: null,
  remaining: null,
  resetsAt: null,
  source: 'header',
  measuredAt: now,
  pace: null,
  runsOutAt: null,
  ...some,
})
const answer = (wanted: number, windows: Window[], some: Partial<RateLimit> = {}) => {
  const row = fitRow(
    {
      provider: 'openai',
      account: 'a',
      model: '*',
      status: 'tracking',
      cooldownUntil: null,
      reason: null,
      quota: null,
      windows,
      ...some,
    },
    wanted,
    { now, timeZone },
  )
  return row.kind === 'row' ? [row.label, row.detail] : []
}

describe('does it fit', () => {
  it('reads numbers as people type them', () => {
    const typed = ['12000', ' 12k ', '1.5M', '0.0004k', '0', '-5', '12 000', 'many', '', '1e6']
    assert.deepEqual(typed.map(tokensIn), [12_000, 12_000, 1_500_000, null, null, null, null, null, null, null])
  })

  const minute = { limit: 40_000, remaining: 12_000, resetsAt: now + 60_000 }

  it('goes by the limit of tokens with the least left', () => {
    const windows = [
      window('input-tokens', { remaining: 90_000 }),
      window('tokens-minute', minute),
      window('requests', { remaining: 1 }),
    ]
    const basis = 'tokens per minute limit · 12k of 40k left · resets 14:01'
    assert.deepEqual(answer(12_000, windows), ['$(check) Yes: 12k tokens', basis])
    assert.deepEqual(answer(12_001, windows), ['$(error) No: 12k tokens', basis])
    assert.deepEqual(answer(50_000, windows), ['$(error) No: 50k tokens', `${basis} · more than the whole limit`])
    assert.deepEqual(answer(5, [window('tokens', { remaining: 7 })]), [
      '$(check) Yes: 5 tokens',
      'tokens limit · 7 left',
    ])
  })

  it('is no where the provider refuses', () => {
    const refused = { status: 'exhausted' as const, cooldownUntil: now + 2_820_000, reason: 'quota $(x)' }
    assert.deepEqual(answer(1, [window('tokens', minute)], refused), [
      '$(error) No: 1 token',
      'refused until 14:47 · quota \\$(x)',
    ])
    assert.equal(answer(1, [], { status: 'exhausted' })[1], 'The limit is reached.')
  })

  it('does not guess where a plan states shares alone', () => {
    const windows = [window('7d', { usedPct: 12 }), window('5h', { usedPct: 38 })]
    assert.deepEqual(answer(5000, windows), [
      '$(question) Not known: 5k tokens',
      'No limit is stated in tokens · 5 hour limit is 38% used',
    ])
    assert.deepEqual(answer(5000, [])[1], 'No limit is stated in tokens')
  })
})
