import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Health } from '../../shared/contract/endpoints/health.ts'
import { fakeProgram, printing } from './fake-program.ts'
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
    return { http: reply.status, body: (await reply.json()) as Health }
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

  it('says that it takes no new calls, while those that run are waited for', async () => {
    server = await startUpstream()
    server.script({ silent: true })
    story = await start({ config: { providers: { up: { extends: 'openai', baseUrl: `${server.url}/v1` } } } })
    const leave = new AbortController()
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"m","messages":[]}',
    }
    const call = fetch(`${story.url}/p/up/v1/chat/completions`, { ...post, signal: leave.signal })
    await server.arrived(1)
    const closed = story.daemon.close()
    const stopping = await health()
    assert.deepEqual([stopping.http, stopping.body.status], [503, 'degraded'])
    assert.deepEqual(stopping.body.reasons, ['the daemon is stopping: it takes no new calls'])
    leave.abort()
    await assert.rejects(call)
    await closed
  })

  it('shows the GPU as its tool told it, and goes on where the tool hangs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gpu-'))
    try {
      const env = { PATH: folder, ...(process.env.SystemRoot && { SystemRoot: process.env.SystemRoot }) }
      fakeProgram(folder, 'nvidia-smi', printing('NVIDIA RTX, 52, 6144, 12288, 57, 115, 170\n'))
      story = await start({ env })
      const gpu = await eventually(
        'its figures',
        async () => {
          const { gpu } = (await health()).body
          return gpu.available && gpu
        },
        20_000,
      )
      assert.deepEqual([gpu.device_name, gpu.utilization_pct, gpu.memory_usage_pct], ['NVIDIA RTX', 52, 50])
      const metrics = await (await fetch(`${story.url}/metrics`)).text()
      assert.match(metrics, /^tollkeeper_gpu_utilization_pct 52$/m)
      assert.match(metrics, /^tollkeeper_gpu_memory_used_bytes 6442450944$/m)
      fakeProgram(folder, 'nvidia-smi', 'setInterval(() => {}, 1000)')
      await story.restart()
      assert.deepEqual((await health()).body.gpu, { available: false })
    } finally {
      await story?.end()
      story = undefined
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('tells how its machine does, in a moment', async () => {
    story = await start()
    const told = await eventually(
      'its figures',
      async () => {
        const found = await story?.ask('machine')
        return found !== undefined && found.memory.total_gb !== null && found
      },
      20_000,
    )
    assert.match(told.timestamp, /^\d{4}-.*Z$/)
    assert.deepEqual(told.gpu, { available: false })
    assert.ok((told.disk.total_gb ?? 0) > 0)
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
      return ollama?.models_loaded
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
