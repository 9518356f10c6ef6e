/** The daemon's figures of itself: what they say while something waits, when they warn, and that they hold nothing up. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { WebSocket } from 'ws'
import { openLoopLag } from './loop-lag.ts'
import { figuresOf } from './own-figures.ts'
import { type Look, openOwnWarnings } from './own-warnings.ts'
import { exchange } from './test/exchange.ts'
import { eventually, start } from './test/start.ts'
import { startUpstream } from './test/upstream.ts'

function looked() {
  const standing = new Set<string>()
  const look = openOwnWarnings(
    { raise: (code) => void standing.add(code), clear: (code) => void standing.delete(code) },
    '/home/of/it',
  )
  const calm: Look = { lag: { p50: 0, p99: 0.01, max: 0.1 }, backlog: 0, feedsCut: 0 }
  return (more: Partial<Look> = {}, times = 1) => {
    for (let i = 0; i < times; i++) look({ ...calm, ...more })
    return [...standing]
  }
}

describe('own warnings', () => {
  const lag = (p99: number, max: number) => ({ lag: { p50: 0, p99, max } })

  it('tell of a loop that was blocked, until it was not for five minutes', () => {
    const look = looked()
    assert.deepEqual(look(lag(0.1, 0.9)), [])
    assert.deepEqual(look(lag(0.01, 1)), ['loop-blocked'])
    assert.deepEqual(look({}, 9), ['loop-blocked'])
    assert.deepEqual(look(lag(0.2, 0.3)), ['loop-blocked'])
    assert.deepEqual(look({}, 9), ['loop-blocked'])
    assert.deepEqual(look(), [])
  })

  it('take a machine that slept for nothing else', () => {
    assert.deepEqual(looked()(lag(3600, 3600)), [])
  })

  it('tell of lines that wait for the disk, until nearly none do', () => {
    const look = looked()
    assert.deepEqual(look({ backlog: 999 }), [])
    assert.deepEqual(look({ backlog: 1000 }), ['journal-behind'])
    assert.deepEqual(look({ backlog: 101 }), ['journal-behind'])
    assert.deepEqual(look({ backlog: 100 }), [])
  })

  it('tell of listeners that were cut in five minutes, not of one now and then', () => {
    const look = looked()
    look()
    for (let n = 1; n <= 10; n++) assert.deepEqual(look({ feedsCut: n }, 6), [], `after ${n}`)
    assert.deepEqual(look({ feedsCut: 13 }), ['feeds-cut'])
    assert.deepEqual(look({ feedsCut: 13 }, 9), ['feeds-cut'])
    assert.deepEqual(look({ feedsCut: 13 }), [])
  })
})

describe('the lag of the event loop', () => {
  it('is what was waited, without the time between two looks', async () => {
    const lag = openLoopLag()
    try {
      // what is measured lies between two looks: the first is over by then
      await new Promise((resolve) => setTimeout(resolve, 300))
      const until = performance.now() + 700
      while (performance.now() < until);
      // its look is due since long: it comes before this one
      await new Promise((resolve) => setTimeout(resolve, 150))
      const { max } = lag.turn()
      assert.ok(max >= 0.5, `${max}`)
      assert.deepEqual(lag.now().max, max, 'the last span stands until the next is over')
    } finally {
      lag.close()
    }
  })

  it('keeps no process alive', () => {
    const code = `require('node:perf_hooks').monitorEventLoopDelay({ resolution: 100 }).enable()`
    // it would be ended by the time limit, which throws
    execFileSync(process.execPath, ['-e', code], { timeout: 20_000 })
  })
})

describe('own figures', () => {
  it('are counters where they count up from the start, and say so by their names', () => {
    const figures = figuresOf({
      lag: { p50: 0.01, p99: 0.02, max: 0.03 },
      ...{ inLine: 1, heldBodyBytes: 2, webhooksWaiting: 6 },
      feed: { clients: 3, cut: { slow: 4, silent: 5 } },
      log: { lost: 7, leftOut: 8 },
    })
    const counting = figures.filter(({ counts }) => counts)
    assert.deepEqual(
      counting.map(({ name, value }) => [name, value]),
      [
        ['feed_clients_cut_slow_total', 4],
        ['feed_clients_cut_silent_total', 5],
        ['log_lines_lost_total', 7],
        ['log_lines_left_out_total', 8],
      ],
    )
    assert.deepEqual(
      figures.filter(({ name }) => name.endsWith('_total')),
      counting,
    )
    assert.equal(figures.length, new Set(figures.map(({ name }) => name)).size)
  })

  it('say over /metrics what waits and who listens', async () => {
    const upstream = await startUpstream()
    const story = await start({
      config: {
        providers: {
          up: {
            extends: 'openai',
            baseUrl: `${upstream.url}/v1`,
            local: true,
            passthrough: true,
            limits: { concurrent: 1 },
          },
        },
      },
    })
    try {
      const value = async (name: string) => {
        const { body } = await exchange(`${story.url}/metrics`)
        const found = new RegExp(`^tollkeeper_${name} (\\S+)$`, 'm').exec(body.toString())
        assert.ok(found, name)
        return Number(found[1])
      }
      const feed = new WebSocket(`${story.url.replace('http', 'ws')}/api/v1/feed`, {
        headers: { authorization: `Bearer ${story.daemon.token}` },
      })
      await eventually('the feed is open', async () => (await value('feed_clients')) === 1)

      const body = '{"id":"1","model":"m","usage":{"prompt_tokens":1,"completion_tokens":1}}'
      upstream.script({ body, headAfter: 1500 }, { body })
      const call = () => exchange(`${story.url}/p/up/v1/chat/completions`, { body: '{"model":"m"}' })
      const calls = [call(), call()]
      await eventually('one runs and one stands in line', async () => (await value('calls_in_line')) === 1)
      assert.equal(await value('held_body_bytes'), 2 * '{"model":"m"}'.length)
      for (const reply of await Promise.all(calls)) assert.equal(reply.status, 200)
      await story.daemon.book.flush()
      await eventually('nothing waits any more', async () => (await value('held_body_bytes')) === 0)
      const names = [
        'calls_in_line',
        'feed_clients_cut_slow_total',
        'webhook_deliveries_waiting',
        'log_lines_lost_total',
      ]
      for (const name of names) assert.equal(await value(name), 0, name)
      for (const name of ['p50', 'p99', 'max']) assert.ok((await value(`event_loop_lag_${name}_seconds`)) >= 0)
      feed.close()
      await eventually('nobody listens', async () => (await value('feed_clients')) === 0)
    } finally {
      await story.end()
      await upstream.close()
    }
  })
})
