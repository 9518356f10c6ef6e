import assert from 'node:assert/strict'
import { CONTRACT_VERSION, type FeedMessage } from './contract/feed.ts'
import { type FeedState, openFeedClient } from './feed-client.ts'
import { totals } from './test/samples.ts'

type Fired = { readonly type: string; readonly data?: unknown }

/** Sockets and timers in the test's hand. */
function play(random = 0) {
  const sockets: { fire(event: Fired): void; sent: string[]; closed: boolean }[] = []
  const timers: { fn: () => void; ms: number; stopped: boolean }[] = []
  const states: FeedState[] = []
  const heard: FeedMessage[] = []
  let broken = false
  const client = openFeedClient({
    connect() {
      if (broken) throw new Error('no token')
      const listeners: [string, (event: Fired) => void][] = []
      const socket = {
        sent: new Array<string>(),
        closed: false,
        fire: (event: Fired) => {
          for (const [type, fn] of listeners) if (type === event.type) fn(event)
        },
      }
      sockets.push(socket)
      return {
        addEventListener: (type, fn) => void listeners.push([type, fn]),
        send: (text) => void socket.sent.push(text),
        close: () => {
          socket.closed = true
        },
      }
    },
    hello: { client: 'test', windowId: 'w' },
    on: (message) => heard.push(message),
    onState: (state) => states.push(state),
    now: () => 1000,
    random: () => random,
    setTimer(fn, ms) {
      const timer = { fn, ms, stopped: false }
      timers.push(timer)
      return () => {
        timer.stopped = true
      }
    },
  })
  const waiting = () => timers.filter((timer) => !timer.stopped)
  const say = (data: unknown, at = sockets.length - 1) =>
    sockets[at]?.fire({ type: 'message', data: typeof data === 'string' ? data : JSON.stringify(data) })
  return {
    client,
    sockets,
    states,
    heard,
    waiting,
    say,
    runTimer() {
      const timer = waiting()[0]
      assert.ok(timer)
      timer.stopped = true
      timer.fn()
    },
    breakConnect: () => {
      broken = true
    },
  }
}

const summary = {
  instance_id: 'i',
  version: '1',
  at: 't',
  url: 'u',
  time_zone: 'UTC',
  simulated: false,
  today: totals(),
  month: totals(),
  all_time: totals(),
  headline: { kind: 'none' },
  in_flight: 0,
  limits: [],
  budgets: [],
  recent: [],
  warnings: [],
  history: { from: null, segments: 0, bytes: 0, dropped: 0 },
}
const hello = { type: 'hello', contract: CONTRACT_VERSION, version: '1', instance_id: 'i' }
const first = (seq: number) => ({ type: 'summary', seq, summary })
const change = (seq: number) => ({ type: 'warning', seq, warnings: [] })

describe('the feed client', () => {
  it('says hello and passes on hello, summary and changes', () => {
    const p = play()
    p.sockets[0]?.fire({ type: 'open' })
    assert.deepEqual(JSON.parse(p.sockets[0]?.sent[0] ?? ''), {
      type: 'hello',
      contract: CONTRACT_VERSION,
      client: 'test',
      windowId: 'w',
    })
    for (const message of [hello, first(7), change(8), change(9)]) p.say(message)
    assert.deepEqual(
      p.heard.map((message) => message.type),
      ['hello', 'summary', 'warning', 'warning'],
    )
    assert.deepEqual(p.states.at(-1), { kind: 'live', instanceId: 'i' })
    assert.deepEqual(p.waiting(), [])
  })

  it('comes back after a gap, with a fresh summary', () => {
    const p = play()
    for (const message of [hello, first(1), change(3)]) p.say(message)
    assert.equal(p.heard.length, 2)
    assert.equal(p.sockets[0]?.closed, true)
    p.runTimer()
    for (const message of [hello, first(5), change(6)]) p.say(message)
    assert.equal(p.heard.length, 5)
  })

  it('steps over a kind of message it does not know, but not over its number', () => {
    const p = play()
    for (const message of [hello, first(1), { type: 'later', seq: 2 }, change(3)]) p.say(message)
    assert.deepEqual(p.states.at(-1)?.kind, 'live')
    p.say({ type: 'later', seq: 9 })
    assert.deepEqual(p.states.at(-1)?.kind, 'lost')
  })

  it('waits from half a second to half a minute, and less with jitter', () => {
    const waits = (random: number) => {
      const p = play(random)
      return [0, 1, 2, 3, 4, 5, 6, 7].map(() => {
        p.sockets.at(-1)?.fire({ type: 'close' })
        const ms = p.waiting()[0]?.ms
        p.runTimer()
        return ms
      })
    }
    assert.deepEqual(waits(0), [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000])
    assert.deepEqual(waits(1).slice(0, 2), [250, 500])
  })

  it('begins to wait anew once it was live', () => {
    const p = play()
    for (const _ of [1, 2, 3]) {
      p.sockets.at(-1)?.fire({ type: 'close' })
      p.runTimer()
    }
    p.say(hello)
    p.say(first(0))
    p.sockets.at(-1)?.fire({ type: 'close' })
    assert.equal(p.waiting()[0]?.ms, 500)
  })

  it('loses once for an error and its close, and hears nothing of an old socket', () => {
    const p = play()
    p.sockets[0]?.fire({ type: 'error' })
    p.sockets[0]?.fire({ type: 'close' })
    p.say(hello, 0)
    assert.deepEqual(
      p.states.map((state) => state.kind),
      ['connecting', 'lost'],
    )
    assert.equal(p.heard.length, 0)
    assert.deepEqual(p.states[1], { kind: 'lost', retryAt: 1500 })
  })

  it('reads nothing from a daemon of another contract and asks again later', () => {
    const p = play()
    p.say({ type: 'hello', contract: CONTRACT_VERSION + 1, other: true })
    assert.deepEqual(p.states.at(-1), {
      kind: 'mismatch',
      theirs: CONTRACT_VERSION + 1,
      ours: CONTRACT_VERSION,
      retryAt: 31000,
    })
    assert.equal(p.heard.length, 0)
  })

  for (const [what, message] of [
    ['a change before the summary', change(1)],
    ['something that is not JSON', '{'],
    ['a summary before hello', first(1)],
  ] as const) {
    it(`gives up a connection that says ${what}`, () => {
      const p = play()
      if (what.startsWith('a change')) p.say(hello)
      p.say(message)
      assert.equal(p.states.at(-1)?.kind, 'lost')
      assert.equal(p.sockets[0]?.closed, true)
    })
  }

  it('gives up a connection that never greets', () => {
    const p = play()
    p.sockets[0]?.fire({ type: 'open' })
    p.runTimer()
    assert.equal(p.states.at(-1)?.kind, 'lost')
  })

  it('counts a connect that throws as lost', () => {
    const p = play()
    p.breakConnect()
    p.sockets[0]?.fire({ type: 'close' })
    p.runTimer()
    assert.equal(p.states.at(-1)?.kind, 'lost')
    assert.equal(p.waiting()[0]?.ms, 1000)
  })

  it('tries at once when told to, and stays closed once closed', () => {
    const p = play()
    p.sockets[0]?.fire({ type: 'close' })
    p.client.retryNow()
    assert.equal(p.sockets.length, 2)
    p.client.close()
    p.client.retryNow()
    p.sockets[1]?.fire({ type: 'close' })
    assert.equal(p.sockets.length, 2)
    assert.deepEqual(p.waiting(), [])
    assert.deepEqual(p.states.at(-1), { kind: 'closed' })
  })
})
