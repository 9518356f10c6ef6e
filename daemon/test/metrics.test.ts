/** `/metrics` of the real daemon after mixed traffic: the same figures as REST to the last token, over kill -9 and compaction. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, openClient } from '../../shared/client.ts'
import type { Ask, ReplyOf } from '../../shared/contract/endpoint.ts'
import type { EndpointName, Endpoints } from '../../shared/contract/endpoints/index.ts'
import { exchange } from './exchange.ts'
import { type MetricLines, readMetrics } from './metric-lines.ts'
import { type DaemonProcess, killLeft, startProcess } from './process.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const json = ['content-type', 'application/json'] as const
const limits = [
  json,
  ['x-ratelimit-limit-requests', '100'],
  ['x-ratelimit-remaining-requests', '25'],
  ['x-ratelimit-reset-requests', '90s'],
] as const

/** An answer of its own for each question: `n` tokens in, some of them from the cache, `n + 1` out, some of them thought. */
function usageFor(n: number): object {
  return {
    prompt_tokens: 3 * n,
    completion_tokens: n + 1,
    total_tokens: 4 * n + 1,
    prompt_tokens_details: { cached_tokens: n },
    completion_tokens_details: { reasoning_tokens: 1 },
  }
}

function answering(upstream: Upstream): void {
  upstream.script((request) => {
    const {
      n = 0,
      stream,
      fail,
    } = JSON.parse(request.body.toString()) as { n?: number; stream?: boolean; fail?: number }
    if (fail !== undefined) return { status: fail, headers: [json], body: '{"error":{"message":"no","code":"x"}}' }
    const usage = usageFor(n)
    if (!stream)
      return { headers: limits, body: JSON.stringify({ model: 'm', choices: [{ message: { content: 'x' } }], usage }) }
    const chunk = (choices: unknown[], rest = {}) => `data: ${JSON.stringify({ model: 'm', choices, ...rest })}\n\n`
    return {
      headers: [['content-type', 'text/event-stream']],
      body: [chunk([{ delta: { content: 'x' }, finish_reason: 'stop' }]), chunk([], { usage }), 'data: [DONE]\n\n'],
    }
  })
}

/** Twelve calls on every way there is, one that is refused here, and one that ends as an error. */
async function mixedTraffic({ url }: DaemonProcess, key: string, broken: Upstream): Promise<void> {
  const ask = (path: string, body: object, credential = key) =>
    exchange(`${url}${path}`, {
      headers: { authorization: `Bearer ${credential}` },
      body: JSON.stringify({ messages: [], ...body }),
    })
  for (let n = 1; n <= 3; n++) await ask('/v1/chat/completions', { model: 'good/m1', n })
  for (let n = 4; n <= 6; n++) await ask('/v1/chat/completions', { model: 'chain:pair', n, stream: true })
  for (let n = 7; n <= 9; n++)
    await ask('/p/good/v1/chat/completions', { model: 'say "m2"\\', n }, 'sk-own-secret-of-a-client')
  broken.script({ status: 503, headers: [json], body: '{"error":{"message":"busy"}}' })
  await ask('/v1/chat/completions', { model: 'chain:pair', n: 10 })
  answering(broken)
  await ask('/v1/chat/completions', { model: 'good/m1', fail: 400 })
  await ask('/p/good/v1/chat/completions', { model: 'm1', n: 11, stream: true }, 'sk-own-secret-of-a-client')
  assert.equal((await ask('/v1/chat/completions', { model: 'm1' }, `tk_${'x'.repeat(43)}`)).status, 401)
}

describe('the metrics of the whole daemon', () => {
  let home: string
  let good: Upstream
  let broken: Upstream
  let daemon: DaemonProcess
  let client: Client

  const open = async () => {
    daemon = await startProcess(home)
    client = openClient({ url: daemon.url, token: daemon.discovery.token, fetch })
  }
  const ask = async <K extends EndpointName>(name: K, asked?: Ask<Endpoints[K]>): Promise<ReplyOf<Endpoints[K]>> => {
    const reply = await client.ask(name, (asked ?? {}) as never)
    assert.ok(reply.ok, reply.ok ? '' : JSON.stringify(reply.error))
    return reply.value as never
  }
  const read = async (accept?: string) => {
    const reply = await fetch(`${daemon.url}/metrics`, { headers: accept === undefined ? {} : { accept } })
    assert.equal(reply.status, 200)
    return await reply.text()
  }

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-metrics-'))
    good = await startUpstream()
    broken = await startUpstream()
    for (const upstream of [good, broken]) answering(upstream)
    const lent = (upstream: Upstream) => ({
      extends: 'openai',
      baseUrl: `${upstream.url}/v1`,
      apiKey: 'sk-lent-secret-0001',
    })
    const config = {
      timeZone: 'Europe/Berlin',
      providers: { good: lent(good), broken: lent(broken) },
      chains: { pair: ['broken/m0', 'good/m1'] },
      prices: { m1: { inputUsdPerMillion: 1.3, outputUsdPerMillion: 7.7, cacheReadUsdPerMillion: 0.17 } },
      budgets: [
        { id: 'month', period: 'month', limitUsd: 0.001, scope: { provider: 'good' } },
        { id: 'words', period: 'day', limitTokens: 5000 },
      ],
    }
    writeFileSync(join(home, 'config.jsonc'), JSON.stringify(config))
    await open()
    const { key } = await ask('createKey', { body: { name: 'k', scope: 'proxy' } })
    await mixedTraffic(daemon, key, broken)
  })
  after(async () => {
    killLeft()
    await Promise.all([good.close(), broken.close()])
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })

  async function agreesWithRest(told: MetricLines): Promise<void> {
    const { providers } = await ask('providers')
    assert.equal(
      providers.reduce((total, row) => total + row.totalRequests, 0),
      12,
    )
    for (const row of providers) {
      const provider = row.providerId
      const tokens = (type: string) => told.sum('tollkeeper_llm_tokens_total', { provider, type })
      assert.deepEqual(
        {
          totalRequests: told.sum('tollkeeper_llm_requests_total', { provider }),
          totalTokens: told.sum('tollkeeper_llm_tokens_total', { provider }),
          totalPromptTokens: tokens('input') + tokens('cache_read') + tokens('cache_write'),
          totalCompletionTokens: tokens('output'),
          totalCostUsd: told.value('tollkeeper_llm_cost_usd_total', { provider }),
          unpricedRequests: told.value('tollkeeper_llm_unpriced_requests_total', { provider }),
        },
        {
          totalRequests: row.totalRequests,
          totalTokens: row.totalTokens,
          totalPromptTokens: row.totalPromptTokens,
          totalCompletionTokens: row.totalCompletionTokens,
          totalCostUsd: row.totalCostUsd,
          unpricedRequests: row.unpricedRequests,
        },
        provider,
      )
    }
    await agreesByModel(told)
    await agreesInAll(told)
  }

  async function agreesByModel(told: MetricLines): Promise<void> {
    const usage = await ask('usage', { query: { group_by: 'provider,model' } })
    const groups = usage.groups.filter(({ totals }) => totals.requests > 0)
    assert.ok(groups.length >= 3, JSON.stringify(groups))
    for (const { key, totals } of groups) {
      const [provider = '', name = ''] = key
      const model = name.replace(/["\\]/g, '\\$&')
      const tokens = (type: string) => told.value('tollkeeper_llm_tokens_total', { provider, model, type })
      assert.deepEqual(
        [
          ...[told.value('tollkeeper_llm_requests_total', { provider, model }), tokens('cache_read')],
          ...[tokens('cache_write'), tokens('output')],
          told.value('tollkeeper_llm_reasoning_tokens_total', { provider, model }),
        ],
        [
          totals.requests,
          totals.tokens_cache_read,
          totals.tokens_cache_write,
          totals.tokens_output,
          totals.tokens_reasoning,
        ],
        `${provider} ${name}`,
      )
    }
  }

  async function agreesInAll(told: MetricLines): Promise<void> {
    const all = await ask('statsSummary')
    assert.deepEqual(
      {
        requests: told.sum('tollkeeper_requests_total'),
        failedOver: told.value('tollkeeper_requests_total', { strategy: 'failover' }),
        attempts: told.sum('tollkeeper_llm_attempts_total'),
        failed: told.sum('tollkeeper_llm_failed_requests_total'),
        sendings: told.value('tollkeeper_overhead_seconds_count'),
      },
      {
        requests: all.totalRequests,
        failedOver: all.failedOverRequests,
        attempts: all.totalAttempts,
        failed: all.failedRequests,
        sendings: all.totalAttempts,
      },
    )
    const { budgets } = await ask('budgets')
    assert.deepEqual(
      budgets.map(({ id }) => [
        told.value('tollkeeper_budget_spent_usd', { budget: id }) ?? null,
        told.value('tollkeeper_budget_limit_usd', { budget: id }) ?? null,
        told.value('tollkeeper_budget_spent_tokens', { budget: id }) ?? null,
        (told.value('tollkeeper_budget_used_ratio', { budget: id }) ?? 0) * 100,
      ]),
      budgets.map((row) => [
        row.limit_usd === null ? null : row.spent_usd,
        row.limit_usd,
        row.limit_tokens === null ? null : row.spent_tokens,
        row.used_pct,
      ]),
    )
    const { ratelimits } = await ask('ratelimits')
    const used = ratelimits.flatMap((row) => row.windows.map(({ usedPct }) => usedPct)).filter((pct) => pct !== null)
    assert.ok(used.includes(75), JSON.stringify(ratelimits))
    assert.ok([...told.values].some(([name, value]) => /^tollkeeper_quota_used_ratio/.test(name) && value === 0.75))
    const cooling = ratelimits.filter(({ cooldownUntil }) => cooldownUntil !== null)
    assert.ok(cooling.every((row) => [...told.values.values()].includes((row.cooldownUntil ?? 0) / 1000)))
  }

  /** What was counted of calls, without what time or the process changes. */
  const counted = (told: MetricLines) =>
    Object.fromEntries(
      [...told.values].filter(([name]) =>
        /^tollkeeper_(llm|request_|requests_t|overhead|fail|refus|budget)/.test(name),
      ),
    )

  it('agree with REST to the last token, and tell of each way that a call took', async () => {
    const told = readMetrics(await read())
    await agreesWithRest(told)
    assert.deepEqual(
      ['direct', 'pinned', 'routed', 'failover'].map((strategy) =>
        told.value('tollkeeper_requests_total', { strategy }),
      ),
      [0, 4, 7, 1],
    )
    assert.equal(told.value('tollkeeper_failovers_total', { from: 'broken', to: 'good', reason: 'overload' }), 1)
    assert.equal(told.value('tollkeeper_refusals_total', { code: 'bad_key' }), 1)
    // all but the one that ended as an error; first tokens are those of streams
    assert.equal(told.sum('tollkeeper_llm_latency_seconds_count'), 11)
    assert.equal(told.sum('tollkeeper_request_latency_seconds_count'), 11)
    assert.equal(told.sum('tollkeeper_llm_time_to_first_token_seconds_count'), 4)
  })

  it('are the same in both formats, and hold no secret', async () => {
    const text = await read()
    const open = await read('application/openmetrics-text;version=1.0.0')
    assert.ok(open.endsWith('\n# EOF\n'))
    assert.deepEqual(counted(readMetrics(open)), counted(readMetrics(text)))
    assert.doesNotMatch(text + open, /secret|tk_/)
  })

  it('are the same after kill -9, after a compaction, and after kill -9 behind it', async () => {
    const before = counted(readMetrics(await read()))
    await daemon.kill()
    await open()
    const killed = readMetrics(await read())
    assert.deepEqual(counted(killed), before)
    await agreesWithRest(killed)
    await ask('compact', { body: {} })
    await daemon.kill()
    await open()
    const compacted = readMetrics(await read())
    assert.deepEqual(counted(compacted), before)
    await agreesWithRest(compacted)
    assert.ok((compacted.value('tollkeeper_store_snapshot_event') ?? 0) > 20)
  })
})
