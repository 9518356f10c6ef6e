/** Calls of any age over REST: by page, by filter and by id, from before a compaction and a restart too. */
import assert from 'node:assert/strict'
import type { RequestRow } from '../../shared/contract/rows.ts'
import { exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const day = 24 * 60 * 60 * 1000

describe('the history over REST', () => {
  let upstream: Upstream
  let story: Story
  let now = Date.parse('2026-03-01T12:00:00Z')
  /** Of all calls, newest first. */
  const ids: string[] = []

  before(async () => {
    upstream = await startUpstream()
    const up = { extends: 'openai', baseUrl: `${upstream.url}/v1` }
    story = await start({ config: { providers: { up }, timeZone: 'UTC' }, sandbox: true, now: () => now })
    upstream.script((request) => {
      const { model } = JSON.parse(request.body.toString()) as { model: string }
      const usage = { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 }
      return { body: JSON.stringify({ model, choices: [{ message: { content: 'x' } }], usage }) }
    })
    await call('sandbox', 'simulated-model')
    for (const model of ['gpt-4o', 'gpt-5']) {
      for (let i = 0; i < 3; i++) ids.unshift(await call('up', model))
      now += day
      assert.ok((await story.ask('compact', { body: {} })).snapshot > 0)
      await story.restart()
    }
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  async function call(provider: string, model: string): Promise<string> {
    const { status, headers } = await exchange(`${story.url}/p/${provider}/v1/chat/completions`, {
      headers: { authorization: 'Bearer sk-own', 'x-tollkeeper-client': `for-${model}` },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
    })
    assert.equal(status, 200)
    return String(headers['x-tollkeeper-request-id'])
  }

  const idsOf = (rows: readonly RequestRow[]) => rows.map(({ id }) => id)

  it('is all calls, newest first, page by page', async () => {
    assert.deepEqual(idsOf((await story.ask('requestRows')).requests), ids)
    const paged: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await story.ask('requestRows', { query: { limit: '2', ...(cursor !== undefined && { cursor }) } })
      assert.ok(page.requests.length <= 2)
      paged.push(...idsOf(page.requests))
      cursor = page.next_cursor
    }
    assert.deepEqual(paged, ids)
  })

  it('is chosen by time, and by what calls are', async () => {
    const asked: [Record<string, string>, string[]][] = [
      [{ model: 'gpt-5' }, ids.slice(0, 3)],
      [{ client: 'for-gpt-4o', provider: 'up', outcome: 'ok' }, ids.slice(3)],
      [{ outcome: 'aborted' }, []],
      [{ from: '2026-03-02' }, ids.slice(0, 3)],
      [{ to: '2026-03-01' }, ids.slice(3)],
      [{ to: '2026-03-01', model: 'gpt-5' }, []],
    ]
    for (const [query, wanted] of asked) {
      const { requests } = await story.ask('requestRows', { query: query })
      assert.deepEqual(idsOf(requests), wanted, JSON.stringify(query))
    }
    const simulated = (await story.ask('requestRows', { query: { simulated: 'only' } })).requests
    assert.deepEqual(
      simulated.map(({ provider }) => provider),
      ['sandbox'],
    )
  })

  it('has the same row as the receipt, for the oldest call too', async () => {
    const { requests } = await story.ask('requestRows')
    for (const row of [requests[0], requests.at(-1)]) {
      assert.ok(row)
      assert.deepEqual((await story.ask('request', { params: { id: row.id } })).request, row)
      assert.equal(row.tokens, 10)
    }
  })

  it('names the parameter that it cannot read', async () => {
    for (const [name, value] of [
      ['from', 'yesterday'],
      ['to', '2026-02-31'],
      ['limit', '0'],
      ['limit', '501'],
      ['limit', 'many'],
      ['cursor', 'x'],
      ['outcome', 'fine'],
    ] as const) {
      const reply = await story.client.ask('requestRows', { query: { [name]: value } })
      assert.ok(!reply.ok)
      assert.deepEqual([reply.error.status_code, reply.error.context?.parameter], [400, name])
    }
  })

  it('is compacted by whoever may administer alone', async () => {
    const key = await story.key('read')
    const asked = { headers: { authorization: `Bearer ${key}` }, body: '{}' }
    assert.equal((await exchange(`${story.url}/api/v1/store/compact`, asked)).status, 403)
  })
})
