/** Throws a key of its own into every place that text comes in by, and then looks for each wherever something is kept or said. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { type EndpointName, endpoints } from '../../shared/contract/endpoints/index.ts'
import { type Asking, exchange } from './exchange.ts'
import { allThatCommandsSay, filesBelow, type Said } from './leak-commands.ts'
import { markOf, openPlanted } from './planted.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const planted = openPlanted()
const { key, odd } = planted

/** What holds secrets by design: readable by the user alone. */
const secrets = ['secrets.json', 'secrets.json.prev', 'daemon.json']
const vault = new Set([...secrets, 'config.jsonc'])

/** `new-1` and so on are what the commands were told to write. */
const isNew = ([path]: Said) => /[\\/](new-\d+|whole)/.test(path)

/** Ends the daemon. */
const notAsked: ReadonlySet<EndpointName> = new Set(['stop'])

describe('a key where none belongs', function () {
  this.timeout(120_000)
  let upstream: Upstream
  let story: Story
  let folder: string
  const said: Said[] = []
  let printed: Said[] = []

  const callBody = (more: object = {}) => JSON.stringify({ model: 'gpt-4o', messages: [], ...more })
  async function ask(where: string, path: string, asking: Asking = {}): Promise<void> {
    const reply = await exchange(`${story.url}${path}`, asking)
    said.push([where, `${reply.status} ${reply.rawHeaders.join(' ')} ${reply.body.toString()}`])
  }
  /** What the provider itself says goes to the client as it is: of such a call only what we keep counts. */
  async function call(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
    await exchange(`${story.url}${path}`, { body, headers })
  }

  async function callWithKeys(ours: string): Promise<void> {
    const path = '/p/up/v1/chat/completions'
    const mine = { authorization: `Bearer ${key('credential')}` }
    for (const header of ['client', 'task', 'session', 'user', 'feature', 'chain'])
      await call(path, callBody(), { ...mine, [`x-tollkeeper-${header}`]: key(`own${header}`) })
    for (const header of ['user-agent', 'session-id', 'thread-id', 'x-session-affinity', 'chatgpt-account-id'])
      await call(path, callBody(), { ...mine, [header]: key(header.replaceAll('-', '')) })
    await call(path, callBody({ model: key('model') }), mine)
    await call(path, callBody({ user: key('bodyuser'), prompt_cache_key: key('cachekey') }), mine)
    await call('/p/claude/v1/messages', callBody({ metadata: { user_id: key('userid') } }), {
      'x-api-key': key('xapikey'),
    })
    await call(`/p/gem/v1beta/models/${key('geminimodel')}:generateContent?key=${odd('geminikey')}`, '{"contents":[]}')
    await call(`/f/${key('folder')}${path}`, callBody(), mine)
    await call(`/p/up/v1/${key('unreadpath')}?q=${key('unreadquery')}`, '{}', mine)
    const lent = { authorization: `Bearer ${ours}` }
    await ask('a model that nobody sells', '/v1/chat/completions', {
      body: callBody({ model: key('unsold') }),
      headers: lent,
    })
    await ask('a stored answer', '/p/up/v1/responses', {
      body: callBody({ previous_response_id: key('previous') }),
      headers: lent,
    })
    await ask('no JSON', path, { body: `{"model": ${key('nojson')}`, headers: lent })
    await ask('no provider', `/p/${key('provider')}/v1/chat/completions`, { body: callBody(), headers: lent })
    await ask('no path', `/v1/${key('nopath')}`, { body: callBody(), headers: lent })
    await ask('a key in the path', `/k/${key('pathkey')}/v1/chat/completions`, { body: callBody() })
    await ask('no host', path, { body: callBody(), headers: { ...lent, host: key('host') } })
    await ask('no origin', path, { body: callBody(), headers: { ...lent, origin: `https://${key('origin')}.example` } })
    await ask('no encoding', path, { body: callBody(), headers: { ...lent, 'content-encoding': key('encoding') } })
  }

  async function answerWithKeys(): Promise<void> {
    const json = [['content-type', 'application/json']] as const
    const error = (place: string) => ({
      type: key(`${place}type`),
      code: key(`${place}code`),
      message: key(`${place}text`),
    })
    const usage = { prompt_tokens: 1, completion_tokens: 1 }
    const plays = [
      {
        headers: [
          ...json,
          ['x-ratelimit-limit-requests', '9'] as const,
          ['x-ratelimit-remaining-requests', '3'] as const,
        ],
        body: JSON.stringify({ id: key('replyid'), model: key('replymodel'), service_tier: key('tier'), usage }),
      },
      { status: 400, headers: json, body: JSON.stringify({ error: error('bad') }) },
      {
        status: 429,
        headers: [...json, ['retry-after', key('retryafter')] as const],
        body: JSON.stringify({ error: error('many') }),
      },
      { status: 500, body: `<html>${key('html')}</html>` },
      { status: 401, headers: [['www-authenticate', key('challenge')] as const], body: key('plain') },
      {
        headers: [
          ['content-type', 'text/event-stream'] as const,
          ['x-request-id', key('requestid')] as const,
          ['openai-organization', key('organization')] as const,
          ['anthropic-organization-id', key('anthropicorganization')] as const,
        ],
        body: `data: ${JSON.stringify({ error: error('stream') })}\n\n`,
      },
    ]
    for (const play of plays) {
      upstream.script(play)
      for (const provider of ['up', 'claude']) {
        const path = provider === 'up' ? 'chat/completions' : 'messages'
        await call(`/p/${provider}/v1/${path}`, callBody({ stream: true }), { 'x-api-key': key('credential') })
      }
    }
    upstream.script({ body: '{}' })
  }

  async function askWithKeys(): Promise<void> {
    const headers = { authorization: `Bearer ${story.daemon.token}` }
    for (const [name, row] of Object.entries(endpoints) as [EndpointName, (typeof endpoints)[EndpointName]][]) {
      if (notAsked.has(name)) continue
      const path = row.path.replace(/\{\w+\}/g, () => key(`${name}path`))
      const query = ['from', 'to', 'model', 'provider', 'cursor', 'group_by', 'period', 'format']
        .map((one) => `${one}=${key(`${name}${one.replace('_', '')}`)}`)
        .join('&')
      const { method } = row
      await ask(name, `${path}?${query}`, { method, headers })
      if (method === 'GET') continue
      await ask(name, path, { method, headers, body: JSON.stringify({ [key(`${name}field`)]: key(`${name}value`) }) })
      await ask(name, path, { method, headers, body: key(`${name}body`) })
    }
    await ask('nowhere', `/api/v1/${key('nowhere')}`, { headers })
    await ask('an unknown key', '/api/v1/summary', { headers: { authorization: `Bearer tk_${odd('unknown')}` } })
    await ask('an unknown token', '/api/v1/summary', {
      headers: { authorization: `Bearer eyJhbGciOiJIUzI1NiJ9.${odd('token')}.x` },
    })
  }

  async function listenWithKeys(): Promise<void> {
    const hello = {
      type: 'hello',
      client: key('feedclient'),
      contract: 1,
      windowId: key('feedwindow'),
      folders: [key('feedfolder')],
    }
    for (const text of [JSON.stringify(hello), `{"type":"${key('feedmessage')}"}`]) {
      const feed = new WebSocket(`${story.url.replace('http', 'ws')}/api/v1/feed?key=${odd('feedquery')}`, {
        headers: { authorization: `Bearer ${story.daemon.token}` },
      })
      feed.on('message', (data: Buffer) => said.push(['the feed', data.toString()]))
      await once(feed, 'open')
      feed.send(text)
      // one is not understood and closed; the other hears on
    }
  }

  async function breakConfig(): Promise<void> {
    const path = join(story.home, 'config.jsonc')
    const before = readFileSync(path, 'utf8')
    const version = async () => (await story.ask('config')).version
    const bad = [
      `{ "providers": { "up": { "apiKey": ${key('unquoted')} } } }`,
      `{ "providers": { "${key('providerid')}": {} } }`,
      `{ "${key('configkey')}": true }`,
      `{ "timeZone": ["${key('configvalue')}"], "webhooks": [{ "url": "${key('badhook')}", "secret": "x" }] }`,
      ...[
        { chains: { [key('namedchain')]: ['openai/gpt-4o'] } },
        { chains: { named: [`openai/${key('namedtarget')}`, `${key('stray')}/m`] } },
        { chains: { named: ['openai/m'] }, routes: { [key('namedroute')]: 'named' } },
        { prices: { [key('namedprice')]: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } } },
        { budgets: [{ id: key('namedbudget'), period: 'day', limitUsd: 1 }] },
        { budgets: [{ id: 'b', scope: { provider: key('scoped') }, period: 'day', limitUsd: 1 }] },
        { providers: { [key('lowid')]: { extends: 'openai', apiKey: '${NOT_SET}' } } },
        { providers: { [key('literalid')]: { extends: 'openai', baseUrl: upstream.url, apiKey: odd('literalkey') } } },
        { providers: { left: { extends: key('extends') } } },
        { providers: { left: { baseUrl: upstream.url, models: [key('offered')] } } },
        { network: { caFile: key('cafile') } },
      ].map((config) => JSON.stringify(config)),
      `{ "network": { "proxy": "http://user:${odd('badproxy')}@127.0.0.1:1" }, "logLevel": "${key('level')}" }`,
      `{ "providers": { "${'left'}": { "baseUrl": "http://user:${odd('userinfo')}@127.0.0.1:1/v1", "apiKey": "${odd('literal')}" } } }`,
    ]
    for (const text of bad) {
      const old = await version()
      writeFileSync(path, text)
      await eventually(`it is read: ${text}`, async () => (await version()) !== old)
      for (const row of ['/api/v1/warnings', '/api/v1/config', '/health', '/api/v1/providers'])
        await ask(`a bad config at ${row}`, row, { headers: { authorization: `Bearer ${story.daemon.token}` } })
    }
    const old = await version()
    writeFileSync(path, before)
    await eventually('the good one is read again', async () => (await version()) !== old)
  }

  before(async () => {
    upstream = await startUpstream()
    upstream.script({ body: '{"id":"1","model":"gpt-4o","usage":{"prompt_tokens":10,"completion_tokens":10}}' })
    story = await start({
      config: {
        providers: {
          up: { extends: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: odd('lent') },
          claude: { extends: 'anthropic', baseUrl: upstream.url },
          gem: { extends: 'gemini', baseUrl: `${upstream.url}/v1beta` },
        },
        pricesUrl: `${upstream.url}/prices?key=${odd('pricesurl')}`,
        budgets: [{ id: 'tiny', scope: {}, period: 'day', limitUsd: 0.000001, warnAt: [0.5] }],
        webhooks: [{ url: `${upstream.url}/${odd('hookpath')}`, secret: odd('hooksecret') }],
      },
    })
    await listenWithKeys()
    await callWithKeys(await story.key('proxy'))
    await answerWithKeys()
    await askWithKeys()
    await breakConfig()
    // what a client is shown of all that
    for (const [name, row] of Object.entries(endpoints))
      if (row.method === 'GET')
        await ask(`${name} afterwards`, row.path.replace(/\{\w+\}/g, 'up'), {
          headers: { authorization: `Bearer ${story.daemon.token}` },
        })
    const [ours] = (await story.ask('keys')).keys
    folder = mkdtempSync(join(tmpdir(), 'leak-'))
    printed = await allThatCommandsSay(story.home, folder, planted, ours?.id ?? '')
    await story.daemon.book.flush()
    await story.daemon.book.compact()
    await story.restart()
  })
  after(async () => {
    await story.end()
    rmSync(folder, { recursive: true, force: true })
    await upstream.close()
  })

  const places: [string, () => Said[]][] = [
    ['the log', () => story.log.map((line) => ['the log', line])],
    ['replies and the feed', () => said],
    ['the files of the home', () => filesBelow(story.home, (name) => vault.has(name))],
    ['what the commands print', () => printed],
    ['the files that they write', () => filesBelow(folder, (name) => secrets.includes(name)).filter(isNew)],
  ]
  for (const [place, contents] of places) {
    it(`stands nowhere in ${place}`, () => {
      const all = contents()
      assert.ok(all.length > 3, `${place} is there`)
      assert.deepEqual(planted.foundIn(all), [])
    })
  }

  it('came in by every place, and reached what it was for', () => {
    assert.ok(planted.size() > 250, `${planted.size()}`)
    const sent = upstream.requests.map(
      (request) => `${request.path} ${request.rawHeaders.join(' ')} ${request.body.toString()}`,
    )
    for (const place of ['lent', 'model', 'geminimodel', 'geminikey', 'hookpath', 'userid', 'unreadpath'])
      assert.ok(
        sent.some((text) => text.includes(markOf(place))),
        place,
      )
  })
})
