import assert from 'node:assert/strict'
import { type LocalServers, openLocalServers } from './local-servers.ts'
import { ollama } from './providers/ollama.ts'
import type { Provider } from './providers/provider.ts'
import { eventually } from './test/start.ts'
import { type Play, startUpstream, type Upstream } from './test/upstream.ts'
import { directNetwork } from './upstream/agent.ts'

describe('looks at model servers nearby', () => {
  let server: Upstream
  let servers: LocalServers | undefined
  let provider: Provider
  let called: string[]
  beforeEach(async () => {
    server = await startUpstream()
    provider = { ...ollama, baseUrl: `${server.url}/v1`, configured: true }
    called = []
  })
  afterEach(async () => {
    await servers?.close()
    await server.close()
  })

  const open = (providers: () => Provider[] = () => [provider]) => {
    servers = openLocalServers({
      providers,
      called: () => new Set(called),
      network: () => directNetwork,
      now: () => 1000,
      clock: () => 0,
    })
    return servers
  }
  const lookAt = (id = 'ollama') => eventually('a look', () => servers?.lookOf(id))
  const serving = (pages: Record<string, Play>) =>
    server.script((request) => pages[request.path] ?? { status: 404, body: 'no such page' })
  const json = (value: unknown): Play => ({
    headers: [['content-type', 'application/json']],
    body: JSON.stringify(value),
  })
  const found = (models: string[] | null) => ({ at: 1000, latencyMs: 0, models })

  it('reads what Ollama has loaded, with no credential', async () => {
    serving({ '/api/ps': json({ models: [{ name: 'llama3.2:8b', model: 'llama3.2:8b', size_vram: 1 }] }) })
    provider = { ...provider, apiKey: 'secret', keyHeader: 'authorization' }
    open()
    assert.deepEqual(await lookAt(), found(['llama3.2:8b']))
    assert.deepEqual(
      server.requests.map(({ method, path, headers }) => [method, path, headers.authorization]),
      [['GET', '/api/ps', undefined]],
    )
  })

  it('tells nothing loaded from not known', async () => {
    serving({ '/api/ps': json({ models: [] }) })
    open()
    assert.deepEqual(await lookAt(), found([]))
  })

  it('reads of LM Studio’s list what is loaded', async () => {
    const rows = [
      { id: 'qwen3-coder', state: 'loaded' },
      { id: 'gpt-oss', state: 'not-loaded' },
    ]
    serving({ '/api/v0/models': json({ data: rows }), '/v1/models': json({ data: rows }) })
    open()
    await eventually('its models', () => servers?.lookOf('ollama'))
    assert.deepEqual(await eventually('it', () => isRead() && servers?.lookOf('ollama')), found(['qwen3-coder']))
  })

  it('takes the plain list of a server that is neither for what it has loaded, and asks for that first from then on', async () => {
    serving({ '/v1/models': json({ object: 'list', data: [{ id: 'qwen3' }] }) })
    open().lookAgain()
    assert.deepEqual(await eventually('it', () => isRead() && servers?.lookOf('ollama')), found(['qwen3']))
    const asked = server.requests.length
    await eventually('the next look', () => {
      servers?.lookAgain()
      return server.requests.length > asked
    })
    assert.equal(server.requests[asked]?.path, '/v1/models')
  })

  for (const [what, play] of Object.entries<Play>({
    'a page': { body: '<html>' },
    'a refusal': { status: 401, body: 'no' },
    'other JSON': json({ models: [{ size: 1 }], data: [null] }),
    'models that are none': json({ models: 'none', data: {} }),
  })) {
    it(`takes a server that answers with ${what} for well, and its models for unknown`, async () => {
      server.script(play)
      open()
      await server.arrived(3)
      assert.deepEqual(await lookAt(), found(null))
    })
  }

  it('says why a server cannot be reached, and notices that it is back', async () => {
    const gone = await startUpstream()
    await gone.close()
    provider = { ...provider, baseUrl: `${gone.url}/v1` }
    open()
    assert.deepEqual(await lookAt(), { at: 1000, why: 'cannot be reached, or broke off (ECONNREFUSED)' })
    provider = { ...provider, baseUrl: `${server.url}/v1` }
    serving({ '/api/ps': json({ models: [] }) })
    await eventually('a good look', () => {
      servers?.lookAgain()
      const look = servers?.lookOf('ollama')
      return look && 'models' in look
    })
  })

  it('bounds what a server says', async () => {
    const models = Array.from({ length: 80 }, (_, i) => ({ name: `${i}`.padEnd(300, 'x') }))
    serving({ '/api/ps': json({ models }) })
    open()
    const look = await lookAt()
    assert.ok('models' in look && look.models?.length === 50)
    assert.equal(look.models[0]?.length, 200)
  })

  it('makes safe the names that a server says', async () => {
    serving({ '/api/ps': json({ models: [{ name: 'a\u001b[2J\u202eb' }] }) })
    open()
    assert.deepEqual(await lookAt(), found(['a\ufffd[2J\ufffdb']))
  })

  it('looks at once at what came into use while a look was running', async () => {
    const slow = await startUpstream()
    slow.script({ silent: true })
    provider = { ...provider, baseUrl: `${slow.url}/v1` }
    open()
    await slow.arrived(1)
    provider = { ...provider, baseUrl: `${server.url}/v1` }
    serving({ '/api/ps': json({ models: [{ name: 'gemma3' }] }) })
    servers?.lookAgain()
    await slow.close()
    assert.deepEqual(await eventually('its models', () => isRead() && servers?.lookOf('ollama')), found(['gemma3']))
  })

  it('looks only at what is local, and configured or called', async () => {
    server.script(json({ models: [] }))
    const known = { ...provider, configured: false }
    open(() => [known, { ...provider, id: 'remote', local: false }, { ...provider, id: 'own' }])
    await lookAt('own')
    assert.deepEqual([servers?.lookOf('ollama'), servers?.lookOf('remote')], [undefined, undefined])
    called = ['ollama']
    await eventually('a look at what was called', () => {
      servers?.lookAgain()
      return servers?.lookOf('ollama')
    })
  })

  it('ends at once while a server keeps it waiting', async () => {
    server.script({ silent: true })
    const slow = open()
    await server.arrived(1)
    await slow.close()
    await server.aborted(1)
  })

  function isRead(): boolean {
    const look = servers?.lookOf('ollama')
    return look !== undefined && 'models' in look && look.models !== null
  }
})
