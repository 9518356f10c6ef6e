/** Responses through the daemon: answers that a provider keeps, answers in the background, very large ones; and embeddings. */
import assert from 'node:assert/strict'
import { type Asking, exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
}
const response = (id: string, more: object = {}) =>
  JSON.stringify({ id, object: 'response', status: 'completed', model: 'gpt-5.2', output: [], usage, ...more })
const pending = { status: 'queued', background: true, usage: null }
const body = (more: object = {}) => JSON.stringify({ model: 'gpt-5.2', input: 'hi', ...more })
const events: [string, string][] = [['content-type', 'text/event-stream']]

describe('responses through the daemon', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    story = await start({
      config: {
        providers: {
          openai: { baseUrl: `${upstream.url}/v1`, apiKey: 'sk-lent-0123456789' },
          other: { extends: 'openai', baseUrl: `${upstream.url}/other/v1`, apiKey: 'sk-lent-9876543210' },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })
  const ask = (path: string, asking: Asking = {}, authorization = 'Bearer sk-own') =>
    exchange(`${story.url}${path}`, { ...asking, headers: { authorization, ...asking.headers } })
  const rows = async () => (await story.ask('requests', { query: { limit: '100' } })).requests
  const last = () => upstream.requests.at(-1)

  it('counts the answer, its cache inside the input and its reasoning inside the output', async () => {
    upstream.script({ body: response('resp_a') })
    await ask('/v1/responses', { body: body() })
    const [row] = await rows()
    assert.deepEqual([row?.promptTokens, row?.cacheReadTokens, row?.completionTokens], [100, 40, 20])
    assert.ok((row?.costUsd ?? 0) > 0)
  })

  it('passes the counting of tokens on, and counts nothing', async () => {
    upstream.script({ body: '{"input_tokens":7,"object":"response.input_tokens"}' })
    const before = (await rows()).length
    const reply = await ask('/v1/responses/input_tokens', { body: body() })
    assert.equal(reply.status, 200)
    assert.equal(last()?.path, '/v1/responses/input_tokens')
    assert.equal((await rows()).length, before)
  })

  it('counts what a last event of three megabytes tells, and passes [DONE] after it', async () => {
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'x'.repeat(3 * 2 ** 20) }] }]
    const completed = `event: response.completed\ndata: {"type":"response.completed","response":${response('resp_big', { output })}}\n\n`
    const bytes = `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"x"}\n\n${completed}data: [DONE]\n\n`
    upstream.script({ headers: events, body: bytes, pieces: 100_000 })
    const reply = await ask('/v1/responses', { body: body({ stream: true }) })
    assert.equal(reply.body.length, bytes.length)
    assert.ok(reply.body.toString() === bytes)
    const [row] = await rows()
    assert.deepEqual([row?.promptTokens, row?.completionTokens, row?.outcome], [100, 20, 'ok'])
  })

  it('takes a client that leaves right after the last event for a success', async () => {
    const completed = `data: {"type":"response.completed","response":${response('resp_left')}}\n\n`
    upstream.script({ headers: events, body: completed, open: true })
    await ask('/v1/responses', { body: body({ stream: true }), onData: (_, sent) => sent.destroy() }).catch(() => null)
    const row = await eventually('it is recorded', async () => (await rows())[0])
    assert.deepEqual([row.outcome, row.completionTokens], ['ok', 20])
  })

  describe('in the background', () => {
    it('counts an answer once, when it is told what it used, as it was asked for', async () => {
      upstream.script(
        { body: response('resp_bg', pending) },
        { body: response('resp_bg', { ...pending, status: 'in_progress' }) },
        { body: response('resp_bg') },
        { body: response('resp_bg') },
      )
      const before = (await rows()).length
      await ask('/v1/responses', {
        body: body({ background: true, model: 'gpt-5.2-pro' }),
        headers: { 'x-tollkeeper-task': 'extraction' },
      })
      const [posted] = await rows()
      assert.deepEqual([posted?.outcome, posted?.totalTokens, posted?.costUsd], ['ok', null, 0])
      await ask('/v1/responses/resp_bg')
      assert.equal((await rows()).length, before + 1, 'asking too early counts nothing')
      await ask('/v1/responses/resp_bg')
      const [told, ...others] = await rows()
      assert.equal(others.length, before + 1)
      assert.deepEqual([told?.promptTokens, told?.completionTokens], [100, 20])
      assert.deepEqual([told?.model, told?.task], ['gpt-5.2-pro', 'extraction'])
      assert.ok((told?.costUsd ?? 0) > 0)
      await ask('/v1/responses/resp_bg')
      assert.equal((await rows()).length, before + 2, 'asking again counts nothing')
    })

    it('does not guess what a stream used that the client left, and takes it from the stream that goes on', async () => {
      const created = `data: {"type":"response.created","response":${response('resp_st', pending)}}\n\n`
      const completed = `data: {"type":"response.completed","response":${response('resp_st')}}\n\n`
      upstream.script(
        {
          headers: events,
          body: [created, 'data: {"type":"response.output_text.delta","delta":"one two"}\n\n'],
          open: true,
        },
        { headers: events, body: completed },
      )
      await ask('/v1/responses', {
        body: body({ background: true, stream: true }),
        onData: (_, sent) => sent.destroy(),
      }).catch(() => null)
      const left = await eventually('it is recorded', async () => {
        const [row] = await rows()
        return row?.outcome === 'aborted' ? row : undefined
      })
      assert.equal(left.totalTokens, null)
      const before = (await rows()).length
      const reply = await ask('/v1/responses/resp_st?stream=true&starting_after=2')
      assert.equal(reply.body.toString(), completed)
      assert.equal((await rows()).length, before + 1)
      assert.equal((await rows())[0]?.completionTokens, 20)
    })

    it('counts no answer that is kept but was whole already', async () => {
      upstream.script({ body: response('resp_whole') })
      await ask('/v1/responses', { body: body() })
      const before = (await rows()).length
      await ask('/v1/responses/resp_whole')
      await ask('/v1/responses/resp_unknown')
      assert.equal((await rows()).length, before)
    })
  })

  describe('on a lent key', () => {
    let mine: string
    let theirs: string
    before(async () => {
      mine = `Bearer ${await story.key()}`
      theirs = `Bearer ${await story.key()}`
      upstream.script({ body: response('resp_mine') })
      await ask('/v1/responses', { body: body({ model: 'other/gpt-5.2' }) }, mine)
      assert.equal(last()?.path, '/other/v1/responses')
    })
    const refused: [string, string, Asking][] = [
      ['reads', '/v1/responses/resp_mine', {}],
      ['reads, pinned,', '/p/other/v1/responses/resp_mine', {}],
      ['deletes', '/v1/responses/resp_mine', { method: 'DELETE' }],
      ['cancels', '/v1/responses/resp_mine/cancel', { method: 'POST' }],
      ['lists the input of', '/v1/responses/resp_mine/input_items', {}],
      ['goes on from', '/v1/responses', { body: body({ model: 'other/gpt-5.2', previous_response_id: 'resp_mine' }) }],
      ['packs', '/v1/responses/compact', { body: body({ model: 'other/gpt-5.2', previous_response_id: 'resp_mine' }) }],
    ]
    for (const [does, path, asking] of refused) {
      it(`nobody ${does} an answer that another key made, and the key that made it may`, async () => {
        const before = upstream.requests.length
        const no = await ask(path, asking, theirs)
        assert.deepEqual([no.status, no.headers['x-tollkeeper-refusal']], [404, 'not_found'])
        const said = JSON.parse(no.body.toString()) as { error: { message: string } }
        assert.match(said.error.message, /"resp_mine".*only be used by the key that made it/)
        assert.equal(upstream.requests.length, before)
        upstream.script({ body: '{}' })
        assert.equal((await ask(path, asking, mine)).status, 200)
        assert.match(last()?.path ?? '', /^\/other\/v1\/responses/)
        assert.equal(last()?.headers.authorization, 'Bearer sk-lent-9876543210')
      })
    }

    it('an answer is not looked for at another provider than the one that keeps it', async () => {
      for (const [path, asking] of [
        ['/p/openai/v1/responses/resp_mine', {}],
        ['/v1/responses', { body: body({ previous_response_id: 'resp_mine' }) }],
      ] as const) {
        assert.equal((await ask(path, asking, mine)).status, 404)
      }
    })

    it('an own credential goes through: the provider knows whose answer it is', async () => {
      upstream.script({ body: response('resp_mine') })
      assert.equal((await ask('/p/other/v1/responses/resp_mine')).status, 200)
    })
  })

  describe('that hold no words', () => {
    const embeddings = { model: 'text-embedding-3-small', input: 'A sentence that is to become numbers.' }
    it('tell what they read', async () => {
      const usage = { prompt_tokens: 9, total_tokens: 9 }
      upstream.script({ body: JSON.stringify({ object: 'list', data: [{ embedding: 'AACAPw==' }], usage }) })
      await ask('/v1/embeddings', { body: JSON.stringify(embeddings) })
      const [row] = await rows()
      assert.deepEqual([row?.promptTokens, row?.completionTokens, row?.model], [9, 0, embeddings.model])
    })
    it('are estimated by the request alone where nothing was told, also when they break off', async () => {
      const whole = JSON.stringify({ object: 'list', data: [{ embedding: 'AACAPwAA'.repeat(100_000) }] })
      const broken = { headers: [['content-length', String(whole.length)]] as const, cutAfter: 600_000 }
      for (const play of [{ body: whole }, { body: whole, ...broken }]) {
        upstream.script(play)
        await ask('/v1/embeddings', { body: JSON.stringify(embeddings) })
        const [row] = await rows()
        assert.ok((row?.promptTokens ?? 0) > 5 && (row?.promptTokens ?? 0) < 40, JSON.stringify(row))
        assert.equal(row?.completionTokens, 0)
      }
    })
    it('are counted whole at a megabyte of numbers', async () => {
      const embedding = Array.from({ length: 60_000 }, (_, i) => i / 7)
      const sent = JSON.stringify({ data: [{ embedding }], usage: { prompt_tokens: 3, total_tokens: 3 } })
      upstream.script({ body: sent })
      const reply = await ask('/v1/embeddings', { body: JSON.stringify(embeddings) })
      assert.equal(reply.body.toString(), sent)
      assert.equal((await rows())[0]?.promptTokens, 3)
    })
  })
})
