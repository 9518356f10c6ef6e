import assert from 'node:assert/strict'
import { askedChainOf, routingOf } from './table.ts'

const table = routingOf({
  chains: { coding: ['anthropic/claude-sonnet-4-5', 'openrouter/anthropic/claude-sonnet-4.5'], fast: ['groq/llama'] },
  routes: {
    'claude-*': 'coding',
    'claude-haiku-*': 'fast',
    'claude-haiku-4-5': 'fast',
    'gpt-4o': 'coding',
    '*-gone': 'nowhere',
  },
  defaultChain: 'fast',
})
const found = (model: string | null, chain: string | null = null) => {
  const asked = askedChainOf(table, { model, chain })
  return asked?.kind === 'chain' ? `${asked.chain.name}${asked.byName ? ' by name' : ''}` : asked
}

describe('routing/table', () => {
  it('reads targets, whose models may hold slashes', () => {
    assert.deepEqual(table.chains.get('coding')?.targets, [
      { provider: 'anthropic', model: 'claude-sonnet-4-5' },
      { provider: 'openrouter', model: 'anthropic/claude-sonnet-4.5' },
    ])
    assert.equal(table.defaultChain?.name, 'fast')
  })
  it('takes a full name before a pattern, and of patterns the first one written', () => {
    assert.equal(found('claude-haiku-4-5'), 'fast')
    assert.equal(found('claude-haiku-4-5-20251001'), 'coding')
    assert.equal(found('gpt-4o'), 'coding')
    assert.equal(found('gpt-4o-mini'), null)
    assert.equal(found(null), null)
  })
  it('takes what the caller names before all else', () => {
    assert.equal(found('chain:coding'), 'coding by name')
    assert.equal(found('claude-haiku-4-5', 'coding'), 'coding by name')
    assert.equal(found('chain:coding', 'fast'), 'fast by name')
    assert.deepEqual(found('chain:no'), { kind: 'unknown', name: 'no' })
    assert.deepEqual(found('gpt-4o', ''), { kind: 'unknown', name: '' })
    assert.deepEqual(found('chain:constructor'), { kind: 'unknown', name: 'constructor' })
  })
  it('leads nowhere where nothing is configured', () => {
    assert.equal(askedChainOf(routingOf({}), { model: 'gpt-4o', chain: null }), null)
    assert.equal(routingOf({ defaultChain: 'gone' }).defaultChain, null)
    assert.equal(found('x-gone'), null)
  })
})
