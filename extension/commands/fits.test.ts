/** Does it fit? The number that is typed, and each answer of the daemon as a row. */
import assert from 'node:assert/strict'
import type { AllowedReply } from '../../shared/contract/endpoints/allowance.ts'
import { fitRow, tokensIn } from './fits.ts'

const answer = (wanted: number, some: Partial<AllowedReply>) => {
  const row = fitRow(
    {
      allowed: true,
      reason: 'It may.',
      binding_limit: null,
      retry_at: null,
      remaining: { tokens: null, usd: null, used_pct: null },
      alternatives: [],
      ...some,
    },
    wanted,
  )
  return row.kind === 'row' ? [row.label, row.detail] : []
}
const left = (tokens: number | null, usd: number | null) => ({ remaining: { tokens, usd, used_pct: null } })

describe('does it fit', () => {
  it('reads numbers as people type them', () => {
    const typed = ['12000', ' 12k ', '1.5M', '0.0004k', '0', '-5', '12 000', 'many', '', '1e6', '1000000M']
    const read = [12_000, 12_000, 1_500_000, null, null, null, null, null, null, null, null]
    assert.deepEqual(typed.map(tokensIn), read)
  })

  it('is yes where a limit of tokens or money has room', () => {
    assert.deepEqual(answer(12_000, left(40_000, null)), ['$(check) Yes: 12k tokens', 'It may.'])
    assert.deepEqual(answer(1, left(null, 3.2)), ['$(check) Yes: 1 token', 'It may.'])
  })

  it('is no where something stops it, with what could serve it', () => {
    const target = (name: string) => ({ target: name, chain: null })
    const alternatives = ['a/m', 'b/$(flame)', 'c/m', 'd/m'].map(target)
    assert.deepEqual(answer(5000, { allowed: false, reason: 'The limit 5h $(x) is used up.', alternatives }), [
      '$(error) No: 5k tokens',
      'The limit 5h \\$(x) is used up. · could go to a/m, b/\\$(flame), c/m',
    ])
    assert.deepEqual(answer(5000, { allowed: false, reason: 'No.' }), ['$(error) No: 5k tokens', 'No.'])
  })

  it('does not guess where nothing is stated in tokens or money', () => {
    assert.deepEqual(answer(5000, { reason: 'A call may go.' }), ['$(question) Not known: 5k tokens', 'A call may go.'])
  })
})
