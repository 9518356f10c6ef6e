/** A real Prometheus reads the real daemon, and answers what dashboards ask; its checker finds nothing wrong. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { type Running, runProcess, startProcess } from '../../extension/test/host/processes.ts'
import { answer, type Chains, ending, good, rate, sse, startChains } from './chains.ts'
import { readMetrics } from './metric-lines.ts'
import { prometheusAdvice, prometheusPlaces, prometheusPrograms } from './prometheus.ts'
import { eventually } from './start.ts'

const dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.string(),
      title: z.string(),
      targets: z.array(z.object({ expr: z.string() })),
      fieldConfig: z.object({
        defaults: z.object({
          thresholds: z.object({ steps: z.array(z.object({ color: z.string(), value: z.nullable(z.number()) })) }),
        }),
      }),
    }),
  ),
})
const { panels } = z.parse(dashboard, JSON.parse(readFileSync(join('media', 'grafana', 'tollkeeper.json'), 'utf8')))
const queries = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => ({ title, expr: expr.replaceAll('$__rate_interval', '5m') })),
)

const replied = z.object({
  status: z.string(),
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
})
const targets = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ health: z.string(), lastError: z.string(), scrapeUrl: z.string() })),
  }),
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('a real Prometheus', () => {
  let chains: Chains
  let folder: string
  let server: Running
  let url: string
  let checker: string

  const ask = async (path: string): Promise<unknown> => {
    const reply = await fetch(url + path)
    assert.equal(reply.status, 200, `${path}: ${await reply.clone().text()}`)
    return await reply.json()
  }
  const query = async (expr: string) =>
    z
      .parse(replied, await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`))
      .data.result.map(({ metric, value }) => ({
        metric,
        value: Number(value[1]),
      }))
  const valueOf = async (expr: string) => (await query(expr))[0]?.value

  before(async function () {
    this.timeout(360_000)
    const programs = await prometheusPrograms()
    checker = programs.checker
    chains = await startChains({ pair: ['one/m1', 'two/m2'] }, () => ({}), {})
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-prometheus-'))
    const port = await freePort()
    const daemon = new URL(chains.story.url).host
    // the sample as it is shipped, but for the address and a pace for tests
    const config = readFileSync(join('media', 'grafana', 'prometheus.yml'), 'utf8')
      .replace('127.0.0.1:8655', daemon)
      .replace('scrape_interval: 15s', 'scrape_interval: 200ms\n    scrape_timeout: 200ms')
    writeFileSync(join(folder, 'prometheus.yml'), config)
    url = `http://127.0.0.1:${port}`
    const data = join(folder, 'data')
    const flags = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${data}`]
    server = startProcess(programs.server, [...flags, `--web.listen-address=127.0.0.1:${port}`], { cwd: folder })
    await eventually(
      'Prometheus has read the daemon',
      async () => (await valueOf('up{job="tollkeeper"}').catch(() => undefined)) === 1,
      30_000,
    ).catch((error: unknown) => assert.fail(`${String(error)}\n${server.output()}`))
  })
  after(async () => {
    await server?.stop()
    await chains?.end()
    if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })

  it('finds nothing wrong, whether by its checker or as it reads', async function () {
    this.timeout(60_000)
    const text = await (await fetch(`${chains.story.url}/metrics`)).text()
    const child = spawn(checker, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()))
    child.stdin.end(text)
    await once(child, 'close')
    assert.deepEqual([child.exitCode, said], [0, ''])
    const sample = join('media', 'grafana', 'prometheus.yml')
    const checked = await runProcess(checker, ['check', 'config', sample], { cwd: process.cwd(), limitMs: 30_000 })
    assert.ok(checked.ok, checked.output)
    const { activeTargets } = z.parse(targets, await ask('/api/v1/targets')).data
    assert.deepEqual(
      activeTargets.map(({ health, lastError, scrapeUrl }) => [health, lastError, scrapeUrl]),
      [['up', '', `${chains.story.url}/metrics`]],
    )
  })

  it('answers what dashboards ask, as REST does', async function () {
    this.timeout(60_000)
    const seen = async (requests: number) =>
      eventually(
        `${requests} calls are read`,
        async () => (await valueOf('sum(tollkeeper_requests_total)')) === requests,
        20_000,
      )
    chains.anew()
    await seen(0)
    for (const [at, stream] of [false, true, false].entries()) {
      chains.one.script(stream ? { headers: sse, body: ending } : good)
      await chains.ask('pair', { stream })
      await seen(at + 1)
    }
    chains.one.script(rate())
    const reply = await chains.ask('pair')
    assert.equal(reply.body.toString(), answer)
    await seen(4)

    for (const row of (await chains.story.ask('providers')).providers) {
      const of = `provider="${row.providerId}"`
      assert.equal(await valueOf(`sum(tollkeeper_llm_tokens_total{${of}})`), row.totalTokens)
      assert.equal(await valueOf(`sum by (provider) (tollkeeper_llm_requests_total{${of}})`), row.totalRequests)
      assert.equal(await valueOf(`tollkeeper_llm_cost_usd_total{${of}}`), row.totalCostUsd)
    }
    // of the seed's panels: what grew while it looked, and a percentile
    const growth = await valueOf('sum(increase(tollkeeper_requests_total[5m]))')
    assert.ok(growth !== undefined && growth > 3.9, `${growth}`)
    // a series that began between two readings: what ARCHITECTURE advises misses none of its calls
    const calls = 'tollkeeper_llm_requests_total'
    assert.equal(await valueOf(`sum(${calls} - (${calls} offset 1h or 0 * ${calls}))`), 4)
    // a rate needs two readings of each
    const costs = () => query('sum by (provider) (rate(tollkeeper_llm_cost_usd_total[5m]))')
    const both = await eventually('both were read twice', async () =>
      (await costs()).length === 2 ? costs() : undefined,
    )
    assert.deepEqual(both.map(({ metric }) => metric['provider']).sort(), ['one', 'two'])
    const p95 = await query(
      'histogram_quantile(0.95, sum(rate(tollkeeper_request_latency_seconds_bucket[5m])) by (le, strategy)) > 0',
    )
    assert.deepEqual(p95.map(({ metric }) => metric['strategy']).sort(), ['failover', 'routed'])
    const under = await valueOf('tollkeeper_request_latency_seconds_bucket{strategy="routed",le="600.0"}')
    assert.equal(under, 3)
    // all five attempts are read by now: the percentiles that REST tells are those of the same buckets
    const { overhead } = await chains.story.ask('daemonFigures')
    assert.equal(await valueOf('tollkeeper_overhead_seconds_count'), overhead.attempts)
    for (const [quantile, ms] of [
      [0.5, overhead.p50_ms],
      [0.95, overhead.p95_ms],
    ]) {
      const seconds = await valueOf(`histogram_quantile(${quantile}, tollkeeper_overhead_seconds_bucket)`)
      assert.equal(Math.round((seconds ?? Number.NaN) * 1e6) / 1e3, ms, `${quantile}`)
    }
    assert.deepEqual(
      (await query('tollkeeper_failovers_total')).map(({ metric, value }) => [metric['from'], metric['to'], value]),
      [['one', 'two', 1]],
    )
  })

  for (const { title, expr } of queries) {
    it(`understands the panel “${title}”: ${expr}`, async () => assert.ok(Array.isArray(await query(expr))))
  }
})

describe('the Grafana dashboard', () => {
  it('asks only for families that are there', async () => {
    const chains = await startChains({ pair: ['one/m1', 'two/m2'] })
    try {
      const { types } = readMetrics(await (await fetch(`${chains.story.url}/metrics`)).text())
      for (const { title, expr } of queries) {
        const names = expr.match(/\b(tollkeeper|process|nodejs)_[a-z0-9_]+/g) ?? []
        assert.ok(names.length > 0, `${title} asks for nothing of ours`)
        const isThere = (name: string) =>
          types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram'
        assert.deepEqual(
          names.filter((name) => !isThere(name)),
          [],
          title,
        )
      }
    } finally {
      await chains.end()
    }
  })

  it('shows nothing of a daemon that is not there, least of all that it is well', () => {
    assert.deepEqual(
      queries.filter(({ expr }) => /\b(vector|absent)\(/.test(expr)),
      [],
    )
  })

  it('warns of budgets from 80 % on and of a busy GPU, and has each panel once', () => {
    const stepsOf = (title: string) =>
      panels.find((panel) => panel.title === title)?.fieldConfig.defaults.thresholds.steps.map(({ value }) => value)
    assert.deepEqual(
      [stepsOf('Budget utilisation'), stepsOf('GPU utilisation')],
      [
        [null, 80, 100],
        [null, 80, 95],
      ],
    )
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length)
  })
})

describe('the Prometheus of the tests', () => {
  it('names the exact command where there is none', () => {
    assert.match(
      prometheusAdvice({ platform: 'linux' }),
      /^ {4}sudo apt-get update && sudo apt-get install -y --no-install-recommends prometheus$/m,
    )
    assert.match(prometheusAdvice({ platform: 'darwin' }), /^ {4}brew install prometheus$/m)
    assert.match(prometheusAdvice({ platform: 'win32' }), /^ {4}scoop install main\/prometheus$/m)
    assert.match(prometheusAdvice({ platform: 'aix' }), /on the PATH/)
  })

  it('is the one that Scoop installed rather than its stand-in on the PATH, which names a config of its own', () => {
    const machine = {
      platform: 'win32',
      env: { Path: 'C:\\Users\\ann\\scoop\\shims' },
      home: 'C:\\Users\\ann',
    } as const
    assert.deepEqual(prometheusPlaces('prometheus', machine), [
      'C:\\Users\\ann\\scoop\\apps\\prometheus\\current\\prometheus.exe',
      'C:\\Users\\ann\\scoop\\shims\\prometheus.exe',
    ])
    assert.equal(
      prometheusPlaces('promtool', { ...machine, env: { SCOOP: 'D:\\s' } })[0]?.startsWith('D:\\s\\apps'),
      true,
    )
    assert.deepEqual(prometheusPlaces('promtool', { ...machine, platform: 'linux', env: { PATH: '/a' } }), [
      '/a/promtool',
    ])
  })
})
