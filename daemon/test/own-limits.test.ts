/** Limits that the user set, and headers that the user named, through the whole daemon. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const answer = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":3}}'

describe('limits of the user’s own', () => {
  let upstream: Upstream
  let story: Story
  let now = Date.parse('2026-11-22T10:00:00Z')
  const path = (provider: string) => `${story.url}/p/${provider}/v1/chat/completions`
  const call = (provider: string, name = 'm') =>
    exchange(path(provider), { body: JSON.stringify({ model: name, messages: [] }) })
  const names = () => upstream.requests.map(({ body }) => (JSON.parse(body.toString()) as { model: string }).model)

  before(async () => {
    upstream = await startUpstream()
    const up = { extends: 'openai', baseUrl: `${upstream.url}/v1` }
    const quotaHeaders = [
      { window: 'requests-hour', limit: 'X-Quota-Max', remaining: 'x-quota-left', reset: 'x-quota-resets' },
      { window: 'tokens-month', usedPercent: 'x-month' },
    ]
    const providers = {
      daily: { ...up, limits: { rpd: 2 } },
      single: { ...up, limits: { concurrent: 1 } },
      named: { ...up, quotaHeaders },
    }
    story = await start({ config: { timeZone: 'UTC', providers }, now: () => now })
  })
  beforeEach(() => {
    upstream.requests.length = 0
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  it('by the day hold over a restart, are shown as counted, and begin anew at midnight', async () => {
    upstream.script({ body: answer })
    assert.deepEqual([(await call('daily')).status, (await call('daily')).status], [200, 200])
    const refused = async () => {
      const reply = await call('daily')
      // who cannot wait so long is not made to try again and again
      assert.deepEqual([reply.status, reply.headers['x-tollkeeper-refusal']], [403, 'rate_limited'])
      assert.match(reply.body.toString(), /2 calls a day \(\\"rpd\\"\).*in 14h/)
    }
    await refused()
    await story.restart()
    await refused()
    assert.equal(upstream.requests.length, 2)

    const row = (await story.ask('ratelimits')).ratelimits.find((one) => one.provider === 'daily')
    assert.deepEqual([row?.account, row?.model, row?.status], ['*', '*', 'exhausted'])
    assert.equal(row?.reason, 'Your limit requests-day is used up.')
    const [window] = row?.windows ?? []
    assert.deepEqual(
      [window?.name, window?.source, window?.limit, window?.remaining, window?.resetsAt],
      ['requests-day', 'counted', 2, 0, Date.parse('2026-11-23T00:00:00Z')],
    )
    const shown = (await story.ask('summary')).limits.find((one) => one.provider === 'daily')
    assert.deepEqual([shown?.account_label, shown?.windows[0]?.remaining], ['daily, your limits', 0])

    now = Date.parse('2026-11-23T00:00:01Z')
    assert.equal((await call('daily')).status, 200)
  })

  it('let calls wait in line, one after another', async () => {
    const allHere = eventually('all three are here', async () => (await story.ask('summary')).in_flight === 3, 10_000)
    upstream.script({ body: answer, headAfter: allHere })
    const replies = await Promise.all(['a', 'b', 'c'].map((name) => call('single', name)))
    assert.ok(await allHere)
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 200, 200],
    )
    const { requests } = await story.ask('requests', { query: { limit: '3' } })
    assert.deepEqual(requests.map(({ model }) => model).sort(), ['a', 'b', 'c'])
  })

  it('let a call through only when the one before is over, and none whose client has left', async () => {
    upstream.script({ body: [answer.slice(0, 5), answer.slice(5)], between: 600_000 }, { body: answer })
    const begin = (name: string) => {
      const sent = request(path('single'), { method: 'POST', headers: { 'content-type': 'application/json' } })
      sent.on('error', () => {})
      sent.end(JSON.stringify({ model: name, messages: [] }))
      return sent
    }
    const running = (count: number) =>
      eventually(`${count} are here`, async () => (await story.ask('summary')).in_flight === count)
    const first = begin('first')
    await upstream.arrived(1)
    const second = begin('second')
    await running(2)
    const third = call('single', 'third')
    await running(3)
    second.destroy()
    await running(2)
    assert.deepEqual(names(), ['first'])
    first.destroy()
    assert.equal((await third).status, 200)
    assert.deepEqual(names(), ['first', 'third'])
  })

  it('are read from headers that the config names, and a window keeps what was last said of it until it expires', async () => {
    const left = (more: Record<string, string>) => ({ headers: Object.entries(more), body: answer })
    upstream.script(
      left({ 'X-Quota-Max': '100', 'X-Quota-Left': '40', 'X-Quota-Resets': '30m', 'X-Month': '12.5%' }),
      left({ 'x-month': '13', 'x-quota-left': 'a few' }),
      left({}),
    )
    const windows = async () => {
      assert.equal((await call('named')).status, 200)
      const row = (await story.ask('ratelimits')).ratelimits.find((one) => one.provider === 'named')
      assert.equal(row?.model, '*')
      return row?.windows.map((one) => [one.name, one.usedPct, one.remaining, one.source])
    }
    assert.deepEqual(await windows(), [
      ['requests-hour', 60, 40, 'header'],
      ['tokens-month', 12.5, null, 'header'],
    ])
    now += 60_000
    assert.deepEqual(await windows(), [
      ['requests-hour', 60, 40, 'header'],
      ['tokens-month', 13, null, 'header'],
    ])
    now += 30 * 60_000
    assert.deepEqual(await windows(), [
      ['requests-hour', 0, 100, 'header'],
      ['tokens-month', 13, null, 'header'],
    ])
  })
})
