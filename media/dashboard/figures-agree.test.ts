/** An hour of mixed traffic through the whole daemon: the client's own count, REST, `/metrics`, the feed, the commands and the page tell the same figures. */
import assert from 'node:assert/strict'
import { type ComponentChildren, isValidElement } from 'preact'
import { WebSocket } from 'ws'
import { listBudgets } from '../../daemon/cli/budget.ts'
import type { Io } from '../../daemon/cli/io.ts'
import { limits } from '../../daemon/cli/limits.ts'
import { stats } from '../../daemon/cli/stats.ts'
import { status } from '../../daemon/cli/status.ts'
import { type Exchange, exchange } from '../../daemon/test/exchange.ts'
import { type MetricLines, readMetrics } from '../../daemon/test/metric-lines.ts'
import { eventually, type Story, start } from '../../daemon/test/start.ts'
import { type Play, type ReceivedRequest, startUpstream, type Upstream } from '../../daemon/test/upstream.ts'
import type { Config } from '../../shared/contract/config.ts'
import type { UsageReply } from '../../shared/contract/endpoints/core.ts'
import type { DaemonFigures } from '../../shared/contract/endpoints/metrics.ts'
import type { FeedMessage } from '../../shared/contract/feed.ts'
import type { LimitRow, RequestRow, Totals } from '../../shared/contract/rows.ts'
import { openFeedClient } from '../../shared/feed-client.ts'
import { price, tokens as tokensText } from '../../shared/format.ts'
import { emptyView, foldFeed, type View } from '../../shared/view.ts'
import { viewAt } from '../../shared/view-at.ts'
import { TotalsCard } from './cards/totals.tsx'

/** Nano-dollars a token, which are whole numbers here: what the client counts is exact. */
const rates = { input: 1300, cacheRead: 170, output: 7700 }
const priced = { inputUsdPerMillion: 1.3, outputUsdPerMillion: 7.7, cacheReadUsdPerMillion: 0.17 }
const json = ['content-type', 'application/json'] as const
const sse = ['content-type', 'text/event-stream'] as const
const own = 'sk-ant-oat01-of-a-subscriber'
const stepMs = 30_000
const callsAnHour = 120

type Asked = { n: number; model: string; stream?: boolean; play?: 'fail' | 'cut' | 'hang' }

/** What each answer says was used: input beside the cache, from the cache, out, thought. */
function usedBy(n: number) {
  return { input: 20 * n, cacheRead: 10 * n, output: n + 5, reasoning: 2 }
}

function openaiUsage(n: number): object {
  const { input, cacheRead, output, reasoning } = usedBy(n)
  return {
    prompt_tokens: input + cacheRead,
    completion_tokens: output,
    total_tokens: input + cacheRead + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }
}

const event = (of: unknown) => `data: ${JSON.stringify(of)}\n\n`
const chunk = (model: string, text: string, finish: string | null, usage?: object) =>
  event({ model, choices: usage ? [] : [{ index: 0, delta: { content: text }, finish_reason: finish }], usage })

function openaiPlay({ n, model, stream, play }: Asked): Play {
  const headers = [
    stream ? sse : json,
    ['x-ratelimit-limit-requests', '1000'],
    ['x-ratelimit-remaining-requests', String(1000 - n)],
    ['x-ratelimit-reset-requests', '90s'],
  ] as const
  if (play === 'fail') return { status: 400, headers: [json], body: '{"error":{"message":"no","code":"x"}}' }
  const said = chunk(model, 'a few words', null)
  if (play === 'cut') return { headers, body: said, cutAfter: said.length }
  if (play === 'hang') return { headers, body: said, open: true }
  const usage = openaiUsage(n)
  const ending = [chunk(model, '', 'stop'), chunk(model, '', null, usage), 'data: [DONE]\n\n']
  if (stream) return { headers, body: [said, ...ending] }
  const message = { role: 'assistant', content: 'a few words' }
  return { headers, body: JSON.stringify({ model, choices: [{ index: 0, message, finish_reason: 'stop' }], usage }) }
}

/** Within a plan; what it reads from the cache and what it writes there stand apart. */
function anthropicPlay({ n, model, stream }: Asked): Play {
  const headers = [
    stream ? sse : json,
    ['anthropic-ratelimit-unified-status', 'allowed'],
    ['anthropic-ratelimit-unified-5h-utilization', '0.42'],
    ['anthropic-ratelimit-unified-5h-reset', '1773154800'],
  ] as const
  const usage = {
    input_tokens: n,
    cache_read_input_tokens: 3 * n,
    cache_creation_input_tokens: 2 * n,
    output_tokens: n,
  }
  const message = { id: `msg_${n}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, usage }
  if (!stream) return { headers, body: JSON.stringify({ ...message, stop_reason: 'end_turn' }) }
  const events = [
    { type: 'message_start', message: { ...message, usage: { ...usage, output_tokens: 1 } } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: n } },
    { type: 'message_stop' },
  ]
  return { headers, body: events.map((one) => `event: ${one.type}\n${event(one)}`) }
}

/** Each provider has a folder of its own at one server. */
function answer({ path, body }: ReceivedRequest): Play {
  // a server nearby is asked what it has loaded
  if (body.length === 0) return { status: 404, body: '{}' }
  const asked = JSON.parse(body.toString()) as Asked
  if (path.startsWith('/shaky/')) return { status: 503, headers: [json], body: '{"error":{"message":"busy"}}' }
  return path.startsWith('/plan/') ? anthropicPlay(asked) : openaiPlay(asked)
}

const configFor = (url: string): Config => {
  const lent = (id: string) => ({ extends: 'openai', baseUrl: `${url}/${id}/v1`, apiKey: `sk-lent-number-${id}` })
  return {
    timeZone: 'UTC',
    providers: {
      ...{ alpha: lent('alpha'), beta: lent('beta'), shaky: lent('shaky') },
      nearby: { extends: 'openai', baseUrl: `${url}/nearby/v1`, local: true },
      plan: { extends: 'anthropic', baseUrl: `${url}/plan/v1` },
    },
    chains: { pair: ['shaky/m0', 'beta/m2'] },
    prices: { m1: priced, m2: priced, cut: priced },
    budgets: [
      { id: 'beta-day', scope: { provider: 'beta' }, period: 'day', limitUsd: 0.03, action: 'block' },
      { id: 'list-month', period: 'month', limitUsd: 100, basis: 'list' },
      { id: 'words', period: 'day', limitTokens: 1_000_000 },
    ],
  }
}

/** What the client itself knows of its hour. */
type Known = {
  answered: { provider: string; model: string; n: number }[]
  refused: Map<string, number>
  /** Times that a call went on to its next target. */
  wentOn: number
}

const ways: ((n: number) => { path?: string; body: Omit<Asked, 'n'>; credential?: string; leaves?: boolean })[] = [
  () => ({ body: { model: 'alpha/m1' } }),
  () => ({ body: { model: 'beta/m2' } }),
  () => ({ body: { model: 'alpha/m1', stream: true } }),
  () => ({ body: { model: 'chain:pair' } }),
  () => ({ path: '/p/plan/v1/messages', body: { model: 'claude-sonnet-4-5' }, credential: own }),
  () => ({ path: '/p/plan/v1/messages', body: { model: 'claude-sonnet-4-5', stream: true }, credential: own }),
  () => ({ body: { model: 'alpha/of-unknown-price' } }),
  () => ({ body: { model: 'nearby/llama' } }),
  () => ({ body: { model: 'chain:pair', stream: true } }),
  () => ({ body: { model: 'alpha/m1', play: 'fail' } }),
  (n) => ({ body: { model: 'alpha/cut', stream: true, play: n % 24 < 12 ? 'cut' : 'hang' }, leaves: n % 24 >= 12 }),
  () => ({ body: { model: 'alpha/m1' }, credential: `tk_${'x'.repeat(43)}` }),
]

async function callOnce(url: string, n: number, key: string): Promise<Exchange> {
  const way = ways[n % ways.length]?.(n)
  assert.ok(way)
  const { path = '/v1/chat/completions', body, credential = key, leaves = false } = way
  return exchange(`${url}${path}`, {
    headers: { authorization: `Bearer ${credential}`, 'x-tollkeeper-client': n % 3 === 0 ? 'tool-a' : 'tool-b' },
    body: JSON.stringify({ n, max_tokens: 50, messages: [{ role: 'user', content: 'hi' }], ...body }),
    ...(leaves && { onData: (_: Buffer, sent) => void sent.destroy() }),
  })
}

function note(known: Known, n: number, { status, headers, broken }: Exchange): void {
  const code = headers['x-tollkeeper-refusal']
  if (typeof code === 'string') known.refused.set(code, (known.refused.get(code) ?? 0) + 1)
  const attempts = Number(headers['x-tollkeeper-attempts'] ?? 1)
  known.wentOn += attempts - 1
  if (status !== 200 || broken) return
  const [provider, model] = [headers['x-tollkeeper-provider'], headers['x-tollkeeper-model']].map(String)
  known.answered.push({ provider: provider ?? '', model: model ?? '', n })
}

/** What every place that shows sums of calls can tell; some of them tell less. */
type Figures = {
  requests: number
  failed: number
  attempts: number
  tokens: number
  input: number
  cacheRead: number
  cacheWrite: number
  output: number
  reasoning: number
  cost: number
  billed: number
  unpriced: number
  estimated: number
}

const figuresOf = (t: Totals): Figures => ({
  requests: t.requests,
  failed: t.failed_requests,
  attempts: t.attempts,
  tokens: t.tokens,
  input: t.tokens_input,
  cacheRead: t.tokens_cache_read,
  cacheWrite: t.tokens_cache_write,
  output: t.tokens_output,
  reasoning: t.tokens_reasoning,
  cost: t.cost_usd,
  billed: t.billed_usd,
  unpriced: t.unpriced_requests,
  estimated: t.estimated_requests,
})

const usd = (sum: number) => Math.round(sum * 1e9) / 1e9

/** `told` tells nothing else than `all` does, of as much as it tells. */
function agree(where: string, told: Partial<Figures>, all: Figures): void {
  const same = Object.fromEntries(Object.keys(told).map((name) => [name, all[name as keyof Figures]]))
  assert.deepEqual(told, same, where)
}

function inMetrics(told: MetricLines, of: { provider?: string }): Figures {
  const llm = (what: string, labels = {}) => told.sum(`tollkeeper_llm_${what}_total`, { ...of, ...labels })
  const kind = (type: string) => llm('tokens', { type })
  return {
    requests: llm('requests'),
    failed: llm('failed_requests'),
    attempts: llm('attempts'),
    tokens: llm('tokens'),
    input: kind('input') + kind('cache_read') + kind('cache_write'),
    cacheRead: kind('cache_read'),
    cacheWrite: kind('cache_write'),
    output: kind('output'),
    reasoning: llm('reasoning_tokens'),
    cost: usd(llm('cost_usd')),
    billed: usd(llm('billed_usd')),
    unpriced: llm('unpriced_requests'),
    estimated: llm('estimated_requests'),
  }
}

/** Of the rows that the feed has told, one for each call. */
function inRows(rows: readonly RequestRow[]): Omit<Figures, 'reasoning' | 'unpriced'> {
  const sum = (of: (row: RequestRow) => number) => rows.reduce((total, row) => total + of(row), 0)
  return {
    requests: rows.length,
    failed: rows.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'aborted').length,
    attempts: sum(({ attempts }) => attempts),
    tokens: sum(({ tokens }) => tokens),
    input: sum(({ tokens_input }) => tokens_input),
    cacheRead: sum(({ tokens_cache_read }) => tokens_cache_read),
    cacheWrite: sum(({ tokens_cache_write }) => tokens_cache_write),
    output: sum(({ tokens_output }) => tokens_output),
    cost: usd(sum(({ cost_usd }) => cost_usd ?? 0)),
    billed: usd(sum(({ billed_usd }) => billed_usd ?? 0)),
    estimated: rows.filter(({ usage_source }) => usage_source === 'estimated').length,
  }
}

type Shows = (props: object) => ComponentChildren

/** The text that a part of the page shows, in its order. It holds no state of its own. */
function textsOf(node: ComponentChildren): string[] {
  if (typeof node === 'string' || typeof node === 'number') return [String(node)]
  if (Array.isArray(node)) return node.flatMap(textsOf)
  if (!isValidElement(node)) return []
  const { type, props } = node as { type: string | Shows; props: { children?: ComponentChildren } }
  return textsOf(typeof type === 'function' ? type(props) : props.children)
}

describe('the figures of an hour', function () {
  this.timeout(20_000)
  const clock = { now: Date.parse('2026-03-10T12:00:00Z') }
  const known: Known = { answered: [], refused: new Map(), wentOn: 0 }
  const heard: FeedMessage[] = []
  let view: View = emptyView
  let upstream: Upstream
  let story: Story
  let usage: UsageReply
  let all: Figures
  let told: MetricLines

  function listen(on: (message: FeedMessage) => void) {
    return openFeedClient({
      connect: () =>
        new WebSocket(`${story.url.replace('http', 'ws')}/api/v1/feed`, {
          headers: { authorization: `Bearer ${story.daemon.token}` },
        }),
      hello: { client: 'figures' },
      on,
      onState: () => {},
      random: () => 0,
      now: () => performance.now(),
      setTimer(fn, ms) {
        const timer = setTimeout(fn, ms)
        return () => clearTimeout(timer)
      },
    })
  }

  async function command<T>(run: (io: Io) => Promise<number>): Promise<T> {
    let out = ''
    const io: Io = {
      json: true,
      columns: Infinity,
      out: (text) => void (out += text),
      err: (text) => assert.fail(text),
      env: {},
      now: () => clock.now,
      platform: process.platform,
    }
    assert.equal(await run(io), 0)
    return JSON.parse(out) as T
  }

  before(async () => {
    upstream = await startUpstream()
    upstream.script(answer)
    story = await start({ config: configFor(upstream.url), now: () => clock.now })
    const feed = listen((message) => {
      heard.push(message)
      view = foldFeed(view, message)
    })
    await eventually('the feed says its summary', () => view.standing !== null)
    const key = await story.key()
    for (let n = 0; n < callsAnHour; n++) {
      clock.now += stepMs
      note(known, n, await callOnce(story.url, n, key))
    }
    const { budgets } = await eventually('the last call has ended', async () => {
      const summary = await story.ask('summary')
      return summary.in_flight === 0 && summary
    })
    const isTold = () => JSON.stringify(view.budgets) === JSON.stringify(budgets)
    await eventually('the feed has told how budgets stand', isTold, 5000)
    feed.close()
    usage = await story.ask('usage', { query: { group_by: 'provider' } })
    all = figuresOf(usage.total)
    told = readMetrics(await (await fetch(`${story.url}/metrics`)).text())
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  const rows = () => heard.flatMap((message) => (message.type === 'attempt.ended' ? (message.request ?? []) : []))

  it('are those that the client counted itself', async () => {
    const byModel = await story.ask('usage', { query: { group_by: 'provider,model' } })
    assert.equal(all.requests + [...known.refused.values()].reduce((a, b) => a + b, 0), callsAnHour)
    assert.ok(all.failed > 0 && all.unpriced > 0 && all.estimated > 0 && known.wentOn > 0 && all.cost > all.billed)
    for (const name of ['alpha/m1', 'beta/m2']) {
      const mine = known.answered.filter(({ provider, model }) => `${provider}/${model}` === name)
      const sum = (of: (used: ReturnType<typeof usedBy>) => number) =>
        mine.reduce((total, { n }) => total + of(usedBy(n)), 0)
      const nano = sum((u) => u.input * rates.input + u.cacheRead * rates.cacheRead + u.output * rates.output)
      const expected: Partial<Figures> = {
        input: sum((u) => u.input + u.cacheRead),
        cacheRead: sum((u) => u.cacheRead),
        cacheWrite: 0,
        output: sum((u) => u.output),
        reasoning: sum((u) => u.reasoning),
        cost: usd(nano / 1e9),
        billed: usd(nano / 1e9),
        estimated: 0,
        unpriced: 0,
      }
      const group = byModel.groups.find(({ key }) => key.join('/') === name)
      assert.ok(group && mine.length > 5, name)
      assert.equal(group.totals.requests - group.totals.failed_requests, mine.length, name)
      agree(name, expected, figuresOf(group.totals))
    }
  })

  it('are the same in all sums over REST', async () => {
    const { today, month, all_time } = await story.ask('summary')
    for (const [name, totals] of Object.entries({ today, month, all_time })) agree(name, figuresOf(totals), all)
    const summary = await story.ask('statsSummary')
    const { usage_summary: cost, by_provider } = await story.ask('costUsage', { query: {} })
    agree(
      '/v1/stats/summary',
      {
        requests: summary.totalRequests,
        failed: summary.failedRequests,
        attempts: summary.totalAttempts,
        tokens: summary.totalTokens,
        input: summary.totalPromptTokens,
        output: summary.totalCompletionTokens,
        cost: summary.totalCostUsd,
        billed: summary.totalBilledUsd,
        unpriced: summary.unpricedRequests,
      },
      all,
    )
    agree(
      '/api/v1/cost/usage',
      {
        requests: cost.total_requests,
        tokens: cost.total_tokens,
        input: cost.total_tokens_input,
        output: cost.total_tokens_output,
        cost: cost.total_cost_usd,
        billed: cost.total_billed_usd,
        unpriced: cost.unpriced_requests,
      },
      all,
    )
    assert.equal(cost.average_latency_ms, summary.averageLatencyMs)
    assert.equal(usage.total.average_latency_ms, summary.averageLatencyMs)
    const { providers } = await story.ask('providers')
    assert.deepEqual(providers.map(({ providerId }) => providerId).sort(), ['alpha', 'beta', 'nearby', 'plan', 'shaky'])
    for (const { key, totals } of usage.groups) {
      const [name = ''] = key
      const row = providers.find(({ providerId }) => providerId === name)
      const spent = by_provider.find(({ provider }) => provider === name)
      assert.ok(row && spent, name)
      const { totalRequests: requests, totalTokens: tokens, totalPromptTokens: input, totalCostUsd: cost } = row
      const more = { output: row.totalCompletionTokens, unpriced: row.unpricedRequests }
      agree(`/v1/stats/providers, ${name}`, { requests, tokens, input, cost, ...more }, figuresOf(totals))
      const { billed_usd: billed, cost_usd, tokens_input, tokens_output: out } = spent
      const sums = { requests: spent.requests, tokens: spent.tokens, input: tokens_input, output: out }
      agree(`by_provider, ${name}`, { ...sums, cost: cost_usd, billed }, figuresOf(totals))
    }
  })

  it('are the same in /metrics', () => {
    assert.deepEqual(inMetrics(told, {}), all)
    for (const { key, totals } of usage.groups) {
      const [provider = ''] = key
      assert.deepEqual(inMetrics(told, { provider }), figuresOf(totals), provider)
    }
  })

  it('are the same in the feed, to who heard every change and to who came last', async () => {
    assert.ok(view.standing)
    assert.deepEqual(figuresOf(view.standing.today), all)
    assert.deepEqual(figuresOf(view.standing.month), all)
    const { cost, billed, ...counts } = inRows(rows())
    agree('rows of the feed', counts, all)
    // each row is rounded for itself
    const rounding = rows().length * 0.000_000_5
    assert.ok(Math.abs(cost - all.cost) <= rounding && Math.abs(billed - all.billed) <= rounding, `${cost}, ${billed}`)
    let late: View = emptyView
    const feed = listen((message) => {
      late = foldFeed(late, message)
    })
    await eventually('a second client has its summary', () => late.standing !== null)
    feed.close()
    assert.deepEqual(late.standing, view.standing)
    assert.deepEqual(late.recent, view.recent)
    assert.deepEqual(late.budgets, view.budgets)
    // what time alone has moved the first one shows as moved
    assert.deepEqual(windowsOf(viewAt(view, clock.now).limits), windowsOf(late.limits))
  })

  it('are the same in the commands', async () => {
    const { home } = story
    const by = 'provider'
    const said = await command<UsageReply>((io) => stats({ home, by, simulated: false }, io))
    assert.deepEqual(said, usage)
    const budgets = await command<unknown[]>((io) => listBudgets({ home }, io))
    const standing = await command<{ limits: LimitRow[]; budgets: unknown[] }>((io) => limits({ home }, io))
    assert.deepEqual(budgets, (await story.ask('budgets')).budgets)
    assert.deepEqual(standing.budgets, budgets)
    assert.deepEqual(standing.limits, (await story.ask('summary')).limits)
  })

  it('are the same on the page', () => {
    const { standing } = view
    assert.ok(standing)
    const shown = { view, standing, now: clock.now, timeZone: 'UTC', usage: undefined, choose: () => {} }
    const texts = textsOf(TotalsCard({ ...shown, range: '24h', metric: 'tokens', asTable: false }))
    const tile = (name: string) => {
      const from = texts.indexOf(name)
      assert.notEqual(from, -1, `${name} in ${texts.join('|')}`)
      const month = texts.findIndex((text, at) => at > from && text.startsWith('This month'))
      return [texts[from + 1], texts[month + 1]]
    }
    const both = (text: string) => [text, text]
    assert.deepEqual(tile('Calls'), both(String(all.requests)))
    assert.deepEqual(tile('Tokens in'), both(tokensText(all.input)))
    assert.deepEqual(tile('Tokens out'), both(tokensText(all.output)))
    assert.deepEqual(tile('List price'), both(`≥ ${price(all.cost)}`))
    assert.deepEqual(tile('Billed'), both(`≥ ${price(all.billed)}`))
    for (const text of [`${all.failed} failed`, `${all.unpriced} unpriced`]) {
      assert.ok(texts.join('').includes(text), `${text} in ${texts.join('|')}`)
    }
  })

  it('of refusals and failovers are what clients were told', async () => {
    for (const code of ['bad_key', 'budget_exceeded']) assert.ok(known.refused.has(code), code)
    const refused = heard.flatMap((message) => (message.type === 'call.refused' ? [message.code] : []))
    for (const [code, count] of known.refused) {
      assert.equal(told.value('tollkeeper_refusals_total', { code }), count, code)
      assert.equal(refused.filter((one) => one === code).length, count, code)
    }
    assert.equal(told.sum('tollkeeper_refusals_total'), refused.length)
    assert.equal(told.sum('tollkeeper_failovers_total', { from: 'shaky', to: 'beta' }), known.wentOn)
    assert.equal(told.sum('tollkeeper_failovers_total'), known.wentOn)
    const left = heard.filter((message) => message.type === 'attempt.ended' && message.request === null)
    assert.equal(left.length, known.wentOn)
    assert.equal(all.attempts - all.requests, known.wentOn)
    const { failedOverRequests } = await story.ask('statsSummary')
    assert.equal(told.value('tollkeeper_requests_total', { strategy: 'failover' }), failedOverRequests)
    assert.equal(told.sum('tollkeeper_requests_total'), all.requests)
  })

  it('of the daemon itself are the same over REST, in /metrics and in the commands', async () => {
    const { home } = story
    await eventually('all lines are known to be on the disk', async () => {
      const { journal } = await story.ask('daemonFigures')
      return journal.unsynced_lines === 0 && journal.synced_at !== null
    })
    const text = async () => readMetrics(await (await fetch(`${story.url}/metrics`)).text())
    const [before, own, after] = [await text(), await story.ask('daemonFigures'), await text()]
    const said = await command<{ own: DaemonFigures }>((io) => status({ home }, io))
    // what goes on by itself lies between what was told before and what was told behind
    const moving = /^(process|nodejs|event_loop)_/
    const names = Object.keys(own.figures)
    for (const name of names) {
      const key = after.types.has(name) ? name : `tollkeeper_${name}`
      assert.ok(before.value(key) !== undefined && after.value(key) !== undefined, name)
      if (moving.test(name)) continue
      assert.deepEqual([own.figures[name], said.own.figures[name]], [after.value(key), before.value(key)], name)
    }
    // each own figure of /metrics without labels is there
    const single = [...after.values.keys()].filter((key) => /^(process|nodejs)_|_(journal|store|log|feed)_/.test(key))
    assert.ok(single.length > 12)
    for (const key of single) assert.ok(names.includes(key.replace('tollkeeper_', '')), key)
    assert.deepEqual([said.own.overhead, said.own.refusals], [own.overhead, own.refusals])
    assert.equal(own.overhead.attempts, after.value('tollkeeper_overhead_seconds_count'))
    assert.equal(own.overhead.attempts, all.attempts)
    const { average_ms, p50_ms, p95_ms } = own.overhead
    assert.ok(p50_ms !== null && p95_ms !== null && p50_ms <= p95_ms)
    const sumMs = (after.value('tollkeeper_overhead_seconds_sum') ?? 0) * 1000
    assert.equal(average_ms, Math.round((sumMs / all.attempts) * 1000) / 1000)
    assert.deepEqual(new Map(Object.entries(own.refusals)), known.refused)
    const { backlog_lines, unsynced_lines, synced_at } = own.journal
    const { journal_backlog_lines, journal_unsynced_lines, journal_synced_timestamp_seconds } = own.figures
    assert.deepEqual(
      [backlog_lines, unsynced_lines, Date.parse(synced_at ?? '') / 1000],
      [journal_backlog_lines, journal_unsynced_lines, journal_synced_timestamp_seconds],
    )
  })

  it('of budgets are the same everywhere', async () => {
    const { budgets } = await story.ask('budgets')
    assert.deepEqual((await story.ask('summary')).budgets, budgets)
    assert.deepEqual(view.budgets, budgets)
    assert.equal(budgets.find(({ id }) => id === 'beta-day')?.state, 'blocking')
    const beta = usage.groups.find(({ key }) => key[0] === 'beta')?.totals
    const spentOf = (id: string) => budgets.find((row) => row.id === id)
    assert.equal(spentOf('beta-day')?.spent_usd, beta?.billed_usd)
    assert.equal(spentOf('list-month')?.spent_usd, all.cost)
    assert.equal(spentOf('words')?.spent_tokens, all.tokens)
    for (const { id, limit_usd, spent_usd, spent_tokens, used_pct } of budgets) {
      const value = (what: string) => told.value(`tollkeeper_budget_${what}`, { budget: id })
      assert.equal(
        limit_usd === null ? value('spent_tokens') : value('spent_usd'),
        limit_usd === null ? spent_tokens : spent_usd,
      )
      assert.equal(Math.round((value('used_ratio') ?? 0) * 1e4) / 100, used_pct, id)
    }
  })
})

function windowsOf(rows: readonly LimitRow[]): unknown[] {
  const told = rows.flatMap(({ provider, account, model, windows }) =>
    windows.map(({ name, used_pct, limit, remaining, resets_at, confirmed }) =>
      [provider, account, model, name, used_pct, limit, remaining, resets_at, confirmed].join(' '),
    ),
  )
  assert.ok(told.length > 1)
  return told.sort()
}
