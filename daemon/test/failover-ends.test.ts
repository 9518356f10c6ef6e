/** The ends of a chain: what is told when no target answers, which ones are passed over, and what a client that leaves stops. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { answer, type Chains, chunk, ending, good, idOf, json, rate, refused, sse, startChains } from './chains.ts'
import { type Exchange, exchange } from './exchange.ts'
import { eventually } from './start.ts'

const errorOf = (reply: Exchange) =>
  (JSON.parse(reply.body.toString()) as { error: { code: string; message: string } }).error

describe('the end of a chain', () => {
  let chains: Chains
  before(async () => {
    chains = await startChains(
      {
        pair: ['one/m1', 'two/m2'],
        trio: ['one/m1', 'two/m2', 'three/m3'],
        alone: ['one/m1'],
        claude: ['one/m1', 'claude/c'],
        models: ['one/m1', 'one/m9'],
        narrow: ['tight/m3', 'two/m2'],
        single: ['lone/m3', 'two/m2'],
        slow: ['slow/m1', 'two/m2'],
        slower: ['slow/m1', 'late/m2'],
      },
      ([first = '', second = '', third = '']) => ({
        claude: { extends: 'anthropic', baseUrl: first, apiKey: 'sk-lent-claude' },
        tight: { extends: 'openai', baseUrl: `${third}/v1`, apiKey: 'sk-lent-tight-0', limits: { rpm: 1 } },
        lone: { extends: 'openai', baseUrl: `${third}/v1`, apiKey: 'sk-lent-lone-00', limits: { concurrent: 1 } },
        slow: { extends: 'openai', baseUrl: `${first}/v1`, apiKey: 'sk-lent-slow-00', timeouts: { headSeconds: 1 } },
        late: { extends: 'openai', baseUrl: `${second}/v1`, apiKey: 'sk-lent-late-00', timeouts: { headSeconds: 1 } },
      }),
    )
  })
  after(() => chains.end())
  beforeEach(() => chains.anew())
  const cooldowns = () => [...chains.story.daemon.book.ledger.cooldowns.values()]
  const running = (count: number) =>
    eventually(`${count} run`, async () => (await chains.story.ask('summary')).in_flight === count, 10_000)
  const receiptOf = (reply: Exchange) => chains.story.ask('request', { params: { id: idOf(reply) } })

  it('tells a client to wait where all are over a limit that ends soon', async () => {
    chains.one.script(rate('20'))
    chains.two.script(rate('30'))
    const reply = await chains.ask('pair')
    assert.deepEqual(
      [
        reply.status,
        reply.headers['retry-after'],
        reply.headers['x-should-retry'],
        reply.headers['x-tollkeeper-refusal'],
      ],
      [429, '20', 'true', 'targets_cooling'],
    )
    assert.match(errorOf(reply).message, /chain pair.*one\/m1.*HTTP 429.*two\/m2.*HTTP 429.*Try again in 20s/)
    assert.deepEqual([reply.headers['x-tollkeeper-attempts'], reply.headers['x-tollkeeper-chain']], ['2', 'pair'])
    assert.deepEqual(await chains.attemptsOf(reply), ['one m1 routed refused rate', 'two m2 failover refused rate'])
  })

  it('says that all are exhausted where waiting is not known to help', async () => {
    chains.one.script(refused(500))
    chains.two.script(refused(402))
    const reply = await chains.ask('pair')
    assert.deepEqual([reply.status, reply.headers['x-tollkeeper-refusal']], [503, 'all_providers_exhausted'])
    assert.match(errorOf(reply).message, /one\/m1.*HTTP 500.*two\/m2.*HTTP 402/)
    const { request: row } = await receiptOf(reply)
    assert.deepEqual([row?.provider, row?.attempts, row?.outcome], ['two', 2, 'refused'])
  })

  it('refuses without sending while all cool, and says for each one why', async () => {
    chains.one.script(rate('20'))
    chains.two.script(rate('30'))
    await chains.ask('pair')
    const before = await chains.story.ask('statsSummary')
    chains.wait(5000)
    const reply = await chains.ask('pair')
    assert.deepEqual(chains.sent(), [1, 1, 0])
    assert.deepEqual(
      [reply.status, reply.headers['retry-after'], reply.headers['x-tollkeeper-refusal']],
      [429, '15', 'targets_cooling'],
    )
    const receipt = await receiptOf(reply)
    assert.deepEqual(
      [receipt.request, receipt.refused?.code, receipt.refused?.chain],
      [null, 'targets_cooling', 'pair'],
    )
    assert.deepEqual(
      receipt.refused?.skipped.map(({ provider, model, why, refusal }) => [provider, model, why, refusal]),
      [
        ['one', 'm1', 'cooling', 'rate'],
        ['two', 'm2', 'cooling', 'rate'],
      ],
    )
    assert.equal((await chains.story.ask('statsSummary')).totalRequests, before.totalRequests)
  })

  it('makes a long wait final in the words of the dialect', async () => {
    chains.one.script(rate('3000'))
    chains.two.script(rate('3000'))
    await chains.ask('pair')
    const reply = await chains.ask('pair')
    assert.deepEqual(
      [reply.status, errorOf(reply).code, reply.headers['retry-after'], reply.headers['x-should-retry']],
      [403, 'insufficient_quota', undefined, 'false'],
    )
  })

  it('passes over a target that cools, and says so in the receipt of the call that was served', async () => {
    chains.one.script(rate('20'), good)
    await chains.ask('trio')
    const reply = await chains.ask('trio')
    assert.deepEqual(chains.sent(), [1, 2, 0])
    assert.equal(reply.headers['x-tollkeeper-attempts'], '1')
    assert.deepEqual(await chains.attemptsOf(reply), ['two m2 routed ok'])
    const { attempts } = await receiptOf(reply)
    assert.deepEqual(
      attempts[0]?.skipped.map(({ provider, why, refusal }) => [provider, why, refusal]),
      [['one', 'cooling', 'rate']],
    )
    chains.wait(21_000)
    assert.equal((await chains.ask('trio')).headers['x-tollkeeper-provider'], 'one')
    assert.deepEqual(cooldowns(), [])
  })

  it('lets one call find out whether a target serves again, and the others pass it over meanwhile', async () => {
    const othersServed = chains.two.arrived(5)
    chains.one.script(rate('20'), { ...good, headAfter: othersServed })
    await chains.ask('pair')
    chains.wait(21_000)
    const replies = await Promise.all(Array.from({ length: 5 }, () => chains.ask('pair')))
    assert.deepEqual(replies.map((reply) => reply.headers['x-tollkeeper-provider']).sort(), [
      'one',
      'two',
      'two',
      'two',
      'two',
    ])
    const passed = replies.find((reply) => reply.headers['x-tollkeeper-provider'] === 'two') as Exchange
    assert.deepEqual(
      (await receiptOf(passed)).attempts[0]?.skipped.map(({ why }) => why),
      ['probing'],
    )
    assert.equal((await chains.ask('pair')).headers['x-tollkeeper-provider'], 'one')
  })

  it('cools a target once for all calls that were under way, and serves each of them', async () => {
    let asked = 0
    chains.one.script(() => (asked++ < 10 ? good : { ...rate('20'), headAfter: 20 }))
    const replies = await Promise.all(Array.from({ length: 60 }, () => chains.ask('pair')))
    assert.deepEqual(
      new Set(replies.map(({ status, body }) => `${status} ${body.toString()}`)),
      new Set([`200 ${answer}`]),
    )
    assert.equal(chains.two.requests.length, 50)
    assert.deepEqual(
      cooldowns().map(({ provider, model, strikes }) => [provider, model, strikes]),
      [['one', 'm1', 1]],
    )
  })

  it('records a cooldown for a call that has one target too, and asks it all the same', async () => {
    chains.one.script(rate('20'))
    for (let i = 0; i < 2; i++) {
      const reply = await chains.ask('alone')
      assert.deepEqual([reply.status, reply.body.toString(), reply.headers['retry-after']], [429, rate().body, '20'])
    }
    assert.deepEqual(
      cooldowns().map(({ provider, model }) => [provider, model]),
      [['one', 'm1']],
    )
    assert.equal((await chains.ask('pair')).headers['x-tollkeeper-provider'], 'two')
  })

  it('keeps a cooldown that was stated where what comes after it states none', async () => {
    chains.one.script(rate('50'), refused(500))
    await chains.ask('alone')
    const [stated] = cooldowns()
    chains.wait(1000)
    assert.equal((await chains.ask('alone')).status, 500)
    const standing = cooldowns().map(({ model, until }) => [model, until])
    assert.deepEqual(standing, [[stated?.model, stated?.until]])
  })

  it('passes the refusal of the only target that could be asked as it came', async () => {
    chains.two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    const odd = refused(500, { code: 'odd' }, [['x-odd', 'yes']])
    chains.one.script(odd)
    const reply = await chains.ask('pair')
    assert.deepEqual([reply.status, reply.body.toString(), reply.headers['x-odd']], [500, odd.body, 'yes'])
    const { attempts } = await receiptOf(reply)
    assert.deepEqual(
      attempts.map(({ refusal, skipped }) => [refusal, skipped.map(({ why }) => why)]),
      [['overload', ['cooling']]],
    )
  })

  it('counts an attempt once whose refusal breaks off as it is passed on', async () => {
    const cut = { status: 400, headers: [...json, ['content-length', '500']] as const, body: '{"error":', cutAfter: 6 }
    chains.one.script(cut)
    const reply = await chains.ask('pair')
    assert.deepEqual(
      [reply.status, reply.headers['x-tollkeeper-refusal'], reply.headers['x-tollkeeper-attempts']],
      [502, 'upstream_failed', '1'],
    )
    assert.equal((await chains.attemptsOf(reply)).length, 1)
    chains.anew()
    chains.one.script(rate('20'))
    chains.two.script(cut)
    const second = await chains.ask('pair')
    assert.deepEqual([second.status, second.headers['x-tollkeeper-attempts']], [503, '2'])
    assert.equal(errorOf(second).message.match(/two\/m2/g)?.length, 1)
  })

  it('asks the same target again only where its provider says soon, and only where no other is free', async () => {
    const soon = refused(503, {}, [
      ['x-should-retry', 'true'],
      ['retry-after-ms', '300'],
    ])
    chains.two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    chains.one.script(soon, good)
    const reply = await chains.ask('pair')
    assert.deepEqual([reply.status, chains.one.requests.length, reply.headers['x-tollkeeper-attempts']], [200, 2, '2'])
    assert.deepEqual(await chains.attemptsOf(reply), ['one m1 routed refused overload', 'one m1 routed ok'])
    chains.anew()
    chains.one.script(soon)
    assert.equal((await chains.ask('alone')).status, 503)
    assert.equal(chains.one.requests.length, 1)
    chains.anew()
    chains.two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    chains.one.script(soon)
    assert.deepEqual([(await chains.ask('pair')).body.toString(), chains.one.requests.length], [soon.body, 2])
  })

  it('passes over a target whose own limit is reached', async () => {
    assert.equal((await chains.ask('narrow')).headers['x-tollkeeper-provider'], 'tight')
    const reply = await chains.ask('narrow')
    assert.deepEqual(await chains.attemptsOf(reply), ['two m2 routed ok'])
    assert.deepEqual(
      (await receiptOf(reply)).attempts[0]?.skipped.map(({ why }) => why),
      ['own-limit'],
    )
  })

  it('waits in line for a target whose own limit is reached where nothing else is left', async () => {
    chains.two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    chains.three.script({ ...good, headAfter: running(2) })
    const replies = await Promise.all([chains.ask('single'), chains.ask('single')])
    assert.deepEqual(
      replies.map(({ status, headers }) => [status, headers['x-tollkeeper-provider']]),
      [
        [200, 'lone'],
        [200, 'lone'],
      ],
    )
    assert.deepEqual(chains.sent(), [0, 1, 2])
  })

  it('asks no target that was refused while a call waited in line for it', async () => {
    chains.two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    chains.three.script({ ...rate('30'), headAfter: running(3) })
    const replies = await Promise.all([chains.ask('single'), chains.ask('single'), chains.ask('single')])
    assert.deepEqual(
      replies.map(({ status }) => status),
      [429, 429, 429],
    )
    assert.deepEqual(chains.sent(), [0, 1, 1])
    const refusals = replies.map(({ headers }) => headers['x-tollkeeper-refusal'])
    assert.deepEqual(refusals.filter((refusal) => refusal === 'targets_cooling').length, 2)
    chains.wait(31_000)
    chains.three.script(good)
    assert.equal((await chains.ask('single')).headers['x-tollkeeper-provider'], 'lone')
  })

  it('asks a model of the same account where only the one is refused, and none where all are', async () => {
    chains.one.script(refused(404, { code: 'model_not_found' }), good)
    assert.deepEqual(await chains.attemptsOf(await chains.ask('models')), [
      'one m1 routed refused model',
      'one m9 failover ok',
    ])
    chains.anew()
    chains.one.script(refused(401, { code: 'invalid_api_key' }), good)
    const reply = await chains.ask('models')
    assert.deepEqual([reply.status, chains.one.requests.length], [401, 1])
  })

  it('leaves a target that speaks another dialect out', async () => {
    chains.one.script(refused(500))
    const reply = await chains.ask('claude')
    assert.deepEqual([reply.status, chains.one.requests.length], [500, 1])
    assert.deepEqual(
      (await receiptOf(reply)).attempts[0]?.skipped.map(({ why }) => why),
      ['dialect'],
    )
  })

  it('goes on after a head that does not come, for as long as the most patient target may take', async () => {
    chains.one.script({ silent: true })
    const reply = await chains.ask('slow')
    assert.deepEqual(await chains.attemptsOf(reply), ['slow m1 routed failed unreachable', 'two m2 failover ok'])
    chains.anew()
    chains.one.script({ silent: true })
    const late = await chains.ask('slower')
    assert.deepEqual([late.status, late.headers['x-tollkeeper-refusal']], [502, 'upstream_failed'])
    assert.match(errorOf(late).message, /slow did not answer in time/)
    assert.deepEqual(chains.sent(), [1, 0, 0])
    chains.anew()
    chains.one.script(refused(500))
    chains.two.script({ silent: true })
    const last = await chains.ask('slower')
    assert.equal(last.status, 503)
    assert.deepEqual(await chains.attemptsOf(last), [
      'slow m1 routed refused overload',
      'late m2 failover failed unreachable',
    ])
  })

  it('stops when the client leaves while a refusal is read, and counts the call once', async () => {
    chains.one.script({ ...rate('20'), open: true })
    const before = await chains.story.ask('statsSummary')
    const sent = request(`${chains.story.url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${chains.key}` },
    })
    // destroying it on purpose is reported as an error here
    sent.on('error', () => {})
    sent.end(JSON.stringify({ model: 'chain:pair', messages: [] }))
    await chains.one.arrived(1)
    sent.destroy()
    await chains.one.aborted(1)
    const now = await eventually('the call is counted', async () => {
      const found = await chains.story.ask('statsSummary')
      return found.totalRequests > before.totalRequests && found
    })
    assert.equal(now.totalRequests, before.totalRequests + 1)
    assert.deepEqual(chains.sent(), [1, 0, 0])
    assert.equal(chains.story.daemon.book.ledger.open.size, 0)
  })

  it('stops when the client leaves while it waits to ask the same target again', async () => {
    chains.two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    chains.one.script(
      refused(503, {}, [
        ['x-should-retry', 'true'],
        ['retry-after-ms', '1900'],
      ]),
    )
    const before = await chains.story.ask('statsSummary')
    const sent = request(`${chains.story.url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${chains.key}` },
    })
    sent.on('error', () => {})
    sent.end(JSON.stringify({ model: 'chain:pair', messages: [] }))
    await eventually('it is cooling', () => cooldowns().some(({ provider }) => provider === 'one'))
    sent.destroy()
    const { requests } = await eventually('the call is counted', async () => {
      const found = await chains.story.ask('requests', { query: { limit: '1' } })
      return found.requests[0]?.providerId === 'one' && found
    })
    assert.deepEqual([requests[0]?.attempts, requests[0]?.outcome, chains.one.requests.length], [1, 'refused', 1])
    assert.equal((await chains.story.ask('statsSummary')).totalRequests, before.totalRequests + 1)
    assert.equal((await chains.story.ask('summary')).in_flight, 0)
  })

  it('keeps a call that goes on from a stored answer with the account that keeps it', async () => {
    const made = `{"id":"resp_1","object":"response","status":"completed","model":"m","store":true,"output":[],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}`
    const respond = (body: Record<string, unknown>) =>
      exchange(`${chains.story.url}/v1/responses`, {
        headers: { authorization: `Bearer ${chains.key}` },
        body: JSON.stringify({ model: 'chain:pair', input: 'hi', ...body }),
      })
    chains.one.script(rate('20'))
    chains.two.script({ headers: json, body: made })
    assert.equal((await respond({})).headers['x-tollkeeper-provider'], 'two')
    chains.wait(60_000)
    chains.one.script(good)
    chains.two.script(rate('20'))
    const reply = await respond({ previous_response_id: 'resp_1' })
    assert.deepEqual([reply.status, chains.one.requests.length], [429, 1])
    assert.deepEqual(
      (await receiptOf(reply)).attempts[0]?.skipped.map(({ provider, why }) => [provider, why]),
      [['one', 'server-state']],
    )
  })

  it('takes usage that was asked for on the caller’s behalf out of a stream that was held', async () => {
    chains.one.script(rate('20'))
    chains.two.script({ headers: sse, body: [chunk('a'), ending], between: 5 })
    const reply = await chains.ask('trio', { stream: true })
    assert.equal(reply.body.toString().includes('prompt_tokens'), false)
    assert.ok(reply.body.toString().endsWith('data: [DONE]\n\n'))
    assert.equal((await receiptOf(reply)).request?.tokens, 12)
  })
})
