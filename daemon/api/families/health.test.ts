import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { proofText } from '../../../shared/contract/discovery.ts'
import type { Health } from '../../../shared/contract/endpoints/health.ts'
import type { ServerLook } from '../../providers/loaded-models.ts'
import { ended } from '../../test/sample-events.ts'
import { localToken, startApi } from '../../test/start-api.ts'

const minute = 60_000

describe('the health', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  let looks: Record<string, ServerLook>
  let critical: string | undefined
  let more: string[]
  beforeEach(async () => {
    looks = {}
    more = []
    critical = undefined
    const rows = [
      { id: 'openai', configured: true },
      { id: 'anthropic', configured: true },
      { id: 'groq', configured: false },
      { id: 'ollama', configured: false },
    ]
    api = await startApi({
      providers: () =>
        [...rows, ...more.map((id) => ({ id, configured: true }))].map((row) =>
          row.id === critical ? { ...row, critical: true } : row,
        ),
      serverOf: (provider) => looks[provider],
    })
  })
  afterEach(() => api.close())

  const health = async (path = '/health', headers = {}) => {
    const told = await api.ask(path, { headers })
    return { ...(told.json as Health), http: told.status }
  }
  const failed = { outcome: 'failed', status: null, error: 'connect timed out' } as const

  it('proves itself to a peer on this machine, and says nothing about the token otherwise', async () => {
    const near = await health('/health?nonce=abc')
    const text = proofText('instance-1', api.port(), 'abc')
    assert.equal(near.proof, createHmac('sha256', localToken).update(text).digest('hex'))
    assert.equal((await health()).proof, undefined)
  })

  it('says its status, and nothing else of us, to who asks from beyond this machine', async () => {
    const far = { 'x-forwarded-for': '203.0.113.7' }
    const said = {
      product: 'tollkeeper',
      timestamp: '2026-03-10T12:00:00.000Z',
      services: {},
      gpu: { available: false },
    }
    assert.deepEqual(await health('/health?nonce=abc', far), { ...said, status: 'healthy', http: 200 })
    api.warnings.push({ code: 'journal-failing', subject: 'journal', text: 'The disk is full.', since: 't' })
    assert.deepEqual(await health('/health?nonce=abc', far), { ...said, status: 'degraded', http: 503 })
  })

  it('reads a provider’s state from its last call', async () => {
    assert.deepEqual((await health()).services.openai, { status: 'ok', latency_ms: null })
    api.record(ended({ call: 'req_1', ...failed }))
    const down = await health()
    assert.deepEqual(
      [down.http, down.status, down.reasons],
      [200, 'degraded', ['openai: the last call failed: connect timed out']],
    )
    const checked_at = '2026-03-10T12:00:00.000Z'
    assert.deepEqual(down.services.openai, {
      status: 'error',
      latency_ms: 1000,
      error: 'the last call failed: connect timed out',
      checked_at,
    })
    assert.equal(down.services.anthropic?.status, 'ok')
    api.record(ended({ call: 'req_2', outcome: 'refused', status: 429 }))
    const well = await health()
    assert.deepEqual([well.status, well.reasons], ['healthy', []])
  })

  it('names the status of an answer that had no words', async () => {
    api.record(ended({ call: 'req_1', outcome: 'refused', status: 503, error: null }))
    assert.deepEqual((await health()).reasons, ['openai: the last call was answered with status 503'])
  })

  it('hears nothing in a call whose client left before the provider had answered', async () => {
    api.record(ended({ call: 'req_1', ...failed }))
    api.record(ended({ call: 'req_2', outcome: 'aborted', status: null }))
    assert.equal((await health()).services.openai?.status, 'error')
    api.record(ended({ call: 'req_3', outcome: 'aborted', status: 200 }))
    assert.equal((await health()).services.openai?.status, 'ok')
  })

  it('holds a failure against a provider for fifteen minutes: who no longer calls it would never hear that it is well', async () => {
    api.record(ended({ call: 'req_1', ...failed }))
    api.clock.now += 15 * minute - 1
    assert.equal((await health()).status, 'degraded')
    api.clock.now += 1
    assert.equal((await health()).status, 'healthy')
  })

  it('answers 503 while a critical provider is down, and 200 while another one is', async () => {
    critical = 'anthropic'
    api.record(ended({ call: 'req_1', ...failed }))
    assert.equal((await health()).http, 200)
    api.record(ended({ call: 'req_2', provider: 'anthropic', ...failed }))
    const down = await health()
    assert.deepEqual([down.http, down.status, down.services.anthropic?.critical], [503, 'degraded', true])
    api.record(ended({ call: 'req_3', provider: 'anthropic' }))
    assert.equal((await health()).http, 200)
  })

  it('lists the providers that are configured, and those that a call went to', async () => {
    assert.deepEqual(Object.keys((await health()).services).sort(), ['anthropic', 'openai', 'prices', 'store'])
    api.record(ended({ call: 'req_3', provider: 'groq' }))
    assert.equal((await health()).services.groq?.status, 'ok')
    assert.equal((await health()).services.ollama, undefined)
  })

  it('tells of a server nearby what was seen last: by a look, or by a call', async () => {
    const at = api.clock.now
    api.record(ended({ call: 'req_1', provider: 'ollama', ...failed }))
    looks.ollama = { at: at + 1, latencyMs: 4.4, models: ['llama3.2:8b'] }
    const checked_at = new Date(at + 1).toISOString()
    const seen = { status: 'ok', latency_ms: 4, models_loaded: ['llama3.2:8b'], checked_at }
    assert.deepEqual((await health()).services.ollama, seen)
    api.clock.now += 2
    api.record(ended({ call: 'req_2', provider: 'ollama', outcome: 'refused', status: 500, error: 'out of memory' }))
    const called = (await health()).services.ollama
    assert.deepEqual([called?.error, called?.models_loaded], ['the last call failed: out of memory', ['llama3.2:8b']])
    looks.ollama = { at: at + 3, why: 'cannot be reached (ECONNREFUSED)' }
    const down = await health()
    assert.deepEqual([down.http, down.reasons], [200, ['ollama: it cannot be reached (ECONNREFUSED)']])
    assert.equal(down.services.ollama?.models_loaded, undefined)
  })

  it('cuts what a provider said: clients take no more than 64 KiB before they trust an answer', async () => {
    api.record(ended({ call: 'req_1', ...failed, error: 'x'.repeat(512) }))
    assert.match((await health()).services.openai?.error ?? '', /^the last call failed: x{178}$/)
  })

  for (const [what, count, models] of [
    ['many models of some servers', 20, 50],
    ['very many servers that are down', 300, 0],
  ] as const) {
    it(`leaves out details where ${what} would be more than that, and no service`, async () => {
      more = Array.from({ length: count }, (_, i) => `near-${i}`)
      const names = Array.from({ length: models }, () => '€'.repeat(100))
      for (const id of more) {
        looks[id] =
          models > 0 ? { at: api.clock.now, latencyMs: 1, models: names } : { at: api.clock.now, why: '€'.repeat(200) }
      }
      const told = await api.ask('/health?nonce=abc')
      assert.ok(Buffer.byteLength(told.text) < 64 * 1024)
      const { services, proof } = told.json as Health
      assert.notEqual(proof, undefined)
      for (const id of more) assert.equal(services[id]?.status, models > 0 ? 'ok' : 'error')
    })
  }

  it('tells a provider that is called as one of our own services from that one', async () => {
    more = ['store']
    critical = 'store'
    api.record(ended({ call: 'req_1', provider: 'store', ...failed }))
    const told = await health()
    assert.deepEqual([told.http, told.reasons], [503, ['provider store: the last call failed: connect timed out']])
    assert.equal(told.services.store?.status, 'ok')
  })

  it('answers 503 while the store cannot keep what happens', async () => {
    api.warnings.push({ code: 'journal-failing', subject: 'journal', text: 'The disk is full.', since: 't' })
    const failing = await health()
    assert.deepEqual([failing.http, failing.status, failing.reasons], [503, 'degraded', ['store: The disk is full.']])
    const store = { status: 'error', latency_ms: null, error: 'The disk is full.', critical: true }
    assert.deepEqual(failing.services.store, store)
  })

  it('is degraded where the fetched prices cannot be read', async () => {
    api.warnings.push({ code: 'prices-unreadable', subject: 'p', text: 'The prices cannot be read.', since: 't' })
    const told = await health()
    assert.deepEqual([told.http, told.status, told.services.prices?.status], [200, 'degraded', 'error'])
  })

  it('tells of the machine to admins alone', async () => {
    const told = await api.as(localToken, '/api/v1/metrics/system')
    assert.equal(told.status, 200)
    const read = await api.keys.create({ name: 'reader', scope: 'read' })
    assert.equal((await api.as(read.key, '/api/v1/metrics/system')).status, 403)
    assert.equal((await api.ask('/api/v1/metrics/system')).status, 401)
  })
})
