/** The user's config over the API: edits keep comments and collide loudly; no secret comes back, and none gets in. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../test/start.ts'
import { localToken, startApi, type Told } from '../../test/start-api.ts'

const written = `// mine
{
  "providers": {
    "openai": { "apiKey": "LITERAL-KEY-1" }, // at work
    "claude": { "extends": "anthropic", "baseUrl": "https://\${HOST:-llm.example.com}" }
  },
  "allowedHosts": ["box"] // the one below the desk
}
`
type Shown = { config: { providers?: object }; version: string; problems: { code: string }[] }

describe('the config over the API', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  const path = () => join(api.home, 'config.jsonc')
  const text = () => readFileSync(path(), 'utf8')
  const as = (method: string, to: string, body?: unknown, headers?: Record<string, string>): Promise<Told> =>
    api.as(localToken, to, { method, ...(body !== undefined && { body }), ...(headers && { headers }) })
  const shown = async () => (await as('GET', '/api/v1/config')).json as Shown
  const detail = (told: Told) => (told.json as { detail: string }).detail
  beforeEach(async () => {
    api = await startApi()
    const before = api.config.live.version()
    writeFileSync(path(), written)
    await eventually('the file is read', () => api.config.live.version() !== before)
  })
  afterEach(() => api.close())

  it('is shown without secrets, to admins', async () => {
    const told = await as('GET', '/api/v1/config')
    assert.doesNotMatch(told.text, /LITERAL/)
    const { config, version, problems } = told.json as Shown
    assert.deepEqual(config, {
      providers: {
        openai: { apiKey: '[secret]' },
        claude: { extends: 'anthropic', baseUrl: 'https://${HOST:-llm.example.com}' },
      },
      allowedHosts: ['box'],
    })
    assert.equal(told.headers.etag, `"${version}"`)
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['literal-key'],
    )
    const { key } = await api.keys.create({ name: 'r', scope: 'read' })
    assert.equal((await api.as(key, '/api/v1/config')).status, 403)
    assert.equal((await api.as(key, '/api/v1/providers')).status, 200)
  })

  it('is changed with its comments and secrets left where they are, and in use at once', async () => {
    const { config } = await shown()
    const told = await as('PUT', '/api/v1/config', {
      config: { ...config, allowedHosts: ['box', 'shed'], limits: { bodyMiB: 1 } },
    })
    assert.equal(told.status, 200, told.text)
    assert.equal(
      text(),
      written.replace(
        '["box"] // the one below the desk\n',
        '["box", "shed"], // the one below the desk\n  "limits": {\n    "bodyMiB": 1\n  }\n',
      ),
    )
    assert.deepEqual(api.config.live.config().allowedHosts, ['box', 'shed'])
    assert.equal(api.config.now().providers.get('openai')?.apiKey, 'LITERAL-KEY-1')
  })

  it('collides with a change of the user in between', async () => {
    const { config, version } = await shown()
    const theirs = written.replace('// mine', '// still mine')
    writeFileSync(path(), theirs)
    const told = await as('PUT', '/api/v1/config', { config }, { 'if-match': `"${version}"` })
    assert.equal(told.status, 409)
    assert.match(detail(told), /has changed meanwhile/)
    assert.equal(text(), theirs)
    const { version: newer } = (await as('PUT', '/api/v1/config', { config: { ...config, allowedHosts: [] } }))
      .json as Shown
    assert.match(text(), /^\/\/ still mine\n/)
    assert.notEqual(newer, version)
    assert.equal((await as('PUT', '/api/v1/config', { config }, { 'if-match': `"${newer}"` })).status, 200)
  })

  it('takes edits one after the other, and loses none', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `p${i}`)
    const told = await Promise.all(names.map((id) => as('PUT', `/api/v1/providers/${id}`, { extends: 'openai' })))
    assert.deepEqual(new Set(told.map(({ status }) => status)), new Set([200]))
    for (const id of names) assert.ok(api.config.now().providers.has(id), id)
  })

  it('takes no variable, no key, nothing that it does not know or cannot use', async () => {
    const { config } = await shown()
    for (const [change, words] of [
      [{ timeZone: '${HOME}' }, /at "timeZone" holds a variable/],
      [{ timeZone: 'Mars/Olympus' }, /no zone that this machine knows/],
      [{ bugdets: [] }, /unknown key "bugdets"/],
      [{ limits: { bodyMiB: 'x' } }, /limits\.bodyMiB must be a number/],
      [{ network: { proxy: 'http://evil.example:1' } }, /"network".*in the file only/],
      [{ providers: { groq: { apiKey: 'gsk-abc' } } }, /at "providers\.groq\.apiKey" is a secret/],
      [{ providers: { work: { baseUrl: 'http://llm.example.com' } } }, /plain http:/],
      [{ providers: { work: { extends: 'nobody' } } }, /no known provider/],
    ] as const) {
      const told = await as('PUT', '/api/v1/config', { config: { ...config, ...change } })
      assert.equal(told.status, 400, JSON.stringify(change))
      assert.match(detail(told), words)
    }
    assert.equal(text(), written)
  })

  it('lets no key of the file be led elsewhere', async () => {
    const whole = (await shown()).config as Record<string, Record<string, object>>
    const moved = {
      ...whole,
      providers: { ...whole['providers'], openai: { apiKey: '[secret]', baseUrl: 'https://evil.example' } },
    }
    for (const told of [
      await as('PUT', '/api/v1/config', { config: moved }),
      await as('PUT', '/api/v1/providers/openai', { base_url: 'https://evil.example' }),
      await as('PUT', '/api/v1/providers/openai', { extends: 'groq' }),
    ]) {
      assert.equal(told.status, 409, told.text)
      assert.match(detail(told), /written for another address/)
    }
    assert.equal((await as('PUT', '/api/v1/providers/openai', { models: ['gpt-4o'] })).status, 200)
    assert.match(text(), /LITERAL-KEY-1/)
    assert.deepEqual(api.config.now().providers.get('openai')?.models, ['gpt-4o'])
  })

  it('must be whole before it is changed', async () => {
    writeFileSync(path(), '{ "a" 1 }')
    const told = await as('PUT', '/api/v1/providers/work', { extends: 'openai' })
    assert.equal(told.status, 409)
    assert.match(detail(told), /must be mended first.*line 1, column 7/)
    assert.equal(text(), '{ "a" 1 }')
  })

  it('has rows for providers', async () => {
    const timeouts = { connect_seconds: 3, head_seconds: 60 }
    const body = {
      extends: 'openai',
      base_url: 'https://llm.example.com/v1',
      allow_paths: ['/files'],
      models: ['a'],
      timeouts,
    }
    const told = await as('PUT', '/api/v1/providers/work', body)
    const dialects = api.config.now().providers.get('openai')?.dialects
    const row = { ...body, id: 'work', label: 'work', configured: true, local: false }
    assert.deepEqual(told.json, { ...row, dialects, passthrough: true, simulated: false, key: 'none' })
    assert.deepEqual((await as('GET', '/api/v1/providers/work')).json, told.json)
    assert.deepEqual(api.config.now().providers.get('work')?.timeouts, { connectMs: 3000, headMs: 60_000 })
    const all = (await as('GET', '/api/v1/providers')).json as { providers: { id: string; key: string }[] }
    assert.equal(all.providers.find(({ id }) => id === 'openai')?.key, 'config')
    assert.equal((await as('DELETE', '/api/v1/providers/work')).status, 200)
    for (const [method, to] of [
      ['GET', '/api/v1/providers/work'],
      ['DELETE', '/api/v1/providers/work'],
      ['DELETE', '/api/v1/providers/mistral'],
      ['DELETE', '/api/v1/providers/mistral/key'],
    ] as const)
      assert.equal((await as(method, to)).status, 404, `${method} ${to}`)
    assert.equal(text(), written)
  })

  it('leaves the limits of a provider, and how its replies are read, where its row is written', async () => {
    const { config } = await shown()
    const quotaHeaders = [{ window: 'calls', limit: 'X-Calls-Max' }]
    const slow = { extends: 'openai', limits: { rpm: 20 }, quotaHeaders, refusals: [{ status: 400, as: 'rate' }] }
    const providers = { ...config.providers, slow }
    assert.equal((await as('PUT', '/api/v1/config', { config: { ...config, providers } })).status, 200)
    assert.equal((await as('PUT', '/api/v1/providers/slow', { extends: 'groq' })).status, 200)
    const found = api.config.now().providers.get('slow')
    assert.deepEqual([found?.limits, found?.quotaHeaders], [{ rpm: 20 }, [{ window: 'calls', limit: 'x-calls-max' }]])
    assert.match(text(), /"refusals"/)
  })

  it('keeps keys apart from it, each for one origin', async () => {
    const secrets = () =>
      readFileSync(join(api.home, 'secrets.json'), 'utf8') + readFileSync(join(api.home, 'secrets.json.prev'), 'utf8')
    assert.equal((await as('PUT', '/api/v1/providers/openai/key', { key: 'abc-1' })).status, 409)
    assert.equal((await as('PUT', '/api/v1/providers/nobody/key', { key: 'abc-1' })).status, 404)
    assert.equal((await as('PUT', '/api/v1/providers/mistral/key', { key: 'a b' })).status, 400)
    assert.match(detail(await as('PUT', '/api/v1/providers/codex/key', { key: 'abc-1' })), /serves subscribers/)
    assert.equal((await as('PUT', '/api/v1/providers/mistral/key', { key: `tk_${'a'.repeat(43)}` })).status, 400)

    const told = await as('PUT', '/api/v1/providers/claude/key', { key: 'first-stored-key' })
    assert.equal((told.json as { key: string }).key, 'stored')
    assert.doesNotMatch(told.text + (await as('GET', '/api/v1/providers')).text, /first-stored/)
    assert.equal(api.config.now().providers.get('claude')?.apiKey, 'first-stored-key')
    await as('PUT', '/api/v1/providers/claude/key', { key: 'second-stored-key' })
    assert.doesNotMatch(secrets(), /first-stored/)
    assert.match(secrets(), /second-stored/)

    // another path at the same origin keeps it, another origin does not
    await as('PUT', '/api/v1/providers/claude', {
      extends: 'anthropic',
      base_url: 'https://LLM.example.com:443/deeper',
    })
    assert.equal(api.config.now().providers.get('claude')?.apiKey, 'second-stored-key')
    await as('PUT', '/api/v1/providers/claude', { extends: 'anthropic', base_url: 'https://llm.example.com:8443' })
    assert.equal(api.config.now().providers.get('claude')?.apiKey, undefined)
    await as('PUT', '/api/v1/providers/claude/key', { key: 'third-stored-key' })
    assert.doesNotMatch(secrets(), /second-stored/)
    assert.equal((await as('DELETE', '/api/v1/providers/claude/key')).status, 200)
    // a stored key may be all there is of a provider
    await as('PUT', '/api/v1/providers/mistral/key', { key: 'fourth-stored-key' })
    const untouched = text()
    assert.equal((await as('DELETE', '/api/v1/providers/mistral')).status, 200)
    assert.equal(text(), untouched)
    assert.doesNotMatch(secrets(), /fourth-stored/)
    assert.doesNotMatch(secrets(), /third-stored/)
    assert.doesNotMatch(text(), /stored-key/)
  })
})
