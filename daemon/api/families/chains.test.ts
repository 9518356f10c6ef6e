/** Chains over the API: edits keep comments, collide loudly, and never leave a route that leads nowhere. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../test/start.ts'
import { localToken, startApi, type Told } from '../../test/start-api.ts'

const written = `{
  // what I work with
  "chains": {
    "coding": ["anthropic/claude-sonnet-4-5", "ollama/qwen3-coder"] // the local one last
  },
  "routes": {
    "claude-*": "coding" // all of them
  },
  "defaultChain": "coding"
}
`

describe('chains over the API', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  const text = () => readFileSync(join(api.home, 'config.jsonc'), 'utf8')
  const as = (method: string, to: string, body?: unknown, headers?: Record<string, string>): Promise<Told> =>
    api.as(localToken, `/api/v1/chains${to}`, {
      method,
      ...(body !== undefined && { body }),
      ...(headers && { headers }),
    })
  const detail = (told: Told) => (told.json as { detail: string }).detail
  const coding = {
    name: 'coding',
    targets: ['anthropic/claude-sonnet-4-5', 'ollama/qwen3-coder'],
    is_default: true,
    routes: ['claude-*'],
  }
  beforeEach(async () => {
    api = await startApi()
    const before = api.config.live.version()
    writeFileSync(join(api.home, 'config.jsonc'), written)
    await eventually('the file is read', () => api.config.live.version() !== before)
  })
  afterEach(() => api.close())

  it('are shown with what leads to them, to readers; changed by admins alone', async () => {
    const told = await as('GET', '')
    assert.deepEqual(told.json, { chains: [coding] })
    assert.equal(told.headers.etag, `"${api.config.live.version()}"`)
    assert.deepEqual((await as('GET', '/coding')).json, coding)
    assert.equal((await as('GET', '/toString')).status, 404)
    const { key } = await api.keys.create({ name: 'r', scope: 'read' })
    assert.equal((await api.as(key, '/api/v1/chains')).status, 200)
    for (const asking of [{ method: 'PUT', body: { targets: ['openai/m'] } }, { method: 'DELETE' }])
      assert.equal((await api.as(key, '/api/v1/chains/coding', asking)).status, 403)
  })

  it('take no key in place of a name, and do not say it again', async () => {
    const secret = 'sk-ant-api03-0123456789'
    for (const [to, body] of [
      [`/${secret}`, { targets: ['openai/m'] }],
      ['/fast', { targets: [`openai/${secret}`] }],
      ['/fast', { targets: ['openai/m'], routes: [secret] }],
    ] as const) {
      const told = await as('PUT', to, body)
      assert.equal(told.status, 400)
      assert.match(detail(told), /is a secret, and those are never written into the config/)
      assert.ok(!told.text.includes(secret))
    }
    assert.equal(text(), written)
  })

  it('are written with their routes, comments left where they are, and are in use at once', async () => {
    const body = { targets: ['groq/llama', 'openrouter/meta/llama'], routes: ['llama-*'], is_default: true }
    const told = await as('PUT', '/fast', body)
    assert.deepEqual(told.json, { name: 'fast', ...body })
    assert.equal(
      text(),
      written
        .replace(
          ' // the local one last\n',
          ', // the local one last\n    "fast": [\n      "groq/llama",\n      "openrouter/meta/llama"\n    ]\n',
        )
        .replace('"coding" // all', '"coding", // all')
        .replace('of them\n', 'of them\n    "llama-*": "fast"\n')
        .replace('"defaultChain": "coding"', '"defaultChain": "fast"'),
    )
    assert.equal(api.config.now().routing.defaultChain?.name, 'fast')
    assert.deepEqual((await as('GET', '/coding')).json, { ...coding, is_default: false })
  })

  it('get another target in front, and each that stays keeps its comments', async () => {
    const line = '"coding": ["anthropic/claude-sonnet-4-5", "ollama/qwen3-coder"]'
    const lines = [
      ...['"coding": [', '      // on the plan', '      "anthropic/claude-sonnet-4-5",'],
      ...['      "ollama/qwen3-coder" // slow, but ours', '    ]'],
    ]
    const before = api.config.live.version()
    writeFileSync(join(api.home, 'config.jsonc'), written.replace(line, lines.join('\n')))
    await eventually('the file is read', () => api.config.live.version() !== before)
    const targets = ['groq/llama', ...coding.targets]
    assert.equal((await as('PUT', '/coding', { targets })).status, 200)
    const [head, ...rest] = lines
    assert.equal(text(), written.replace(line, [head, '      "groq/llama",', ...rest].join('\n')))
  })

  it('may be moved and changed where a target stands as a variable, which stays one', async () => {
    const [plain, model, provider] = [
      'openai/gpt-4o',
      'anthropic/${MODEL:-claude-opus}',
      '${LOCAL:-ollama}/qwen3-coder',
    ]
    const lines = (...targets: string[]) => `"coding": [\n      ${targets.join('\n      ')}\n    ]`
    const from = lines(`"${plain}",`, `"${model}", // as told`, `"${provider}" // ours`)
    const line = '"coding": ["anthropic/claude-sonnet-4-5", "ollama/qwen3-coder"]'
    const before = api.config.live.version()
    writeFileSync(join(api.home, 'config.jsonc'), written.replace(line, from))
    await eventually('the file is read', () => api.config.live.version() !== before)
    const values = [plain, 'anthropic/claude-opus', 'ollama/qwen3-coder']
    const shown = (await as('GET', '/coding')).json as { targets: string[] }
    assert.deepEqual(shown.targets, values)
    // by their values, as they are shown
    const moved = await as('PUT', '/coding', { targets: [...values].reverse() })
    assert.deepEqual((moved.json as { targets: string[] }).targets, [...values].reverse())
    assert.equal(text(), written.replace(line, lines(`"${provider}", // ours`, `"${model}", // as told`, `"${plain}"`)))
    // as they are written, and with another one among them
    assert.equal((await as('PUT', '/coding', { targets: [model, 'groq/llama', provider] })).status, 200)
    assert.equal(
      text(),
      written.replace(line, lines(`"${model}", // as told`, '"groq/llama",', `"${provider}" // ours`)),
    )
    const other = await as('PUT', '/fast', { targets: [model] })
    assert.equal(other.status, 400)
    assert.match(detail(other), /"fast.0" holds a variable that does not stand there yet: write it into config\.jsonc/)
    // what a target means is held to what holds for every target
    assert.match(detail(await as('PUT', '/coding', { targets: [model, values[1]] })), /stands in its chain twice/)
  })

  it('keep what leads to them unless the body says otherwise', async () => {
    const targets = ['openai/gpt-4o']
    assert.deepEqual((await as('PUT', '/coding', { targets })).json, { ...coding, targets })
    const bare = await as('PUT', '/coding', { targets, routes: [], is_default: false })
    assert.deepEqual(bare.json, { name: 'coding', targets, is_default: false, routes: [] })
    assert.doesNotMatch(text(), /defaultChain|claude-\*/)
    await as('PUT', '/other', { targets, is_default: false })
    assert.equal((await as('PUT', '/coding', { targets, routes: ['b', 'a*', 'b'] })).status, 200)
    assert.deepEqual(api.config.live.config().routes, { b: 'coding', 'a*': 'coding' })
  })

  it('take nothing that could not be used, and leave the file alone then', async () => {
    const targets = ['openai/gpt-4o']
    for (const [to, body, status, words] of [
      ['/coding', { targets: [] }, 400, /chains\.coding must hold at least 1/],
      ['/coding', { targets: ['gpt-4o'] }, 400, /no provider "gpt-4o".*provider\/model/],
      ['/coding', { targets: ['openai/'] }, 400, /chains\.coding\.0 is not valid/],
      ['/coding', { targets: ['nobody/m', ...targets] }, 400, /no provider "nobody"/],
      ['/coding', { targets: [...targets, ...targets] }, 400, /stands in its chain twice/],
      ['/coding', { targets: ['openai/${HOME}'] }, 400, /holds a variable/],
      ['/my%20own', { targets }, 400, /a chain is named by letters/],
      ['/__proto__', { targets }, 400, /a chain is named by letters/],
      ['/fast', { targets, routes: ['claude-*'] }, 409, /Route "claude-\*" leads to the chain "coding"/],
      ['/fast', { targets, routes: [''] }, 400, /routes/],
      ['/fast', { targets, more: 1 }, 400, /more/],
    ] as const) {
      const told = await as('PUT', to, body)
      assert.equal(told.status, status, `${JSON.stringify(body)} ${told.text}`)
      assert.match(detail(told), words)
    }
    assert.equal(text(), written)
  })

  it('are taken out only where nothing leads to them any more', async () => {
    const used = await as('DELETE', '/coding')
    assert.equal(used.status, 409)
    assert.match(detail(used), /"coding" is still in use by the route "claude-\*", "defaultChain"/)
    assert.equal((await as('DELETE', '/nope')).status, 404)
    await as('PUT', '/coding', { targets: coding.targets, routes: [], is_default: false })
    assert.deepEqual((await as('DELETE', '/coding')).json, { name: 'coding', removed: true })
    assert.deepEqual((await as('GET', '')).json, { chains: [] })
    assert.match(text(), /\/\/ what I work with/)
  })

  it('collide with a change of the user in between', async () => {
    const { etag } = (await as('GET', '/coding')).headers
    writeFileSync(join(api.home, 'config.jsonc'), written.replace('what I', 'all that I'))
    const told = await as('PUT', '/coding', { targets: ['openai/gpt-4o'] }, { 'if-match': String(etag) })
    assert.equal(told.status, 409)
    assert.match(detail(told), /has changed meanwhile/)
    assert.equal((await as('DELETE', '/coding', undefined, { 'if-match': '"x"' })).status, 409)
  })
})
