import assert from 'node:assert/strict'
import { canLend, lentTargetOf, pinnedTargetOf, type Routable } from './route.ts'

const one = (id: string, more: Partial<Routable> = {}): [string, Routable] => [
  id,
  { id, dialects: ['openai-chat'], keyHeader: 'authorization', configured: true, ...more },
]
const providers = new Map([
  one('openai'),
  one('work', { apiKey: 'k' }),
  one('anthropic', { dialects: ['anthropic'], apiKey: 'k' }),
  one('ollama', { keyHeader: 'none' }),
])
const asked = { dialect: 'openai-chat' as const, home: 'openai', pinned: null, model: 'gpt-4o' }
const shown = (routed: ReturnType<typeof lentTargetOf>) =>
  routed.kind === 'target' ? `${routed.provider.id} ${routed.model ?? '-'} ${routed.strategy}` : routed.code

describe('routing/route', () => {
  it('goes where the path says', () => {
    assert.equal(shown(lentTargetOf(providers, { ...asked, pinned: 'work' })), 'work - pinned')
    assert.equal(shown(pinnedTargetOf(providers, 'nobody', 'openai-chat')), 'unknown_provider')
    assert.equal(shown(pinnedTargetOf(providers, 'anthropic', 'openai-chat')), 'unknown_route')
  })
  it("goes where the model's name says, and sends the name without the provider", () => {
    assert.equal(shown(lentTargetOf(providers, { ...asked, model: 'work/gpt-4o' })), 'work gpt-4o routed')
    assert.equal(shown(lentTargetOf(providers, { ...asked, model: 'ollama/qwen/coder' })), 'ollama qwen/coder routed')
  })
  it("else to the dialect's home if that has a key to lend, and else says who has one", () => {
    assert.equal(
      shown(lentTargetOf(providers, { ...asked, dialect: 'anthropic', home: 'anthropic' })),
      'anthropic - routed',
    )
    const none = lentTargetOf(providers, asked)
    assert.ok(none.kind === 'none' && none.code === 'unknown_route' && none.detail.includes('work/MODEL'))
    assert.equal(shown(lentTargetOf(providers, { ...asked, model: 'nobody/gpt' })), 'unknown_route')
  })
  it('points to no local server that nobody configured', () => {
    const known = new Map([one('ollama', { keyHeader: 'none', configured: false })])
    const none = lentTargetOf(known, asked)
    assert.ok(none.kind === 'none' && /Give a provider an "apiKey"/.test(none.detail))
    assert.equal(shown(lentTargetOf(known, { ...asked, model: 'ollama/qwen' })), 'ollama qwen routed')
  })
  it('lends what has a key or needs none', () => {
    assert.deepEqual([...providers.values()].map(canLend), [false, true, true, true])
  })
})
