import assert from 'node:assert/strict'
import { localToken, startApi, type Told } from '../../test/start-api.ts'

type Reply = { access_token: string; token_type: string; expires_in: number }
type Refused = { detail: string; context: Record<string, unknown> }

describe('tokens over the API', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())
  const post = (credential: string, path: string, body: object = {}): Promise<Told> =>
    api.as(credential, `/api/v1/auth/${path}`, { body })
  const tokenOf = (told: Told) => {
    assert.equal(told.status, 200, told.text)
    return (told.json as Reply).access_token
  }
  const status = async (credential: string, path = '/api/v1/summary') => (await api.as(credential, path)).status
  const key = (scope: 'proxy' | 'read' | 'admin') => api.keys.create({ name: scope, scope })

  it('are made for a key, and do what it may', async () => {
    const read = await key('read')
    const told = await post(read.key, 'token')
    const { access_token, ...rest } = told.json as Reply
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 86_400 })
    assert.equal(told.headers['cache-control'], 'no-store')
    assert.equal(await status(access_token), 200)
    assert.equal(await status(access_token, '/api/v1/keys'), 403)
    for (const header of ['x-api-key', 'x-tollkeeper-key'])
      assert.equal((await api.ask('/api/v1/summary', { headers: { [header]: access_token } })).status, 200)
    const qs = await api.ask('/v0/management/qs/health', { headers: { 'x-management-key': access_token } })
    assert.equal(qs.status, 200)
    assert.equal(tokenOf(await post((await key('proxy')).key, 'token')).split('.').length, 3)
  })

  it('may be made for less than the key, never for more', async () => {
    const read = await key('read')
    const few = tokenOf(await post(read.key, 'token', { scope: 'proxy' }))
    assert.equal(await status(few), 403)
    const told = await post(read.key, 'token', { scope: 'admin' })
    assert.deepEqual(
      [told.status, (told.json as Refused).context],
      [403, { code: 'forbidden', scope: 'read', needed: 'admin' }],
    )
    assert.equal((await post(read.key, 'token', { scope: 'all' })).status, 400)
    // nor does a renewed one do more than the one before
    assert.equal(await status(tokenOf(await post(few, 'refresh'))), 403)
  })

  it('are not made for the local token, nor for a token', async () => {
    const token = tokenOf(await post((await key('admin')).key, 'token'))
    for (const credential of [localToken, token]) {
      const told = await post(credential, 'token')
      assert.equal(told.status, 403)
      assert.match((told.json as Refused).detail, /tollkeeper key create.*\/api\/v1\/auth\/refresh/)
    }
  })

  it('are renewed by themselves alone', async () => {
    const read = await key('read')
    const first = tokenOf(await post(read.key, 'token'))
    api.clock.now += 23 * 3600_000
    const second = tokenOf(await post(first, 'refresh'))
    api.clock.now += 2 * 3600_000
    assert.deepEqual([await status(first), await status(second)], [401, 200])
    assert.equal((await post(first, 'refresh')).status, 401)
    for (const credential of [read.key, localToken]) assert.equal((await post(credential, 'refresh')).status, 400)
  })

  it('end at once with their key, and when they are revoked', async () => {
    const read = await key('read')
    const [one, two, three] = [
      tokenOf(await post(read.key, 'token')),
      tokenOf(await post(read.key, 'token')),
      tokenOf(await post(read.key, 'token')),
    ]
    assert.deepEqual((await post(one, 'revoke')).json, { revoked: true })
    assert.deepEqual([await status(one), await status(two)], [401, 200])
    assert.equal((await post(one, 'refresh')).status, 401)
    assert.equal((await post(read.key, 'revoke', { token: two })).status, 200)
    assert.deepEqual([await status(two), await status(three)], [401, 200])
    await api.as(localToken, `/api/v1/keys/${read.row.id}`, { method: 'DELETE' })
    assert.equal(await status(three), 401)
  })

  it('are revoked by their own key and by admins, and by nobody else', async () => {
    const [read, other, admin] = [await key('read'), await key('read'), await key('admin')]
    const [one, two] = [tokenOf(await post(read.key, 'token')), tokenOf(await post(read.key, 'token'))]
    assert.equal((await post(other.key, 'revoke', { token: one })).status, 403)
    assert.equal(await status(one), 200)
    assert.equal((await post(admin.key, 'revoke', { token: one })).status, 200)
    assert.equal((await post(localToken, 'revoke', { token: two })).status, 200)
    assert.deepEqual([await status(one), await status(two)], [401, 401])
  })

  it('that are worth nothing are as good as revoked; none at all is asked for', async () => {
    const read = await key('read')
    for (const token of ['nothing', 'ey.a.b'])
      assert.deepEqual((await post(read.key, 'revoke', { token })).json, { revoked: true })
    const told = await post(read.key, 'revoke')
    assert.deepEqual([told.status, (told.json as Refused).context.parameter], [400, 'token'])
  })

  it('are no keys: nobody is told that a key was revoked which lives on', async () => {
    const read = await key('read')
    const told = await post(read.key, 'revoke', { token: read.key })
    assert.deepEqual([told.status, (told.json as Refused).context.parameter], [400, 'token'])
    assert.match((told.json as Refused).detail, /DELETE \/api\/v1\/keys/)
    assert.equal(await status(read.key), 200)
  })

  it('are asked for without a body too', async () => {
    const headers = { 'content-type': 'application/json' }
    const bare = (credential: string, path: string) =>
      api.as(credential, `/api/v1/auth/${path}`, { method: 'POST', headers })
    const token = tokenOf(await bare((await key('read')).key, 'token'))
    assert.equal(await status(tokenOf(await bare(token, 'refresh'))), 200)
    assert.deepEqual((await bare(token, 'revoke')).json, { revoked: true })
    assert.equal(await status(token), 401)
  })

  it('count as their key where requests are limited and changes are kept', async () => {
    const admin = await key('admin')
    const token = tokenOf(await post(admin.key, 'token'))
    const left = async (credential: string) => (await api.as(credential, '/api/usage')).headers['x-ratelimit-remaining']
    assert.deepEqual([await left(admin.key), await left(token)], ['59', '58'])
    await api.as(token, '/api/v1/keys', { body: { name: 'ci', scope: 'read' } })
    assert.deepEqual(
      api.ledger.audit.map(({ e }) => e.who),
      [{ kind: 'key', id: admin.row.id, name: 'admin' }],
    )
  })
})
