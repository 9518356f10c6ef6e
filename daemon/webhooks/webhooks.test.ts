/** What a webhook hears, when it is told again, and when no more; against real servers. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { alertBody } from '../../shared/contract/alert.ts'
import { networkOf } from '../network.ts'
import { certificatePath, secureName, startProxy, startSecure } from '../test/secure.ts'
import { eventually } from '../test/start.ts'
import { startUpstream, type Upstream } from '../test/upstream.ts'
import type { Resolve } from './post.ts'
import { type HookStory, hookSecret, start, startHooks } from './test-hooks.ts'

const [second, minute, hour] = [1000, 60_000, 3_600_000]

describe('webhooks', () => {
  let receiver: Upstream
  let story: HookStory

  const hook = (path = 'hook') => ({ url: `${receiver.url}/${path}?token=part-of-the-address`, secret: hookSecret })
  const tries = (n: number) => eventually(`${n} tries`, () => story.delivery('a')?.tries === n)
  const isNow = (next: unknown) => eventually(String(next), () => story.delivery('a')?.next === next)

  beforeEach(async () => {
    receiver = await startUpstream()
    receiver.script({ status: 204 })
  })
  afterEach(async () => {
    await story.end()
    await receiver.close()
  })

  it('is sent the alert, signed over the time and the very bytes', async () => {
    story = await startHooks([hook()])
    story.raise('a')
    await isNow('delivered')
    const [request] = receiver.requests
    assert.ok(request)
    assert.equal(`${request.method} ${request.path}`, 'POST /hook?token=part-of-the-address')
    assert.equal(request.headers['content-type'], 'application/json')
    const [, t = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['x-tollkeeper-signature'])) ?? []
    assert.equal(Number(t), start / 1000)
    assert.equal(v1, createHmac('sha256', hookSecret).update(`${t}.`).update(request.body).digest('hex'))
    assert.deepEqual(alertBody.parse(JSON.parse(request.body.toString())), {
      type: 'budget',
      id: 'a',
      at: '2026-03-10T12:00:00.000Z',
      text: 'Daily budget: 81% of $10.00 used.',
      budget: 'day',
      limit: 10,
      unit: 'usd',
      used_pct: 81.23,
      threshold: 80,
      since: '2026-03-10T00:00:00.000Z',
      until: '2026-03-11T00:00:00.000Z',
      over_at: null,
    })
    assert.equal(story.delivery('a')?.status, 204)
  })

  it('that is down is told again after 10 s, a minute, 5 and 30 minutes, 2 hours, then every 4', async () => {
    const down = await startUpstream()
    await down.close()
    story = await startHooks([{ url: `${down.url}/hook`, secret: hookSecret }])
    story.raise('a')
    const waits: number[] = []
    let at = start
    for (let n = 1; n <= 7; n++) {
      await tries(n)
      const next = Number(story.delivery('a')?.next)
      waits.push(next - at)
      story.clock.moveTo(next - 1)
      assert.equal(story.delivery('a')?.tries, n, 'not before its time')
      at = next
      story.clock.moveTo(at)
    }
    assert.deepEqual(waits, [10 * second, minute, 5 * minute, 30 * minute, 2 * hour, 4 * hour, 4 * hour])
  })

  it('that was down hears of it once it is up', async () => {
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(200).end()
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    await new Promise((done) => server.close(done))
    story = await startHooks([{ url: `http://127.0.0.1:${port}/hook`, secret: hookSecret }])
    story.raise('a')
    await tries(1)
    assert.match(String(story.delivery('a')?.error), /ECONNREFUSED/)
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
    story.clock.moveTo(start + 10 * second)
    await isNow('delivered')
    await new Promise((done) => server.close(done))
  })

  it('is given up a day after the alert was raised', async () => {
    receiver.script({ status: 500 })
    story = await startHooks([hook()])
    story.raise('a')
    await tries(1)
    story.clock.moveTo(start + 24 * hour - 1)
    await tries(2)
    assert.deepEqual(story.delivery('a'), {
      ...{ hook: 'hash-of-hook', tries: 2, status: 500, error: 'it answered 500' },
      next: start + 24 * hour,
    })
    story.clock.moveTo(start + 24 * hour)
    await isNow('too-old')
    assert.equal(receiver.requests.length, 2)
  })

  for (const status of [500, 404, 429]) {
    it(`that answers ${status} is told again`, async () => {
      receiver.script({ status }, { status: 200 })
      story = await startHooks([hook()])
      story.raise('a')
      await tries(1)
      assert.deepEqual([story.delivery('a')?.status, story.delivery('a')?.next], [status, start + 10 * second])
      story.clock.moveTo(start + 10 * second)
      await isNow('delivered')
      const [first, again] = receiver.requests
      assert.deepEqual(again?.body, first?.body, 'the same alert, by the same id')
      assert.notEqual(again?.headers['x-tollkeeper-signature'], first?.headers['x-tollkeeper-signature'])
    })
  }

  it('that answers 410 is never told of it again', async () => {
    receiver.script({ status: 410 })
    story = await startHooks([hook()])
    story.raise('a')
    await isNow('gone')
    story.clock.moveTo(start + hour)
    assert.equal(receiver.requests.length, 1)
    assert.match([...story.warnings.values()].join(), /says that it is gone/)
  })

  it('that answers 302 is told again, and where it points to is never asked', async () => {
    const elsewhere = await startUpstream()
    receiver.script({ status: 302, headers: [['location', `${elsewhere.url}/other`]] })
    story = await startHooks([hook()])
    story.raise('a')
    await tries(1)
    assert.equal(story.delivery('a')?.error, 'it answered 302, and redirects are not followed')
    assert.equal(elsewhere.requests.length, 0)
    await elsewhere.close()
  })

  it('that is too slow is told again', async () => {
    receiver.script({ silent: true })
    story = await startHooks([hook()], { timeoutMs: 50 })
    story.raise('a')
    await tries(1)
    assert.deepEqual([story.delivery('a')?.status, story.delivery('a')?.error], [null, 'no answer within 0.05 s'])
  })

  it('that answers without end has heard it, and is cut', async () => {
    receiver.script({ status: 200, body: Array.from({ length: 64 }, () => 'x'.repeat(1024)), open: true })
    story = await startHooks([hook()])
    story.raise('a')
    await isNow('delivered')
    await receiver.aborted(1)
  })

  it('hears nothing twice after a restart, and what it did not hear at its time', async () => {
    receiver.script({ status: 200 }, { status: 503 }, { status: 200 })
    story = await startHooks([hook()])
    story.raise('a')
    await isNow('delivered')
    story.raise('b')
    await eventually('a failed try', () => story.delivery('b')?.tries === 1)
    await story.restart()
    assert.deepEqual([story.delivery('a')?.next, story.delivery('b')?.next], ['delivered', start + 10 * second])
    story.clock.moveTo(start + 10 * second)
    await eventually('the second one is heard', () => story.delivery('b')?.next === 'delivered')
    assert.deepEqual(
      receiver.requests.map(({ body }) => (JSON.parse(body.toString()) as { id: string }).id),
      ['a', 'b', 'b'],
    )
    await story.restart()
    assert.equal(receiver.requests.length, 3)
  })

  it('that the config names no longer is given up; one whose secret or address is not to be had now waits', async () => {
    story = await startHooks([hook('one'), hook('two')])
    const one = { ...hookOf('one'), secret: null }
    story.set.hooks = { byId: new Map([one, hookOf('two')].map((each) => [each.id, each])), isWhole: true }
    receiver.script({ status: 500 })
    story.raise('a')
    await eventually('the second one is tried', () => story.delivery('a', 1)?.tries === 1)
    story.set.hooks = { byId: new Map(), isWhole: false }
    story.look()
    assert.deepEqual([story.delivery('a', 0)?.next, story.delivery('a', 1)?.next], [start, start + 10 * second])
    story.set.hooks = { byId: new Map(), isWhole: true }
    story.look()
    assert.deepEqual([story.delivery('a', 0)?.next, story.delivery('a', 1)?.next], ['removed', 'removed'])
  })

  function hookOf(path: string) {
    const { url, secret } = hook(path)
    return { id: `hash-of-${path}`, url: new URL(url), secret, events: new Set(['budget', 'quota'] as const) }
  }

  const never: readonly [what: string, url: string, addresses: string[]][] = [
    ['resolves to a link-local address', 'https://hooks.example.test/x', ['169.254.169.254']],
    ['resolves to two addresses, one of them link-local', 'https://hooks.example.test/x', ['93.184.216.34', 'fe80::1']],
    ['is a link-local address', 'https://169.254.169.254/x', []],
    ['is one, written as a number', 'https://2852039166/x', []],
    ['is one of IPv6', 'https://[fe80::1]/x', []],
    ['is to be called without TLS and is not this machine', 'http://localhost:9/x', ['10.0.0.5']],
  ]
  for (const [what, url, addresses] of never) {
    it(`whose host ${what} is never called, and given up at once`, async () => {
      story = await startHooks([{ url, secret: hookSecret }], { resolve: resolvesTo(addresses) })
      story.raise('a')
      await isNow('not-allowed')
      assert.match([...story.warnings.values()].join(), /The webhook at https?:\/\/\S+ is not called: /)
    })
  }

  it('is called over TLS at the address that was looked at', async () => {
    const secure = await startSecure('{}')
    const { network } = networkOf({ caFile: certificatePath }, '/', {})
    story = await startHooks([{ url: `https://${secureName}:${secure.port}/hook`, secret: hookSecret }], {
      network: () => network,
      resolve: resolvesTo(['127.0.0.1']),
    })
    story.raise('a')
    await isNow('delivered')
    assert.equal(secure.seen[0]?.path, '/hook')
    await secure.close()
  })

  it('is called through the proxy that the user set, which looks its name up', async () => {
    const secure = await startSecure('{}')
    const proxy = await startProxy(secure.port)
    const { network } = networkOf({ caFile: certificatePath, proxy: `http://127.0.0.1:${proxy.port}` }, '/', {})
    story = await startHooks([{ url: `https://${secureName}/hook`, secret: hookSecret }], {
      network: () => network,
      resolve: (name, _options, done) => done(new Error(`nobody here knows ${name}`), []),
    })
    story.raise('a')
    await isNow('delivered')
    assert.deepEqual(
      proxy.asked.map(({ target }) => target),
      [`${secureName}:443`],
    )
    await proxy.close()
    await secure.close()
  })

  it('is told of one alert at a time, and four of them at once', async () => {
    const held: { path: string; response: ServerResponse }[] = []
    const seen: string[] = []
    let most = 0
    const server = createServer((request, response) => {
      request.resume()
      held.push({ path: request.url ?? '', response })
      seen.push(request.url ?? '')
      assert.equal(new Set(held.map(({ path }) => path)).size, held.length, 'one at a time')
      most = Math.max(most, held.length)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const urls = ['a', 'b', 'c', 'd', 'e', 'f'].map((path) => `http://127.0.0.1:${port}/${path}`)
    story = await startHooks(urls.map((url) => ({ url, secret: hookSecret })))
    for (const id of ['x', 'y']) story.raise(id)
    for (let n = 1; n <= 12; n++) {
      await eventually('one is asked', () => held.length > 0 && (held.length === 4 || seen.length === 12))
      held.shift()?.response.writeHead(200).end()
    }
    await eventually('all have heard both', () => {
      const all = [...story.ledger.alerts.values()].flatMap(({ deliveries }) => deliveries)
      return all.length === 12 && all.every(({ next }) => next === 'delivered')
    })
    assert.equal(most, 4)
    await new Promise((done) => server.close(done))
  })

  it('that keeps failing is warned of, also after a restart, until it takes an alert', async () => {
    receiver.script({ status: 500 })
    story = await startHooks([hook()])
    story.raise('a')
    for (let n = 1; n <= 3; n++) {
      await tries(n)
      assert.equal(story.warnings.size, n < 3 ? 0 : 1)
      if (n < 3) story.clock.moveTo(Number(story.delivery('a')?.next))
    }
    await story.restart()
    const [text = ''] = [...story.warnings.values()]
    assert.equal(
      text,
      `The webhook at ${receiver.url} does not take alerts: it answered 500. It is tried for a day from each alert on.`,
    )
    receiver.script({ status: 200 })
    story.clock.moveTo(start + hour)
    await isNow('delivered')
    assert.equal(story.warnings.size, 0)
  })

  it('leaves neither its secret nor its address anywhere', async () => {
    receiver.script({ status: 500 }, { status: 302 }, { status: 200 })
    story = await startHooks([hook()])
    story.raise('a')
    await tries(1)
    story.clock.moveTo(start + 10 * second)
    await tries(2)
    story.clock.moveTo(start + hour)
    await isNow('delivered')
    const kept = JSON.stringify([story.told, [...story.ledger.alerts.values()]])
    for (const secret of [hookSecret, 'part-of-the-address', receiver.url]) assert.ok(!kept.includes(secret), secret)
  })

  it('waits by the clock, also where that was set back', async () => {
    receiver.script({ status: 500 })
    story = await startHooks([hook()])
    story.raise('a')
    await tries(1)
    story.clock.moveTo(start - 2 * hour)
    story.look()
    assert.equal(story.delivery('a')?.tries, 1)
    story.clock.moveTo(start + 10 * second)
    story.look()
    await tries(2)
  })
})

function resolvesTo(addresses: string[]): Resolve {
  return (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
}
