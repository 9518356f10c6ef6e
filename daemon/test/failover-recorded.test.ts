/** Recorded refusals of each provider through the whole daemon: the client's answer, where the call went, and until when its target is avoided. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { mayFailOver } from '../routing/failover.ts'
import { answer, good, json, sse } from './chains.ts'
import { type Exchange, exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { type Play, startUpstream, type Upstream } from './upstream.ts'

type Row = {
  what: string
  status: number
  headers?: Record<string, string>
  body?: unknown
  then: [kind: Parameters<typeof mayFailOver>[0], scope: string, goesOn: boolean, avoidedMs: number | null]
}

const folder = join(process.cwd(), 'daemon/providers/fixtures/refusals')
const providers = readdirSync(folder)
  .map((file) => basename(file, '.json'))
  .sort()
const isOfResponses = (row: Row) => row.what.startsWith('within a Responses')
const rowsOf = (provider: string) => JSON.parse(readFileSync(join(folder, `${provider}.json`), 'utf8')) as Row[]
/** The fixtures' instants go by it. */
const recordedAt = Date.UTC(2026, 10, 22, 10)

type Ways = { path: string; body: object; good: string }
const openai: Ways = {
  path: '/v1/chat/completions',
  body: { model: 'chain:NAME', messages: [{ role: 'user', content: 'hi' }] },
  good: answer,
}
const responses: Ways = {
  path: '/v1/responses',
  body: { model: 'chain:NAME', input: 'hi' },
  good: '{"id":"resp_1","object":"response","status":"completed","model":"m","output":[],"usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12}}',
}
const waysOf: Record<string, Ways> = {
  anthropic: {
    path: '/v1/messages',
    body: { model: 'chain:NAME', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
    good: '{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":7,"output_tokens":5}}',
  },
  gemini: {
    path: '/v1beta/models/chain:NAME:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
    good: '{"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":5,"totalTokenCount":12}}',
  },
}

const geminiStream: Ways = {
  ...(waysOf.gemini ?? openai),
  path: '/v1beta/models/chain:NAME:streamGenerateContent?alt=sse',
}

function playOf({ status, headers = {}, body }: Row, path: string): Play {
  const pairs = Object.entries(headers)
  const text = body === undefined ? '<html>502</html>' : JSON.stringify(body)
  if (status !== 200) return { status, headers: [...json, ...pairs], body: text }
  // an error that comes first in a stream
  const type = /messages|responses/.test(path) ? `event: ${(body as { type: string }).type}\n` : ''
  return { headers: [...sse, ...pairs], body: `${type}data: ${text}\n\n` }
}

/** A ChatGPT login is its owner's alone: it is lent to nobody. */
const lentProviders = providers.filter((id) => id !== 'codex')

describe('recorded refusals along a chain', function () {
  this.timeout(60_000)
  let now = recordedAt
  let first: Upstream
  let second: Upstream
  let story: Story
  let key: string
  before(async () => {
    first = await startUpstream()
    second = await startUpstream()
    const own = {
      refusals: [
        { status: 400, code: 'no_seats', as: 'plan' },
        { status: 418, as: 'money' },
      ],
    }
    const known = (id: string) => (id === 'own' ? 'openai' : id)
    const at = (id: string, { url }: Upstream) => (/anthropic|gemini/.test(id) ? url : `${url}/v1`)
    const config = {
      providers: Object.fromEntries(
        lentProviders.flatMap((id) => [
          [
            `${id}-1`,
            { extends: known(id), baseUrl: at(id, first), apiKey: `sk-lent-${id}-1`, ...(id === 'own' && own) },
          ],
          [`${id}-2`, { extends: known(id), baseUrl: at(id, second), apiKey: `sk-lent-${id}-2` }],
        ]),
      ),
      chains: Object.fromEntries(lentProviders.map((id) => [id, [`${id}-1/m`, `${id}-2/m`]])),
    }
    story = await start({ config: config as never, now: () => now })
    key = await story.key()
  })
  after(async () => {
    await story.end()
    await first.close()
    await second.close()
  })

  const ask = (provider: string, { path, body }: Ways, stream: boolean): Promise<Exchange> =>
    exchange(`${story.url}${path.replace('NAME', provider)}`, {
      headers: { 'x-tollkeeper-key': key },
      body: JSON.stringify({ ...body, ...(stream && !path.includes('alt=sse') && { stream: true }) }).replace(
        'NAME',
        provider,
      ),
    })

  for (const provider of lentProviders) {
    it(`of ${provider}`, async () => {
      for (const [at, row] of rowsOf(provider).entries()) {
        const [kind, scope, goesOn, avoidedMs] = row.then
        const isStream = row.status === 200
        const usual = isStream && provider === 'gemini' ? geminiStream : (waysOf[provider] ?? openai)
        const ways = isOfResponses(row) ? responses : usual
        const what = `${provider} ${row.status} ${row.what}`
        for (const { id } of (await story.ask('providers')).providers.map((one) => ({ id: one.providerId })))
          if (id.startsWith(provider)) await story.client.ask('liftCooldowns', { params: { provider: id, model: '*' } })
        now = recordedAt
        first.script(playOf(row, ways.path))
        second.script({ ...good, body: ways.good })
        const [before, beforeSecond] = [first.requests.length, second.requests.length]
        const reply = await ask(provider, ways, isStream)
        assert.equal(first.requests.length, before + 1, `${what}: ${reply.body.toString()}`)
        const id = String(reply.headers['x-tollkeeper-request-id'])
        const { attempts } = await story.ask('request', { params: { id } })
        assert.equal(attempts[0]?.refusal, kind, `${what} (${at})`)
        const set = [...story.daemon.book.ledger.cooldowns.values()].filter((one) => one.provider === `${provider}-1`)
        if (!goesOn) {
          assert.deepEqual([second.requests.length, set], [beforeSecond, []], what)
          const sent = playOf(row, ways.path)
          assert.deepEqual([reply.status, reply.body.toString()], [row.status, sent.body], what)
          continue
        }
        assert.deepEqual([reply.status, reply.body.toString()], [200, ways.good], what)
        assert.deepEqual(
          [reply.headers['x-tollkeeper-attempts'], reply.headers['x-tollkeeper-provider'], attempts.length],
          ['2', `${provider}-2`, 2],
          what,
        )
        assert.deepEqual(
          set.map(({ refusal, model }) => [refusal, model === null ? 'account' : 'model']),
          [[kind, scope]],
          what,
        )
        if (avoidedMs !== null) assert.equal((set[0]?.until ?? 0) - recordedAt, avoidedMs, what)
        // the next call leaves it alone
        const next = await ask(provider, ways, isStream)
        assert.deepEqual(
          [next.status, next.headers['x-tollkeeper-provider'], first.requests.length],
          [200, `${provider}-2`, before + 1],
          what,
        )
      }
    })
  }
})

describe('recorded refusals of an own account before a chain', function () {
  this.timeout(60_000)
  const token = 'sk-ant-oat01-of-the-subscriber-0001'
  const login = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.login-of-the-subscriber'
  let now = recordedAt
  let first: Upstream
  let second: Upstream
  let story: Story
  let key: string
  before(async () => {
    first = await startUpstream()
    second = await startUpstream()
    story = await start({
      config: {
        providers: {
          anthropic: { baseUrl: first.url },
          codex: { baseUrl: `${first.url}/backend-api/codex` },
          claude: { extends: 'anthropic', baseUrl: second.url, apiKey: 'sk-ant-api03-lent-key' },
          gpt: { extends: 'openai', baseUrl: `${second.url}/v1`, apiKey: 'sk-lent-openai-key' },
        },
        chains: { claude: ['claude/claude-haiku-4-5'], gpt: ['gpt/gpt-5'] },
        routes: { 'claude-*': 'claude', 'gpt-*': 'gpt' },
      },
      now: () => now,
    })
    key = await story.key()
  })
  after(async () => {
    await story.end()
    await first.close()
    await second.close()
  })

  for (const { provider, ways, model, headers, prefix, lent, from } of [
    {
      provider: 'anthropic',
      ways: waysOf.anthropic ?? openai,
      model: 'claude-sonnet-4-5',
      headers: { authorization: `Bearer ${token}`, 'anthropic-beta': 'oauth-2025-04-20' },
      prefix: '',
      lent: 'claude',
      from: (headers: Record<string, unknown>) => headers['x-api-key'],
    },
    {
      provider: 'codex',
      ways: responses,
      model: 'gpt-5-codex',
      headers: {
        authorization: `Bearer ${login}`,
        'chatgpt-account-id': 'acct-of-the-subscriber',
        originator: 'codex_cli_rs',
      },
      prefix: '/k/KEY',
      lent: 'gpt',
      from: (headers: Record<string, unknown>) => headers.authorization,
    },
  ]) {
    it(`of ${provider}: work goes on past a limit alone, and the receipt says who paid`, async () => {
      for (const row of rowsOf(provider)) {
        const what = `${provider} ${row.status} ${row.what}`
        const [kind, , , avoidedMs] = row.then
        const isStream = row.status === 200
        for (const id of [provider, lent])
          await story.client.ask('liftCooldowns', { params: { provider: id, model: '*' } })
        now = recordedAt
        const play = playOf(row, ways.path)
        const organization: [string, string] = ['anthropic-organization-id', 'org-of-the-subscriber']
        first.script({ ...play, headers: [...(play.headers ?? []), organization] })
        second.script({ ...good, body: ways.good })
        const counts = () => [first.requests.length, second.requests.length]
        const [ones = 0, twos = 0] = counts()
        const ask = () =>
          exchange(`${story.url}${prefix.replace('KEY', key)}${ways.path}`, {
            headers: { ...headers, ...(prefix === '' && { 'x-tollkeeper-key': key }) },
            body: JSON.stringify({ ...ways.body, model, ...(isStream && { stream: true }) }),
          })
        const reply = await ask()
        const id = String(reply.headers['x-tollkeeper-request-id'])
        const { attempts } = await story.ask('request', { params: { id } })
        const told = attempts.map((one) => [one.provider, one.billing, one.refusal])
        const sent = first.requests.at(-1)
        assert.ok(sent)
        assert.equal(sent.headers.authorization, headers.authorization, what)
        assert.ok(!JSON.stringify([sent.path, sent.rawHeaders]).includes('tk_'), what)
        if (!mayFailOver(kind, 'own')) {
          assert.deepEqual(counts(), [ones + 1, twos], what)
          assert.deepEqual([reply.status, reply.body.toString()], [row.status, play.body], what)
          assert.deepEqual(told, [[provider, 'plan', kind]], what)
          continue
        }
        assert.deepEqual([reply.status, reply.body.toString(), counts()], [200, ways.good, [ones + 1, twos + 1]], what)
        assert.deepEqual(
          told,
          [
            [provider, 'plan', kind],
            [lent, 'metered', null],
          ],
          what,
        )
        const went = second.requests.at(-1)
        assert.ok(went)
        const all = `${went.path}\n${went.rawHeaders.join('\n')}\n${went.body.toString()}`
        assert.ok(!/of-the-subscriber|tk_/.test(all), `${what}: ${all}`)
        assert.match(String(from(went.headers)), /lent/, what)
        // until that limit is over
        const next = await ask()
        assert.deepEqual([next.headers['x-tollkeeper-provider'], ...counts()], [lent, ones + 1, twos + 2], what)
        now = recordedAt + (avoidedMs ?? 3_600_000) + 1
        first.script({ ...good, body: ways.good })
        assert.equal((await ask()).headers['x-tollkeeper-provider'], provider, what)
      }
    })
  }
})
