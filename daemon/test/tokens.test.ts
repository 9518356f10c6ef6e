/** A token that stands for a key of ours, through the whole daemon: calls, the feed, a restart; and it never goes upstream. */
import assert from 'node:assert/strict'
import { WebSocket } from 'ws'
import { openClient } from '../../shared/client.ts'
import { exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const body = '{"model":"gpt-4o","messages":[]}'
const answer =
  '{"id":"c","model":"gpt-4o","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'

describe('a token of ours', () => {
  let upstream: Upstream
  let story: Story
  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(() => ({ headers: [['content-type', 'application/json']], body: answer }))
    const provider = (more: object) => ({ baseUrl: `${upstream.url}/v1`, ...more })
    story = await start({
      config: {
        providers: {
          up: provider({ extends: 'openai', apiKey: '${LENT}' }),
          other: provider({ extends: 'openai', apiKey: '${LENT}' }),
          openai: provider({}),
        },
      },
      env: { LENT: 'the-lent-key-of-up' },
    })
  })
  afterEach(async () => {
    await story.end()
    await upstream.close()
  })

  const tokenOf = async (key: string) => {
    const reply = await openClient({ url: story.url, token: key, fetch }).ask('issueToken', { body: {} })
    assert.ok(reply.ok)
    return reply.value.access_token
  }
  const call = (headers: Record<string, string>, path = '/p/up/v1/chat/completions') =>
    exchange(`${story.url}${path}`, { body, headers })
  const listening = (token: string) => {
    const socket = new WebSocket(`${story.url.replace('http', 'ws')}/api/v1/feed`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    const said = new Promise<string>((resolve, reject) => {
      socket.once('message', (data: Buffer) => resolve(data.toString()))
      socket.on('error', reject)
    })
    return { closed, said }
  }

  it('is taken wherever its key is, and stays here', async () => {
    const token = await tokenOf(await story.key('proxy'))
    const basic = `Basic ${Buffer.from(`x:${token}`).toString('base64')}`
    const own = 'sk-own-credential-of-the-caller'
    for (const [headers, path] of [
      [{ authorization: `Bearer ${token}` }],
      [{ authorization: basic }],
      [{ 'x-api-key': token }],
      [{ 'x-goog-api-key': token }],
      [{ 'api-key': token }],
      [{ 'x-tollkeeper-key': token }],
      [{}, `/p/up/v1/chat/completions?key=${token}&a=1`],
      [{}, `/k/${token}/p/up/v1/chat/completions`],
      [{ authorization: `Bearer ${token}`, 'x-note': `it was ${token}`, 'user-agent': token }],
      [{ authorization: `Bearer ${token}` }, `/p/up/v1/chat/completions?note=${token}`],
      [{ authorization: `Bearer ${own}`, 'x-tollkeeper-key': token }, '/v1/chat/completions'],
    ] as [Record<string, string>, string?][]) {
      assert.equal((await call(headers, path)).status, 200, JSON.stringify([headers, path]))
    }
    assert.equal((await call({ authorization: `Bearer ${token}` }, `/p/up/v1/${token}`)).status, 400)
    assert.equal(upstream.requests.length, 11)
    const parts = token.split('.')
    for (const request of upstream.requests) {
      const sent = `${request.path} ${request.rawHeaders.join(' ')} ${request.body.toString()}`
      for (const part of [...parts.slice(1), basic]) assert.ok(!sent.includes(part), sent)
    }
  })

  it('does for a call what its key may, and is counted as its key', async () => {
    const made = await story.ask('createKey', { body: { name: 'ci', scope: 'proxy', providers: ['other'] } })
    const token = await tokenOf(made.key)
    const told = await call({ authorization: `Bearer ${token}` })
    assert.deepEqual([told.status, told.headers['x-tollkeeper-refusal']], [403, 'key_not_for_provider'])
    const served = await call({ authorization: `Bearer ${token}` }, '/p/other/v1/chat/completions')
    assert.equal(served.status, 200)
    const entries = await story.daemon.book.entriesOf(String(served.headers['x-tollkeeper-request-id']))
    assert.deepEqual(
      entries.map(({ e }) => e.type === 'attempt.started' && [e.key, e.user]),
      [[made.id, 'ci'], false],
    )
  })

  it('is refused in words of the dialect where it is worth nothing', async () => {
    const key = await story.key('proxy')
    const token = await tokenOf(key)
    const [header = '', payload = ''] = token.split('.')
    for (const bad of [`${header}.${payload}.`, `${token.slice(0, -4)}`, `${token}.x`]) {
      const told = await call({ authorization: `Bearer ${bad}` })
      assert.deepEqual([told.status, told.headers['x-tollkeeper-refusal']], [401, 'bad_key'])
      assert.ok(!told.body.toString().includes(payload))
    }
    assert.equal((await story.client.ask('revokeToken', { body: { token } })).ok, true)
    assert.equal((await call({ authorization: `Bearer ${token}` })).status, 401)
    assert.equal((await call({ authorization: `Bearer ${key}` })).status, 200)
    assert.equal(upstream.requests.length, 1)
  })

  it('lives on over a restart, and so does its end', async () => {
    const key = await story.key('read')
    const [kept, revoked] = [await tokenOf(key), await tokenOf(key)]
    await story.ask('revokeToken', { body: { token: revoked } })
    await story.restart()
    const status = async (token: string) =>
      (await exchange(`${story.url}/api/v1/summary`, { headers: { authorization: `Bearer ${token}` } })).status
    assert.deepEqual([await status(kept), await status(revoked)], [200, 401])
  })

  it('opens the feed, which ends with it, or with its key', async () => {
    const made = await story.ask('createKey', { body: { name: 'a', scope: 'read' } })
    const [one, two] = [await tokenOf(made.key), await tokenOf(made.key)]
    const [first, second] = [listening(one), listening(two)]
    assert.match(await first.said, /"type":"hello"/)
    assert.match(await second.said, /"type":"hello"/)
    await story.ask('revokeToken', { body: { token: one } })
    assert.equal(await first.closed, 4003)
    await story.ask('revokeKey', { params: { id: made.id } })
    assert.equal(await second.closed, 4003)
    await assert.rejects(listening(two).said, /401/)
    await assert.rejects(listening(await tokenOf(await story.key('proxy'))).said, /403/)
  })
})
