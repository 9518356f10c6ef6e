/** A call along a chain: which refusals go on to the next target, what is held for that, and what is told when none is left. */
import assert from 'node:assert/strict'
import { answer, type Chains, chunk, ending, idOf, json, modelIn, rate, refused, sse, startChains } from './chains.ts'
import { exchange } from './exchange.ts'
import type { Plays } from './upstream.ts'

describe('a call along a chain', () => {
  let chains: Chains
  before(async () => {
    chains = await startChains(
      { pair: ['one/m1', 'two/m2'], gone: ['dead/m0', 'two/m2'], claude: ['first/c1', 'second/c2'] },
      ([first = '', second = '']) => ({
        dead: { extends: 'openai', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'sk-lent-dead-000' },
        first: { extends: 'anthropic', baseUrl: first, apiKey: 'sk-ant-lent-first' },
        second: { extends: 'anthropic', baseUrl: second, apiKey: 'sk-ant-lent-second' },
      }),
      { stream: { bytes: 4096, ms: 150 }, refusal: { bytes: 64 * 1024, ms: 150 } },
    )
  })
  after(() => chains.end())
  beforeEach(() => chains.anew())
  const receiptOf = (reply: Parameters<typeof idOf>[0]) => chains.story.ask('request', { params: { id: idOf(reply) } })

  it('goes on to the next target before the first byte, and counts once, where it was answered', async () => {
    const before = await chains.story.ask('statsSummary')
    chains.one.script(rate())
    const reply = await chains.ask('pair')
    assert.deepEqual([reply.status, reply.body.toString()], [200, answer])
    const { headers } = reply
    assert.deepEqual(
      ['provider', 'model', 'chain', 'attempts'].map((name) => headers[`x-tollkeeper-${name}`]),
      ['two', 'm2', 'pair', '2'],
    )
    assert.deepEqual([modelIn(chains.one.requests[0]), modelIn(chains.two.requests[0])], ['m1', 'm2'])
    const { request: row, attempts } = await receiptOf(reply)
    assert.deepEqual(await chains.attemptsOf(reply), ['one m1 routed refused rate', 'two m2 failover ok'])
    assert.deepEqual(
      attempts.map(({ id }) => id),
      [`${idOf(reply)}.1`, `${idOf(reply)}.2`],
    )
    assert.deepEqual([row?.chain, row?.attempts, row?.tokens], ['pair', 2, 12])
    const [first, second] = attempts
    assert.ok(first && second && first.started_at <= second.started_at)
    assert.ok(
      (first.ttft_ms ?? 0) <= first.latency_ms && first.latency_ms <= second.latency_ms,
      JSON.stringify(attempts),
    )
    const now = await chains.story.ask('statsSummary')
    assert.deepEqual(
      [now.totalRequests - before.totalRequests, now.failedOverRequests - before.failedOverRequests],
      [1, 1],
      JSON.stringify(now),
    )
  })

  for (const [what, play] of [
    ['408', refused(408, {})],
    ['500', refused(500, {})],
    ['503', refused(503, {})],
    ['529', refused(529, { type: 'overloaded_error' })],
    ['401', refused(401, { code: 'invalid_api_key' })],
    ['403', refused(403, {})],
    ['402', refused(402, {})],
    ['404', refused(404, { code: 'model_not_found' })],
    ['a 400 whose code is one of money', refused(400, { code: 'billing_hard_limit_reached' })],
    ['an empty 200', { headers: json, body: '' }],
    ['an empty stream', { headers: sse, body: '' }],
    ['a stream of nothing but comments', { headers: sse, body: ': one\n\n: two\n\n' }],
    ['a stream that dies before its first event', { headers: sse, body: chunk('x'), cutAfter: 9 }],
    [
      'a stream that opens with an error',
      { headers: sse, body: 'data: {"error":{"code":"server_error","message":"no"}}\n\n' },
    ],
    ['a 200 that holds an error', { headers: json, body: '{"error":{"code":"rate_limit_exceeded","message":"no"}}' }],
    ['a truncated answer', { headers: [...json, ['content-length', '500']], body: '{"id":', cutAfter: 6 }],
    ['no answer at all', { headers: json, body: '', headAfter: 0, cutAfter: 0 }],
    ['a compressed refusal', { ...rate(), encoding: 'gzip' }],
  ] as [string, Plays][]) {
    it(`goes on after ${what}`, async () => {
      chains.one.script(play)
      const reply = await chains.ask('pair', what.includes('stream') ? { stream: true } : {})
      assert.deepEqual([reply.status, reply.body.toString(), reply.broken], [200, answer, false])
      assert.deepEqual(chains.sent(), [1, 1, 0])
      const { attempts } = await receiptOf(reply)
      assert.deepEqual(
        attempts.map(({ outcome }) => outcome === 'ok'),
        [false, true],
      )
      assert.notEqual(attempts[0]?.refusal, null)
    })
  }

  it('goes on where nobody listens', async () => {
    const reply = await chains.ask('gone')
    assert.equal(reply.status, 200)
    assert.deepEqual(await chains.attemptsOf(reply), ['dead m0 routed failed unreachable', 'two m2 failover ok'])
  })

  for (const status of [400, 413, 422]) {
    it(`lets a ${status} of the request itself pass as it came, also after another target`, async () => {
      const own = refused(status, { code: 'invalid_thing' }, [['x-odd', 'yes']])
      chains.one.script(own)
      const reply = await chains.ask('pair')
      assert.deepEqual([reply.status, reply.body.toString(), reply.headers['x-odd']], [status, own.body, 'yes'])
      assert.deepEqual(chains.sent(), [1, 0, 0])
      chains.one.script(rate())
      chains.two.script(own)
      const later = await chains.ask('pair')
      assert.deepEqual(
        [later.status, later.body.toString(), later.headers['x-tollkeeper-attempts']],
        [status, own.body, '2'],
      )
      assert.deepEqual(
        (await receiptOf(later)).attempts.map(({ refusal }) => refusal),
        ['rate', 'request'],
      )
    })
  }

  it('never goes on once a byte of an answer went to the client', async () => {
    chains.one.script({
      headers: sse,
      body: [chunk('once '), chunk('upon ')],
      between: 30,
      cutAfter: chunk('once ').length + 20,
    })
    const reply = await chains.ask('pair', { stream: true })
    assert.equal(reply.broken, true)
    assert.ok(reply.body.toString().startsWith(chunk('once ')))
    assert.deepEqual(chains.sent(), [1, 0, 0])
    assert.deepEqual(await chains.attemptsOf(reply), ['one m1 routed truncated broken'])
  })

  it('holds the head of a stream until its first event, and passes what came before it too', async () => {
    const bytes = `: hello\n\n${chunk('a')}${chunk('b')}${ending}`
    for (const pieces of [1, 7, 4000]) {
      chains.one.script({ headers: sse, body: bytes, pieces })
      const reply = await chains.ask('pair', { stream: true, stream_options: { include_usage: true } })
      assert.deepEqual([reply.status, reply.body.toString(), reply.headers['x-tollkeeper-attempts']], [200, bytes, '1'])
    }
    const compressed = { headers: sse, body: bytes, encoding: 'gzip' } as const
    chains.one.script(compressed)
    const reply = await chains.ask(
      'pair',
      { stream: true, stream_options: { include_usage: true } },
      { 'accept-encoding': 'gzip' },
    )
    assert.equal(reply.headers['content-encoding'], 'gzip')
    const { gunzipSync } = await import('node:zlib')
    assert.equal(gunzipSync(reply.body).toString(), bytes)
  })

  it('lets go of a stream whose first event is slow: comments pass, and no other target is asked', async () => {
    let first: string | undefined
    let tell = () => {}
    const seen = new Promise<void>((resolve) => {
      tell = resolve
    })
    chains.one.script({ headers: sse, body: [': wait\n\n', chunk('late'), ending], between: seen })
    const reply = await exchange(`${chains.story.url}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${chains.key}` },
      body: JSON.stringify({
        model: 'chain:pair',
        stream: true,
        stream_options: { include_usage: true },
        messages: [],
      }),
      onData: (piece) => {
        first ??= piece.toString()
        tell()
      },
    })
    assert.deepEqual([first, reply.body.toString()], [': wait\n\n', `: wait\n\n${chunk('late')}${ending}`])
    assert.deepEqual(chains.sent(), [1, 0, 0])
  })

  const event = (type: string, more: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  for (const { path, chain, prelude, error, then } of [
    {
      path: '/v1/messages',
      chain: 'claude',
      prelude: [
        event('message_start', { message: { model: 'm', usage: { input_tokens: 9, output_tokens: 1 } } }),
        event('ping'),
      ],
      error: event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
      then: [
        event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'hi' } }),
        event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } }),
        event('message_stop'),
      ],
    },
    {
      path: '/v1/responses',
      chain: 'pair',
      prelude: [
        event('response.created', { response: { id: 'resp_1', model: 'm', status: 'in_progress' } }),
        event('response.in_progress', { response: { id: 'resp_1', status: 'in_progress' } }),
      ],
      error: event('response.failed', {
        response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'no' } },
      }),
      then: [
        event('response.output_text.delta', { delta: 'hi' }),
        event('response.completed', {
          response: { id: 'resp_1', model: 'm', status: 'completed', usage: { input_tokens: 7, output_tokens: 5 } },
        }),
      ],
    },
  ]) {
    it(`takes what comes before an answer for none of it: ${path}`, async () => {
      const ask = (onData?: (piece: Buffer) => void) =>
        exchange(`${chains.story.url}${path}`, {
          headers: { authorization: `Bearer ${chains.key}` },
          body: JSON.stringify({ model: `chain:${chain}`, max_tokens: 9, stream: true, messages: [], input: 'hi' }),
          ...(onData && { onData }),
        })
      const whole = [...prelude, ...then]
      chains.two.script({ headers: sse, body: whole, between: 3 })
      for (const failing of [
        { headers: sse, body: [...prelude, error], between: 3 },
        { headers: sse, body: prelude, between: 3 },
      ]) {
        chains.wait(3_600_000)
        chains.one.script(failing)
        const reply = await ask()
        assert.deepEqual(
          [reply.status, reply.body.toString(), reply.headers['x-tollkeeper-attempts']],
          [200, whole.join(''), '2'],
        )
      }
      // an answer passes whole, and one that is long in coming passes as it comes
      chains.wait(3_600_000)
      chains.one.script({ headers: sse, body: [...prelude, ...then], between: 3 })
      assert.deepEqual((await ask()).body.toString(), whole.join(''))
      let first: string | undefined
      let tell = () => {}
      const seen = new Promise<void>((resolve) => {
        tell = resolve
      })
      chains.one.script({ headers: sse, body: [prelude.join(''), then.join('')], between: seen })
      const slow = await ask((piece) => {
        first ??= piece.toString()
        tell()
      })
      assert.deepEqual([first, slow.body.toString()], [prelude.join(''), whole.join('')])
      assert.equal(slow.headers['x-tollkeeper-attempts'], '1')
    })
  }

  it('passes a refusal that is larger than what is read of it, byte for byte, when it is the last word', async () => {
    const body = `{"error":{"message":"${'x'.repeat(200_000)}"}}`
    chains.one.script({ status: 400, headers: json, body })
    const reply = await chains.ask('pair')
    assert.deepEqual([reply.status, reply.body.toString() === body], [400, true])
  })
})
