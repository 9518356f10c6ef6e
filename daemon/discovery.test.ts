/** A client finds the daemon of its home, and shows its token to nobody else. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Discovery } from '../shared/contract/discovery.ts'
import { findDaemon, newLocalToken, proofOf, readDiscovery, removeDiscovery, writeDiscovery } from './discovery.ts'

describe('discovery', () => {
  let home = ''
  let server: Server | undefined
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'discovery-'))
  })
  afterEach(async () => {
    server?.closeAllConnections()
    server?.close()
    server = undefined
    await rm(home, { recursive: true, force: true })
  })

  const announced = (port: number): Discovery => ({
    pid: process.pid,
    port,
    token: newLocalToken(),
    instanceId: 'i-1',
    version: '1.2.3',
    contract: { min: 1, max: 1 },
    startedAt: '2026-01-01T00:00:00Z',
  })

  async function listen(answer: RequestListener): Promise<number> {
    const made = createServer(answer)
    server = made
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
    return (made.address() as AddressInfo).port
  }

  function health(proof: string): string {
    const timestamp = '2026-01-01T00:00:00Z'
    const about = { status: 'healthy', product: 'tollkeeper', instance_id: 'i-1', version: '1.2.3', services: {} }
    return JSON.stringify({ ...about, proof, timestamp, gpu: { available: false } })
  }

  const nonceOf = (url = ''): string => new URL(url, 'http://x').searchParams.get('nonce') ?? ''

  it('reads back what it wrote, readable for the owner alone', async () => {
    const d = announced(1)
    await writeDiscovery(home, d)
    assert.deepEqual(await readDiscovery(home), d)
    assert.deepEqual(await readdir(home), ['daemon.json'])
    if (process.platform !== 'win32') assert.equal((await stat(join(home, 'daemon.json'))).mode & 0o777, 0o600)
  })

  it('makes another token each time, 256 bits long', () => {
    assert.match(newLocalToken(), /^tk_local_[\w-]{43}$/)
    assert.notEqual(newLocalToken(), newLocalToken())
  })

  it('removes only its own file', async () => {
    await writeDiscovery(home, announced(1))
    await removeDiscovery(home, 'i-0')
    assert.ok(await readDiscovery(home))
    await removeDiscovery(home, 'i-1')
    assert.equal(await readDiscovery(home), undefined)
    await removeDiscovery(home, 'i-1')
  })

  for (const text of ['', '{', '[]', '{"port":"x"}']) {
    it(`takes ${JSON.stringify(text)} for no announcement`, async () => {
      await writeFile(join(home, 'daemon.json'), text)
      const found = await findDaemon(home)
      assert.ok('absent' in found)
      assert.equal(found.kind, 'none')
    })
  }

  it('says so where what stands in the home cannot be read', async () => {
    const place = join(home, 'daemon.json')
    await mkdir(place)
    const found = await findDaemon(home)
    assert.ok('absent' in found)
    assert.equal(found.kind, 'unreadable')
    assert.ok(found.absent.includes(place), found.absent)
  })

  it('finds the daemon that proves to know the token, which is not sent', async () => {
    let d = announced(0)
    let sent = ''
    const port = await listen((request, reply) => {
      sent += request.rawHeaders.join() + (request.url ?? '')
      reply.end(health(proofOf(d.token, d.instanceId, d.port, nonceOf(request.url))))
    })
    d = announced(port)
    await writeDiscovery(home, d)
    const found = await findDaemon(home)
    assert.ok('url' in found)
    assert.equal(found.url, `http://127.0.0.1:${port}`)
    assert.equal(found.health.version, '1.2.3')
    assert.deepEqual(found.discovery, d)
    assert.ok(!sent.includes(d.token))
  })

  it('knows the daemon of another version by its proof, whatever else that says of its health', async () => {
    let d = announced(0)
    const port = await listen((request, reply) => {
      const proof = proofOf(d.token, d.instanceId, d.port, nonceOf(request.url))
      reply.end(JSON.stringify({ status: 'splendid', version: '9.0.0', proof, services: [] }))
    })
    d = announced(port)
    await writeDiscovery(home, d)
    const found = await findDaemon(home)
    assert.ok('url' in found)
    assert.deepEqual([found.health.version, found.health.services], ['9.0.0', {}])
  })

  it('asks with another nonce each time: an old proof proves nothing', async () => {
    let d = announced(0)
    let first = ''
    const port = await listen((request, reply) => {
      first ||= proofOf(d.token, d.instanceId, d.port, nonceOf(request.url))
      reply.end(health(first))
    })
    d = announced(port)
    await writeDiscovery(home, d)
    assert.ok('url' in (await findDaemon(home)))
    const again = await findDaemon(home)
    assert.ok('absent' in again)
    assert.equal(again.kind, 'foreign')
  })

  it('says that a daemon is gone where nothing listens', async () => {
    const port = await listen((_, reply) => reply.end())
    await new Promise((resolve) => server?.close(resolve))
    await writeDiscovery(home, announced(port))
    const found = await findDaemon(home)
    assert.ok('absent' in found)
    assert.equal(found.kind, 'stale')
    assert.ok(found.absent.includes(String(port)))
  })

  const strangers: [string, RequestListener][] = [
    ['says nothing of a proof', (_, reply) => reply.end('{"status":"ok"}')],
    ['answers a page', (_, reply) => reply.end('<html>')],
    ['proves with another token', (request, reply) => reply.end(health(proofOf('x', 'i-1', 1, nonceOf(request.url))))],
    ['has a proof of another length', (_, reply) => reply.end(health('é'))],
    ['cuts its answer', (_, reply) => reply.writeHead(200, { 'content-length': 99 }).write('{', () => reply.destroy())],
    ['never ends to answer', (_, reply) => flood(reply)],
  ]
  function flood(reply: Parameters<RequestListener>[1]): void {
    while (reply.write('x'.repeat(65_536)));
    reply.once('drain', () => flood(reply))
  }
  for (const [name, answer] of strangers) {
    it(`takes for a stranger who ${name}`, async () => {
      await writeDiscovery(home, announced(await listen(answer)))
      const found = await findDaemon(home)
      assert.ok('absent' in found)
      assert.equal(found.kind, 'foreign')
    })
  }
})
