/** An own account first, then a chain on lent keys: work goes on past a limit, and no credential leaves its own origin. */
import assert from 'node:assert/strict'
import { answer, type Chains, good, idOf, json, modelIn, rate, refused, startChains } from './chains.ts'
import { exchange } from './exchange.ts'
import type { ReceivedRequest } from './upstream.ts'

const own = 'sk-own-subscriber-0001'
/** Whatever of a request could name its sender. */
const all = ({ path, rawHeaders, body }: ReceivedRequest) => `${path}\n${rawHeaders.join('\n')}\n${body.toString()}`

describe('an own account before a chain', () => {
  let chains: Chains
  before(async () => {
    chains = await startChains({ spare: ['two/m2', 'three/m3'], google: ['goog/g'] }, ([first = '', second = '']) => ({
      openai: { baseUrl: `${first}/v1` },
      gemini: { baseUrl: first },
      goog: { extends: 'gemini', baseUrl: second, apiKey: 'sk-lent-google' },
    }))
  })
  after(() => chains.end())
  beforeEach(() => chains.anew())
  const ask = (headers: Record<string, string> = {}, path = '/v1/chat/completions') =>
    exchange(`${chains.story.url}${path}`, {
      headers: {
        authorization: `Bearer ${own}`,
        'x-tollkeeper-key': chains.key,
        'x-tollkeeper-chain': 'spare',
        'openai-organization': 'org-of-the-caller',
        'OpenAI-Project': 'proj-of-the-caller',
        'X-Codex-Window-Id': 'window-of-the-caller',
        'x-note': `again ${own}`,
        cookie: 'a=cookie-of-the-caller',
        ...headers,
      },
      body: '{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}',
    })
  const receiptOf = (reply: Awaited<ReturnType<typeof ask>>) =>
    chains.story.ask('request', { params: { id: idOf(reply) } })

  it('asks the own account alone while that answers, with all that came and nothing of ours', async () => {
    const reply = await ask()
    assert.deepEqual([reply.status, reply.headers['x-tollkeeper-provider'], chains.sent()], [200, 'openai', [1, 0, 0]])
    const [sent] = chains.one.requests
    assert.ok(sent)
    assert.equal(sent.headers.authorization, `Bearer ${own}`)
    assert.equal(sent.headers['openai-organization'], 'org-of-the-caller')
    assert.equal(sent.headers['x-codex-window-id'], 'window-of-the-caller')
    assert.ok(!/tk_|sk-lent/.test(all(sent)), all(sent))
  })

  it('goes on with lent keys once the own account is over its limit, and none sees what is another’s', async () => {
    chains.one.script(rate('7200'))
    chains.two.script(refused(500))
    const reply = await ask()
    assert.deepEqual([reply.status, reply.body.toString(), chains.sent()], [200, answer, [1, 1, 1]])
    for (const [up, key] of [
      [chains.two, 'two'],
      [chains.three, 'three'],
    ] as const) {
      const [sent] = up.requests
      assert.ok(sent)
      assert.equal(sent.headers.authorization, `Bearer sk-lent-number-${key}`)
      assert.ok(!/sk-own|tk_|of-the-caller/.test(all(sent)), all(sent))
    }
    assert.deepEqual([modelIn(chains.one.requests[0]), modelIn(chains.two.requests[0])], ['gpt-4o', 'm2'])
    const { attempts } = await receiptOf(reply)
    assert.deepEqual(
      attempts.map(({ provider, strategy, refusal }) => [provider, strategy, refusal]),
      [
        ['openai', 'direct', 'plan'],
        ['two', 'failover', 'overload'],
        ['three', 'failover', null],
      ],
    )
    assert.ok(attempts[0]?.account !== 'openai' && attempts[1]?.account === 'two')
    const next = await ask()
    assert.deepEqual([next.headers['x-tollkeeper-provider'], chains.one.requests.length], ['three', 1])
  })

  for (const [status, error] of [
    [401, { code: 'invalid_api_key' }],
    [403, {}],
    [402, {}],
    [500, {}],
    [404, { code: 'model_not_found' }],
  ] as const) {
    it(`lets the own account’s ${status} pass as it came: its owner has to know`, async () => {
      const play = refused(status, error, [['x-odd', 'yes']])
      chains.one.script(play)
      const reply = await ask()
      assert.deepEqual([reply.status, reply.body.toString(), reply.headers['x-odd']], [status, play.body, 'yes'])
      // the next one too: no lent key pays for what only the owner can mend
      chains.wait(1)
      assert.deepEqual([(await ask()).status, chains.sent()], [status, [2, 0, 0]])
      chains.wait(5 * 3_600_000)
      assert.deepEqual(
        (await Promise.all([ask(), ask(), ask()])).map((next) => next.status),
        [status, status, status],
      )
      assert.deepEqual(chains.sent(), [5, 0, 0])
    })
  }

  it('lets the own account’s refusal pass where no lent key can be used', async () => {
    chains.two.script(rate('50'))
    chains.three.script(rate('50'))
    await chains.ask('spare')
    chains.one.script(rate('20'))
    const reply = await ask()
    assert.deepEqual([reply.status, reply.body.toString(), reply.headers['retry-after']], [429, rate().body, '20'])
  })

  it('asks no own account for a chain that asks nothing of its provider, and shows it to nobody', async () => {
    const reply = await exchange(`${chains.story.url}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${own}`, 'x-tollkeeper-key': chains.key },
      body: '{"model":"chain:spare","messages":[{"role":"user","content":"hi"}]}',
    })
    assert.deepEqual([reply.status, chains.sent()], [200, [0, 1, 0]])
    const [sent] = chains.two.requests
    assert.ok(sent && sent.headers.authorization === 'Bearer sk-lent-number-two' && !/sk-own|tk_/.test(all(sent)))
    assert.equal(modelIn(sent), 'm2')
  })

  describe('in a conversation whose thoughts are sealed', () => {
    const whole = {
      headers: json,
      body: '{"id":"resp_1","object":"response","status":"completed","model":"m","output":[],"usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12}}',
    }
    const turn = (session: string, input: unknown[] = []) =>
      exchange(`${chains.story.url}/v1/responses`, {
        headers: {
          authorization: `Bearer ${own}`,
          'x-tollkeeper-key': chains.key,
          'x-tollkeeper-chain': 'spare',
          'session-id': session,
        },
        body: JSON.stringify({ model: 'gpt-5', store: false, input: [{ role: 'user', content: 'hi' }, ...input] }),
      })
    const sealed = [{ type: 'reasoning', summary: [], encrypted_content: 'gAAAAA-sealed' }]

    it('stays with the own account that had them, also at its limit', async () => {
      chains.one.script(whole, rate('20'))
      await turn('first')
      const next = await turn('first', sealed)
      assert.deepEqual([next.status, next.body.toString(), chains.sent()], [429, rate().body, [2, 0, 0]])
    })

    it('stays with the lent target that answered it, and comes back to the own account with the next one', async () => {
      chains.one.script(rate('20'), whole)
      chains.two.script(whole)
      const begun = await turn('second')
      chains.wait(30_000)
      const next = await turn('second', sealed)
      assert.deepEqual(
        [begun, next].map(({ headers }) => headers['x-tollkeeper-provider']),
        ['two', 'two'],
      )
      assert.ok(chains.two.requests.every((request) => !/sk-own|tk_/.test(all(request))))
      assert.equal((await turn('third')).headers['x-tollkeeper-provider'], 'openai')
    })

    it('stays where it was answered over a restart', async () => {
      chains.one.script(rate('20'))
      chains.two.script(whole)
      await turn('second')
      chains.wait(30_000)
      await chains.story.restart()
      const next = await turn('second', sealed)
      assert.deepEqual([next.headers['x-tollkeeper-provider'], chains.sent()], ['two', [1, 2, 0]])
    })

    it('is asked of the own account alone where nobody knows who had them', async () => {
      chains.one.script(rate('20'))
      assert.deepEqual([(await turn('unknown', sealed)).status, chains.sent()], [429, [1, 0, 0]])
    })
  })

  it('takes a key in the query, and each header that may hold one, off what goes to a lent target', async () => {
    chains.one.script(refused(429, { status: 'RESOURCE_EXHAUSTED' }), good)
    chains.two.script(good)
    const path = `/v1beta/models/gemini-2.5-flash:generateContent?alt=json&key=${own}&again=${own}`
    const reply = await exchange(`${chains.story.url}${path}`, {
      headers: {
        'x-goog-api-key': own,
        'x-api-key': own,
        'api-key': own,
        'x-goog-user-project': 'project-of-the-caller',
        'x-tollkeeper-key': chains.key,
        'x-tollkeeper-chain': 'google',
      },
      body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
    })
    assert.equal(reply.status, 200)
    const [first, second] = [chains.one.requests[0], chains.two.requests[0]]
    assert.ok(first && second)
    assert.equal(first.path, path)
    assert.equal(second.path, '/v1beta/models/g:generateContent?alt=json')
    assert.equal(second.headers['x-goog-api-key'], 'sk-lent-google')
    assert.ok(!/sk-own|tk_|of-the-caller/.test(all(second)), all(second))
  })
})
