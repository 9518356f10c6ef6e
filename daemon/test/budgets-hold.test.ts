/** Budgets in the way of calls: who is stopped, who is passed over or led elsewhere, and what their callers are told. */
import assert from 'node:assert/strict'
import type { Config } from '../../shared/contract/config.ts'
import { answer, good, idOf, json, modelIn, rate } from './chains.ts'
import { type Exchange, exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { type Plays, startUpstream, type Upstream } from './upstream.ts'

const day = 86_400_000
/** 21 September 2026, 14:13:20 UTC. */
const noon = 1_790_000_000_000
/** An answer of five tokens costs 121 USD. */
const dear = { inputUsdPerMillion: 0, outputUsdPerMillion: 24_200_000 }
const month = (provider: string, more: object = {}) => ({
  id: `${provider}-month`,
  scope: { provider },
  period: 'month',
  limitUsd: 120,
  action: 'block' as const,
  ...more,
})

type Stage = { story: Story; one: Upstream; two: Upstream; key: string; end(): Promise<void> }

/** `one` and `two` speak what OpenAI speaks, `claude` and `google` are at `two`. `limits` are those of `one`. */
async function stage(
  { limits, ...config }: Partial<Omit<Config, 'limits'>> & { limits?: object },
  wait: { ms: number } = { ms: 0 },
): Promise<Stage> {
  const [one, two] = [await startUpstream(), await startUpstream()]
  one.script(good)
  two.script(good)
  const openai = ({ url }: Upstream) => ({ extends: 'openai', baseUrl: `${url}/v1`, apiKey: 'sk-lent-number-one' })
  const story = await start({
    now: () => noon + wait.ms,
    config: {
      timeZone: 'UTC',
      prices: { dear },
      ...config,
      providers: {
        one: { ...openai(one), ...(limits && { limits }) },
        two: openai(two),
        claude: { extends: 'anthropic', baseUrl: two.url, apiKey: 'sk-ant-lent-one' },
        google: { extends: 'gemini', baseUrl: two.url, apiKey: 'lent-gemini-one' },
        ...config.providers,
      },
    },
  })
  const key = await story.key()
  return {
    story,
    one,
    two,
    key,
    end: async () => {
      await story.end()
      await one.close()
      await two.close()
    },
  }
}

const chatBody = (model: string, more: object = {}) =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...more })
const chat = ({ story, key }: Stage, model: string, more: object = {}, headers: Record<string, string> = {}) =>
  exchange(`${story.url}/v1/chat/completions`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: chatBody(model, more),
  })
/** As one token at most is held for it, it goes, and then costs 121 USD. */
const spend = async (at: Stage, model = 'one/dear') => {
  const reply = await chat(at, model, { max_tokens: 1 })
  assert.equal(reply.status, 200, reply.body.toString())
}
const textOf = ({ body }: Exchange) => (JSON.parse(body.toString()) as { error: { message: string } }).error.message
const codeOf = ({ headers }: Exchange) => headers['x-tollkeeper-refusal']
const receiptOf = async ({ story }: Stage, reply: Exchange) => story.ask('request', { params: { id: idOf(reply) } })

describe('a call that a budget stops', () => {
  let at: Stage
  afterEach(() => at.end())

  const ends = ' Try again in 9d 9h.'
  const sentence = (provider: string) => `Monthly budget for ${provider} exceeded (120.0 USD).${ends}`
  const context = (provider: string, spent = 121) => ({
    provider,
    budget: `${provider}-month`,
    current_spend_usd: spent,
    limit_usd: 120,
    monthly_limit_usd: 120,
  })
  const dialects: {
    what: string
    provider: string
    path: string
    body: object
    spent: object
    status: number
    type: (id: string) => object
    retryAfter?: string
  }[] = [
    {
      what: 'openai-chat',
      provider: 'one',
      path: '/p/one/v1/chat/completions',
      body: { model: 'dear', max_tokens: 1, messages: [] },
      spent: JSON.parse(answer) as object,
      status: 403,
      type: () => ({
        error: { message: sentence('one'), type: 'insufficient_quota', param: null, code: 'insufficient_quota' },
        context: context('one'),
      }),
    },
    {
      what: 'openai-responses',
      provider: 'one',
      path: '/p/one/v1/responses',
      body: { model: 'dear', max_output_tokens: 1, input: 'hi' },
      spent: { id: 'r', object: 'response', status: 'completed', usage: { input_tokens: 7, output_tokens: 5 } },
      status: 429,
      type: () => ({
        error: { message: sentence('one'), type: 'insufficient_quota', param: null, code: 'insufficient_quota' },
        context: context('one'),
      }),
    },
    {
      what: 'anthropic',
      provider: 'claude',
      path: '/p/claude/v1/messages',
      body: { model: 'dear', max_tokens: 1, messages: [] },
      spent: { type: 'message', stop_reason: 'end_turn', usage: { input_tokens: 7, output_tokens: 5 } },
      status: 429,
      retryAfter: String((Date.UTC(2026, 9, 1) - noon) / 1000),
      type: (id) => ({
        type: 'error',
        error: { type: 'rate_limit_error', message: sentence('claude') },
        request_id: id,
        context: context('claude'),
      }),
    },
    {
      what: 'gemini',
      provider: 'google',
      path: '/p/google/v1beta/models/dear:generateContent',
      body: { contents: [], generationConfig: { maxOutputTokens: 1 } },
      spent: {
        candidates: [{ finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12 },
      },
      status: 403,
      type: () => ({
        error: { code: 403, message: sentence('google'), status: 'PERMISSION_DENIED' },
        context: context('google'),
      }),
    },
  ]
  for (const { what, provider, path, body, spent, status, type, retryAfter } of dialects) {
    it(`is told so as ${what} makes clients stop`, async () => {
      at = await stage({ budgets: [month(provider)] })
      const upstream = provider === 'one' ? at.one : at.two
      upstream.script({ headers: json, body: JSON.stringify(spent) })
      const ask = () =>
        exchange(`${at.story.url}${path}`, {
          headers: { 'x-tollkeeper-key': at.key },
          body: JSON.stringify(body),
        })
      assert.equal((await ask()).status, 200)
      const reply = await ask()
      assert.deepEqual(JSON.parse(reply.body.toString()), type(idOf(reply)))
      assert.deepEqual(
        [reply.status, codeOf(reply), reply.headers['x-should-retry'], reply.headers['retry-after']],
        [status, 'budget_exceeded', 'false', retryAfter],
      )
      assert.equal(upstream.requests.length, 1)
      const { refused, attempts } = await receiptOf(at, reply)
      assert.deepEqual(
        [refused?.code, refused?.provider, attempts, refused?.skipped.map(({ why, detail }) => [why, detail])],
        ['budget_exceeded', provider, [], [['budget', `Monthly budget for ${provider} exceeded (120.0 USD).`]]],
      )
    })
  }

  it('is refused with 429 in every dialect where the config says so', async () => {
    at = await stage({ budgets: [month('one'), month('google')], budgetRefusalStatus: 429 })
    await spend(at)
    assert.equal((await chat(at, 'one/dear')).status, 429)
    // what is held for one call may be over the limit by itself
    const google = await exchange(`${at.story.url}/p/google/v1beta/models/dear:generateContent`, {
      headers: { 'x-goog-api-key': at.key },
      body: JSON.stringify({ contents: [] }),
    })
    const { error } = JSON.parse(google.body.toString()) as { error: object }
    assert.deepEqual([google.status, 'details' in error], [429, false])
  })

  it('goes again when the period is over', async () => {
    const wait = { ms: 0 }
    at = await stage({ budgets: [month('one')] }, wait)
    await spend(at)
    assert.equal(codeOf(await chat(at, 'one/dear', { max_tokens: 1 })), 'budget_exceeded')
    wait.ms = 10 * day
    assert.equal((await chat(at, 'one/dear', { max_tokens: 1 })).status, 200)
  })

  it('is one that may cost something: counting tokens and looking at what is there go on', async () => {
    at = await stage({ budgets: [month('claude')] })
    at.two.script({ headers: json, body: '{"input_tokens":5}' })
    const ask = (path: string, body?: string) =>
      exchange(`${at.story.url}/p/claude${path}`, {
        headers: { 'x-tollkeeper-key': at.key },
        ...(body !== undefined && { body }),
      })
    const body = JSON.stringify({ model: 'dear', messages: [] })
    assert.equal(codeOf(await ask('/v1/messages', body)), 'budget_exceeded')
    assert.equal((await ask('/v1/messages/count_tokens', body)).status, 200)
    assert.equal((await ask('/v1/models')).status, 200)
  })

  it('is none that ends what still costs something', async () => {
    at = await stage({ budgets: [month('one')] })
    await spend(at)
    const ask = (path: string) =>
      exchange(`${at.story.url}/p/one/v1/batches${path}`, {
        headers: { authorization: 'Bearer sk-own-0000000', 'content-type': 'application/json' },
        body: '{}',
      })
    assert.equal(codeOf(await ask('')), 'budget_exceeded')
    assert.equal((await ask('/b1/cancel')).status, 200)
  })

  it('is not stopped while calls are not counted', async () => {
    at = await stage({ budgets: [month('one')], 'usage-statistics-enabled': false })
    assert.equal((await chat(at, 'one/dear')).status, 200)
  })
})

describe('a chain over a provider whose budget is used up', () => {
  let at: Stage
  const chains = { pair: ['one/dear', 'two/plain'], alone: ['one/dear', 'one/plain'] }
  beforeEach(async () => {
    at = await stage({ chains, budgets: [month('one')] })
    await spend(at)
  })
  afterEach(() => at.end())

  it('passes it over, and the receipt says so', async () => {
    const reply = await chat(at, 'chain:pair')
    assert.deepEqual([reply.status, reply.headers['x-tollkeeper-provider']], [200, 'two'])
    assert.equal(at.one.requests.length, 1)
    const { attempts } = await receiptOf(at, reply)
    assert.deepEqual(
      attempts.map(({ provider, skipped }) => [provider, skipped.map((row) => [row.provider, row.until, row.detail])]),
      [['two', [['one', '2026-10-01T00:00:00.000Z', 'Monthly budget for one exceeded (120.0 USD). Fallback to two.']]]],
    )
  })

  it('refuses for the budget where nothing is left that could be asked', async () => {
    const reply = await chat(at, 'chain:alone')
    assert.deepEqual(
      [reply.status, codeOf(reply), textOf(reply)],
      [403, 'budget_exceeded', 'Monthly budget for one exceeded (120.0 USD). Try again in 9d 9h.'],
    )
    const { refused } = await receiptOf(at, reply)
    assert.deepEqual(
      [refused?.chain, refused?.skipped.map(({ model, why }) => `${model} ${why}`)],
      ['alone', ['dear budget', 'plain budget']],
    )
  })

  it('says of the others why they are not asked either, and when the first is free', async () => {
    at.two.script(rate('3000'))
    assert.equal((await chat(at, 'chain:pair')).status, 429)
    const reply = await chat(at, 'chain:pair')
    assert.equal(codeOf(reply), 'budget_exceeded')
    assert.match(
      textOf(reply),
      /^Monthly budget for one exceeded \(120\.0 USD\)\. two\/plain is not asked, as it .* Try again in 50m\.$/,
    )
  })
})

describe('a chain with one target that a budget stops, and another that may be asked soon', () => {
  let at: Stage
  afterEach(() => at.end())
  const told = (reply: Exchange) => [reply.status, codeOf(reply), reply.headers['retry-after']]
  const pair = ['one/dear', 'two/plain']

  it('says when that is, where it cools', async () => {
    at = await stage({ chains: { pair }, budgets: [month('one')] })
    await spend(at)
    at.two.script(rate('30'))
    assert.equal((await chat(at, 'chain:pair')).status, 429)
    const reply = await chat(at, 'chain:pair')
    assert.deepEqual(told(reply), [429, 'targets_cooling', '30'])
    assert.match(textOf(reply), /one\/dear is not asked: Monthly budget for one exceeded \(120\.0 USD\); two\/plain is/)
  })

  it('refuses for the budget where that one is stopped by it too, whatever else stands against it', async () => {
    at = await stage({ chains: { pair }, budgets: [{ ...month('one'), scope: {} }] })
    at.two.script(rate('30'))
    assert.equal((await chat(at, 'two/plain')).status, 429)
    await spend(at)
    const reply = await chat(at, 'chain:pair')
    assert.deepEqual([codeOf(reply), reply.headers['retry-after']], ['budget_exceeded', undefined])
  })

  it('says when that is, where it is at a limit of the user’s own', async () => {
    at = await stage({ chains: { pair: ['two/dear', 'one/plain'] }, budgets: [month('two')], limits: { rpm: 1 } })
    await spend(at, 'two/dear')
    assert.equal((await chat(at, 'chain:pair')).status, 200)
    assert.deepEqual(told(await chat(at, 'chain:pair')).slice(0, 2), [429, 'targets_cooling'])
  })
})

describe('a budget that leads calls elsewhere', () => {
  let at: Stage
  afterEach(() => at.end())
  const led = (to: string, at = 0.5) => month('one', { action: 'warn', downgrade: { at, to } })
  const chains = { good: ['one/dear', 'two/plain'], cheap: ['two/small'], back: ['one/small', 'one/dear'] }
  const went = (reply: Exchange) =>
    ['provider', 'model', 'chain', 'attempts'].map((name) => reply.headers[`x-tollkeeper-${name}`])

  it('does so from its share of the limit on, to a chain, and the receipt says so', async () => {
    at = await stage({ chains, budgets: [led('chain:cheap')] })
    assert.deepEqual(went(await chat(at, 'chain:good', { max_tokens: 1 })), ['one', 'dear', 'good', '1'])
    const reply = await chat(at, 'chain:good')
    assert.deepEqual(went(reply), ['two', 'small', 'cheap', '1'])
    assert.equal(modelIn(at.two.requests.at(-1)), 'small')
    const { attempts } = await receiptOf(at, reply)
    assert.deepEqual(
      attempts[0]?.skipped.map(({ provider, model, why, detail }) => [provider, model, why, detail]),
      [
        [
          'one',
          'dear',
          'budget',
          'The budget one-month is near its limit and leads this call to chain:cheap. Fallback to two.',
        ],
      ],
    )
  })

  it('does so with what does not fit any more, and stops it where it cannot be led', async () => {
    at = await stage({ budgets: [month('one', { downgrade: { at: 0.9, to: 'two/small' } })] })
    assert.deepEqual(went(await chat(at, 'one/dear')), ['two', 'small', undefined, '1'])
    const own = await exchange(`${at.story.url}/p/one/v1/chat/completions`, {
      headers: { authorization: 'Bearer sk-own-0000000' },
      body: chatBody('dear'),
    })
    assert.equal(codeOf(own), 'budget_exceeded')
  })

  it('does so to one target, for a lone one too', async () => {
    at = await stage({ budgets: [led('two/small')] })
    await spend(at)
    assert.deepEqual(went(await chat(at, 'one/dear')), ['two', 'small', undefined, '1'])
  })

  it('leaves a pinned call at its provider, for another model of that one at most', async () => {
    for (const [to, model] of [
      ['two/small', 'dear'],
      ['chain:cheap', 'dear'],
      ['one/small', 'small'],
    ] as const) {
      at = await stage({ chains, budgets: [led(to)] })
      await spend(at)
      const reply = await exchange(`${at.story.url}/p/one/v1/chat/completions`, {
        headers: { authorization: `Bearer ${at.key}` },
        body: chatBody('dear'),
      })
      assert.deepEqual(went(reply).slice(0, 2), ['one', model])
      if (model === 'dear') await at.end()
    }
  })

  for (const [what, to, model] of [
    ['within the same provider', 'one/small', 'one/dear'],
    ['to a chain that begins at the same provider', 'chain:back', 'one/dear'],
  ] as const) {
    it(`does so once: ${what}`, async () => {
      at = await stage({ chains, budgets: [led(to)] })
      await spend(at)
      const reply = await chat(at, model)
      assert.deepEqual(went(reply).slice(0, 2), ['one', 'small'])
    })
  }

  for (const [what, to, asked] of [
    ['a call that is there already', 'chain:good', 'chain:good'],
    ['a call for the very target', 'one/dear', 'one/dear'],
    ['to a provider that is not there', 'nobody/small', 'one/dear'],
    ['to a provider that does not speak the call', 'claude/small', 'one/dear'],
  ] as const) {
    it(`leaves alone: ${what}`, async () => {
      at = await stage({ chains, budgets: [led(to)] })
      await spend(at)
      assert.deepEqual(went(await chat(at, asked)).slice(0, 2), ['one', 'dear'])
    })
  }

  it('leaves a key within its rights', async () => {
    at = await stage({ chains, budgets: [led('chain:cheap')] })
    await spend(at)
    const key = await at.story.key('proxy', undefined, ['good'])
    assert.deepEqual(went(await chat({ ...at, key }, 'chain:good')).slice(0, 2), ['one', 'dear'])
  })

  it('leaves calls with a credential of their own alone', async () => {
    at = await stage({ chains, budgets: [led('chain:cheap')] })
    await spend(at)
    const own = await exchange(`${at.story.url}/p/one/v1/chat/completions`, {
      headers: { authorization: 'Bearer sk-own-0000000', 'x-tollkeeper-key': at.key },
      body: chatBody('dear'),
    })
    assert.deepEqual(went(own).slice(0, 2), ['one', 'dear'])
    assert.equal(at.one.requests.at(-1)?.headers.authorization, 'Bearer sk-own-0000000')
  })
})

describe('what a subscription owes nothing for', () => {
  let at: Stage
  const wait = { ms: 0 }
  beforeEach(async () => {
    wait.ms = 0
    at = await stage({ budgets: [month('claude', { limitUsd: 1 })] }, wait)
  })
  afterEach(() => at.end())
  const unified = 'anthropic-ratelimit-unified'
  const replies = (...headers: [string, string][]): Plays => ({
    headers: [...json, ...headers],
    body: JSON.stringify({ type: 'message', stop_reason: 'end_turn', usage: { input_tokens: 7, output_tokens: 5 } }),
  })
  const ask = (headers: Record<string, string>) =>
    exchange(`${at.story.url}/p/claude/v1/messages`, {
      headers,
      body: JSON.stringify({ model: 'dear', max_tokens: 1, messages: [] }),
    })
  const plan = { authorization: 'Bearer sk-ant-oat01-own-0000' }

  it('is not stopped by a budget of what is owed; a key is', async () => {
    at.two.script(replies())
    for (const _ of [1, 2]) assert.equal((await ask(plan)).status, 200)
    assert.equal(codeOf(await ask({ 'x-api-key': 'sk-ant-api03-own-0000' })), 'budget_exceeded')
    const { requests } = await at.story.ask('requests')
    assert.deepEqual(
      requests.map(({ costUsd, billedUsd, billing }) => [costUsd, billedUsd, billing]),
      [1, 2].map(() => [121, 0, 'plan']),
    )
  })

  it('is stopped once it goes on as paid extra usage, until its window begins anew', async () => {
    const resets = Math.round((noon + 3_600_000) / 1000)
    at.two.script(
      replies(
        [`${unified}-5h-utilization`, '1.02'],
        [`${unified}-5h-reset`, String(resets)],
        [`${unified}-5h-status`, 'rejected'],
        [`${unified}-status`, 'allowed'],
        [`${unified}-overage-in-use`, 'true'],
        [`${unified}-overage-status`, 'allowed'],
      ),
      replies(),
    )
    const first = await ask(plan)
    assert.deepEqual([first.status, (await receiptOf(at, first)).request?.billing], [200, 'overage'])
    const reply = await ask(plan)
    assert.deepEqual(
      [codeOf(reply), textOf(reply)],
      ['budget_exceeded', 'Monthly budget for claude exceeded (1.0 USD). Try again in 9d 9h.'],
    )
    wait.ms = 3_700_000
    assert.equal((await ask(plan)).status, 200)
  })
})

describe('calls that run at once under a budget', function () {
  this.timeout(20_000)
  let at: Stage
  afterEach(() => at.end())
  /** The 1,000 tokens that are held for an answer of which nothing is known cost one dollar. */
  const prices = { fair: { inputUsdPerMillion: 0, outputUsdPerMillion: 1000 } }
  const all = (limitUsd: number, more: object = {}) => ({
    id: 'all',
    scope: {},
    period: 'month',
    limitUsd,
    action: 'block' as const,
    ...more,
  })
  const answerOf = (tokens: number): Plays => ({
    headers: json,
    body: answer.replace('"completion_tokens":5', `"completion_tokens":${tokens}`),
  })
  const many = (count: number, more: object = {}) => Array.from({ length: count }, () => chat(at, 'one/fair', more))
  const spentUsd = async () => (await at.story.ask('statsSummary')).totalCostUsd

  it('see what is held for each other', async () => {
    at = await stage({ prices, budgets: [all(5)] })
    at.one.script({ silent: true })
    const refused: Exchange[] = []
    for (const call of many(50)) void call.then((reply) => refused.push(reply)).catch(() => undefined)
    await at.one.arrived(5)
    await eventually('all others are refused', () => refused.length === 45, 10_000)
    // nothing is spent: as soon as one has ended there may be room
    const told = refused.map((reply) => [reply.status, codeOf(reply), reply.headers['retry-after']].join(' '))
    assert.deepEqual([...new Set(told)], ['429 targets_cooling 2'])
    assert.equal(at.one.requests.length, 5)
  })

  it('spend no more beyond it than what they used beyond what was held for them', async () => {
    at = await stage({ prices, budgets: [all(5)] })
    at.one.script({ ...answerOf(1500), headAfter: 100 })
    const replies = await Promise.all(many(50))
    const served = replies.filter(({ status }) => status === 200)
    assert.ok(served.length >= 1 && served.length <= 5, String(served.length))
    assert.equal(at.one.requests.length, served.length)
    assert.ok((await spentUsd()) <= 5 + served.length * 0.5)
  })

  it('stay within a strict one', async () => {
    at = await stage({ prices, budgets: [all(5, { strict: true })] })
    at.one.script({ ...answerOf(1500), headAfter: 100 })
    const replies = await Promise.all(many(50, { max_tokens: 1500 }))
    assert.deepEqual([replies.filter(({ status }) => status === 200).length, await spentUsd()], [3, 4.5])
  })

  it('are held to what is served for more, where they ask for that', async () => {
    const tiers = { priority: 2 }
    at = await stage({ prices: { fair: { ...prices.fair, tiers } }, budgets: [all(5, { strict: true })] })
    const told = []
    for (const more of [{}, { service_tier: 'priority' }, { n: 2 }])
      told.push((await chat(at, 'one/fair', { max_tokens: 3000, ...more })).status)
    assert.deepEqual(told, [200, 403, 403])
  })

  it('hold of a file what it is read as, not its bytes', async () => {
    at = await stage({ prices: { fair: { inputUsdPerMillion: 1000, outputUsdPerMillion: 0 } }, budgets: [all(5)] })
    const file = { type: 'file', file: { file_data: `data:application/pdf;base64,${'QUJD'.repeat(100_000)}` } }
    const reply = await chat(at, 'one/fair', { messages: [{ role: 'user', content: [file] }] })
    assert.equal(reply.status, 200)
  })

  it('learn from the answers before them how much to hold', async () => {
    at = await stage({ prices, budgets: [all(5)] })
    at.one.script(answerOf(100))
    for (const _ of [1, 2, 3, 4, 5]) await Promise.all(many(1))
    at.one.script({ silent: true })
    at.one.requests.length = 0
    const refused: Exchange[] = []
    for (const call of many(50)) void call.then((reply) => refused.push(reply)).catch(() => undefined)
    // 4.5 USD are left, and of sizes around 100 tokens at most 20 % more is held
    await eventually('the others are refused', () => at.one.requests.length + refused.length === 50, 10_000)
    assert.ok(at.one.requests.length >= 37 && at.one.requests.length <= 45, String(at.one.requests.length))
  })

  it('are asked again when a wait for a limit of the user’s own is over', async () => {
    at = await stage({ prices, budgets: [all(1)], limits: { concurrent: 1 } })
    at.one.script({ ...answerOf(1500), headAfter: 100 })
    const replies = await Promise.all(many(5, { max_tokens: 1 }))
    assert.deepEqual(
      [
        replies.filter(({ status }) => status === 200).length,
        replies.filter((one) => codeOf(one) === 'budget_exceeded').length,
      ],
      [1, 4],
    )
    assert.equal(at.one.requests.length, 1)
  })

  it('hold nothing any more where a chain goes on from them', async () => {
    at = await stage({ prices, budgets: [all(1.5)], chains: { pair: ['one/fair', 'two/fair'] } })
    at.one.script(rate())
    const reply = await chat(at, 'chain:pair')
    assert.deepEqual([reply.status, reply.headers['x-tollkeeper-provider']], [200, 'two'], reply.body.toString())
  })
})
