/** From a reply's headers, or a call's price, to what a webhook hears, over the whole daemon and its restarts. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { AlertBody, AlertRow } from '../../shared/contract/alert.ts'
import type { Config } from '../../shared/contract/config.ts'
import { type FeedMessage, feedMessage } from '../../shared/contract/feed.ts'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const secret = 'secret-of-the-hook-0123456789'
const hour = 3_600_000

describe('alerts', () => {
  let upstream: Upstream
  let receiver: Upstream
  let story: Story
  let clock: { now: number }

  beforeEach(async () => {
    upstream = await startUpstream()
    receiver = await startUpstream()
    receiver.script({ status: 204 })
    clock = { now: Date.now() }
  })
  afterEach(async () => {
    await story.end()
    await receiver.close()
    await upstream.close()
  })

  async function open(more: Config = {}, env: NodeJS.ProcessEnv = { HOOK_SECRET: secret }) {
    const config: Config = {
      timeZone: 'UTC',
      providers: { up: { extends: 'anthropic', baseUrl: `${upstream.url}/v1` } },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the config's own variable
      webhooks: [{ url: `${receiver.url}/hook/part-of-the-address`, secret: '${HOOK_SECRET}' }],
      ...more,
    }
    story = await start({ config, env, now: () => clock.now, sandbox: true })
  }

  /** A call within a plan, whose reply says how much of five hours is used. */
  async function callAt(fiveHours: number, status = 200, credential = 'sk-ant-oat01-test'): Promise<void> {
    upstream.script({
      status,
      headers: [
        ['content-type', 'application/json'],
        ['anthropic-ratelimit-unified-status', fiveHours >= 1 ? 'rejected' : 'allowed'],
        ['anthropic-ratelimit-unified-5h-utilization', String(fiveHours)],
        ['anthropic-ratelimit-unified-5h-reset', String(Math.ceil((clock.now + 2 * hour) / 1000))],
      ],
      body: JSON.stringify({ model: 'claude-sonnet-4-5', usage: { input_tokens: 1000, output_tokens: 1000 } }),
    })
    await exchange(`${story.url}/p/up/v1/messages`, {
      headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}` },
      body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 9, messages: [] }),
    })
  }

  const alerts = async () => (await story.ask('alerts', {})).alerts
  const until = (what: string, is: (rows: AlertRow[]) => boolean) =>
    eventually(what, async () => {
      const rows = await alerts()
      return is(rows) && rows
    })
  const heard = () => receiver.requests.map(({ body }) => JSON.parse(body.toString()) as AlertBody)
  const kinds = (rows: readonly { type: string; threshold: number }[]) =>
    rows.map(({ type, threshold }) => `${type} ${threshold}`)

  it('of a plan that is nearly used up reach webhook, feed and API, once, and nothing of the webhook is kept', async () => {
    await open()
    const said: FeedMessage[] = []
    const texts: string[] = []
    const feed = new WebSocket(`${story.url.replace('http', 'ws')}/api/v1/feed`, {
      headers: { authorization: `Bearer ${story.daemon.token}` },
    })
    feed.on('message', (data: Buffer) => {
      texts.push(data.toString())
      said.push(feedMessage.parse(JSON.parse(data.toString())))
    })
    await eventually('the feed says its summary', () => said.length >= 2)

    await callAt(0.95)
    const [row] = await until('the webhook has heard', ([first]) => first?.deliveries[0]?.state === 'delivered')
    assert.ok(row)
    await callAt(0.96)
    await story.restart()
    await callAt(0.97)
    await callAt(1, 429)
    const rows = await until(
      'the second one is heard',
      ([first]) => first?.deliveries[0]?.state === 'delivered' && first.threshold === 100,
    )
    assert.deepEqual(kinds(rows), ['quota 100', 'quota 90'])
    assert.deepEqual(kinds(heard()), ['quota 90', 'quota 100'])
    const { deliveries, ...same } = row
    assert.deepEqual(heard()[0], same)
    assert.deepEqual([deliveries.length, deliveries[0]?.to], [1, receiver.url])

    const [request] = receiver.requests
    const [, t = '', v1] = /^t=(\d+),v1=(.*)$/.exec(String(request?.headers['x-tollkeeper-signature'])) ?? []
    assert.equal(
      v1,
      createHmac('sha256', secret)
        .update(`${t}.${String(request?.body)}`)
        .digest('hex'),
    )

    const ofFeed = said.flatMap((message) => (message.type === 'alert' ? [message] : []))
    assert.deepEqual(
      ofFeed.map(({ is_new, alert }) => [is_new, alert.deliveries[0]?.state]),
      [
        [true, 'waiting'],
        [false, 'delivered'],
      ],
    )
    const told = await exchange(`${story.url}/api/v1/config`, {
      headers: { authorization: `Bearer ${story.daemon.token}` },
    })
    const journal = join(story.home, 'journal')
    const files = readdirSync(journal).map((name) => readFileSync(join(journal, name), 'latin1'))
    const kept = [...texts, ...story.log, ...files, JSON.stringify(await alerts()), String(told.body)].join('\n')
    for (const part of [secret, 'part-of-the-address']) assert.ok(!kept.includes(part), part)
  })

  it('that a webhook did not take are told again after a restart, at their time', async () => {
    receiver.script({ status: 503 }, { status: 200 })
    await open()
    await callAt(0.95)
    const [row] = await until('it was tried', ([first]) => first?.deliveries[0]?.tries === 1)
    const [delivery] = row?.deliveries ?? []
    assert.deepEqual([delivery?.state, delivery?.status, delivery?.error], ['waiting', 503, 'it answered 503'])
    const wait = Date.parse(String(delivery?.next_at)) - clock.now
    assert.ok(wait >= 8000 && wait <= 12_000, `${wait} ms: 10 s, a fifth more or less`)
    await story.restart()
    assert.equal((await alerts())[0]?.deliveries[0]?.tries, 1)
    clock.now += wait
    await story.restart()
    await until('it is heard', ([first]) => first?.deliveries[0]?.state === 'delivered')
    assert.deepEqual(
      heard().map(({ id }) => id),
      [row?.id, row?.id],
    )
  })

  it('of a budget are told once a share, over restarts and compactions, with when it will be passed', async () => {
    clock.now = Date.parse('2026-03-10T12:00:00Z')
    // a call costs 0.018
    await open({ budgets: [{ id: 'day', period: 'day', limitUsd: 0.045, warnAt: [0.3, 0.5, 0.7] }] })
    const call = () => callAt(0.1, 200, 'sk-ant-api03-test')
    await call()
    const [first] = await until('the webhook has heard', ([row]) => row?.deliveries[0]?.state === 'delivered')
    assert.equal(first?.text, 'Daily budget: 40% of $0.05 used.')
    await story.ask('compact', { body: {} })
    await story.restart()
    clock.now += hour
    await call()
    await until(
      'the highest of two is heard',
      (rows) => rows.length === 2 && rows[0]?.deliveries[0]?.state === 'delivered',
    )
    await story.restart()
    await call()
    await until('the limit is heard', (rows) => rows.length === 3 && rows[0]?.deliveries[0]?.state === 'delivered')
    await story.restart()
    assert.deepEqual(kinds(heard()), ['budget 30', 'budget 70', 'budget 100'])
    assert.deepEqual(
      heard().map(({ text }) => text),
      [
        'Daily budget: 40% of $0.05 used.',
        'Daily budget: 80% of $0.05 used, over by 16:15 at this pace.',
        'Daily budget is used up: $0.05 of $0.05.',
      ],
    )
    const since = Date.parse('2026-03-10T00:00:00Z')
    assert.deepEqual(
      heard().map(({ id }) => id),
      [30, 70, 100].map((share) => `budget:day:${since}:0.045:${share}`),
    )
  })

  it('are none for what the sandbox says of its limits', async () => {
    await open()
    const ask = () =>
      exchange(`${story.url}/p/sandbox/v1/chat/completions`, {
        body: JSON.stringify({
          model: 'sandbox-plan-tiny',
          max_tokens: 1,
          messages: [{ role: 'user', content: 'hi' }],
        }),
      })
    for (let n = 0; n < 5; n++) await ask()
    assert.equal((await ask()).status, 429)
    const { headline } = await story.ask('summary')
    assert.ok(headline.kind === 'window' && headline.window.used_pct === 100)
    await callAt(0.95)
    assert.deepEqual(kinds(await until('the real one is raised', (rows) => rows.length > 0)), ['quota 90'])
  })

  it('wait for a webhook whose variable is not set, and are given up for one that is taken out', async () => {
    await open({}, {})
    const off = (await story.ask('warnings', {})).warnings.find(({ code }) => code === 'webhook-off')
    assert.match(off?.text ?? '', /webhook 1 is told of nothing: the environment variable HOOK_SECRET is not set/)
    await callAt(0.95)
    const [row] = await until('it is raised', (rows) => rows.length > 0)
    assert.equal(row?.deliveries[0]?.state, 'waiting')
    writeFileSync(join(story.home, 'config.jsonc'), '{ not a config')
    await story.restart()
    assert.equal((await alerts())[0]?.deliveries[0]?.state, 'waiting', 'nobody knows what the file means')
    writeFileSync(join(story.home, 'config.jsonc'), '{ "timeZone": "UTC" }')
    await story.restart()
    const [given] = await until('it is given up', ([first]) => first?.deliveries[0]?.state === 'given-up')
    assert.deepEqual([given?.deliveries[0]?.why, given?.deliveries[0]?.to], ['removed', null])
    assert.equal(receiver.requests.length, 0)
  })

  const bad: readonly [what: string, webhooks: object[], words: RegExp][] = [
    [
      'http beyond this machine',
      [{ url: 'http://hooks.example.com/x', secret: 's' }],
      /webhooks\.0\.url is not valid: it must begin with https/,
    ],
    [
      'a user name in the address',
      [{ url: 'https://me:pw@hooks.example.com/x', secret: 's' }],
      /hold no user name or password/,
    ],
    [
      'a name that only begins like this machine',
      [{ url: 'http://localhost.example.com/x', secret: 's' }],
      /it must begin with https/,
    ],
    ['no secret', [{ url: 'https://hooks.example.com/x' }], /webhooks\.0\.secret must be text/],
    [
      'the same address twice',
      [
        { url: 'https://hooks.example.com/x', secret: 's' },
        { url: 'https://hooks.example.com/x', secret: 'other' },
      ],
      /webhooks\.1\.url is the address of another webhook too/,
    ],
  ]
  it('need a webhook that may be called: the config says what is wrong, and never the address', async () => {
    await open()
    for (const [what, webhooks, words] of bad) {
      writeFileSync(join(story.home, 'config.jsonc'), JSON.stringify({ webhooks }))
      await story.restart()
      const text = (await story.ask('warnings', {})).warnings.map((warning) => warning.text).join('\n')
      assert.match(text, words, what)
      assert.ok(!/example\.com|pw/.test(text), text)
    }
  })
})
