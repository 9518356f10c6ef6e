/** Providers as config makes them: what is taken over, what is refused, and that no key is ever repeated. */
import { strict as assert } from 'node:assert'
import { findProvider } from '@pydantic/genai-prices'
import type { Config } from '../../shared/contract/config.ts'
import type { DialectName } from '../../shared/contract/event.ts'
import { splitBaseUrl } from './base-url.ts'
import { knownKinds, knownProviders, providersOf } from './index.ts'
import { sandboxProvider } from './sandbox.ts'
import { targetUrl } from './target-url.ts'

const withEntries = (providers: NonNullable<Config['providers']>) => providersOf({ providers })

describe('known providers', () => {
  it('are all there without a config, and lend nothing', () => {
    const { providers, problems } = providersOf({})
    assert.deepEqual(
      [...providers.keys()].join(' '),
      'openai codex anthropic gemini openrouter groq mistral deepseek xai together fireworks cerebras moonshot ollama lmstudio',
    )
    assert.deepEqual(problems, [])
    for (const provider of providers.values()) {
      assert.deepEqual([provider.apiKey, provider.configured], [undefined, false], provider.id)
      // what needs no credential is for holders of a key of ours
      assert.equal(provider.passthrough, provider.keyHeader !== 'none', provider.id)
    }
  })

  it('each have an id of their own, and an https base URL unless they run on this machine', () => {
    assert.equal(new Set(knownProviders.map((one) => one.id)).size, knownProviders.length)
    for (const provider of [...knownProviders, sandboxProvider('https://127.0.0.1:1', [])]) {
      const split = splitBaseUrl(provider.baseUrl)
      assert.ok('scheme' in split && (split.scheme === 'https' || (provider.local && split.loopback)), provider.id)
      assert.ok(provider.dialects.length > 0)
    }
  })

  const reached: [string, DialectName, string, string][] = [
    ['codex', 'openai-responses', 'responses', 'https://chatgpt.com/backend-api/codex/responses'],
    [
      'gemini',
      'gemini',
      'v1beta/models/gemini-3-flash:generateContent',
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:generateContent',
    ],
    ['openrouter', 'anthropic', 'v1/messages', 'https://openrouter.ai/api/v1/messages'],
    ['openrouter', 'openai-responses', 'v1/responses', 'https://openrouter.ai/api/v1/responses'],
    ['fireworks', 'anthropic', 'v1/messages', 'https://api.fireworks.ai/inference/v1/messages'],
    ['groq', 'openai-responses', 'v1/responses', 'https://api.groq.com/openai/v1/responses'],
    ['xai', 'openai-responses', 'v1/responses', 'https://api.x.ai/v1/responses'],
    ['moonshot', 'openai-chat', 'v1/chat/completions', 'https://api.moonshot.ai/v1/chat/completions'],
    ['ollama', 'anthropic', 'v1/messages', 'http://127.0.0.1:11434/v1/messages'],
    ['lmstudio', 'openai-responses', 'v1/responses', 'http://127.0.0.1:1234/v1/responses'],
  ]
  for (const [id, dialect, rest, url] of reached) {
    it(`${id} speaks ${dialect} at ${url}`, () => {
      const provider = knownProviders.find((one) => one.id === id)
      assert.ok(provider !== undefined && provider.dialects.includes(dialect))
      const target = targetUrl(provider, rest, '')
      assert.ok('origin' in target)
      assert.equal(target.origin + target.path, url)
    })
  }

  it('have prices in the catalogue under the name they give', () => {
    for (const { catalogueId, local } of [...knownProviders, ...knownKinds]) {
      assert.equal(catalogueId === null, local)
      if (catalogueId !== null) assert.equal(findProvider({ providerId: catalogueId })?.id, catalogueId)
    }
  })
})

describe('configured providers', () => {
  it('give a known one a key to lend, and keep the rest', () => {
    const { providers, problems } = withEntries({ openai: { apiKey: 'sk-1234567890' } })
    const known = knownProviders.find((one) => one.id === 'openai')
    assert.deepEqual(providers.get('openai'), { ...known, apiKey: 'sk-1234567890', configured: true })
    assert.deepEqual(problems, [])
  })

  it('may be made in the image of a known one', () => {
    const work = withEntries({ work: { extends: 'anthropic', baseUrl: 'https://llm.example.com/' } }).providers.get(
      'work',
    )
    assert.equal(work?.id, 'work')
    assert.equal(work?.label, 'work')
    assert.equal(work?.baseUrl, 'https://llm.example.com')
    assert.equal(work?.keyHeader, 'x-api-key')
    assert.equal(work?.requestIdHeader, 'request-id')
    assert.deepEqual(work?.dialects, ['anthropic'])
    assert.equal(work?.catalogueId, 'anthropic')
  })

  it('are new ones that speak OpenAI chat where they extend nothing', () => {
    const own = withEntries({ own: { baseUrl: 'https://h.example/v1' } }).providers.get('own')
    assert.deepEqual(own?.dialects, ['openai-chat'])
    assert.equal(own?.keyHeader, 'authorization')
    assert.equal(own?.catalogueId, null)
  })

  it('that are local need no key, so they count as lent; their models have no list price', () => {
    const local = { extends: 'openai', baseUrl: 'http://127.0.0.1:11434/v1', local: true }
    const { providers } = withEntries({
      ollama: local,
      open: { ...local, passthrough: true },
      keyed: { ...local, apiKey: 'some-key' },
    })
    assert.equal(providers.get('ollama')?.keyHeader, 'none')
    assert.equal(providers.get('ollama')?.passthrough, false)
    assert.equal(providers.get('ollama')?.catalogueId, null)
    assert.equal(providers.get('open')?.passthrough, true)
    assert.equal(providers.get('keyed')?.keyHeader, 'authorization')
  })

  it('may be of a kind that each user has at an address of their own', () => {
    const baseUrl = 'https://mine.openai.azure.com/openai/v1'
    const { providers, problems } = withEntries({
      work: { extends: 'azure', baseUrl, apiKey: 'azure-key' },
      azure: { baseUrl },
    })
    assert.deepEqual(problems, [])
    for (const id of ['work', 'azure']) {
      const { keyHeader, requestIdHeader, catalogueId, dialects } = providers.get(id) ?? {}
      assert.deepEqual([keyHeader, requestIdHeader, catalogueId], ['api-key', 'apim-request-id', 'azure'])
      assert.deepEqual(dialects, ['openai-chat', 'openai-responses'])
    }
    const nowhere = withEntries({ work: { extends: 'azure', apiKey: 'azure-key' } })
    assert.equal(nowhere.providers.has('work'), false)
    assert.match(nowhere.problems[0]?.text ?? '', /Azure has no address that all users share; give it the "baseUrl"/)
  })

  it('that are local and want a key get it, and take the key of a caller', () => {
    const { providers } = withEntries({ lmstudio: { apiKey: 'lm-key' }, ollama: { passthrough: true } })
    const { keyHeader, apiKey, passthrough } = providers.get('lmstudio') ?? {}
    assert.deepEqual([keyHeader, apiKey, passthrough], ['authorization', 'lm-key', true])
    assert.deepEqual([providers.get('ollama')?.keyHeader, providers.get('ollama')?.passthrough], ['none', true])
  })

  it("lend no subscriber's login", () => {
    const { providers, problems } = withEntries({
      codex: { apiKey: 'SECRET' },
      mine: { extends: 'codex', apiKey: 'SECRET' },
    })
    for (const id of ['codex', 'mine'])
      assert.deepEqual([providers.get(id)?.apiKey, providers.get(id)?.plan], [undefined, true])
    assert.equal(problems.length, 2)
    assert.match(problems[0]?.text ?? '', /lends no key: it serves subscribers/)
  })

  const refused: [string, NonNullable<Config['providers']>[string], RegExp][] = [
    [
      'an unknown model to extend',
      { extends: 'opnai' },
      /extends "opnai", which is no known provider; known are openai,/,
    ],
    ['neither address nor model', { apiKey: 'sk-SECRET-12345' }, /neither a baseUrl nor a known provider/],
    ['plain http beyond this machine', { baseUrl: 'http://192.168.0.7/v1' }, /plain http:.*"allowInsecure": true/],
    ['no URL', { baseUrl: 'localhost:1234' }, /does not begin with https/],
    ['a password in the URL', { baseUrl: 'https://u:SECRET@h/v1' }, /user name or password/],
    ['a query', { baseUrl: 'https://h/v1?key=SECRET' }, /a query/],
  ]
  for (const [what, entry, expected] of refused) {
    it(`are left out for ${what}, with the reason and no secret`, () => {
      const { providers, problems } = withEntries({ mine: entry })
      assert.equal(providers.has('mine'), false)
      assert.equal(problems[0]?.code, 'provider-disabled')
      assert.equal(problems[0]?.subject, 'mine')
      assert.match(problems[0]?.text ?? '', expected)
      assert.doesNotMatch(JSON.stringify(problems), /SECRET/)
    })
  }

  it('that are broken take a known name with them: calls must not go to the usual address', () => {
    for (const baseUrl of ['http://gateway.example/v1', 'https://${GATEWAY}/v1']) {
      assert.equal(withEntries({ openai: { baseUrl } }).providers.has('openai'), false)
    }
  })

  it('may be reached over plain http where that is said', () => {
    const { providers, problems } = withEntries({ lan: { baseUrl: 'http://192.168.0.7/v1', allowInsecure: true } })
    assert.equal(providers.has('lan'), true)
    assert.deepEqual(problems, [])
  })

  it('say how to take their errors, before what is known of theirs', () => {
    const refusals = [{ status: 400, code: 'blocked_api_access', as: 'credential' as const }]
    const { providers } = withEntries({
      groq: { refusals },
      mine: { baseUrl: 'https://llm.example/v1', refusals },
      fast: { extends: 'groq', baseUrl: 'https://fast.example/v1' },
    })
    const known = knownProviders.find((one) => one.id === 'groq')?.refusals ?? []
    assert.ok(known.length > 0)
    assert.deepEqual(providers.get('groq')?.refusals, [...refusals, ...known])
    assert.deepEqual(providers.get('mine')?.refusals, refusals)
    assert.deepEqual(providers.get('fast')?.refusals, known)
  })

  it('lend no key that no header carries, or that is one of ours; the provider stays', () => {
    for (const apiKey of ['two words SECRET', 'line\nSECRET', 'tk_SECRET', 'schlüssel-SECRET']) {
      const { providers, problems } = withEntries({ openai: { apiKey } })
      assert.equal(providers.get('openai')?.apiKey, undefined)
      assert.match(problems[0]?.text ?? '', /lends no key/)
      assert.doesNotMatch(JSON.stringify(problems), /SECRET/)
    }
    assert.equal(withEntries({ openai: { apiKey: '' } }).providers.get('openai')?.apiKey, undefined)
  })
})
