import assert from 'node:assert/strict'
import { openClient, queryOf } from './client.ts'

describe('the REST client', () => {
  const asked: { url: string; method: string; headers: Record<string, string>; body?: string }[] = []
  const answering = (status: number, body: unknown) =>
    openClient({
      url: 'http://127.0.0.1:8655',
      token: 'tk_local_x',
      headers: { 'x-tollkeeper-page': 'v' },
      fetch: (url, init) => {
        asked.push({ url, ...init })
        return Promise.resolve({ status, text: () => Promise.resolve(JSON.stringify(body)) })
      },
    })
  beforeEach(() => asked.splice(0))

  it('asks a row with its parameters, query and token', async () => {
    const reply = await answering(200, { requests: [] }).ask('requests', {
      query: { limit: '5', simulated: undefined },
    })
    assert.deepEqual(reply, { ok: true, value: { requests: [] } })
    assert.equal(asked[0]?.url, 'http://127.0.0.1:8655/v1/stats/requests?limit=5')
    assert.equal(asked[0]?.method, 'GET')
    assert.equal(asked[0]?.headers.authorization, 'Bearer tk_local_x')
    assert.equal(asked[0]?.headers['x-tollkeeper-page'], 'v')
    assert.equal(asked[0]?.body, undefined)
  })

  it('encodes a parameter as one segment', async () => {
    await answering(404, {}).ask('provider', { params: { providerId: 'a/b?c' } })
    assert.equal(asked[0]?.url, 'http://127.0.0.1:8655/v1/stats/providers/a%2Fb%3Fc')
  })

  it('sends a body as JSON', async () => {
    const reply = await answering(200, { stopping: true, in_flight: 0, grace_seconds: 3 }).ask('stop', {
      body: { grace_seconds: 3 },
    })
    assert.equal(reply.ok, true)
    assert.equal(asked[0]?.headers['content-type'], 'application/json')
    assert.equal(asked[0]?.body, '{"grace_seconds":3}')
  })

  it('hands on the daemon’s own errors', async () => {
    const error = { error: 'Not Found', detail: 'x', status_code: 404, timestamp: 't', request_id: 'r' }
    const reply = await answering(404, error).ask('provider', { params: { providerId: 'x' } })
    assert.deepEqual(reply, { ok: false, error })
  })

  it('reads a degraded health, which answers 503 with its usual body', async () => {
    const health = {
      status: 'degraded',
      product: 'tollkeeper',
      instance_id: 'i',
      timestamp: 't',
      version: '1',
      services: {},
      gpu: { available: false },
    }
    assert.deepEqual(await answering(503, health).ask('health', {}), { ok: true, value: health })
  })

  it('says so where the reply is not what the table says', async () => {
    const reply = await answering(200, { requests: 'none' }).ask('requests', {})
    assert.equal(reply.ok, false)
    assert.equal(!reply.ok && reply.error.error, 'Unexpected reply')
  })

  it('returns a failing fetch as an error with status 0 and its cause', async () => {
    const client = openClient({
      url: '',
      fetch: () => Promise.reject(new Error('fetch failed', { cause: new Error('connect ECONNREFUSED') })),
    })
    const reply = await client.ask('health', {})
    assert.equal(!reply.ok && reply.error.status_code, 0)
    assert.equal(!reply.ok && reply.error.detail, 'fetch failed: connect ECONNREFUSED')
  })

  it('writes queries without what is not set', () => {
    assert.equal(queryOf({ a: 'x y', b: undefined, c: 3 }), '?a=x%20y&c=3')
    assert.equal(queryOf({}), '')
    assert.equal(queryOf(undefined), '')
  })
})
