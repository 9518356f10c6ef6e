/** Whole plans: every target that a call may go to, in order, and every one that it can never go to. */
import assert from 'node:assert/strict'
import { openaiChat } from '../dialects/openai-chat/openai-chat.ts'
import { knownProviders } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import { routingOf } from '../routing/table.ts'
import type { Call, Plan } from './call.ts'
import type { KeyHolder } from './holder.ts'
import type { Answerer } from './kept-answers.ts'
import type { No } from './refuse.ts'
import { planOf } from './target.ts'

const known = new Map(knownProviders.map((provider) => [provider.id, provider]))
const lending = (id: string): [string, Provider] => [id, { ...(known.get(id) as Provider), apiKey: 'k' }]
const providers = new Map([...known, ...['groq', 'openai', 'anthropic'].map(lending)])
const routing = routingOf({
  chains: {
    all: ['groq/llama', 'anthropic/claude', 'openai/gpt', 'mistral/m', 'gone/x', 'groq/other'],
    none: ['anthropic/claude'],
    foreign: ['groq/llama'],
  },
  routes: { routed: 'all' },
})
const places = { providers: () => providers, routing: () => routing, sells: () => null }
const holder: KeyHolder = { id: 'k', name: 'k', scope: 'proxy', providers: null, chains: null }
const endpoint = openaiChat.endpoints[0]

type Asking = {
  model?: string
  own?: string
  state?: boolean
  pinned?: string
  keptAt?: string
  sealed?: boolean
  answerer?: Answerer
  by?: Partial<KeyHolder> | null
}
function plan({
  model = 'chain:all',
  own,
  state = false,
  pinned,
  keptAt,
  sealed = false,
  answerer,
  by = {},
}: Asking): Plan | No {
  const call = {
    dialect: openaiChat,
    endpoint,
    rest: 'v1/chat/completions',
    credentials: { own: own ?? null },
    request: { headers: {} },
    facts: { serverState: state, sealed },
    model,
  } as unknown as Call
  const placed = { pinned: pinned ?? null, readable: true, keptAt: keptAt ?? null, answerer }
  return planOf(places, call, placed, by && { ...holder, ...by })
}
function shown(found: Plan | No): string {
  if ('code' in found)
    return `${found.code} ${(found.skipped ?? []).map(({ provider, why }) => `${provider}:${why}`).join(' ')}`
  const targets = found.targets.map(
    ({ provider, model, lent }) => `${lent ? '' : 'own '}${provider.id}/${model ?? '-'}`,
  )
  const skipped = found.skipped.map(({ provider, why }) => `${provider}:${why}`)
  return `${found.chain ?? '-'} = ${targets.join(', ')} | ${skipped.join(' ')}`.trim()
}

describe('proxy/target', () => {
  const never = 'anthropic:dialect mistral:no-key gone:unknown'
  const rows: [what: string, asking: Asking, plan: string][] = [
    ['all that a chain has', {}, `all = groq/llama, openai/gpt, groq/other | ${never}`],
    ['the same by a route', { model: 'routed' }, `all = groq/llama, openai/gpt, groq/other | ${never}`],
    [
      'what the key may use',
      { by: { providers: ['openai'] } },
      `all = openai/gpt | groq:not-allowed anthropic:dialect mistral:not-allowed gone:unknown groq:not-allowed`,
    ],
    [
      'the first account alone for what is tied to one',
      { state: true },
      `all = groq/llama, groq/other | anthropic:dialect openai:server-state mistral:no-key gone:unknown`,
    ],
    [
      'the provider that keeps an answer',
      { state: true, keptAt: 'openai' },
      `all = openai/gpt | groq:server-state anthropic:dialect mistral:no-key gone:unknown groq:server-state`,
    ],
    [
      'whoever answered a sealed conversation alone',
      { sealed: true, answerer: { provider: 'openai', lent: true } },
      `all = openai/gpt | groq:server-state anthropic:dialect mistral:no-key gone:unknown groq:server-state`,
    ],
    ['all where nobody knows who answered it', { sealed: true }, `all = groq/llama, openai/gpt, groq/other | ${never}`],
    [
      'the own account alone for a conversation that it answered, or that nobody knows',
      { own: 'sk-own', model: 'routed', sealed: true },
      '- = own openai/- |',
    ],
    [
      'no own account for a conversation that a lent key answered',
      { own: 'sk-own', model: 'routed', sealed: true, answerer: { provider: 'groq', lent: true } },
      `all = groq/llama, groq/other | anthropic:dialect openai:server-state mistral:no-key gone:unknown`,
    ],
    ['nothing where no target is left', { model: 'chain:none' }, 'unknown_route anthropic:dialect'],
    ['a target by name', { model: 'groq/x' }, '- = groq/x |'],
    ['a pinned provider alone', { pinned: 'groq' }, '- = groq/- |'],
    ['the own account alone without our key', { own: 'sk-own', by: null }, '- = own openai/- |'],
    [
      'the own account, then the chain of its model',
      { own: 'sk-own', model: 'routed' },
      `all = own openai/-, groq/llama, openai/gpt, groq/other | ${never}`,
    ],
    [
      'the own account with what the chain asks of its provider',
      { own: 'sk-own' },
      `all = own openai/gpt, groq/llama, openai/gpt, groq/other | ${never}`,
    ],
    ['the own account alone where no chain is said', { own: 'sk-own', model: 'gpt' }, '- = own openai/- |'],
    ['the own account alone, pinned', { own: 'sk-own', model: 'routed', pinned: 'groq' }, '- = own groq/- |'],
    [
      'the own account alone for what is tied to it',
      { own: 'sk-own', model: 'routed', state: true },
      '- = own openai/- |',
    ],
    [
      'the own account alone where the key may not use the chain',
      { own: 'sk-own', model: 'routed', by: { chains: ['none'] } },
      '- = own openai/- |',
    ],
    [
      'no own account where the chain asks nothing of its provider',
      { own: 'sk-own', model: 'chain:foreign' },
      'foreign = groq/llama |',
    ],
    [
      'nothing where that chain has nothing either',
      { own: 'sk-own', model: 'chain:none' },
      'unknown_route anthropic:dialect',
    ],
    [
      'a no for a chain asked for by name that the key may not use',
      { own: 'sk-own', by: { chains: ['none'] } },
      'key_not_for_provider',
    ],
  ]
  for (const [what, asking, expected] of rows) {
    it(`plans ${what}`, () => assert.equal(shown(plan(asking)).trim(), expected))
  }
})
