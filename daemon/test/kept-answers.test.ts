/** Answers that a provider keeps, over kill -9 and over a snapshot: whose they are, and that one in the background counts once. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient } from '../../shared/client.ts'
import { type Asking, exchange } from './exchange.ts'
import { type DaemonProcess, killLeft, startProcess } from './process.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const usage = { input_tokens: 100, output_tokens: 20, total_tokens: 120 }
const response = (id: string, more: object = {}) => ({
  body: JSON.stringify({ id, object: 'response', status: 'completed', model: 'gpt-5.2', output: [], usage, ...more }),
})
const pending = { status: 'queued', background: true, usage: null }
const body = (more: object = {}) => JSON.stringify({ model: 'other/gpt-5.2', input: 'hi', ...more })

describe('answers that a provider keeps, over the death of the daemon', function () {
  this.timeout(60_000)
  let home: string
  let upstream: Upstream
  let daemon: DaemonProcess
  let mine: string
  let theirs: string
  const client = () => openClient({ url: daemon.url, token: daemon.discovery.token, fetch })
  const made = async (name: string) => {
    const reply = await client().ask('createKey', { body: { name, scope: 'proxy' } })
    assert.ok(reply.ok)
    return reply.value.key
  }
  const ask = (authorization: string, path: string, asking: Asking = {}) =>
    exchange(`${daemon.url}${path}`, {
      ...asking,
      headers: { authorization: `Bearer ${authorization}`, ...asking.headers },
    })
  const rows = async () => {
    const reply = await client().ask('requests', { query: { limit: '100' } })
    assert.ok(reply.ok)
    return reply.value.requests
  }
  const killed = async () => {
    await daemon.kill()
    daemon = await startProcess(home)
  }
  /** What it knows comes out of its snapshot, and out of no segment. */
  const compacted = async () => {
    assert.ok((await client().ask('compact', { body: {} })).ok)
    await killed()
  }

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-kept-'))
    upstream = await startUpstream()
    const config = {
      providers: {
        openai: { baseUrl: `${upstream.url}/v1` },
        other: { extends: 'openai', baseUrl: `${upstream.url}/other/v1`, apiKey: 'sk-lent-9876543210' },
      },
    }
    writeFileSync(join(home, 'config.jsonc'), JSON.stringify(config))
    daemon = await startProcess(home)
    mine = await made('mine')
    theirs = await made('theirs')
  })
  afterEach(async () => {
    killLeft()
    await upstream.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })

  it('are gone on from by the key that made them, and by no other', async () => {
    upstream.script(response('resp_mine'))
    await ask(mine, '/v1/responses', { body: body() })
    const on = { body: body({ previous_response_id: 'resp_mine' }) }
    for (const again of [killed, compacted, killed]) {
      await again()
      const before = upstream.requests.length
      for (const [path, asking] of [
        ['/v1/responses', on],
        ['/v1/responses/resp_mine', {}],
      ] as const) {
        assert.equal((await ask(theirs, path, asking)).status, 404)
        assert.equal(upstream.requests.length, before)
      }
      upstream.script(response('resp_next'), response('resp_mine'))
      assert.equal((await ask(mine, '/v1/responses', on)).status, 200)
      assert.equal((await ask(mine, '/v1/responses/resp_mine')).status, 200)
      assert.equal(upstream.requests.at(-1)?.path, '/other/v1/responses/resp_mine')
    }
  })

  for (const [whose, key, start, path] of [
    ['on a lent key', () => mine, '/v1/responses', '/v1/responses/resp_bg'],
    ['on an own account', () => 'sk-own-0123456789', '/p/openai/v1/responses', '/v1/responses/resp_bg'],
  ] as const) {
    it(`in the background ${whose} are counted once, whenever the daemon died`, async () => {
      upstream.script(response('resp_bg', pending))
      const headers = { 'x-tollkeeper-task': 'extraction' }
      await ask(key(), start, { body: body({ background: true }), headers })
      await killed()
      upstream.script(response('resp_bg', { ...pending, status: 'in_progress' }))
      await ask(key(), path)
      assert.equal((await rows()).length, 1, 'asking too early counts nothing')
      await compacted()
      upstream.script(response('resp_bg'), response('resp_bg'))
      await ask(key(), path)
      const [told, begun] = await rows()
      assert.deepEqual([told?.totalTokens, told?.task, begun?.totalTokens], [120, 'extraction', null])
      assert.equal(told?.model, begun?.model)
      await ask(key(), path)
      assert.equal((await rows()).length, 2, 'asking again counts nothing')
      for (const again of [killed, compacted]) {
        await again()
        upstream.script(response('resp_bg'))
        assert.equal((await ask(key(), path)).status, 200)
        assert.equal((await rows()).length, 2, 'nor does it after a restart')
      }
    })
  }

  it('are written down by their id where somebody needs it, and never where it has the form of a secret', async () => {
    const secret = `sk-${'x'.repeat(20)}`
    upstream.script(response('resp_own'), response('resp_lent'), response(secret), response('r'.repeat(201)))
    await ask('sk-own-0123456789', '/p/openai/v1/responses', { body: body() })
    for (let i = 0; i < 3; i++) await ask(mine, '/v1/responses', { body: body() })
    await daemon.kill()
    const journal = join(home, 'journal')
    const lines = readdirSync(journal)
      .map((name) => readFileSync(join(journal, name), 'utf8'))
      .join('')
    assert.deepEqual(
      [...lines.matchAll(/"keptAs":"([^"]*)"/g)].map(([, id]) => id),
      ['resp_lent'],
    )
    assert.ok(!lines.includes(secret))
  })
})
