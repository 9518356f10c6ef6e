import assert from 'node:assert/strict'
import { offeredModels, sellsModel } from './offered-models.ts'
import { shippedCatalogue } from './pricing/catalogue.ts'
import { knownProviders } from './providers/index.ts'
import type { Provider } from './providers/provider.ts'
import { sandboxProvider } from './providers/sandbox.ts'

const at = Date.parse('2026-11-27T12:00:00Z')
const known = (id: string, more: Partial<Provider> = {}): Provider => {
  const found = knownProviders.find((provider) => provider.id === id)
  assert.ok(found)
  return { ...found, ...more }
}
const sells = (provider: Provider, ...models: string[]) =>
  models.map((model) => sellsModel(shippedCatalogue, provider, model, at))

describe('offered models', () => {
  it('tells by the price catalogue and our corrections of it who sells a model, dated names too', () => {
    assert.deepEqual(sells(known('anthropic'), 'claude-sonnet-4-5', 'claude-sonnet-4-5-20250929', 'gpt-4o'), [
      true,
      true,
      false,
    ])
    assert.deepEqual(sells(known('anthropic'), 'claude-sonnet-5-5', 'claude-sonnet-5-5-20261101'), [true, true])
    assert.deepEqual(sells(known('openai'), 'gpt-4o', 'gpt-4o-2024-08-06', 'no-such-model'), [true, true, false])
    assert.deepEqual(sells(known('groq'), 'gpt-4o'), [false])
  })
  it('tells by the config where that names models, and of what nobody knows, nothing', () => {
    assert.deepEqual(sells(known('openai', { models: ['mine'] }), 'mine', 'gpt-4o'), [true, false])
    assert.deepEqual(sells(known('ollama'), 'qwen'), [null])
    assert.deepEqual(sells(known('openai', { catalogueId: 'nobody' }), 'gpt-4o'), [null])
    assert.deepEqual(sells(sandboxProvider('http://127.0.0.1:1', ['sandbox-small']), 'gpt-4o'), [false])
  })
  it('offers nothing where nothing is lent', () => {
    assert.deepEqual(offeredModels(shippedCatalogue, known('openai')), [])
    assert.ok(offeredModels(shippedCatalogue, known('openai', { apiKey: 'k' })).includes('gpt-4o'))
    assert.deepEqual(offeredModels(shippedCatalogue, known('openai', { apiKey: 'k', models: ['mine'] })), ['mine'])
  })
})
