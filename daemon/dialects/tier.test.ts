/** How a call asks to be served and how it says that it was, in each dialect. */
import assert from 'node:assert/strict'
import type { Dialect } from './dialect.ts'
import { dialects } from './index.ts'
import { tierOf } from './tier.ts'

const encoder = new TextEncoder()
const dialect = (name: Dialect['name']) => dialects.find((one) => one.name === name) ?? assert.fail(name)

function asked(name: Dialect['name'], body: object): string | undefined {
  const { endpoints, readRequest } = dialect(name)
  const endpoint = endpoints.find(({ counts }) => counts === 'tokens') ?? assert.fail(name)
  return readRequest(encoder.encode(JSON.stringify(body)), { endpoint, named: 'm' })?.tier
}

function told(name: Dialect['name'], kind: 'json' | 'sse', ...parts: object[]): string | undefined {
  const reader = dialect(name).openReply(kind, { dropUsageOnlyChunk: false })
  for (const part of parts) {
    const json = JSON.stringify(part)
    const type = 'type' in part ? `event: ${String(part.type)}\n` : ''
    reader.read(encoder.encode(kind === 'sse' ? `${type}data: ${json}\n\n` : json))
  }
  reader.end()
  return reader.reading().tier
}

describe('service tiers on the wire', () => {
  it('are read from the words of several providers', () => {
    for (const word of ['default', 'standard', 'standard_only', 'on_demand', 'SERVICE_TIER_STANDARD'])
      assert.equal(tierOf(word), 'standard', word)
    for (const word of ['auto', '', 'unspecified', null, undefined, 7, {}]) assert.equal(tierOf(word), undefined)
    assert.deepEqual(['flex', 'Priority', 'SERVICE_TIER_FLEX', 'scale', '__proto__'].map(tierOf), [
      'flex',
      'priority',
      'flex',
      'other',
      'other',
    ])
  })

  it('are asked for by requests', () => {
    const model = 'm'
    assert.equal(asked('openai-chat', { model, service_tier: 'flex' }), 'flex')
    assert.equal(asked('openai-chat', { model, service_tier: 'auto' }), undefined)
    assert.equal(asked('openai-responses', { model, service_tier: 'priority' }), 'priority')
    assert.equal(asked('anthropic', { model, service_tier: 'standard_only' }), 'standard')
    assert.equal(asked('anthropic', { model, service_tier: 'auto', speed: 'fast' }), 'fast')
    assert.equal(asked('gemini', { serviceTier: 'flex' }), 'flex')
    assert.equal(asked('gemini', { service_tier: 'SERVICE_TIER_PRIORITY' }), 'priority')
    assert.equal(asked('gemini', { contents: [] }), undefined)
  })

  it('are told by replies, and by the last event of a stream', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1 }
    assert.equal(told('openai-chat', 'json', { model: 'm', service_tier: 'default', usage }), 'standard')
    assert.equal(
      told('openai-chat', 'sse', { model: 'm', service_tier: 'auto' }, { service_tier: 'flex', choices: [], usage }),
      'flex',
    )
    const response = (service_tier: string) => ({ object: 'response', service_tier })
    assert.equal(told('openai-responses', 'json', response('fast')), 'fast')
    assert.equal(
      told(
        'openai-responses',
        'sse',
        { type: 'response.created', response: response('priority') },
        { type: 'response.completed', response: response('default') },
      ),
      'standard',
    )
    const start = (usage: object) => ({ type: 'message_start', message: { model: 'm', usage } })
    assert.equal(told('anthropic', 'sse', start({ input_tokens: 1, service_tier: 'batch' })), 'batch')
    assert.equal(told('anthropic', 'sse', start({ service_tier: 'standard', speed: 'fast' })), 'fast')
    assert.equal(
      told('anthropic', 'json', { usage: { input_tokens: 1, service_tier: 'priority', speed: 'standard' } }),
      'priority',
    )
    assert.equal(told('anthropic', 'json', { usage: { input_tokens: 1 } }), undefined)
    assert.equal(
      told('gemini', 'json', { usageMetadata: { promptTokenCount: 1, serviceTier: 'standard' } }),
      'standard',
    )
    assert.equal(told('gemini', 'sse', { usageMetadata: { serviceTier: 'flex' } }, { usageMetadata: {} }), 'flex')
  })
})
