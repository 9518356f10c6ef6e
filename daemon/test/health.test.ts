import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

describe('the health of a whole daemon', () => {
  let story: Story | undefined
  let server: Upstream | undefined
  afterEach(async () => {
    await story?.end()
    await server?.close()
    story = server = undefined
  })

  const health = async () => {
    const reply = await fetch(`${story?.url}/health`)
    return { http: reply.status, body: (await reply.json()) as { reasons: string[]; services: Record<string, object> } }
  }

  it('goes by a critical model server on this machine, without a call: 503 while it is down', async () => {
    const port = await freePort()
    const config = { providers: { ollama: { baseUrl: `http://127.0.0.1:${port}/v1`, critical: true } } }
    story = await start({ config })
    const down = await eventually('it is seen to be down', async () => {
      const told = await health()
      return told.http === 503 && told
    })
    assert.deepEqual(down.body.reasons, ['ollama: it cannot be reached, or broke off (ECONNREFUSED)'])
  })

  it('shows what a model server has loaded soon after it stands in the config', async () => {
    server = await startUpstream()
    server.script((request) =>
      request.path === '/api/ps' ? { body: '{"models":[{"name":"gemma3"}]}' } : { status: 404 },
    )
    story = await start()
    const ollama = { extends: 'openai', baseUrl: `${server.url}/v1`, local: true }
    await story.ask('putConfig', { body: { config: { providers: { ollama } } } })
    const loaded = await eventually('its models', async () => {
      const { ollama } = (await health()).body.services
      return ollama && 'models_loaded' in ollama && ollama.models_loaded
    })
    assert.deepEqual(loaded, ['gemma3'])
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
