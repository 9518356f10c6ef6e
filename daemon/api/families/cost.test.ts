/** What the rows of `/api/v1/cost` answer: figures worked out by hand, dates, bad parameters by name, and exports piece by piece. */
import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { type BudgetConfig, budgetOf } from '../../../shared/contract/budget.ts'
import type { BudgetStatus, CostUsage } from '../../../shared/contract/endpoints/cost.ts'
import { costExport, costRows } from '../../../shared/contract/endpoints/cost.ts'
import type { AttemptEnded } from '../../../shared/contract/event.ts'
import { noUsage } from '../../../shared/contract/usage.ts'
import { emptyLedger, fold } from '../../ledger/ledger.ts'
import type { CallsInOrder } from '../../store/calls-in-order.ts'
import { ended } from '../../test/sample-events.ts'
import { localToken, startApi } from '../../test/start-api.ts'
import type { ApiDeps } from '../handlers.ts'

type Error = { error: string; detail: string; context: { parameter: string } }
const usd = (dollars: number) => Math.round(dollars * 1e9)
const usage = (input: number, output: number) => ({ ...noUsage, input, output })
const exportPath = '/api/v1/cost/export'
const usagePath = '/api/v1/cost/usage'

describe('the cost family', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  let calls = 0
  /** Stands for the journal: calls as they were made, 500 at a time; how many were read, and how often that was begun and stopped. */
  const none = { calls: [] as AttemptEnded[], read: 0, begun: 0, stopped: 0 }
  const journal = { ...none }
  const inOrder: CallsInOrder = async function* (asked, signal) {
    const fits = ({ startedAt: at, billing }: AttemptEnded) =>
      at >= asked.from && at < asked.to && (billing === 'simulated') === asked.simulated
    let from = 0
    journal.begun++
    try {
      for (; from < journal.calls.length && !signal.aborted; from += 500) {
        const some = journal.calls.slice(from, from + 500).filter(fits)
        journal.read += some.length
        yield some.map((e) => asked.rowOf(e, e.startedAt))
        await new Promise(setImmediate)
      }
    } finally {
      if (from < journal.calls.length) journal.stopped++
    }
  }

  async function open(more: Partial<ApiDeps> = {}) {
    await (api as typeof api | undefined)?.close()
    api = await startApi({
      history: {
        attempts: () => Promise.resolve({ attempts: [], next: null }),
        calls: inOrder,
        compact: () => Promise.resolve(),
        figures: () => assert.fail('nobody asks for them'),
      },
      settings: () => ({ remoteManagement: false, requestsPerMinute: 1e6 }),
      ...more,
    })
  }
  beforeEach(async () => {
    Object.assign(journal, none)
    await open()
  })
  afterEach(() => api.close())

  const at = (time: string) => void (api.clock.now = Date.parse(time))
  function call(more: Partial<AttemptEnded>): void {
    const id = `req_${String(++calls).padStart(26, '0')}`
    api.record(ended({ call: id, attempt: `${id}.1`, ...more }))
  }
  async function asked(query = ''): Promise<CostUsage> {
    const told = await api.as(localToken, usagePath + query)
    assert.equal(told.status, 200, told.text)
    return costRows.costUsage.reply.parse(told.json)
  }
  async function refused(path: string): Promise<[number, string]> {
    const told = await api.as(localToken, path)
    const error = told.json as Error
    assert.ok(error.detail.includes(`'${error.context.parameter}'`), told.text)
    return [told.status, error.context.parameter]
  }

  /** November as the page of examples has it: 47 calls with pictures and 100 others, for 2.15 and 1.32 USD. */
  function example(): void {
    const provider = { provider: 'alibaba_cloud', client: 'rag', user: 'ada', feature: 'search' }
    const vlm = { ...provider, model: 'qwen3-vl-30b-a3b-instruct', task: 'vlm', latencyMs: 1820 }
    const chat = { ...provider, model: 'qwen-turbo', task: 'generation', latencyMs: 450 }
    // 750,000 tokens and 2.15 USD in 47 parts
    for (let i = 0; i < 47; i++) {
      at(`2025-11-${String(1 + (i % 13)).padStart(2, '0')}T08:00:00Z`)
      const cost = usd(i === 0 ? 2.15 - 46 * 0.045 : 0.045)
      call({
        ...vlm,
        usage: i === 0 ? usage(7500 + 375_000 - 47 * 7500, 375_000 - 46 * 8000) : usage(7500, 8000),
        cost,
        billed: cost,
      })
    }
    for (let i = 0; i < 100; i++) call({ ...chat, usage: usage(2500, 2500), cost: usd(0.0132), billed: usd(0.0132) })
    at('2025-11-13T14:30:00Z')
  }

  describe('usage', () => {
    it('gives the figures of the example', async () => {
      example()
      const { usage_summary, by_provider, by_task_type, by_model, ...rest } = await asked('?period=month')
      assert.deepEqual(usage_summary, {
        total_requests: 147,
        total_cost_usd: 3.47,
        total_billed_usd: 3.47,
        total_tokens: 1_250_000,
        total_tokens_input: 625_000,
        total_tokens_output: 625_000,
        // (47 × 1820 + 100 × 450) ÷ 147; the page's own 845 does not follow from its parts
        average_latency_ms: 888,
        // printed as 0.024 there
        average_cost_per_request: 0.023605442,
        unpriced_requests: 0,
      })
      const [provider] = by_provider
      assert.deepEqual(by_provider.length, 1)
      assert.deepEqual(provider, {
        provider: 'alibaba_cloud',
        requests: 147,
        cost_usd: 3.47,
        billed_usd: 3.47,
        tokens: 1_250_000,
        tokens_input: 625_000,
        tokens_output: 625_000,
        average_latency_ms: 888,
        unpriced_requests: 0,
        // printed as 0.003
        cost_per_1k_tokens: 0.002776,
      })
      const figures = (row: { requests: number; cost_usd: number; tokens: number; average_latency_ms: number }) => [
        row.requests,
        row.cost_usd,
        row.tokens,
        row.average_latency_ms,
      ]
      assert.deepEqual(
        by_task_type.map((row) => [row.task_type, ...figures(row)]),
        [
          ['vlm', 47, 2.15, 750_000, 1820],
          ['generation', 100, 1.32, 500_000, 450],
        ],
      )
      assert.deepEqual(
        by_model.map((row) => [row.model, ...figures(row)]),
        [
          ['qwen3-vl-30b-a3b-instruct', 47, 2.15, 750_000, 1820],
          ['qwen-turbo', 100, 1.32, 500_000, 450],
        ],
      )
      assert.deepEqual(rest.period, { start_date: '2025-11-01', end_date: '2025-11-13', days: 13 })
      assert.deepEqual(
        [rest.by_client[0]?.client, rest.by_user[0]?.user, rest.by_feature[0]?.feature].map((name) => name),
        ['rag', 'ada', 'search'],
      )
      for (const rows of [rest.by_client, rest.by_user, rest.by_feature, rest.timeseries]) {
        assert.equal(
          rows.reduce((sum, { requests }) => sum + requests, 0),
          147,
        )
        assert.equal(Math.round(rows.reduce((sum, { cost_usd }) => sum + cost_usd, 0) * 1e6), 3_470_000)
      }
      assert.deepEqual([rest.timeseries[0]?.date, rest.timeseries.length], ['2025-11-01', 13])
      assert.equal(rest.timeseries.at(-1)?.date, '2025-11-13')
    })

    it('gives zeros where there is nothing, never NaN', async () => {
      const empty = await asked('?period=week')
      assert.equal(JSON.stringify(empty).includes('null'), false)
      assert.ok(Object.values(empty.usage_summary).every((value) => value === 0))
      assert.deepEqual([empty.by_provider, empty.by_model, empty.by_user], [[], [], []])
      assert.deepEqual(
        empty.timeseries.map(({ date, requests }) => [date, requests]),
        [
          ['2026-03-09', 0],
          ['2026-03-10', 0],
        ],
      )
    })

    it('reads the calendar’s period that today lies in; dates are inclusive and win over it', async () => {
      const days: [time: string, cost: number][] = [
        ['2025-12-31T23:59:59Z', 1],
        ['2026-01-01T00:00:00Z', 2],
        ['2026-03-08T12:00:00Z', 4],
        ['2026-03-09T00:00:00Z', 8],
        ['2026-03-10T11:59:59Z', 16],
      ]
      for (const [time, cost] of days) {
        at(time)
        call({ cost: usd(cost), billed: usd(cost) })
      }
      at('2026-03-10T12:00:00Z')
      for (const [query, cost, period] of [
        ['', 28, ['2026-03-01', '2026-03-10', 10]],
        ['?period=day', 16, ['2026-03-10', '2026-03-10', 1]],
        ['?period=week', 24, ['2026-03-09', '2026-03-10', 2]],
        ['?period=month', 28, ['2026-03-01', '2026-03-10', 10]],
        ['?period=year', 30, ['2026-01-01', '2026-03-10', 69]],
        ['?period=day&start_date=2025-12-31&end_date=2026-01-01', 3, ['2025-12-31', '2026-01-01', 2]],
        ['?start_date=2026-03-08', 28, ['2026-03-08', '2026-03-10', 3]],
        ['?end_date=2026-03-08', 4, ['2026-03-01', '2026-03-08', 8]],
        ['?period=year&end_date=2025-12-31', 1, ['2025-01-01', '2025-12-31', 365]],
        ['?start_date=2026-03-10&end_date=2026-04-01', 16, ['2026-03-10', '2026-04-01', 23]],
      ] as const) {
        const told = await asked(query)
        assert.deepEqual([told.usage_summary.total_cost_usd, Object.values(told.period)], [cost, period], query)
        assert.equal(told.timeseries.length, told.period.days, query)
      }
    })

    it('takes days of the configured time zone', async () => {
      const ledger = emptyLedger('America/New_York')
      await open({ ledger: () => ledger })
      const one = ended({ cost: usd(5), billed: usd(5) })
      fold(ledger, { origin: 'home', n: 1, t: Date.parse('2026-03-10T03:30:00Z'), e: one })
      assert.equal((await asked('?period=day')).usage_summary.total_requests, 0)
      const told = await asked('?start_date=2026-03-09&end_date=2026-03-09')
      assert.deepEqual([told.usage_summary.total_cost_usd, told.timeseries[0]?.date], [5, '2026-03-09'])
    })

    it('filters, and gives no sums by user and feature then, as those are counted alone', async () => {
      call({ provider: 'openai', model: 'gpt-5', task: 'vlm', client: 'a', user: 'ada', cost: usd(1) })
      call({ provider: 'openai', model: 'gpt-5-mini', task: 'generation', client: 'b', user: 'ada', cost: usd(2) })
      call({ provider: 'groq', model: 'llama', task: 'generation', client: 'b', cost: null, billed: null })
      for (const [query, requests, cost] of [
        ['?provider=openai', 2, 3],
        ['?task_type=generation', 2, 2],
        ['?model=gpt-5', 1, 1],
        ['?client=b&provider=openai', 1, 2],
        ['?provider=nobody', 0, 0],
      ] as const) {
        const told = await asked(query)
        assert.deepEqual(
          [told.usage_summary.total_requests, told.usage_summary.total_cost_usd],
          [requests, cost],
          query,
        )
        assert.equal(
          told.by_model.reduce((sum, row) => sum + row.requests, 0),
          requests,
          query,
        )
        assert.deepEqual([told.by_user, told.by_feature], [[], []], query)
      }
      const whole = await asked()
      assert.deepEqual(
        whole.by_user.map(({ user, requests }) => [user, requests]),
        [
          ['ada', 2],
          ['', 1],
        ],
      )
      assert.equal(whole.by_provider.find(({ provider }) => provider === 'groq')?.unpriced_requests, 1)
    })

    it('counts a call where it ended, and gives no row to where it only failed', async () => {
      call({ provider: 'groq', last: false, outcome: 'failed', usage: null, cost: null })
      call({ provider: 'openai', attempts: 2 })
      assert.deepEqual(
        (await asked()).by_provider.map(({ provider, requests }) => [provider, requests]),
        [['openai', 1]],
      )
    })

    it('shows the sandbox’s calls until there is a real one, and says so', async () => {
      call({ provider: 'sandbox', billing: 'simulated' })
      const first = await asked()
      assert.deepEqual([first.simulated, first.usage_summary.total_requests], [true, 1])
      call({})
      const second = await asked()
      assert.deepEqual([second.simulated, second.by_provider.map(({ provider }) => provider)], [false, ['openai']])
      assert.equal((await asked('?simulated=only')).by_provider[0]?.provider, 'sandbox')
    })

    it('names the parameter that is wrong', async () => {
      for (const [query, parameter] of [
        ['?period=decade', 'period'],
        ['?period=', 'period'],
        ['?start_date=yesterday', 'start_date'],
        ['?start_date=2026-02-30', 'start_date'],
        ['?start_date=2026-3-1', 'start_date'],
        ['?end_date=2026-03-10T00:00:00Z', 'end_date'],
        ['?end_date=', 'end_date'],
        ['?start_date=2026-03-10&end_date=2026-03-09', 'end_date'],
        ['?start_date=2026-03-11', 'start_date'],
        ['?start_date=1999-01-01', 'start_date'],
        ['?simulated=yes', 'simulated'],
        ['?provider=a&provider=b', 'provider'],
      ] as const) {
        assert.deepEqual(await refused(usagePath + query), [400, parameter], query)
      }
    })
  })

  describe('budget status', () => {
    const set = (budget: BudgetConfig) => void api.record({ type: 'budget.set', budget: budgetOf(budget) })
    const monthly = (provider: string, limitUsd: number, more: Partial<BudgetConfig> = {}) =>
      set({ id: `${provider}-month`, scope: { provider }, period: 'month', limitUsd, ...more })
    async function status(): Promise<BudgetStatus> {
      const told = await api.as(localToken, '/api/v1/cost/budget-status')
      assert.equal(told.status, 200, told.text)
      return costRows.costBudgetStatus.reply.parse(told.json)
    }
    const free = { monthly_limit_usd: null, current_spend_usd: 0, utilization_pct: 0, remaining_usd: null }

    it('gives the figures of the example, and a projection by the time that has passed', async () => {
      const configured = (id: string) => ({ id, configured: true })
      await open({ providers: () => ['alibaba_cloud', 'openai', 'local_ollama'].map(configured) })
      example()
      const local = { ...ended({ provider: 'local_ollama', model: 'gemma', billing: 'local' }) }
      const { account, model, provider, client, task, chain, folder, billing } = local
      const row = { provider, account, model, client, task, chain, folder, billing, at: api.clock.now }
      const sums = { requests: 8523, attempts: 8523, failed: 0, unpriced: 0, estimated: 0, cost: 0, billed: 0 }
      api.record({ type: 'folded', from: 1e6, to: 1e6, rows: [{ ...row, ...sums, usage: usage(1, 1), latencyMs: 1 }] })
      monthly('alibaba_cloud', 120)
      monthly('openai', 80)
      const told = await status()
      assert.deepEqual(told.providers, {
        alibaba_cloud: {
          ...{ monthly_limit_usd: 120, current_spend_usd: 3.47, utilization_pct: 2.89, remaining_usd: 116.53 },
          ...{ requests_count: 147, status: 'ok' },
        },
        openai: {
          ...{ monthly_limit_usd: 80, current_spend_usd: 0, utilization_pct: 0, remaining_usd: 80 },
          ...{ requests_count: 0, status: 'ok' },
        },
        local_ollama: { ...free, requests_count: 8523, status: 'ok' },
      })
      assert.deepEqual(told.total, {
        ...{ monthly_limit_usd: 200, current_spend_usd: 3.47, utilization_pct: 1.74, remaining_usd: 196.53 },
        requests_count: 8670,
      })
      // 12 days and 14.5 hours of 30 days have passed: 3.47 ÷ (302.5 ÷ 720). The page's own 8.03 follows from neither that nor whole days
      assert.deepEqual(told.period, {
        ...{ month: '2025-11', days_elapsed: 13, days_remaining: 17, projected_spend_usd: 8.259174 },
      })
    })

    it('is whole where nothing happened and nothing is limited', async () => {
      const { providers, total, period } = await status()
      assert.deepEqual(providers, {
        anthropic: { ...free, requests_count: 0, status: 'ok' },
        openai: { ...free, requests_count: 0, status: 'ok' },
      })
      assert.deepEqual(total, { ...free, requests_count: 0 })
      assert.deepEqual(period, { month: '2026-03', days_elapsed: 10, days_remaining: 21, projected_spend_usd: 0 })
    })

    it('sums money of limited providers and requests of all; without a limit anywhere, money of all', async () => {
      call({ provider: 'openai', cost: usd(3), billed: usd(3) })
      call({ provider: 'groq', cost: usd(2), billed: usd(2) })
      assert.deepEqual((await status()).total, { ...free, current_spend_usd: 5, requests_count: 2 })
      monthly('openai', 4)
      const { total, providers } = await status()
      assert.deepEqual([total.current_spend_usd, total.utilization_pct, total.remaining_usd], [3, 75, 1])
      assert.deepEqual([total.requests_count, providers.groq?.current_spend_usd], [2, 2])
    })

    it('tells money with 6 decimals', async () => {
      monthly('openai', 2.0000004)
      call({ provider: 'openai', cost: usd(1.234567891), billed: usd(1.234567891) })
      const { providers, total, period } = await status()
      const money = { monthly_limit_usd: 2, current_spend_usd: 1.234568, remaining_usd: 0.765433 }
      assert.deepEqual({ ...providers['openai'], ...money }, providers['openai'])
      assert.deepEqual({ ...total, ...money }, total)
      assert.equal(period.projected_spend_usd, 4.02859)
    })

    it('says warning from the first threshold on, exceeded from the limit on, and never less than nothing left', async () => {
      monthly('openai', 10, { warnAt: [0.5, 0.9] })
      const seen: unknown[] = []
      for (const cost of [4.999999, 0.000001, 4, 1, 2]) {
        call({ cost: usd(cost), billed: usd(cost) })
        const { status: said, remaining_usd, utilization_pct } = (await status()).providers.openai ?? {}
        seen.push([said, remaining_usd, utilization_pct])
      }
      assert.deepEqual(seen, [
        ['ok', 5.000001, 50],
        ['warning', 5, 50],
        ['warning', 1, 90],
        ['exceeded', 0, 100],
        ['exceeded', 0, 120],
      ])
    })

    it('goes by what is owed, or by the list price where the budget does; a plan’s calls owe nothing', async () => {
      monthly('anthropic', 10)
      monthly('openai', 10, { basis: 'list' })
      for (const provider of ['anthropic', 'openai']) call({ provider, billing: 'plan', cost: usd(7), billed: 0 })
      const { providers } = await status()
      assert.deepEqual([providers.anthropic?.current_spend_usd, providers.openai?.current_spend_usd], [0, 7])
    })

    it('knows only a budget of exactly one provider, in USD, by the month', async () => {
      set({ id: 'a', scope: { provider: 'openai', model: 'gpt-5' }, period: 'month', limitUsd: 1 })
      set({ id: 'b', scope: { provider: 'openai' }, period: 'week', limitUsd: 1 })
      set({ id: 'c', scope: { provider: 'openai' }, period: 'month', limitTokens: 1 })
      set({ id: 'd', period: 'month', limitUsd: 1 })
      call({ cost: usd(2), billed: usd(2) })
      assert.deepEqual((await status()).providers.openai, {
        ...{ ...free, current_spend_usd: 2, requests_count: 1, status: 'ok' },
      })
      // one that nobody configured and nobody called
      monthly('mistral', 5)
      assert.equal((await status()).providers.mistral?.remaining_usd, 5)
    })

    it('counts the calendar’s month of the time zone, and never what is simulated', async () => {
      call({ provider: 'sandbox', billing: 'simulated', cost: usd(1), billed: usd(1) })
      assert.deepEqual([(await status()).total.requests_count, (await status()).providers.sandbox], [0, undefined])
      at('2026-02-28T23:59:59Z')
      call({ cost: usd(3), billed: usd(3) })
      at('2026-03-01T00:00:00Z')
      const { total, period } = await status()
      assert.deepEqual([total.requests_count, total.current_spend_usd, period.projected_spend_usd], [0, 0, 0])
      assert.deepEqual([period.days_elapsed, period.days_remaining], [1, 30])
    })
  })

  describe('export', () => {
    const made = (time: string, more: Partial<AttemptEnded> = {}) => ended({ startedAt: Date.parse(time), ...more })
    const columns = 'timestamp,provider,model,task_type,tokens_input,tokens_output,cost_usd,latency_ms'

    it('gives the example’s lines', async () => {
      const alibaba = { provider: 'alibaba_cloud', usageSource: 'reported' } as const
      journal.calls = [
        made('2025-11-13T10:30:00Z', {
          ...{ ...alibaba, model: 'qwen3-vl-30b-a3b-instruct', task: 'vlm', latencyMs: 1820 },
          ...{ usage: usage(15_000, 8000), cost: usd(0.069) },
        }),
        made('2025-11-13T10:31:00Z', {
          ...{ ...alibaba, model: 'qwen-turbo', latencyMs: 450, usage: usage(500, 800), cost: usd(0.013) },
        }),
      ]
      at('2025-11-13T14:30:00Z')
      const csv = await api.as(localToken, `${exportPath}?start_date=2025-11-01`)
      assert.deepEqual(csv.text.split('\r\n'), [
        columns,
        '2025-11-13T10:30:00.000Z,alibaba_cloud,qwen3-vl-30b-a3b-instruct,vlm,15000,8000,0.069,1820',
        '2025-11-13T10:31:00.000Z,alibaba_cloud,qwen-turbo,generation,500,800,0.013,450',
        '',
      ])
      assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8')
      assert.equal(csv.headers['content-disposition'], 'attachment; filename="tollkeeper-2025-11-01-2025-11-13.csv"')
      const json = await api.as(localToken, `${exportPath}?format=json&start_date=2025-11-01`)
      const record = { timestamp: '2025-11-13T10:31:00.000Z', provider: 'alibaba_cloud', model: 'qwen-turbo' }
      const told = json.json as { export_date: string; period: unknown; records: unknown[] }
      assert.deepEqual(Object.keys(told), ['export_date', 'period', 'records'])
      assert.equal(told.export_date, '2025-11-13T14:30:00.000Z')
      assert.deepEqual(told.period, { start_date: '2025-11-01', end_date: '2025-11-13' })
      assert.deepEqual(told.records[1], {
        ...{
          ...record,
          task_type: 'generation',
          tokens_input: 500,
          tokens_output: 800,
          cost_usd: 0.013,
          latency_ms: 450,
        },
      })
      assert.equal(told.records.length, 2)
      assert.ok(costExport.safeParse(told).success)
    })

    it('leaves what is not known empty, guards formulas, and quotes as RFC 4180 says', async () => {
      journal.calls = [
        made('2026-03-01T00:00:00Z', { model: "=cmd|'/c calc'!A0", task: 'a,"b"', cost: null, usage: null }),
        made('2026-03-01T00:00:01Z', { model: '@SUM(1)', task: '-1', cost: 400, usage: usage(0, 0) }),
      ]
      const { text } = await api.as(localToken, exportPath)
      assert.deepEqual(text.split('\r\n').slice(1, 3), [
        `2026-03-01T00:00:00.000Z,openai,'=cmd|'/c calc'!A0,"a,""b""",,,,1000`,
        "2026-03-01T00:00:01.000Z,openai,'@SUM(1),'-1,0,0,0.0000004,1000",
      ])
      const { records } = (await api.as(localToken, `${exportPath}?format=json`)).json as { records: object[] }
      assert.deepEqual(records[0], {
        ...{
          timestamp: '2026-03-01T00:00:00.000Z',
          provider: 'openai',
          model: "=cmd|'/c calc'!A0",
          task_type: 'a,"b"',
        },
        ...{ tokens_input: null, tokens_output: null, cost_usd: null, latency_ms: 1000 },
      })
    })

    it('takes dates of the time zone, inclusive, and without any all there is', async () => {
      const ledger = emptyLedger('Asia/Tokyo')
      const from = Date.parse('2026-03-07T16:00:00Z')
      await open({ ledger: () => ledger, reach: () => ({ from, segments: 1, bytes: 1, dropped: 0 }) })
      const times = [
        '2026-03-07T14:59:59.999Z',
        '2026-03-07T15:00:00.000Z',
        '2026-03-08T14:59:59.999Z',
        '2026-03-08T15:00:00.000Z',
      ]
      journal.calls = times.map((time) => made(time))
      const timesOf = async (query: string) =>
        (await api.as(localToken, exportPath + query)).text
          .split('\r\n')
          .slice(1, -1)
          .map((line) => line.split(',')[0])
      assert.deepEqual(await timesOf('?start_date=2026-03-08&end_date=2026-03-08'), times.slice(1, 3))
      assert.deepEqual(await timesOf('?end_date=2026-03-08'), times.slice(0, 3))
      assert.deepEqual(await timesOf('?start_date=2026-03-09'), times.slice(3))
      assert.deepEqual(await timesOf(''), times)
      const { json } = await api.as(localToken, `${exportPath}?format=json`)
      assert.deepEqual((json as { period: unknown }).period, { start_date: '2026-03-08', end_date: '2026-03-10' })
    })

    it('is whole where there is nothing', async () => {
      assert.equal((await api.as(localToken, exportPath)).text, `${columns}\r\n`)
      const { json } = await api.as(localToken, `${exportPath}?format=json`)
      assert.deepEqual((json as { records: unknown }).records, [])
    })

    it('tells the head alone where that is asked for, and reads nothing for it', async () => {
      journal.calls = [made('2026-03-01T00:00:00Z')]
      for (let i = 0; i < 6; i++) {
        const { status, text, headers } = await api.as(localToken, exportPath, { method: 'HEAD' })
        assert.deepEqual([status, text, headers['content-type']], [200, '', 'text/csv; charset=utf-8'])
      }
      assert.equal(journal.read, 0)
    })

    it('says in the file’s name that it holds the sandbox’s calls', async () => {
      call({ provider: 'sandbox', billing: 'simulated' })
      journal.calls = [made('2026-03-01T00:00:00Z', { provider: 'sandbox', billing: 'simulated' })]
      const { text, headers } = await api.as(localToken, exportPath)
      assert.match(String(headers['content-disposition']), /"tollkeeper-simulated-/)
      assert.match(text, /,sandbox,/)
    })

    it('names the parameter that is wrong, before anything is sent', async () => {
      for (const [query, parameter] of [
        ['?format=xml', 'format'],
        ['?start_date=march', 'start_date'],
        ['?end_date=2026-13-01', 'end_date'],
        ['?start_date=2026-03-02&end_date=2026-03-01', 'end_date'],
        ['?start_date=2026-03-11', 'start_date'],
      ] as const) {
        assert.deepEqual(await refused(exportPath + query), [400, parameter], query)
      }
    })

    /** The reply of an export of which nothing is taken. */
    const begin = () =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const headers = { authorization: `Bearer ${localToken}` }
        get({ port: api.port(), host: '127.0.0.1', path: exportPath, headers }, resolve).on('error', reject)
      })

    it('cuts readers off that take nothing for as long as is given, gives their places back and says so', async () => {
      await open({ stallMs: 50 })
      journal.calls = new Array<AttemptEnded>(200_000).fill(made('2026-03-01T00:00:00Z'))
      const readers = [await begin(), await begin(), await begin(), await begin()]
      while (journal.stopped < 4) await new Promise((resolve) => setTimeout(resolve, 5))
      journal.calls = journal.calls.slice(0, 3)
      assert.equal((await api.as(localToken, exportPath)).text.split('\r\n').length, 5)
      const said = api.logged.filter(({ message }) => /cut off/.test(message))
      assert.deepEqual(
        said.map(({ fields }) => (fields as { stallMs: number }).stallMs),
        [50, 50, 50, 50],
      )
      for (const reader of readers) {
        await assert.rejects(textOf(reader), { code: 'ECONNRESET' }, 'it is not taken for a whole export')
      }
    })

    it('gives the places back of who asked for several over one connection and left it', async () => {
      journal.calls = new Array<AttemptEnded>(200_000).fill(made('2026-03-01T00:00:00Z'))
      const head = `GET ${exportPath} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${localToken}\r\n\r\n`
      const line = connect(api.port(), '127.0.0.1')
      line.pause().write(head.repeat(4))
      while (journal.begun < 4) await new Promise((resolve) => setTimeout(resolve, 5))
      line.destroy()
      while (journal.stopped < 4) await new Promise((resolve) => setTimeout(resolve, 5))
      journal.calls = journal.calls.slice(0, 3)
      assert.equal((await api.as(localToken, exportPath)).status, 200)
    })

    it('lets a reader wait for longer than that where the history is slow', async () => {
      await open({
        stallMs: 20,
        history: {
          ...{ attempts: () => Promise.resolve({ attempts: [], next: null }), compact: () => Promise.resolve() },
          figures: () => assert.fail('nobody asks for them'),
          async *calls(asked) {
            for (let i = 0; i < 2; i++) {
              await new Promise((resolve) => setTimeout(resolve, 100))
              yield [asked.rowOf(made('2026-03-01T00:00:00Z'), 0)]
            }
          },
        },
      })
      assert.equal((await api.as(localToken, exportPath)).text.split('\r\n').length, 4)
    })

    it('reads on as fast as it is taken, stops once its reader leaves, and is refused where four are read', async () => {
      journal.calls = new Array<AttemptEnded>(200_000).fill(made('2026-03-01T00:00:00Z'))
      const readers = [await begin(), await begin(), await begin(), await begin()]
      let before = -1
      for (let still = 0; still < 20; still = journal.read === before ? still + 1 : 0) {
        before = journal.read
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      assert.ok(before > 0 && before < 4 * 150_000, `${before} were read that nobody took`)
      const fifth = await api.as(localToken, exportPath)
      assert.deepEqual([fifth.status, fifth.headers['retry-after']], [429, '10'])
      for (const reader of readers) reader.destroy()
      while (journal.stopped < 4) await new Promise((resolve) => setTimeout(resolve, 5))
      journal.calls = journal.calls.slice(0, 3)
      assert.equal((await api.as(localToken, exportPath)).text.split('\r\n').length, 5)
    })
  })
})
