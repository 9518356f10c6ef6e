import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import * as z from 'zod/mini'
import { budgetOf } from '../../shared/contract/budget.ts'
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import { pathOf, windowHeader } from '../../shared/contract/endpoint.ts'
import { endpoints } from '../../shared/contract/endpoints/index.ts'
import type { DaemonFigures } from '../../shared/contract/endpoints/metrics.ts'
import { apiError } from '../../shared/contract/error.ts'
import { ended } from '../test/sample-events.ts'
import { localToken, startApi, type Told } from '../test/start-api.ts'

type Api = Awaited<ReturnType<typeof startApi>>
const rows: Endpoint[] = Object.values(endpoints)
const params = { providerId: 'openai', chainName: 'coding', name: 'coding', provider: 'p', model: 'a/b' }

/** Every error has one shape, whatever went wrong. */
function errorIn(told: Told): z.infer<typeof apiError> {
  const error = z.parse(apiError, told.json)
  assert.equal(error.status_code, told.status)
  assert.match(error.request_id, /^req_[0-9A-HJKMNP-TV-Z]{26}$/)
  assert.equal(new Date(error.timestamp).toISOString(), error.timestamp)
  return error
}

const ids = [
  ['/api/v1/providers/', 'openai'],
  ['/api/v1/budgets/', 'day'],
] as const

describe('the mounted table', () => {
  let api: Api
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())

  it('answers every GET row as its schema says, and HEAD like GET without a body', async () => {
    api.record(ended({ chain: 'coding' }))
    await api.config.live.edit(undefined, () => ({ value: { chains: { coding: ['openai/gpt-4o'] } } }))
    api.record({ type: 'budget.set', budget: budgetOf({ id: 'day', period: 'day', limitUsd: 10 }) })
    for (const row of rows.filter((one) => one.method === 'GET' && one.produces === undefined)) {
      const id = ids.find(([family]) => row.path.startsWith(family))?.[1] ?? 'req_01ARZ3NDEKTSV4RRFFQ69G5FAV'
      const path = pathOf(row.path, { ...params, id })
      const told = await api.as(localToken, path)
      assert.equal(told.status, 200, `${path}: ${told.text}`)
      assert.equal(told.headers['cache-control'], row.path === '/api/usage' ? 'private, max-age=5' : 'no-store')
      assert.equal(told.headers['x-content-type-options'], 'nosniff')
      assert.equal(told.headers['x-powered-by'], undefined)
      // nothing that the schema does not name goes out
      assert.deepEqual(z.parse(row.reply, told.json), told.json, path)
      const head = await api.as(localToken, path, { method: 'HEAD' })
      assert.deepEqual([head.status, head.text], [200, ''], path)
    }
  })

  it('lets nobody without a credential reach a row that needs one', async () => {
    for (const row of rows.filter((one) => one.auth !== 'none' && !one.openOnLoopback)) {
      const path = pathOf(row.path, { ...params, id: 'x' })
      const asking = { method: row.method, ...(row.body ? { body: {} } : {}) }
      const none = await api.ask(path, asking)
      assert.equal(errorIn(none).context?.code, 'no_credential', path)
      assert.equal(none.status, 401)
      assert.equal(none.headers['www-authenticate'], 'Bearer')
      const unknown = await api.as(`tk_${'x'.repeat(43)}`, path, asking)
      assert.deepEqual([unknown.status, errorIn(unknown).context?.code], [401, 'bad_key'], path)
    }
  })

  it('says 403 to whoever may too little, on every row', async () => {
    const keys = {
      proxy: await api.keys.create({ name: 'p', scope: 'proxy' }),
      read: await api.keys.create({ name: 'r', scope: 'read' }),
    }
    const token = await api.as(keys.read.key, '/api/v1/auth/token', { body: {} })
    const { access_token } = token.json as { access_token: string }
    const few = { read: [keys.proxy.key], admin: [keys.proxy.key, keys.read.key, access_token] }
    for (const row of rows.filter((one) => !one.openOnLoopback)) {
      for (const credential of row.auth === 'read' || row.auth === 'admin' ? few[row.auth] : []) {
        const path = pathOf(row.path, { ...params, id: 'x' })
        const told = await api.as(credential, path, { method: row.method, ...(row.body ? { body: {} } : {}) })
        const error = errorIn(told)
        assert.deepEqual([told.status, error.context?.needed], [403, row.auth], `${row.method} ${path}`)
      }
    }
    assert.deepEqual(api.ledger.audit, [])
  })

  it('says 415 on every row that takes JSON and was sent something else, and 404 beside every row', async () => {
    for (const row of rows) {
      const path = pathOf(row.path, { ...params, id: 'x', file: 'style.css' })
      if (row.body) {
        const told = await api.as(localToken, path, { method: row.method, text: '{}' })
        assert.deepEqual([told.status, errorIn(told).context?.code], [415, 'json_required'], path)
      }
      const other = await api.as(localToken, path, { method: 'PATCH' })
      assert.deepEqual([other.status, errorIn(other).context?.code], [404, 'method_not_allowed'], path)
      const below = await api.as(localToken, `${path}/x/y/z`)
      assert.deepEqual([below.status, errorIn(below).context?.code], [404, 'not_found'], path)
    }
  })

  it('knows a key in each header it may stand in', async () => {
    const { key } = await api.keys.create({ name: 'a', scope: 'read' })
    for (const headers of [
      { authorization: `bearer ${key}` },
      { 'x-api-key': key },
      { 'x-tollkeeper-key': key },
    ] as Record<string, string>[]) {
      assert.equal((await api.ask('/api/v1/summary', { headers })).status, 200)
    }
  })

  it('asks a scope that is high enough, and takes it away with the key', async () => {
    const proxy = await api.keys.create({ name: 'p', scope: 'proxy' })
    const read = await api.keys.create({ name: 'r', scope: 'read' })
    assert.equal((await api.as(proxy.key, '/v1/stats/providers')).status, 403)
    assert.equal((await api.as(read.key, '/v1/stats/providers')).status, 200)
    const told = await api.as(read.key, '/api/v1/keys')
    assert.deepEqual([told.status, errorIn(told).detail], [403, "'r' has the scope 'read', this needs 'admin'."])
    await api.as(localToken, `/api/v1/keys/${read.row.id}`, { method: 'DELETE' })
    assert.equal((await api.as(read.key, '/v1/stats/providers')).status, 401)
  })

  it('tells the daemon’s figures of itself to whoever may read, on this machine too', async () => {
    const proxy = await api.keys.create({ name: 'p', scope: 'proxy' })
    const read = await api.keys.create({ name: 'r', scope: 'read' })
    const path = '/api/v1/metrics/daemon'
    assert.equal((await api.ask(path)).status, 401)
    assert.equal((await api.as(proxy.key, path)).status, 403)
    const told = await api.as(read.key, path)
    assert.equal(told.status, 200)
    assert.deepEqual((told.json as DaemonFigures).figures, { feed_clients: 2 })
    const bad = await api.as(read.key, `${path}?simulated=yes`)
    assert.deepEqual([bad.status, errorIn(bad).context?.parameter], [400, 'simulated'])
  })

  it('lets whoever is on this machine read the metrics, and from beyond it only who may read', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    const proxy = await api.keys.create({ name: 'p', scope: 'proxy' })
    const read = await api.keys.create({ name: 'r', scope: 'read' })
    const near = await api.ask('/metrics', { headers: { accept: 'text/x' } })
    assert.deepEqual([near.status, near.text, near.headers['content-type']], [200, '# none\n', 'text/x'])
    assert.equal((await api.ask('/metrics', { headers })).status, 401)
    assert.equal((await api.as(localToken, '/metrics', { headers })).status, 401)
    assert.equal((await api.as(proxy.key, '/metrics', { headers })).status, 403)
    assert.equal((await api.as(read.key, '/metrics', { headers })).status, 200)
    const bad = await api.ask('/metrics?simulated=yes')
    assert.deepEqual([bad.status, errorIn(bad).context?.parameter], [400, 'simulated'])
  })

  it('takes the local token from this machine only', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    assert.equal((await api.as(localToken, '/api/v1/summary', { headers })).status, 401)
    assert.equal((await api.as(`${localToken}x`, '/api/v1/summary')).status, 401)
    const { key } = await api.keys.create({ name: 'a', scope: 'admin' })
    assert.equal((await api.as(key, '/api/v1/summary', { headers })).status, 200)
    assert.equal((await api.as(key, '/api/v1/daemon/stop', { headers, body: {} })).status, 403)
  })

  it('says what there is instead of an unknown path or method', async () => {
    for (const path of ['/', '/api/v1/Summary', '/api/v1/summary/', '/v1/stats', '/dashboard/', '/api/v1/keys//']) {
      const told = await api.as(localToken, path)
      assert.deepEqual([told.status, errorIn(told).context?.code], [404, 'not_found'], path)
    }
    const root = await api.as(localToken, '/')
    assert.equal(errorIn(root).detail, 'There is nothing at /. `tollkeeper dashboard` opens the dashboard.')
    const told = await api.as(localToken, '/api/v1/keys', { method: 'PUT', body: {} })
    assert.equal(told.status, 404)
    assert.equal(errorIn(told).detail, '/api/v1/keys knows GET, POST, not PUT.')
    const broken = await api.as(localToken, '/v1/stats/providers/%zz')
    assert.deepEqual([broken.status, errorIn(broken).context?.code], [400, 'bad_path'])
  })

  it('sends nothing again to who holds it already', async () => {
    const config = (headers: Record<string, string>, method = 'GET') =>
      api.as(localToken, '/api/v1/config', { method, headers })
    const first = await config({})
    const etag = String(first.headers.etag)
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      for (const method of ['GET', 'HEAD']) {
        const told = await config({ 'if-none-match': held }, method)
        assert.deepEqual([told.status, told.text, told.headers.etag], [304, '', etag], `${method} ${held}`)
        assert.deepEqual([told.headers['content-type'], told.headers['cache-control']], [undefined, 'no-store'])
      }
    }
    assert.equal((await config({ 'if-none-match': '"other"' })).text, first.text)
  })

  it('counts what is asked of a limited row, by window, and says so in every answer of it', async () => {
    await api.close()
    api = await startApi({ settings: () => ({ remoteManagement: false, requestsPerMinute: 2 }) })
    for (const row of rows.filter((one) => one.rateLimited)) {
      // one allowance for all of them
      api.clock.now += 60_000
      const path = pathOf(row.path, { ...params, id: 'x' })
      const ask = (window: string) =>
        api.as(localToken, path, { method: row.method, headers: { [windowHeader]: window } })
      for (const left of ['1', '0']) {
        const told = await ask('a')
        assert.notEqual(told.status, 429, path)
        assert.deepEqual([told.headers['x-ratelimit-limit'], told.headers['x-ratelimit-remaining']], ['2', left], path)
      }
      const over = await ask('a')
      const error = errorIn(over)
      assert.deepEqual([over.status, error.error, error.retry_after], [429, 'Rate Limit Exceeded', 60], path)
      assert.equal(error.detail, 'Maximum 2 requests per minute exceeded. Try again in 60 seconds.')
      assert.deepEqual([over.headers['retry-after'], over.headers.ratelimit], ['60', '"minute";r=0;t=60'])
      assert.equal(over.headers['x-ratelimit-reset'], String(api.clock.now / 1000 + 60))
      assert.notEqual((await ask('b')).status, 429, path)
    }
    assert.equal((await api.as(localToken, '/api/v1/summary')).headers['x-ratelimit-limit'], undefined)
  })

  it('says of a parameter that it stands there twice', async () => {
    for (const query of ['period=day&period=week', 'model=a&model=b']) {
      const told = await api.as(localToken, `/api/v1/cost/usage?${query}`)
      assert.equal(told.status, 400)
      assert.match(errorIn(told).detail, /^Query parameter '(period|model)' stands there more than once\.$/)
    }
  })

  it('names the parameter that is wrong', async () => {
    for (const [path, parameter] of [
      ['/api/v1/usage?bucket=year', 'bucket'],
      ['/api/v1/usage?from=yesterday', 'from'],
      ['/api/v1/usage?group_by=colour', 'group_by'],
      ['/v1/stats/providers?simulated=yes', 'simulated'],
      ['/v1/stats/providers?simulated=only&simulated=only', 'simulated'],
      [`/health?nonce=${'n'.repeat(129)}`, 'nonce'],
    ] as const) {
      const told = await api.as(localToken, path)
      const error = errorIn(told)
      assert.deepEqual([told.status, error.context?.parameter], [400, parameter], path)
      assert.ok(error.detail.includes(`'${parameter}`), error.detail)
    }
  })

  it('says what is wrong with a body', async () => {
    const told = (body: unknown) => api.as(localToken, '/api/v1/keys', { body })
    const detail = async (body: unknown) => errorIn(await told(body)).detail
    assert.equal(await detail({ scope: 'read' }), "Body field 'name' is missing (a string is needed).")
    assert.equal(await detail({ name: 'a', scope: 'all' }), "Body field 'scope' must be one of proxy, read, admin.")
    assert.equal(await detail({ name: '', scope: 'read' }), "Body field 'name' needs at least 1 character.")
    assert.match(await detail({ name: 'a', scope: 'read', admin: true }), /^Body field 'admin' is not known here/)
    assert.match(
      await detail({ name: 'a', scope: 'read', expires: '2020-01-01T00:00:00Z' }),
      /'expires' must be a moment to come/,
    )
    assert.match(
      await detail({ name: 'a', scope: 'read', providers: [1] }),
      /^Body field 'providers.0' must be a string/,
    )
    assert.equal(await detail([]), 'The request body must be an object.')
  })

  it('takes JSON only, of 1 MiB at most, and readable', async () => {
    const send = (text: string | Buffer, headers: Record<string, string>) =>
      api.as(localToken, '/api/v1/keys', { text, headers })
    const json = { 'content-type': 'application/json' }
    for (const [told, status, code] of [
      [await send('{}', { 'content-type': 'text/plain' }), 415, 'json_required'],
      [await send('{}', {}), 415, 'json_required'],
      [await send('{"name":', json), 400, 'bad_json'],
      [await send('"x"', json), 400, 'bad_json'],
      [await send(`{"name":"${'x'.repeat(1024 * 1024)}"}`, json), 413, 'body_too_large'],
      [
        await send(gzipSync('x'.repeat(2 * 1024 * 1024)), { ...json, 'content-encoding': 'gzip' }),
        413,
        'body_too_large',
      ],
      [await send('no gzip', { ...json, 'content-encoding': 'gzip' }), 400, 'bad_request'],
      [await send('{}', { ...json, 'content-encoding': 'compress' }), 415, 'unreadable_encoding'],
    ] as const) {
      assert.deepEqual([told.status, errorIn(told).context?.code], [status, code])
    }
  })

  it('reads no body of somebody who may not send it', async () => {
    const told = await api.ask('/api/v1/keys', { text: '{"name":', headers: { 'content-type': 'application/json' } })
    assert.equal(told.status, 401)
  })

  it('answers a bug with 500 and a request id, and tells the log alone what it was', async () => {
    await api.close()
    api = await startApi({ warnings: () => assert.fail('the secret of the bug') })
    const told = await api.as(localToken, '/api/v1/warnings')
    const error = errorIn(told)
    assert.deepEqual([told.status, told.text.includes('secret')], [500, false])
    assert.ok(error.detail.includes(error.request_id))
    assert.ok(JSON.stringify(api.logged).includes('the secret of the bug'))
    assert.ok(JSON.stringify(api.logged).includes(error.request_id))
  })

  it('lets a wrong credential wait and a right one not', async () => {
    await api.close()
    api = await startApi({ failDelayMs: 60_000 })
    const guesses = ['/api/v1/summary', '/api/v1/keys'].map((path) => api.as('tk_guess', path).catch(() => 'cut'))
    assert.equal((await api.as(localToken, '/api/v1/summary')).status, 200)
    assert.equal((await api.ask('/api/v1/summary')).status, 401)
    await api.close()
    assert.deepEqual(await Promise.all(guesses), ['cut', 'cut'])
    api = await startApi()
  })
})

describe('rowOf', () => {
  it('finds what the router finds', async () => {
    const api = await startApi()
    for (const row of rows) {
      const path = pathOf(row.path, { ...params, providerId: 'a b', id: 'x', file: 'style.css' })
      assert.equal(api.api.rowOf(row.method, path)?.path, row.path)
      assert.equal(api.api.rowOf('PATCH', path), undefined)
    }
    assert.equal(api.api.rowOf('HEAD', '/health')?.path, '/health')
    for (const path of ['/Health', '/health/', '//health', '/v1/stats/providers/', '/dashboard/a/b', '']) {
      assert.equal(api.api.rowOf('GET', path), undefined, path)
    }
    await api.close()
  })
})
