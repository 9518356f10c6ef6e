/** Chains and routes with the whole daemon: which target a call goes to, which models are listed, and what is said where none is left. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Asking, exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const chat = '{"model":"MODEL","messages":[{"role":"user","content":"hi"}],  "x":1}'

describe('chains', () => {
  let upstream: Upstream
  let story: Story
  let ours: string
  before(async () => {
    upstream = await startUpstream()
    upstream.script({ body: '{"id":"1","usage":{"prompt_tokens":1,"completion_tokens":2}}' })
    const at = (path: string) => `${upstream.url}/${path}`
    story = await start({
      config: {
        providers: {
          openai: { baseUrl: at('openai/v1') },
          anthropic: { baseUrl: at('anthropic') },
          gemini: { baseUrl: at('gemini') },
          one: { extends: 'openai', baseUrl: at('one/v1'), apiKey: 'sk-lent-one-1' },
          two: { extends: 'openai', baseUrl: at('two/v1'), apiKey: 'sk-lent-two-2' },
          bare: { extends: 'openai', baseUrl: at('bare/v1') },
          claude: { extends: 'anthropic', baseUrl: at('claude'), apiKey: 'sk-lent-claude-3', models: ['theirs'] },
          goog: { extends: 'gemini', baseUrl: at('goog'), apiKey: 'lent-goog-4', models: ['theirs'] },
        },
        chains: {
          coding: ['one/gpt-a/b', 'two/gpt-c'],
          mixed: ['claude/claude-x', 'goog/gemini-x', 'one/gpt-a'],
          spare: ['two/spare'],
          lost: ['bare/m', 'claude/m'],
          own: ['anthropic/claude-own', 'claude/claude-lent'],
        },
        routes: { 'claude-sonnet-*': 'mixed', 'gpt-routed': 'coding', 'gpt-routed-*': 'spare' },
        defaultChain: 'spare',
      },
    })
    ours = await story.key()
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  const last = () => upstream.requests.at(-1)
  const own = { authorization: 'Bearer sk-own-credential-1' }
  const lent = (key = ours) => ({ authorization: `Bearer ${key}` })
  const ask = (path: string, model: string, asking: Asking = {}) =>
    exchange(`${story.url}${path}`, { headers: lent(), body: chat.replace('MODEL', model), ...asking })
  /** Where it went, with which model and credential; or why not. */
  const went = async (path: string, model: string, asking: Asking = {}) => {
    const before = upstream.requests.length
    const reply = await ask(path, model, asking)
    if (upstream.requests.length === before) return String(reply.headers['x-tollkeeper-refusal'])
    const { path: to, body, headers } = last() as NonNullable<ReturnType<typeof last>>
    const sent = /"model":"(.*?)"/.exec(body.toString())?.[1] ?? ''
    const credential =
      headers.authorization?.replace('Bearer ', '') ?? headers['x-api-key'] ?? headers['x-goog-api-key']
    return `${to} ${sent} ${String(credential)}`
  }
  const completions = '/v1/chat/completions'
  const refusal = async (model: string, asking: Asking = {}) =>
    (JSON.parse((await ask(completions, model, asking)).body.toString()) as { error: { message: string } }).error
      .message

  it('go to the first target, with its model in place and all else as it came', async () => {
    assert.equal(await went(completions, 'chain:coding'), '/one/v1/chat/completions gpt-a/b sk-lent-one-1')
    assert.equal(last()?.body.toString(), chat.replace('MODEL', 'gpt-a/b'))
    assert.equal(await went(completions, 'gpt-routed'), '/one/v1/chat/completions gpt-a/b sk-lent-one-1')
    assert.equal(await went(completions, 'gpt-routed-2'), '/two/v1/chat/completions spare sk-lent-two-2')
    const headers = { ...lent(), 'x-tollkeeper-chain': 'spare' }
    assert.equal(await went(completions, 'gpt-routed', { headers }), '/two/v1/chat/completions spare sk-lent-two-2')
    assert.equal(last()?.headers['x-tollkeeper-chain'], undefined)
    const { requests } = await story.ask('requests', { query: { limit: '1' } })
    const receipt = await story.ask('request', { params: { id: requests[0]?.id ?? '' } })
    assert.equal(receipt.attempts[0]?.provider, 'two')
  })

  it('pass over targets that do not speak the dialect, whichever endpoint of it is asked', async () => {
    assert.equal(await went('/v1/messages', 'claude-sonnet-4-5'), '/claude/v1/messages claude-x sk-lent-claude-3')
    assert.equal(
      await went('/v1/messages/count_tokens', 'chain:mixed'),
      '/claude/v1/messages/count_tokens claude-x sk-lent-claude-3',
    )
    assert.equal(await went(completions, 'chain:mixed'), '/one/v1/chat/completions gpt-a sk-lent-one-1')
    for (const path of ['/v1/responses', '/v1/responses/input_tokens', '/v1/completions', '/v1/embeddings'])
      assert.equal(await went(path, 'claude-sonnet-4'), `${path.replace('/v1', '/one/v1')} gpt-a sk-lent-one-1`)
    for (const version of ['v1beta', 'v1'])
      assert.equal(
        await went(`/${version}/models/chain:mixed:generateContent`, '', {
          headers: { 'x-goog-api-key': ours },
          body: '{"contents":[]}',
        }),
        `/goog/${version}/models/gemini-x:generateContent  lent-goog-4`,
      )
  })

  it('give way to provider/model and to whoever sells the model, and take what is left by default', async () => {
    assert.equal(await went(completions, 'two/any'), '/two/v1/chat/completions any sk-lent-two-2')
    assert.equal(
      await went(completions, 'gpt-4o'),
      '/one/v1/chat/completions gpt-4o sk-lent-one-1',
      'openai has no key',
    )
    assert.equal(await went('/v1/messages', 'theirs'), '/claude/v1/messages theirs sk-lent-claude-3')
    assert.equal(await went(completions, 'nobody-sells-it'), '/two/v1/chat/completions spare sk-lent-two-2')
  })

  it('say why each target is passed over where none is left', async () => {
    assert.equal(await went(completions, 'chain:lost'), 'key_not_for_provider')
    assert.match(
      await refusal('chain:lost'),
      /chain lost .*bare\/m has no key to lend.*; claude\/m does not speak openai-chat/,
    )
    assert.equal(await went('/v1/messages', 'chain:spare'), 'unknown_route')
    assert.equal(await went(completions, 'chain:nope'), 'unknown_route')
    assert.match(await refusal('chain:nope'), /no chain named "nope".*coding, mixed, spare, lost, own/)
    const journal = join(story.home, 'journal')
    const text = readdirSync(journal)
      .map((name) => readFileSync(join(journal, name), 'utf8'))
      .join('\n')
    const refused = text
      .split('\n')
      .filter((line) => line.includes('"call.refused"') && line.includes('"chain":"lost"'))
    assert.ok(
      refused[0]?.includes('"skipped":[{"provider":"bare","model":"m","why":"no-key","until":null,"refusal":null},'),
    )
  })

  it('are nothing to pinned paths, nor to a credential of the caller alone', async () => {
    assert.equal(
      await went('/p/one/v1/chat/completions', 'chain:spare'),
      '/one/v1/chat/completions chain:spare sk-lent-one-1',
    )
    for (const headers of [own, { ...own, 'x-tollkeeper-chain': 'spare' }])
      for (const model of ['chain:spare', 'gpt-routed', 'any'])
        assert.equal(
          await went(completions, model, { headers }),
          `/openai/v1/chat/completions ${model} sk-own-credential-1`,
        )
    assert.equal(last()?.headers['x-tollkeeper-chain'], undefined)
  })

  it('stand behind the own account of whoever brings both', async () => {
    const both = { ...own, 'x-tollkeeper-key': ours }
    for (const model of ['gpt-routed', 'any'])
      assert.equal(
        await went(completions, model, { headers: both }),
        `/openai/v1/chat/completions ${model} sk-own-credential-1`,
      )
    assert.equal(
      await went('/v1/messages', 'chain:own', { headers: both }),
      '/anthropic/v1/messages claude-own sk-own-credential-1',
      'the own account serves what the chain asks of its provider',
    )
    assert.equal(await went(completions, 'x', { headers: { ...both, 'x-tollkeeper-chain': 'no' } }), 'unknown_route')
  })

  it('are all that a key has which names them', async () => {
    const spare = await story.key('proxy', undefined, ['spare'])
    assert.equal(
      await went(completions, 'chain:spare', { headers: lent(spare) }),
      '/two/v1/chat/completions spare sk-lent-two-2',
    )
    assert.equal(
      await went(completions, 'gpt-4o', { headers: lent(spare) }),
      '/two/v1/chat/completions spare sk-lent-two-2',
    )
    for (const model of ['chain:coding', 'gpt-routed', 'two/any'])
      assert.equal(await went(completions, model, { headers: lent(spare) }), 'key_not_for_provider', model)
    assert.match(await refusal('two/any', { headers: lent(spare) }), /nothing but chain:spare/)
    assert.equal(await went('/p/two/v1/chat/completions', 'm', { headers: lent(spare) }), 'key_not_for_provider')
    assert.doesNotMatch(await refusal('chain:no', { headers: lent(spare) }), /coding/)
    const second = await story.key('proxy', ['two'], ['coding'])
    assert.equal(
      await went(completions, 'chain:coding', { headers: lent(second) }),
      '/two/v1/chat/completions gpt-c sk-lent-two-2',
    )
    const neither = await story.key('proxy', ['claude'], ['coding'])
    assert.equal(await went(completions, 'chain:coding', { headers: lent(neither) }), 'key_not_for_provider')
    const both = { ...own, 'x-tollkeeper-key': neither }
    assert.equal(
      await went(completions, 'any', { headers: both }),
      '/openai/v1/chat/completions any sk-own-credential-1',
    )
  })

  it('never lead a call away from where what it goes on from is kept', async () => {
    upstream.script({ body: '{"id":"resp_kept","object":"response","usage":{"input_tokens":1,"output_tokens":2}}' })
    await ask('/v1/responses', 'two/gpt')
    const body = '{"model":"chain:coding","previous_response_id":"resp_kept"}'
    assert.equal(await went('/v1/responses', '', { body, headers: lent() }), '/two/v1/responses gpt-c sk-lent-two-2')
    const held = await story.key('proxy', undefined, ['spare'])
    const stored = { method: 'GET', body: '', headers: lent(held) }
    assert.equal(await went('/v1/responses/resp_kept', '', stored), 'not_found', 'another key made it')
    await ask('/v1/responses', 'chain:spare', { headers: lent(held) })
    assert.equal(await went('/v1/responses/resp_kept', '', stored), '/two/v1/responses/resp_kept  sk-lent-two-2')
    assert.equal(await went('/p/two/v1/responses/resp_kept', '', stored), 'key_not_for_provider')
    await ask('/v1/responses', 'two/gpt')
    const other = '{"model":"chain:mixed","previous_response_id":"resp_kept"}'
    assert.equal(await went('/v1/responses', '', { body: other, headers: lent() }), 'unknown_route')
  })

  it('stand first in the lists of models, for the keys that may use them', async () => {
    const bringing = { openai: 'authorization', anthropic: 'x-api-key', gemini: 'x-goog-api-key' }
    const names = async (path: string, headers: Record<string, string>) => {
      const list = JSON.parse((await exchange(`${story.url}${path}`, { headers })).body.toString()) as {
        data?: { id: string }[]
        models?: { name: string }[]
      }
      return list.data?.map(({ id }) => id) ?? list.models?.map(({ name }) => name.replace('models/', '')) ?? []
    }
    const expected = ['chain:coding', 'chain:mixed', 'chain:spare', 'chain:lost', 'chain:own', 'gpt-routed']
    for (const [path, headers] of [
      ['/v1/models', lent()],
      ['/v1/models', { [bringing.anthropic]: ours, 'anthropic-version': '2023-06-01' }],
      ['/v1beta/models', { [bringing.gemini]: ours }],
    ] as const) {
      const listed = await names(path, headers)
      assert.deepEqual(listed.slice(0, expected.length), expected, path)
      assert.ok(listed.includes('claude/theirs'))
      const one = await exchange(`${story.url}${path}/chain:coding`, { headers })
      assert.equal(one.status, 200)
      assert.match(one.body.toString(), /"chain:coding"|"models\/chain:coding"/)
    }
    assert.deepEqual(await names('/v1/models', lent(await story.key('proxy', undefined, ['coding']))), [
      'chain:coding',
      'gpt-routed',
    ])
    const few = await names('/v1/models', lent(await story.key('proxy', ['goog'])))
    assert.deepEqual(few, ['chain:mixed', 'goog/theirs'])
  })

  it('are told at the start', () => {
    const ready = story.log
      .map((line) => JSON.parse(line) as { msg?: string })
      .find((line) => JSON.stringify(line).includes('"Ready"'))
    assert.deepEqual((ready as { chains?: string[] } | undefined)?.chains, ['coding', 'mixed', 'spare', 'lost', 'own'])
    assert.equal((ready as { defaultChain?: string } | undefined)?.defaultChain, 'spare')
  })

  it('are named where a provider of theirs is not there, and work with the others', async () => {
    const path = join(story.home, 'config.jsonc')
    const before = readFileSync(path, 'utf8')
    const config = JSON.parse(before) as { chains: object }
    const chains = { ...config.chains, half: ['gone/m', 'one/half'] }
    writeFileSync(path, JSON.stringify({ ...config, chains }, null, 2))
    const texts = () =>
      story
        .ask('warnings')
        .then(({ warnings }) => warnings.filter((one) => one.code === 'chain-incomplete').map(({ text }) => text))
    await eventually('it is named', async () => (await texts()).length === 1)
    assert.match((await texts())[0] ?? '', /^config\.jsonc, line \d+, column 7: chain "half" asks for "gone"/)
    assert.equal(await went(completions, 'chain:half'), '/one/v1/chat/completions half sk-lent-one-1')
    writeFileSync(path, before)
    await eventually('and no longer', async () => (await texts()).length === 0)
  })

  it('stay as they were while the file leads a route nowhere', async () => {
    const path = join(story.home, 'config.jsonc')
    const before = readFileSync(path, 'utf8')
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(before) as object), defaultChain: 'nowhere' }))
    const invalid = () =>
      story.ask('warnings').then(({ warnings }) => warnings.find((one) => one.code === 'config-invalid')?.text)
    const text = await eventually('it is named', invalid)
    assert.match(
      text,
      /line 1, column \d+: defaultChain leads to a chain that is not there; there are: coding,.*last good one/,
    )
    assert.equal(await went(completions, 'nobody-sells-it'), '/two/v1/chat/completions spare sk-lent-two-2')
    writeFileSync(path, before)
    await eventually('and no longer', async () => (await invalid()) === undefined)
  })

  it('change while the daemon runs', async () => {
    const path = join(story.home, 'config.jsonc')
    const before = readFileSync(path, 'utf8')
    const config = JSON.parse(before) as { chains: object }
    writeFileSync(path, JSON.stringify({ ...config, chains: { ...config.chains, spare: ['one/other'] } }))
    await eventually('the chain leads elsewhere', async () =>
      (await went(completions, 'chain:spare')).startsWith('/one/'),
    )
    writeFileSync(path, before)
    await eventually('and back', async () => (await went(completions, 'chain:spare')).startsWith('/two/'))
  })
})
