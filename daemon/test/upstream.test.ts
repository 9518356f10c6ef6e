/** The played provider itself: what it plays and what it reports. */
import assert from 'node:assert/strict'
import { request as openRequest } from 'node:http'
import { startUpstream, type Upstream } from './upstream.ts'

describe('startUpstream', () => {
  let upstream: Upstream
  beforeEach(async () => {
    upstream = await startUpstream()
  })
  afterEach(() => upstream.close())

  it('reports what reached it and plays one script a request', async () => {
    upstream.script({ status: 429, headers: [['Retry-After', '2']], body: 'no' }, (request) => ({
      headers: [],
      body: [request.body.toString().toUpperCase()],
    }))
    const first = await fetch(`${upstream.url}/v1/x?beta=true`, {
      method: 'POST',
      body: 'abc',
      headers: { 'X-Some': '1' },
    })
    assert.equal(first.status, 429)
    assert.equal(first.headers.get('retry-after'), '2')
    assert.equal(await first.text(), 'no')
    const again = await fetch(upstream.url, { method: 'POST', body: 'def' })
    assert.equal(await again.text(), 'DEF')
    const [one] = upstream.requests
    assert.deepEqual([one?.method, one?.path, one?.body.toString()], ['POST', '/v1/x?beta=true', 'abc'])
    assert.ok(one?.rawHeaders.includes('x-some') || one?.rawHeaders.includes('X-Some'))
    assert.equal(one?.abortedAt, undefined)
  })

  for (const encoding of ['gzip', 'br', 'deflate'] as const) {
    it(`compresses with ${encoding} and cuts into pieces`, async () => {
      upstream.script({ encoding, pieces: 3, body: ['hello ', 'hello ', 'hello'] })
      const reply = await fetch(upstream.url)
      assert.equal(reply.headers.get('content-encoding'), encoding)
      assert.equal(await reply.text(), 'hello hello hello')
    })
  }

  it('cuts the socket after some bytes, which is no abort', async () => {
    upstream.script({ body: '0123456789', cutAfter: 4 })
    const reply = await fetch(upstream.url)
    await assert.rejects(reply.text())
    assert.equal(upstream.requests[0]?.abortedAt, undefined)
  })

  it('tells when a client goes away, from a silent reply and from an open one', async () => {
    upstream.script({ silent: true }, { body: 'x', open: true })
    for (const n of [1, 2]) {
      const leaving = openRequest(upstream.url, { agent: false }, () => leaving.destroy())
      // Leaving is what this is about; Node reports it as a fault of the request.
      leaving.on('error', () => undefined)
      leaving.end()
      await upstream.arrived(n)
      if (n === 1) leaving.destroy()
      await upstream.aborted(n)
    }
    assert.equal(upstream.requests.filter((request) => request.abortedAt !== undefined).length, 2)
  })

  it('waits before the head and between pieces', async () => {
    upstream.script({ headAfter: 5, between: 5, body: ['a', 'b'] })
    assert.equal(await (await fetch(upstream.url)).text(), 'ab')
  })
})
