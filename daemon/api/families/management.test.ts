import assert from 'node:assert/strict'
import type { ApiError } from '../../../shared/contract/error.ts'
import { ended } from '../../test/sample-events.ts'
import { localToken, startApi } from '../../test/start-api.ts'
import { sessionCookie } from '../session.ts'

const qs = '/v0/management/qs'

describe('the management family', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())

  it('takes a key of scope read as a bearer or in its own header, which no other family knows', async () => {
    const { key } = await api.keys.create({ name: 'r', scope: 'read' })
    const proxy = await api.keys.create({ name: 'p', scope: 'proxy' })
    const own = (credential: string) => ({ headers: { 'x-management-key': credential } })
    assert.deepEqual((await api.ask(`${qs}/health`, own(key))).json, { ok: true })
    assert.deepEqual((await api.as(key, `${qs}/health`)).json, { ok: true })
    assert.equal((await api.ask(`${qs}/health`)).status, 401)
    assert.equal((await api.ask(`${qs}/metrics`, own('tk_wrong'))).status, 401)
    assert.equal((await api.ask(`${qs}/metrics`, own(proxy.key))).status, 403)
    assert.equal((await api.ask('/api/v1/summary', own(key))).status, 401)
  })

  it('tells the last day by model and hour', async () => {
    api.record(ended())
    assert.deepEqual((await api.as(localToken, `${qs}/metrics`)).json, {
      totals: { tokens: 150, requests: 1 },
      by_model: [{ model: 'gpt-5', tokens: 150, requests: 1 }],
      timeseries: [{ bucket_start: '2026-03-10T12:00:00.000Z', tokens: 150, requests: 1 }],
    })
    const none = await api.as(localToken, `${qs}/metrics?model=other`)
    assert.deepEqual(none.json, { totals: { tokens: 0, requests: 0 }, by_model: [], timeseries: [] })
  })

  it('names a bad time in the words that its clients know', async () => {
    for (const [query, why, parameter] of [
      ['from=24h', "invalid 'from' timestamp format, expected RFC3339", 'from'],
      ['to=2026-03-10', "invalid 'to' timestamp format, expected RFC3339", 'to'],
      ['from=2026-03-10T11:00:00Z&to=2026-03-10T10:00:00Z', "'to' must be after 'from'", 'to'],
    ] as const) {
      const told = await api.as(localToken, `${qs}/metrics?${query}`)
      const { error, detail, context } = told.json as ApiError
      assert.deepEqual([told.status, error, detail, context?.parameter], [400, why, why, parameter])
    }
  })

  it('answers no other machine, unless the user has said so', async () => {
    const { key } = await api.keys.create({ name: 'r', scope: 'read' })
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    const far = await api.as(key, `${qs}/metrics`, { headers })
    assert.equal(far.status, 403)
    assert.match((far.json as ApiError).detail, /"allow-remote-management"/)
    assert.equal((await api.ask(`${qs}/metrics/ui`, { headers })).status, 403)
    await api.close()
    api = await startApi({ settings: () => ({ remoteManagement: true, requestsPerMinute: 60 }) })
    const again = await api.keys.create({ name: 'r', scope: 'read' })
    assert.equal((await api.as(again.key, `${qs}/metrics`, { headers })).status, 200)
    // what is meant for this machine alone stays here
    assert.equal((await api.as(localToken, `${qs}/metrics`, { headers })).status, 401)
    const admin = await api.keys.create({ name: 'a', scope: 'admin' })
    const stop = await api.as(admin.key, '/api/v1/daemon/stop', { headers, body: {} })
    assert.equal(stop.status, 403)
  })

  it('shows the dashboard to a browser with its cookie, and how to open it to any other', async () => {
    const without = await api.ask(`${qs}/metrics/ui`)
    assert.equal(without.status, 200)
    assert.match(without.text, /npx tollkeeper dashboard/)
    assert.match(String(without.headers['content-security-policy']), /^default-src 'none'; base-uri 'none'/)
    const forged = await api.ask(`${qs}/metrics/ui`, { headers: { cookie: `${sessionCookie}=guess` } })
    assert.equal(forged.text, without.text)

    const link = (await api.as(localToken, '/api/v1/dashboard/link', { body: {} })).json as { url: string }
    const session = await api.ask('/api/v1/dashboard/session', { body: { code: link.url.split('#code=')[1] } })
    const cookie = String(session.headers['set-cookie']?.[0]).split(';')[0] ?? ''
    const dashboard = await api.ask('/dashboard')
    const page = await api.ask(`${qs}/metrics/ui`, { headers: { cookie } })
    assert.equal(page.text, dashboard.text)
    assert.equal(page.headers['content-security-policy'], dashboard.headers['content-security-policy'])
    // the cookie alone opens no figures
    assert.equal((await api.ask(`${qs}/metrics`, { headers: { cookie } })).status, 401)
    api.clock.now += 25 * 3600_000
    assert.equal((await api.ask(`${qs}/metrics/ui`, { headers: { cookie } })).text, without.text)
  })
})
