/** What a chain leaves behind: nothing runs on after clients that leave at any moment, connections are used again, and what passes is as it came. */
import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import { type AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Event } from '../../shared/contract/event.ts'
import { answer, type Chains, chunk, ending, good, idOf, json, rate, refused, sse, startChains } from './chains.ts'
import { exchange } from './exchange.ts'
import { eventually, start } from './start.ts'

describe('what a chain leaves behind', () => {
  let chains: Chains
  let events: Event[]
  before(async () => {
    chains = await startChains(
      { pair: ['one/m1', 'two/m2'], trio: ['one/m1', 'two/m2', 'three/m3'], single: ['lone/m3', 'two/m2'] },
      ([, , third = '']) => ({
        lone: { extends: 'openai', baseUrl: `${third}/v1`, apiKey: 'sk-lent-lone-00', limits: { concurrent: 1 } },
      }),
    )
    chains.story.daemon.book.watch(({ e }) => void events.push(e))
  })
  after(() => chains.end())
  beforeEach(() => {
    chains.anew()
    events = []
  })

  /** Asks, and leaves so many ms later. */
  function askAndLeave(chain: string, when: number | Promise<unknown>, more: object = {}): Promise<void> {
    return new Promise((resolve) => {
      const sent = request(`${chains.story.url}/v1/chat/completions`, {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${chains.key}` },
      })
      sent.on('error', () => {})
      sent.on('response', (reply) => reply.on('error', () => {}).resume())
      sent.on('close', resolve)
      sent.end(JSON.stringify({ model: `chain:${chain}`, messages: [], ...more }))
      const leave = () => sent.destroy()
      if (typeof when === 'number') setTimeout(leave, when)
      else void when.then(leave)
    })
  }
  const running = (count: number) =>
    eventually(`${count} run`, async () => (await chains.story.ask('summary')).in_flight === count, 10_000)
  const nothingRuns = () =>
    eventually('nothing runs', async () => {
      const { in_flight } = await chains.story.ask('summary')
      return in_flight === 0 && chains.story.daemon.book.ledger.open.size === 0
    })

  it('ends each call once, whenever its client leaves, and keeps no probe', async () => {
    // each moment: before a head, in a held body, between two targets, in a pause, in a stream
    const slow = { headers: sse, body: [chunk('a'), chunk('b'), ending], between: 15, headAfter: 15 }
    chains.one.script((_, at) => ({
      ...(at % 3 === 0 ? refused(503, {}, [['retry-after-ms', '40']]) : rate('1')),
      headAfter: 10,
      pieces: 20,
      between: 3,
    }))
    chains.two.script((_, at) => (at % 2 === 0 ? { ...refused(500), headAfter: 10 } : slow))
    chains.three.script(slow)
    const callsEnded = () => new Set(events.flatMap((event) => (event.type === 'attempt.ended' ? [event.call] : [])))
    const endings = () => events.filter((event) => event.type === 'attempt.ended')
    // a busy machine needs more rounds, and clients that stay longer, until one was cut off and a call has gone on
    const hasSeenBoth = () =>
      endings().some(({ outcome }) => outcome === 'aborted') && endings().length > callsEnded().size
    for (let round = 0; round < 4 || (round < 40 && !hasSeenBoth()); round++) {
      const stayMs = 4 * (1 + Math.floor(round / 4))
      await Promise.all(
        Array.from({ length: 25 }, (_, i) => askAndLeave('trio', 2 + i * stayMs, { stream: i % 2 === 0 })),
      )
      // half-open from here on: probes are taken and left
      chains.wait(1100)
    }
    await nothingRuns()
    const started = events.filter((event) => event.type === 'attempt.started')
    const ended = endings()
    assert.deepEqual(ended.map(({ attempt }) => attempt).sort(), started.map(({ attempt }) => attempt).sort())
    const calls = new Set(started.map(({ call }) => call))
    assert.deepEqual(
      ended
        .filter(({ last }) => last)
        .map(({ call }) => call)
        .sort(),
      [...calls].sort(),
    )
    assert.ok(hasSeenBoth())
    // whoever left held nothing back: one call asks each of them again
    chains.wait(3 * 3_600_000)
    for (const up of [chains.one, chains.two, chains.three]) up.script(refused(500))
    assert.equal((await chains.ask('trio', { user: 'who-comes-last' })).status, 503)
    for (const up of [chains.one, chains.two, chains.three])
      assert.equal(up.requests.filter(({ body }) => body.includes('who-comes-last')).length, 1)
  })

  it('lets a client that leaves the line for a target go, and its place with it', async () => {
    chains.two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    let tell = () => {}
    const hasLeft = new Promise<void>((resolve) => {
      tell = resolve
    })
    chains.three.script({ ...good, headAfter: hasLeft })
    const first = chains.ask('single')
    await chains.three.arrived(1)
    await askAndLeave('single', running(2))
    // its place in the line is free once the daemon has seen it
    await running(1)
    tell()
    assert.equal((await first).status, 200)
    await nothingRuns()
    assert.equal(chains.three.requests.length, 1)
    assert.equal((await chains.ask('single')).status, 200)
  })

  for (const [coding, pack] of [
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const) {
    it(`reads an error that opens a stream in ${coding}, and goes on`, async () => {
      const error = `data: {"error":{"code":429,"message":"no","metadata":{"retry_after_seconds":33}}}\n\n`
      chains.one.script({ headers: [...sse, ['content-encoding', coding]], body: pack(error) })
      const reply = await chains.ask(
        'pair',
        { stream: true, stream_options: { include_usage: true } },
        { 'accept-encoding': coding },
      )
      assert.deepEqual([reply.status, reply.body.toString()], [200, answer])
      const [cooldown] = chains.story.daemon.book.ledger.cooldowns.values()
      assert.deepEqual([cooldown?.refusal, (cooldown?.until ?? 0) - (cooldown?.setAt ?? 0)], ['rate', 33_000])
    })

    it(`passes a refusal in ${coding} that was held, as it came`, async () => {
      const body = pack(JSON.stringify({ error: { code: 'invalid_thing', message: 'x'.repeat(3000) } }))
      for (const length of [true, false]) {
        chains.one.script({
          status: 400,
          headers: [
            ...json,
            ['content-encoding', coding],
            ...(length ? ([['content-length', String(body.length)]] as const) : []),
          ],
          body,
          pieces: 7,
        })
        const reply = await chains.ask('pair', {}, { 'accept-encoding': coding })
        assert.ok(reply.body.equals(body))
        assert.deepEqual(
          [reply.status, reply.headers['content-encoding'], reply.headers['content-length'] === String(body.length)],
          [400, coding, length],
        )
        const { attempts } = await chains.story.ask('request', { params: { id: idOf(reply) } })
        assert.equal(attempts[0]?.refusal, 'request')
      }
    })
  }

  it('uses the connection of a target that refused again', async () => {
    let connections = 0
    const server = createServer((asked, reply) => {
      asked.resume()
      reply.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' })
      reply.end(JSON.stringify({ error: { message: 'x'.repeat(20_000) } }))
    })
    server.on('connection', () => connections++)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    let now = 1_790_000_000_000
    const story = await start({
      now: () => now,
      config: {
        providers: {
          one: { extends: 'openai', baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'sk-lent-number-one' },
          two: { extends: 'openai', baseUrl: `${chains.two.url}/v1`, apiKey: 'sk-lent-number-two' },
        },
        chains: { pair: ['one/m1', 'two/m2'] },
      },
    })
    const key = await story.key()
    for (let i = 0; i < 20; i++) {
      now += 3_600_000
      const { status, headers } = await exchange(`${story.url}/v1/chat/completions`, {
        headers: { authorization: `Bearer ${key}` },
        body: '{"model":"chain:pair","messages":[]}',
      })
      assert.deepEqual([status, headers['x-tollkeeper-attempts']], [200, '2'])
    }
    assert.equal(connections, 1)
    await story.end()
    await new Promise((resolve) => server.close(resolve))
  })

  it('keeps nothing of a refused attempt while the next one answers', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const size = 2 ** 20
    const calls = 8
    const play = { headers: sse, body: [chunk('a')], open: true }
    const heldBy = async (chain: string): Promise<number> => {
      // late enough that all of them are refused
      chains.one.script({ ...rate('20'), headAfter: 200 })
      chains.two.script(play)
      const at = chains.two.requests.length
      const body = Buffer.from(JSON.stringify({ model: chain, stream: true, user: 'x'.repeat(size), messages: [] }))
      const sent = Array.from({ length: calls }, () => {
        const one = request(`${chains.story.url}/v1/chat/completions`, {
          method: 'POST',
          agent: false,
          headers: { 'content-type': 'application/json', authorization: `Bearer ${chains.key}` },
        })
        one.on('error', () => {})
        one.end(body)
        return new Promise<typeof one>((resolve) =>
          one.on('response', (reply) => resolve(one) ?? reply.on('error', () => {}).resume()),
        )
      })
      const open = await Promise.all(sent)
      assert.equal(chains.two.requests.length, at + calls)
      for (const up of [chains.one, chains.two]) for (const one of up.requests) one.body = Buffer.alloc(0)
      await new Promise((resolve) => setTimeout(resolve, 50))
      collect()
      await new Promise((resolve) => setTimeout(resolve, 50))
      collect()
      const { arrayBuffers } = process.memoryUsage()
      for (const one of open) one.destroy()
      await nothingRuns()
      return arrayBuffers
    }
    await heldBy('two/m2')
    const [alone, failedOver] = [await heldBy('two/m2'), await heldBy('chain:pair')]
    assert.ok(failedOver - alone < (calls * size) / 2, `${failedOver} and ${alone}`)
  })

  it('does not hold a stop up, neither in a pause nor in a line', async () => {
    const { one, two, three, story } = chains
    two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    one.script(refused(503, {}, [['retry-after-ms', '2000']]))
    three.script({ silent: true })
    const replies = [chains.ask('pair'), chains.ask('single'), chains.ask('single')].map((reply) =>
      reply.then(
        ({ status }) => status,
        () => 'cut',
      ),
    )
    await one.arrived(1)
    await three.arrived(1)
    await eventually('all are under way', async () => (await story.ask('summary')).in_flight >= 3)
    await story.restart()
    assert.deepEqual(await Promise.all(replies), ['cut', 'cut', 'cut'])
    // nobody asked again after the pause
    assert.equal(one.requests.length, 1)
    assert.equal(story.daemon.book.ledger.open.size, 0)
  })
})
