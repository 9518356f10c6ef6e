import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { Entry, Event } from '../../shared/contract/event.ts'
import { CONTRACT_VERSION, type FeedMessage, feedMessage } from '../../shared/contract/feed.ts'
import type { Warning } from '../../shared/contract/warning.ts'
import { emptyLedger, fold } from '../ledger/ledger.ts'
import { alertOf } from '../ledger/views/alerts.ts'
import { countedLimitOf } from '../ledger/views/limits.ts'
import { standingOf } from '../ledger/views/standing.ts'
import { summaryOf } from '../ledger/views/summary.ts'
import { budgetFor, cooldownEvent, windowOf } from '../test/plain-events.ts'
import { ended } from '../test/sample-events.ts'
import { type FeedDeps, feedPath, openFeed } from './feed.ts'
import { limitsIn } from './messages.ts'

/** A list of who was added, each called with what is told. */
function watchers<T>() {
  const fns = new Set<(told: T) => void>()
  return {
    fns,
    watch: (fn: (told: T) => void) => {
      fns.add(fn)
      return () => void fns.delete(fn)
    },
    tell: (told: T) => {
      for (const fn of fns) fn(told)
    },
  }
}

async function start(more: Partial<FeedDeps> = {}) {
  const ledger = emptyLedger('UTC')
  const now = Date.parse('2026-03-10T12:00:00Z')
  const [entries, revoked, warned] = [watchers<Entry>(), watchers<void>(), watchers<void>()]
  const counted = watchers<string>()
  const warnings: Warning[] = []
  const live = new Set(['key_1', 'key_2'])
  const calls = { standing: 0 }
  const log = () => {}
  const history = { from: null, segments: 0, bytes: 0, dropped: 0 }
  const about = () => ({ instanceId: 'i', version: '0.1.0', url: 'http://127.0.0.1:1', inFlight: 0, warnings, history })
  const feed = openFeed({
    listenerOf(req) {
      const name = req.headers.authorization
      if (name === undefined) return Promise.resolve(undefined)
      const isLive = () => name === 'local' || live.has(name)
      return Promise.resolve({ name, mayRead: name !== 'proxy', isLive })
    },
    watchRevoked: revoked.watch,
    watchEntries: entries.watch,
    watchWarnings: warned.watch,
    warnings: () => warnings,
    summary: () => summaryOf(ledger, now, about()),
    standing() {
      calls.standing += 1
      return standingOf(ledger, now, 0)
    },
    limits: limitsIn(ledger, () => now),
    alertOf: (id) => alertOf(ledger, id, () => 'https://hooks.example.com'),
    watchCounted: counted.watch,
    countedLimit: (provider) => {
      const full = windowOf('requests-minute', { measuredAt: now, limit: 2, remaining: 0, source: 'counted' })
      return countedLimitOf(ledger, [{ provider, windows: [full] }], provider)
    },
    instanceId: 'i',
    version: '0.1.0',
    now: () => now,
    log: { debug: log, info: log, warn: log, error: log },
    failDelayMs: 0,
    ...more,
  })
  const server = createServer()
  const raw: Socket[] = []
  server.on('upgrade', (req, socket, head) => {
    raw.push(socket as Socket)
    feed.upgrade(req, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  let n = 0
  const opened: WebSocket[] = []

  return {
    feed,
    calls,
    live,
    counted,
    revoked,
    raw,
    url,
    warn(text: string) {
      warnings.splice(0)
      warnings.push({ code: 'unpriced-model', subject: 's', text, since: new Date(now).toISOString() })
      warned.tell()
    },
    watching: () => [entries, revoked, warned, counted].reduce((sum, { fns }) => sum + fns.size, 0),
    record(e: Event) {
      n += 1
      const entry: Entry = { origin: 'home', n, t: now, e }
      fold(ledger, entry)
      entries.tell(entry)
    },
    /** A client that keeps what it hears; `next(k)` waits until it has heard k messages. */
    async listen(authorization = 'key_1', protocols: string[] = []) {
      const socket = new WebSocket(url + feedPath, protocols, { headers: { authorization } })
      opened.push(socket)
      const heard: FeedMessage[] = []
      let wake = () => {}
      socket.on('message', (data: Buffer) => {
        heard.push(feedMessage.parse(JSON.parse(data.toString('utf8'))))
        wake()
      })
      const closed = new Promise<{ code: number }>((resolve) => socket.on('close', (code) => resolve({ code })))
      await once(socket, 'open')
      const next = async (count: number) => {
        while (heard.length < count) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        return heard
      }
      await next(2)
      return { socket, heard, next, closed }
    },
    /** The status and error code that an upgrade is refused with. */
    async refused(path: string, headers: Record<string, string>) {
      const socket = new WebSocket(url + path, { headers })
      const [, res] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
      let text = ''
      for await (const chunk of res) text += String(chunk)
      const { status_code, context } = JSON.parse(text) as { status_code: number; context: { code: string } }
      assert.equal(status_code, res.statusCode)
      return [res.statusCode, context.code]
    },
    async close() {
      feed.close()
      for (const socket of opened) socket.terminate()
      server.closeAllConnections()
      for (const socket of raw) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const quota: Event = {
  type: 'quota.read',
  provider: 'openai',
  account: 'abcdef012345',
  model: null,
  windows: [
    {
      name: '5h',
      usedPct: 38,
      limit: null,
      remaining: null,
      resetsAt: Date.parse('2026-03-10T15:00:00Z'),
      status: 'allowed',
      source: 'header',
      measuredAt: Date.parse('2026-03-10T12:00:00Z'),
    },
  ],
  representative: '5h',
  overageInUse: null,
}
const started = (): Event => {
  const { call, attempt, dialect, endpoint, stream, strategy, provider, account, model, chain } = ended()
  const { client, task, folder, user, feature, session, billing } = ended()
  const target = { call, attempt, dialect, endpoint, stream, strategy, provider, account, model, chain }
  const names = { client, task, folder, user, feature, session, billing }
  return { type: 'attempt.started', ...target, ...names, estimate: { input: 1, output: 1 } }
}
const refusal: Event = {
  type: 'call.refused',
  call: 'req_x',
  code: 'bad_key',
  status: 401,
  dialect: null,
  endpoint: '/v1/messages',
  client: 'x',
  provider: null,
}

describe('the feed', () => {
  let f: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    f = await start()
  })
  afterEach(() => f.close())

  it('says hello, the summary, then every change in order, with the sums after it', async () => {
    const { next } = await f.listen()
    f.record(started())
    f.record(ended({ last: false, status: 429, outcome: 'refused' }))
    f.record(ended({ attempt: 'req_01ARZ3NDEKTSV4RRFFQ69G5FAV.2', attempts: 2 }))
    f.record(quota)
    f.record(refusal)
    f.warn('no price')
    const heard = await next(8)
    assert.deepEqual(
      heard.map((message) => message.type),
      ['hello', 'summary', 'attempt.started', 'attempt.ended', 'attempt.ended', 'quota', 'call.refused', 'warning'],
    )
    assert.deepEqual(
      heard.slice(1).map((message) => 'seq' in message && message.seq),
      [0, 1, 2, 3, 4, 5, 6],
    )
    const [hello, , , failed, good, limit, , warning] = heard
    assert.deepEqual(hello, { type: 'hello', contract: CONTRACT_VERSION, version: '0.1.0', instance_id: 'i' })
    assert.ok(failed?.type === 'attempt.ended' && failed.request === null && failed.standing.today.requests === 0)
    assert.ok(good?.type === 'attempt.ended' && good.request?.attempts === 2 && good.standing.today.requests === 1)
    assert.ok(limit?.type === 'quota' && limit.limit.windows[0]?.used_pct === 38)
    assert.ok(warning?.type === 'warning' && warning.warnings[0]?.text === 'no price')
  })

  it('tells all limits of a provider whose cooldown was set, ended or lifted', async () => {
    const { next } = await f.listen()
    const named = { provider: 'openai', account: 'abcdef012345', model: null }
    const set = cooldownEvent({ ...named, until: Date.parse('2026-03-10T12:01:00Z') })
    f.record(quota)
    f.record(set)
    f.record({ type: 'cooldown.ended', ...named, why: 'answered' })
    f.record({ ...set, model: 'gpt-5' })
    f.record({ type: 'cooldown.lifted', ...named, account: null, why: 'asked' })
    const heard = await next(7)
    const told = heard.flatMap((message) => (message.type === 'cooldown' ? [message] : []))
    assert.deepEqual(
      told.map(({ provider, limits }) => [provider, ...limits.map((row) => [row.model, row.cooldown?.until ?? null])]),
      [
        ['openai', [null, '2026-03-10T12:01:00.000Z']],
        ['openai', [null, null]],
        ['openai', [null, null], ['gpt-5', '2026-03-10T12:01:00.000Z']],
        ['openai', [null, null]],
      ],
    )
  })

  it('works nothing out while nobody listens, and once an entry however many do', async () => {
    f.record(ended())
    assert.equal(f.calls.standing, 0)
    const [a, b] = [await f.listen(), await f.listen('key_2')]
    f.record(ended({ call: 'req_2' }))
    assert.deepEqual((await a.next(3))[2], (await b.next(3))[2])
    assert.equal(f.calls.standing, 1)
    const late = await f.listen('local')
    assert.ok(late.heard[1]?.type === 'summary' && late.heard[1].seq === 1)
  })

  it('replaces what the sandbox has shown by a summary at the first real call, and shows no more of it', async () => {
    const { next } = await f.listen()
    f.record(ended({ call: 'req_1', billing: 'simulated', provider: 'sandbox' }))
    f.record(ended({ call: 'req_2', billing: 'simulated', provider: 'sandbox' }))
    f.record(ended({ call: 'req_3' }))
    f.record(ended({ call: 'req_4', billing: 'simulated', provider: 'sandbox' }))
    const heard = await next(6)
    assert.deepEqual(
      heard.slice(2).map((message) => message.type),
      ['summary', 'attempt.ended', 'summary', 'attempt.ended'],
    )
    const [, , , second, real, hidden] = heard
    assert.ok(second?.type === 'attempt.ended' && second.request?.id === 'req_2' && second.standing.simulated)
    assert.ok(real?.type === 'summary' && !real.summary.simulated)
    assert.deepEqual(real?.type === 'summary' && real.summary.recent.map((row) => row.id), ['req_3'])
    assert.ok(hidden?.type === 'attempt.ended' && hidden.request === null)
  })

  it('tells of imported calls by one summary for all that come at once', async () => {
    await f.close()
    f = await start({ gatherMs: 20 })
    const { next } = await f.listen()
    for (let i = 0; i < 50; i++) {
      const startedAt = Date.parse('2026-03-09T12:00:00Z') + i
      f.record(ended({ call: `req_${i}`, attempt: `imp_${i}`, startedAt, imported: 'codex' }))
    }
    await next(3)
    assert.equal(f.calls.standing, 0)
    f.record(ended({ call: 'req_now' }))
    const heard = await next(4)
    assert.deepEqual(
      heard.slice(2).map((message) => ('seq' in message ? [message.type, message.seq] : [])),
      [
        ['summary', 1],
        ['attempt.ended', 2],
      ],
    )
    const [, , summary] = heard
    assert.ok(summary?.type === 'summary' && summary.summary.all_time.requests === 50)
    assert.equal(summary.summary.recent[0]?.imported, 'codex')
  })

  it('tells of the user’s own limits once for all changes that come at once', async () => {
    await f.close()
    f = await start({ gatherMs: 20 })
    const { next } = await f.listen()
    for (let i = 0; i < 50; i++) f.counted.tell(i % 2 ? 'slow' : 'vllm')
    const heard = await next(4)
    assert.deepEqual(
      heard.slice(2).map((message) => message.type === 'quota' && [message.limit.provider, message.limit.account]),
      [
        ['vllm', '*'],
        ['slow', '*'],
      ],
    )
  })

  it('tells all budgets as soon as one is set or removed, and once for all calls that come at once', async () => {
    await f.close()
    f = await start({ gatherMs: 20 })
    f.record({ type: 'budget.set', budget: budgetFor({ id: 'before' }) })
    const { next } = await f.listen()
    f.record({ type: 'budget.set', budget: budgetFor({ id: 'one' }) })
    f.record({ type: 'budget.removed', id: 'before' })
    f.record(ended({ call: 'req_s', billing: 'simulated', provider: 'sandbox' }))
    for (let i = 0; i < 3; i++) f.record(ended({ call: `req_${i}`, attempt: `req_${i}.1`, billed: 1_000_000_000 }))
    const heard = await next(9)
    const told = heard.flatMap((message) => (message.type === 'budget' ? [message] : []))
    const [hello, first] = heard
    assert.ok(hello?.type === 'hello' && first?.type === 'summary')
    assert.deepEqual(
      first.summary.budgets.map(({ id }) => id),
      ['before'],
    )
    assert.deepEqual(
      told.map(({ budgets }) => budgets.map(({ id, spent_usd }) => [id, spent_usd])),
      [
        [
          ['before', 0],
          ['one', 0],
        ],
        [['one', 0]],
        [['one', 3]],
      ],
    )
    assert.equal(told[2]?.standing.today.requests, 3)
    assert.equal(heard.indexOf(told[2] as FeedMessage), 8)
  })

  it('ends the feeds of a revoked key and no others', async () => {
    const [one, other] = [await f.listen('key_1'), await f.listen('key_2')]
    f.live.delete('key_1')
    f.revoked.tell()
    assert.equal((await one.closed).code, 4003)
    f.record(ended())
    assert.equal((await other.next(3))[2]?.type, 'attempt.ended')
    assert.equal(f.feed.clients(), 1)
  })

  it('takes a hello of its own contract and nothing else', async () => {
    const [good, newer, odd] = [await f.listen(), await f.listen(), await f.listen()]
    good.socket.send(JSON.stringify({ type: 'hello', client: 'test', contract: CONTRACT_VERSION, windowId: 'w' }))
    newer.socket.send(JSON.stringify({ type: 'hello', client: 'test', contract: CONTRACT_VERSION + 1 }))
    odd.socket.send('{"type":"subscribe"}')
    assert.equal((await newer.closed).code, 4010)
    assert.equal((await odd.closed).code, 1008)
    f.record(ended())
    assert.equal((await good.next(3))[2]?.type, 'attempt.ended')
  })

  it('cuts a client that says more than a hello can be', async () => {
    const { socket, closed } = await f.listen()
    socket.send('x'.repeat(17 * 1024))
    assert.equal((await closed).code, 1009)
  })

  it('echoes the subprotocol and never the page value behind it', async () => {
    const { socket } = await f.listen('key_1', ['tollkeeper.feed', 'the-page-value'])
    assert.equal(socket.protocol, 'tollkeeper.feed')
  })

  it('refuses who may not read, who is unknown, and any other path', async () => {
    assert.deepEqual(await f.refused(feedPath, {}), [401, 'bad_key'])
    assert.deepEqual(await f.refused(feedPath, { authorization: 'proxy' }), [403, 'forbidden'])
    assert.deepEqual(await f.refused('/api/v1/other', { authorization: 'local' }), [404, 'not_found'])
  })

  it('waits for nobody when it closes', async () => {
    const { socket } = await f.listen()
    socket.pause()
    const ended = once(f.raw.at(-1) as Socket, 'close')
    f.feed.close()
    await ended
    assert.equal(f.feed.clients(), 0)
  })

  it('lets go of everything when it closes', async () => {
    const { closed } = await f.listen()
    f.feed.close()
    assert.equal((await closed).code, 1001)
    assert.equal(f.watching(), 0)
  })
})

describe('the feed’s bounds', () => {
  it('has room for so many clients and no more', async () => {
    const f = await start({ maxClients: 1 })
    const { socket, closed } = await f.listen()
    assert.deepEqual(await f.refused(feedPath, { authorization: 'local' }), [503, 'too_much_held'])
    socket.close()
    await closed
    await f.close()
  })

  it('cuts a client that stops reading, and the others hear on', async () => {
    const f = await start()
    const slow = await f.listen('key_1')
    const quick = await f.listen('key_2')
    // what a stopped program looks like: its kernel takes some of it, then the rest waits with us
    slow.socket.pause()
    let sent = 0
    while (f.feed.clients() === 2 && sent < 500) {
      f.warn('x'.repeat(100_000))
      sent += 1
      await quick.next(2 + sent)
    }
    assert.equal(f.feed.clients(), 1)
    assert.deepEqual(f.feed.cut(), { slow: 1, silent: 0 })
    f.record(ended({ call: 'req_last' }))
    const last = (await quick.next(3 + sent)).at(-1)
    assert.ok(last?.type === 'attempt.ended' && last.request?.id === 'req_last')
    await f.close()
  })

  it('cuts a client that answers no ping, and one whose key has expired', async () => {
    const f = await start({ pingMs: 20 })
    const silent = await f.listen('key_1')
    const expired = await f.listen('key_2')
    const good = await f.listen('local')
    f.live.delete('key_2')
    assert.equal((await expired.closed).code, 4003)
    silent.socket.pause()
    while (f.feed.clients() > 1) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(f.feed.cut(), { slow: 0, silent: 1 })
    f.record(ended())
    assert.equal((await good.next(3))[2]?.type, 'attempt.ended')
    await f.close()
  })
})
