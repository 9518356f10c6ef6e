import assert from 'node:assert/strict'
import { canLend, lentRouteOf, pinnedTargetOf, type Routable, type RouteAsked } from './route.ts'
import { routingOf } from './table.ts'

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
const sold: Record<string, readonly string[]> = { openai: ['gpt-4o'], work: ['gpt-4o', 'mine'], ollama: ['qwen'] }
const asked: RouteAsked<Routable> = {
  dialect: 'openai-chat',
  home: 'openai',
  pinned: null,
  model: 'gpt-5',
  chain: null,
  mayUse: () => true,
  mayUseChain: () => true,
  chainsOnly: false,
  sells: ({ id }, model) => sold[id]?.includes(model) ?? null,
}
const chains = routingOf({
  chains: { coding: ['anthropic/claude'], spare: ['work/mine'] },
  routes: { 'gpt-*-codex': 'coding', 'work/*': 'coding' },
})
const withDefault = { ...chains, defaultChain: chains.chains.get('spare') ?? null }
const none = routingOf({})
const shown = (routed: ReturnType<typeof lentRouteOf>) => {
  if (routed.kind === 'chain') return `chain ${routed.chain.name}`
  return routed.kind === 'target' ? `${routed.provider.id} ${routed.model ?? '-'} ${routed.strategy}` : routed.code
}
const route = (more: Partial<RouteAsked<Routable>> = {}, table = none, among = providers) =>
  shown(lentRouteOf(among, table, { ...asked, ...more }))
const detail = (more: Partial<RouteAsked<Routable>>, table = none, among = providers) => {
  const routed = lentRouteOf(among, table, { ...asked, ...more })
  return routed.kind === 'none' ? routed.detail : ''
}

describe('routing/route', () => {
  it('goes where the path says, whatever else is said', () => {
    assert.equal(route({ pinned: 'work' }), 'work - pinned')
    assert.equal(route({ pinned: 'work', model: 'chain:coding', chain: 'coding' }, withDefault), 'work - pinned')
    assert.equal(shown(pinnedTargetOf(providers, 'nobody', 'openai-chat')), 'unknown_provider')
    assert.equal(shown(pinnedTargetOf(providers, 'anthropic', 'openai-chat')), 'unknown_route')
  })
  it('then through the chain that the caller or a route says', () => {
    assert.equal(route({ chain: 'spare', model: 'gpt-5-codex' }, chains), 'chain spare')
    assert.equal(route({ model: 'chain:coding' }, chains), 'chain coding')
    assert.equal(route({ model: 'gpt-5-codex' }, chains), 'chain coding')
    assert.equal(route({ model: 'work/x' }, chains), 'chain coding', 'a route goes before provider/model')
  })
  it('names the chains there are, for this key, where the one asked for is unknown', () => {
    assert.equal(route({ model: 'chain:no' }, withDefault), 'unknown_route')
    assert.match(detail({ chain: 'no' }, chains), /no chain named "no".*Known are: coding, spare\./)
    assert.match(detail({ chain: 'no', mayUseChain: (name) => name === 'spare' }, chains), /Known are: spare\./)
    assert.match(detail({ chain: 'no' }), /"chains" in config\.jsonc/)
  })
  it("then where the model's name says, and sends the name without the provider", () => {
    assert.equal(route({ model: 'work/gpt-4o' }, { ...withDefault, patterns: [] }), 'work gpt-4o routed')
    assert.equal(route({ model: 'ollama/qwen/coder' }, withDefault), 'ollama qwen/coder routed')
  })
  it("then to whoever sells the model: the dialect's home also where nobody knows what that sells", () => {
    const lending = new Map([...providers, one('openai', { apiKey: 'k' })])
    assert.equal(route({ model: 'gpt-4o' }, withDefault, lending), 'openai - routed')
    assert.equal(route({ model: 'gpt-4o' }, withDefault), 'work - routed', 'the home has no key')
    assert.equal(route({ model: 'qwen' }, withDefault, lending), 'ollama - routed')
    assert.equal(route({ dialect: 'anthropic', home: 'anthropic', model: 'new' }, withDefault), 'anthropic - routed')
    const mayUse = ({ id }: Routable) => id !== 'openai'
    assert.equal(route({ model: 'gpt-4o', mayUse }, withDefault, lending), 'work - routed')
    assert.equal(route({ model: 'gpt-4o', mayUse: () => false }, withDefault, lending), 'chain spare')
  })
  it('then through the default chain', () => {
    assert.equal(route({}, withDefault), 'chain spare')
    assert.equal(route({ model: null }, withDefault), 'chain spare')
    assert.equal(route({ model: 'gpt-4o', chainsOnly: true }, withDefault), 'chain spare')
    assert.equal(route({ dialect: null }, withDefault), 'unknown_route', 'what passes unread goes through none')
  })
  it("else to the dialect's home if that has a key to lend, and else says who has one", () => {
    const lending = new Map([...providers, one('openai', { apiKey: 'k' })])
    assert.equal(route({}, chains, lending), 'openai - routed')
    assert.equal(route({ dialect: null, model: null }, withDefault, lending), 'openai - routed')
    assert.match(detail({}), /work\/MODEL/)
    assert.equal(route({ model: 'nobody/gpt' }), 'unknown_route')
  })
  it('points to no local server that nobody configured', () => {
    const known = new Map([one('ollama', { keyHeader: 'none', configured: false })])
    assert.match(detail({ model: 'qwen' }, none, known), /Give a provider an "apiKey"/)
    assert.equal(route({ model: 'ollama/qwen' }, none, known), 'ollama qwen routed')
  })
  it('lends what has a key or needs none', () => {
    assert.deepEqual([...providers.values()].map(canLend), [false, true, true, true])
  })
})
