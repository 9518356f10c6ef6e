import assert from 'node:assert/strict'
import { localToken, startApi } from '../test/start-api.ts'
import { cookieOf, openSessions } from './session.ts'

describe('sessions of the dashboard', () => {
  let now = 0
  const open = () => openSessions({ now: () => now })
  beforeEach(() => {
    now = 1_000_000
  })

  it('come from a code that works once, within a minute', () => {
    const sessions = open()
    const { code, expiresAt } = sessions.link()
    assert.equal(expiresAt, now + 60_000)
    assert.equal(Buffer.from(code, 'base64url').length, 32)
    assert.ok(sessions.trade(code))
    assert.equal(sessions.trade(code), undefined)
    const late = sessions.link()
    now += 60_001
    assert.equal(sessions.trade(late.code), undefined)
    assert.equal(sessions.trade(''), undefined)
  })

  it('need the cookie and the page value of one and the same session', () => {
    const sessions = open()
    const [a, b] = [sessions.trade(sessions.link().code), sessions.trade(sessions.link().code)]
    assert.ok(a && b)
    assert.notEqual(a.cookie, a.page)
    assert.equal(sessions.isLive(a.cookie, a.page), true)
    for (const [cookie, page] of [
      [a.cookie, b.page],
      [a.page, a.cookie],
      [a.cookie, a.cookie],
      ['', ''],
    ] as const) {
      assert.equal(sessions.isLive(cookie, page), false)
    }
  })

  it('live on while they are used and end a day after', () => {
    const sessions = open()
    const session = sessions.trade(sessions.link().code)
    assert.ok(session)
    for (let hours = 0; hours < 48; hours += 20) {
      now += 20 * 3600_000
      assert.equal(sessions.isLive(session.cookie, session.page), true)
    }
    now += 24 * 3600_000 + 1
    assert.equal(sessions.isLive(session.cookie, session.page), false)
  })

  it('are bounded, and codes too: the oldest goes', () => {
    const sessions = open()
    const first = sessions.link()
    for (let i = 0; i < 32; i++) sessions.link()
    assert.equal(sessions.trade(first.code), undefined)
    const oldest = sessions.trade(sessions.link().code)
    assert.ok(oldest)
    const next = sessions.trade(sessions.link().code)
    for (let i = 0; i < 63; i++) assert.ok(sessions.trade(sessions.link().code))
    assert.equal(sessions.isLive(oldest.cookie, oldest.page), false)
    assert.ok(next && sessions.isLive(next.cookie, next.page))
  })

  it('find their cookie among others, and none where two of the name differ', () => {
    assert.equal(cookieOf('a=1; tollkeeper_session=x ; b=2', 'tollkeeper_session'), 'x')
    assert.equal(cookieOf('tollkeeper_session=x; tollkeeper_session=y', 'tollkeeper_session'), undefined)
    assert.equal(cookieOf('xtollkeeper_session=x', 'tollkeeper_session'), undefined)
    assert.equal(cookieOf(undefined, 'tollkeeper_session'), undefined)
  })
})

describe('the way into the dashboard', () => {
  it('goes from the link over the code to reading, and no further', async () => {
    const api = await startApi()
    const link = (await api.as(localToken, '/api/v1/dashboard/link', { body: {} })).json as { url: string }
    const [page, code] = link.url.split('#code=')
    assert.equal(page, `http://127.0.0.1:${api.port()}/dashboard`)

    const trade = () => api.ask('/api/v1/dashboard/session', { body: { code } })
    const traded = await trade()
    const { value } = traded.json as { value: string }
    const setCookie = String(traded.headers['set-cookie'])
    assert.match(setCookie, /^tollkeeper_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    assert.equal(setCookie.includes(value), false)
    assert.equal((await trade()).status, 401)

    const cookie = setCookie.split(';')[0] ?? ''
    const asked = async (path: string, headers: Record<string, string>) => (await api.ask(path, { headers })).status
    const both = { cookie, 'x-tollkeeper-page': value }
    assert.equal(await asked('/api/v1/summary', both), 200)
    assert.equal(await asked('/api/v1/keys', both), 403)
    assert.equal(await asked('/api/v1/summary', { cookie }), 401)
    assert.equal(await asked('/api/v1/summary', { 'x-tollkeeper-page': value }), 401)
    const feed = async (headers: Record<string, string>) =>
      (await api.ask('/api/v1/feed', { headers: { connection: 'Upgrade', upgrade: 'websocket', ...headers } })).json
    const protocols = { 'sec-websocket-protocol': `tollkeeper.feed, ${value}` }
    assert.deepEqual(await feed({ cookie, ...protocols }), { name: 'dashboard', mayRead: true, isLive: true })
    assert.equal(await feed({ cookie }), null)
    assert.equal(await feed(protocols), null)
    assert.equal(await feed({ cookie, 'sec-websocket-protocol': value }), null)
    const { key } = await api.keys.create({ name: 'p', scope: 'proxy' })
    assert.deepEqual(await feed({ authorization: `Bearer ${key}` }), { name: 'p', mayRead: false, isLive: true })
    assert.equal(await asked('/api/v1/summary', { ...both, 'x-forwarded-for': '203.0.113.7' }), 401)
    await api.close()
  })

  it('serves the page and its files under a strict policy, and nothing outside their folder', async () => {
    const api = await startApi()
    const page = await api.ask('/dashboard')
    assert.equal(page.status, 200)
    assert.match(page.text, /^<!doctype html>/)
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(
      page.headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; " +
        `connect-src 'self' ws://127.0.0.1:${api.port()}; img-src 'self' data:; font-src 'self'; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    assert.equal((await api.ask('/dashboard/style.css')).headers['content-type'], 'text/css; charset=utf-8')
    for (const path of [
      '/dashboard/none.js',
      '/dashboard/tsconfig',
      '/dashboard/cards',
      '/dashboard/..%2Fdashboard%2Fstyle.css',
      '/dashboard/..%5Cdashboard%5Cstyle.css',
      '/dashboard/%00style.css',
      '/dashboard/.style.css',
      '/dashboard/constructor.constructor',
    ]) {
      assert.equal((await api.ask(path)).status, 404, path)
    }
    await api.close()
  })
})
