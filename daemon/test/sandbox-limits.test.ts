/** The sandbox's small limits through the whole daemon: one model of its account is used up, the others are not. */
import assert from 'node:assert/strict'
import { WebSocket } from 'ws'
import { limits } from '../cli/limits.ts'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'

describe('small limits of the sandbox', () => {
  let story: Story
  before(async () => {
    story = await start({ sandbox: true })
  })
  after(() => story.end())

  const ask = (model: string) =>
    exchange(`${story.url}/p/sandbox/v1/chat/completions`, {
      body: JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] }),
    })

  it('are seen used up within seconds, as the provider says it', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await ask('sandbox-tiny')).status, 200)
    assert.equal((await ask('sandbox-1')).status, 200)
    const refused = await ask('sandbox-tiny')
    assert.equal(refused.status, 429)
    assert.equal(refused.headers['x-tollkeeper-refusal'], undefined)
    assert.match(refused.body.toString(), /rate_limit_exceeded/)
    const { ratelimits } = await story.ask('ratelimits')
    assert.deepEqual(ratelimits.map((row) => [row.account, row.model, row.status]).sort(), [
      ['sandbox', 'sandbox-1', 'tracking'],
      ['sandbox', 'sandbox-tiny', 'exhausted'],
    ])
  })

  it('show a plan that is used up in the headline', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await ask('sandbox-plan-tiny')).status, 200)
    assert.equal((await ask('sandbox-plan-tiny')).status, 429)
    const { headline, simulated } = await story.ask('summary')
    assert.ok(headline.kind === 'window')
    assert.deepEqual([simulated, headline.window.used_pct], [true, 100])
  })
})

describe('a chain within the sandbox', () => {
  let story: Story
  before(async () => {
    story = await start({ sandbox: true, config: { chains: { pair: ['sandbox/sandbox-tiny', 'sandbox/sandbox-1'] } } })
  })
  after(() => story.end())

  it('shows how work goes on past a limit, without a provider’s key: to the client, the feed, REST and the command', async () => {
    const heard: { type: string }[] = []
    const feed = new WebSocket(`${story.url.replace('http', 'ws')}/api/v1/feed`, {
      headers: { authorization: `Bearer ${story.daemon.token}` },
    })
    feed.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as { type: string }))
    await eventually('the feed says its summary', () => heard.length >= 2)
    const key = await story.key()
    const ask = (stream: boolean) =>
      exchange(`${story.url}/v1/chat/completions`, {
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({
          model: 'chain:pair',
          stream,
          max_tokens: 1,
          messages: [{ role: 'user', content: 'hi' }],
        }),
      })
    const served: unknown[] = []
    for (let i = 0; i < 8; i++) {
      const { status, headers } = await ask(i % 2 === 1)
      served.push([status, headers['x-tollkeeper-model'], headers['x-tollkeeper-attempts']])
    }
    assert.deepEqual(served, [
      ...Array.from({ length: 5 }, () => [200, 'sandbox-tiny', '1']),
      [200, 'sandbox-1', '2'],
      [200, 'sandbox-1', '1'],
      [200, 'sandbox-1', '1'],
    ])
    const rows = (await story.ask('ratelimits')).ratelimits
    assert.deepEqual(rows.map(({ model, status, cooldownUntil }) => [model, status, cooldownUntil !== null]).sort(), [
      ['sandbox-1', 'tracking', false],
      ['sandbox-tiny', 'exhausted', true],
    ])
    const { chains } = await story.ask('chains')
    assert.deepEqual(
      chains.map((chain) => [chain.chainName, chain.totalRequests]),
      [['pair', 8]],
    )
    assert.equal((await story.ask('statsSummary')).failedOverRequests, 1)
    const said = await eventually('the feed tells of it', () => heard.find(({ type }) => type === 'cooldown'))
    assert.match(JSON.stringify(said), /sandbox-tiny/)
    feed.close()

    let out = ''
    const say = (text: string) => void (out += text)
    const io = {
      out: say,
      err: say,
      json: false,
      columns: Infinity,
      env: {},
      now: Date.now,
      platform: process.platform,
    }
    assert.equal(await limits({ home: story.home }, io), 0)
    assert.match(out, /sandbox-tiny\).*\n  avoided until .*\n  sandbox/)
  })

  it('is listed beside the sandbox’s own models, which are served by their plain names', async () => {
    const headers = { authorization: `Bearer ${await story.key()}`, 'content-type': 'application/json' }
    const listed = await fetch(`${story.url}/v1/models`, { headers })
    const { data } = (await listed.json()) as { data: { id: string }[] }
    assert.deepEqual(
      data.slice(0, 2).map(({ id }) => id),
      ['chain:pair', 'sandbox/sandbox-small'],
    )
    const body = JSON.stringify({ model: 'sandbox-small', messages: [{ role: 'user', content: 'hi' }] })
    const reply = await fetch(`${story.url}/v1/chat/completions`, { method: 'POST', headers, body })
    assert.deepEqual([reply.status, reply.headers.get('x-tollkeeper-provider')], [200, 'sandbox'])
  })
})
