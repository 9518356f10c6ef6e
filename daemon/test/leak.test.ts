/** Throws secrets at every surface and then looks for them wherever something is kept or said. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { openClient } from '../../shared/client.ts'
import { endpoints } from '../../shared/contract/endpoints/index.ts'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const own = 'sk-ant-api03-OwnSecretOfTheCaller0123456789'
const odd = 'an-odd-key-without-any-known-form-42'
const lent = 'LentSecretOfTheDaemonWithoutAnyKnownForm'
/** What holds secrets by design: readable by the user alone. */
const vault = new Set(['secrets.json', 'secrets.json.prev', 'daemon.json', 'config.jsonc'])

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : vault.has(name) ? [] : [path]
  })
}

describe('secrets', () => {
  let upstream: Upstream
  let story: Story
  let ours: string
  let token: string
  const heard: string[] = []
  const replies: string[] = []

  before(async () => {
    upstream = await startUpstream()
    story = await start({
      config: `{ "providers": { "up": { "extends": "openai", "baseUrl": "${upstream.url}/v1", "apiKey": "\${LENT}" }, "claude": { "extends": "anthropic", "baseUrl": "${upstream.url}" } } }`,
      env: { LENT: lent },
    })
    ours = await story.key('proxy')
    const asClient = openClient({ url: story.url, token: ours, fetch })
    const made = await asClient.ask('issueToken', { body: {} })
    assert.ok(made.ok)
    token = made.value.access_token
    const feed = new WebSocket(`${story.url.replace('http', 'ws')}/api/v1/feed`, {
      headers: { authorization: `Bearer ${story.daemon.token}` },
    })
    feed.on('message', (data: Buffer) => heard.push(data.toString()))
    await eventually('the feed says its summary', () => heard.length >= 2)

    // a provider that repeats whatever it was sent, in an error that is kept
    upstream.script((request) => ({
      status: 401,
      headers: [
        ['content-type', 'application/json'],
        ['x-request-id', String(request.headers.authorization ?? request.headers['x-api-key'])],
      ],
      body: JSON.stringify({
        error: {
          type: 'authentication_error',
          code: 'invalid_api_key',
          message: `Incorrect key: ${JSON.stringify(request.headers)} ${request.path}`,
        },
      }),
    }))
    const body = '{"model":"gpt-4o"}'
    const call = async (path: string, headers: Record<string, string>) =>
      replies.push((await exchange(`${story.url}${path}`, { body, headers })).body.toString())
    const ask = async (path: string, headers: Record<string, string>) =>
      replies.push((await exchange(`${story.url}${path}`, { headers })).body.toString())
    await call('/p/claude/v1/messages', { 'x-api-key': own })
    await call('/p/claude/v1/messages', { authorization: `Bearer ${odd}` })
    await call(`/p/up/v1/chat/completions?key=${odd}`, { authorization: `Bearer ${own}`, 'user-agent': `tool/${own}` })
    await call('/p/up/v1/chat/completions', { authorization: `Bearer ${ours}` })
    await call('/p/up/v1/chat/completions', { 'x-api-key': ours, authorization: `Bearer ${own}` })
    await call(`/p/up/v1/chat/completions?key=${ours}&a=1`, {})
    await call('/p/claude/v1/messages', { 'x-api-key': own, 'x-tollkeeper-key': ours })
    await call('/p/up/v1/chat/completions', { authorization: `Bearer ${story.daemon.token}` })
    await call('/p/up/v1/chat/completions', { authorization: `Bearer ${token}`, 'user-agent': `tool/${token}` })
    await call('/p/claude/v1/messages', { 'x-api-key': own, 'x-tollkeeper-key': token })
    await call(`/p/${token}/v1/chat/completions`, { authorization: `Bearer ${token}` })
    await ask(`/api/v1/requests/${token}`, { authorization: `Bearer ${token}` })
    await ask(`/dashboard/${token}`, { authorization: `Bearer ${token.slice(0, -4)}` })
    // ours by its form, but unknown: refused here
    await call('/p/up/v1/chat/completions', { authorization: 'Bearer tk_unknownunknownunknownunknownunknown000' })
    await call(`/p/${own}/v1/chat/completions`, { authorization: `Bearer ${own}` })
    await ask(`/api/v1/requests/${own}`, { authorization: `Bearer ${story.daemon.token}` })
    await ask('/api/v1/summary', { authorization: `Bearer ${own}` })
    await ask('/api/v1/nowhere', { authorization: `Bearer ${own}` })
    for (const row of Object.values(endpoints)) {
      if (row.method === 'GET')
        await ask(row.path.replace(/\{\w+\}/g, 'up'), { authorization: `Bearer ${story.daemon.token}` })
    }
    await story.daemon.book.flush()
    await story.daemon.book.compact()
    feed.close()
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  it('sent our keys and the local token nowhere', () => {
    assert.ok(upstream.requests.length >= 8)
    for (const request of upstream.requests) {
      const sent = `${request.path} ${request.rawHeaders.join(' ')} ${request.body.toString()}`
      for (const part of ['tk_', story.daemon.token, ...token.split('.')]) assert.ok(!sent.includes(part), sent)
    }
  })
  it("lent the daemon's key to holders of ours, and to nobody else", () => {
    const withLent = upstream.requests.filter((request) => request.headers.authorization === `Bearer ${lent}`)
    assert.equal(withLent.length, 5)
    for (const request of withLent)
      assert.ok(!request.rawHeaders.join(' ').includes(own), 'no credential of the caller rides along')
  })
  it("kept the caller's credential beside ours for its own origin", () => {
    const beside = upstream.requests.filter((request) => request.headers['x-api-key'] === own)
    assert.equal(beside.length, 3)
  })

  const places: [string, () => [string, string][]][] = [
    ['the log', () => story.log.map((line) => ['log', line])],
    ['the feed', () => heard.map((message) => ['feed', message])],
    ['the files of the home', () => filesBelow(story.home).map((file) => [file, readFileSync(file, 'latin1')])],
  ]
  for (const [place, contents] of places) {
    it(`stand nowhere in ${place}`, () => {
      const all = contents()
      assert.ok(all.length > 0, `${place} is there`)
      for (const [where, text] of all) {
        for (const secret of [own, odd, lent, ours, ...token.split('.').slice(1), story.daemon.token])
          assert.ok(!text.includes(secret), `${where}: ${text.slice(0, 2000)}`)
      }
    })
  }
  it('stand in no reply of ours, but what the provider itself said', () => {
    const said = replies.filter((text) => !text.includes('Incorrect key: {'))
    assert.ok(said.length > 8)
    for (const text of said)
      for (const secret of [own, lent, ours, ...token.split('.').slice(1), story.daemon.token])
        assert.ok(!text.includes(secret), text.slice(0, 2000))
  })
})
