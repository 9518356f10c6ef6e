import assert from 'node:assert/strict'
import type { UsageReply } from '../../shared/contract/endpoints/core.ts'
import type { Headline, LimitRow, Totals, WindowRow } from '../../shared/contract/rows.ts'
import { budgetRow, totals } from '../../shared/test/samples.ts'
import { greetingOf } from './greeting.ts'
import { keysText } from './key.ts'
import { budgetSection, limitsText } from './limits.ts'
import { pricesText, repricedText, unpricedText } from './prices.ts'
import { statsText } from './stats.ts'
import { headlineText, statusText } from './status.ts'
import { printable, tableOf } from './table.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const none = totals()
const some: Totals = {
  ...none,
  requests: 12,
  failed_requests: 1,
  attempts: 13,
  tokens: 1_234_567,
  tokens_input: 1_200_000,
  tokens_output: 34_567,
  cost_usd: 4.2,
  billed_usd: 0,
  average_latency_ms: 3210,
  latency_p50_ms: 1444,
  latency_p95_ms: 12_600,
  ttft_p50_ms: 480,
  ttft_p95_ms: null,
  cache_hit_pct: 89.34,
}
const usage = (more: Partial<UsageReply>): UsageReply => ({
  period: { from: '2026-03-01T00:00:00.000Z', to: '2026-03-10T12:00:00.000Z', time_zone: 'UTC' },
  simulated: false,
  total: some,
  groups: [],
  series: [],
  missing_months: [],
  ...more,
})
const lines = (...expected: string[]) => `${expected.join('\n')}\n`

describe('what the commands print', () => {
  it('shows what a model costs, long prompts and other tiers beside', () => {
    const catalogue = { version: '2026-11-27 update', updated_at: '2026-11-27T10:00:00.000Z' }
    const input = (usd: number) => ({ kind: 'input' as const, usd, above: [{ prompt_tokens: 272_000, usd: usd * 2 }] })
    const output = (usd: number) => ({ kind: 'output' as const, usd, above: [] })
    const row = {
      provider: 'openai',
      model: 'gpt-x-2026-01-01',
      source: 'override' as const,
      version: '2026-11-27',
      priced_as: 'gpt-x',
      page: 'https://example.com/prices',
      rates: [input(0.1), output(0.5), { kind: 'web_search' as const, usd: 10, above: [] }],
      tiers: [{ tier: 'flex' as const, page: null, rates: [input(0.05), output(0.25)] }],
    }
    assert.equal(
      pricesText({ catalogue, as_of: '2026-11-27T12:00:00.000Z', prices: [row] }),
      lines(
        'gpt-x-2026-01-01 at openai, priced as gpt-x: from a correction of ours (2026-11-27), https://example.com/prices',
        '                    standard  flex',
        '  input                  0.1  0.05',
        '  prompt over 272k       0.2   0.1',
        '  output                 0.5  0.25',
        '  web search              10',
        '',
        'USD a million tokens; searches by the thousand. Catalogue: 2026-11-27 update, fetched 2026-11-27.',
      ),
    )
    assert.match(unpricedText('nobody'), /^No price is known for nobody\. Set one/)
  })

  it('holds the past against other prices', () => {
    const none = { stamped_unpriced_requests: 0, unpriced_requests: 0 }
    const sum = { ...none, requests: 2, cost_usd: 1, repriced_cost_usd: 2.5, unpriced_requests: 1 }
    const reply = { as_of: '2026-12-01', from: '2026-11-01', to: '2026-11-27', ...sum, stamped_unpriced_requests: 1 }
    const unknown = {
      requests: 1,
      stamped_unpriced_requests: 1,
      cost_usd: 0,
      repriced_cost_usd: 0,
      unpriced_requests: 1,
    }
    const since = { ...unknown, repriced_cost_usd: 0.5, unpriced_requests: 0 }
    const free = { ...none, requests: 1, cost_usd: 0, repriced_cost_usd: 0 }
    const rows = { m: sum, x: unknown, y: since, z: free }
    assert.equal(
      repricedText({
        ...reply,
        by_model: Object.entries(rows).map(([model, row]) => ({ provider: 'up', model, ...row })),
      }),
      lines(
        'Calls from 2026-11-01 to 2026-11-27, at the prices of 2026-12-01',
        '',
        'provider  model  calls  as stamped  repriced  unpriced',
        'up        m          2       $1.00   ≥ $2.50         1',
        'up        x          1           ?         ?         1',
        'up        y          1           ?     $0.50         0',
        'up        z          1       $0.00     $0.00         0',
        'total                2     ≥ $1.00   ≥ $2.50         1',
      ),
    )
    assert.match(repricedText({ ...reply, requests: 0, by_model: [] }), /\n\nNo calls\.\n$/)
  })

  it('greets with where to point things', () => {
    assert.equal(
      greetingOf({ version: '0.1.0', url: 'http://127.0.0.1:8655', sandbox: true, platform: 'linux' }),
      lines(
        '',
        'Tollkeeper 0.1.0 listens on http://127.0.0.1:8655',
        '',
        "  openai SDK         new OpenAI({ baseURL: 'http://127.0.0.1:8655/v1' })",
        "  @anthropic-ai/sdk  new Anthropic({ baseURL: 'http://127.0.0.1:8655' })",
        '  Claude Code        npx tollkeeper run claude',
        '  Dashboard          npx tollkeeper dashboard',
        '',
        'Try it without any key, on the built-in sandbox:',
        '',
        "  curl -N http://127.0.0.1:8655/p/sandbox/v1/chat/completions -H 'content-type: application/json'" +
          ` -d '{"model":"sandbox-small","stream":true,"messages":[{"role":"user","content":"What is a toll?"}]}'`,
        '',
        'and then: npx tollkeeper stats',
        '',
      ),
    )
  })

  it('gives the link that opens the dashboard, where there is one, and says how long it works', () => {
    const link = 'http://127.0.0.1:8655/dashboard#code'
    const greeting = greetingOf({
      version: '0.1.0',
      url: 'http://127.0.0.1:8655',
      sandbox: true,
      platform: 'linux',
      link,
    })
    assert.ok(greeting.includes(`\n  Dashboard          ${link}\n`))
    assert.ok(greeting.includes('works once, within a minute; later: npx tollkeeper dashboard\n'))
  })

  it('quotes the curl for cmd.exe on Windows, and names the sandbox where there is none', () => {
    const greeting = { version: '0.1.0', url: 'http://127.0.0.1:8655', sandbox: true, platform: 'win32' as const }
    assert.ok(greetingOf(greeting).includes('-d "{\\"model\\":\\"sandbox-small\\",'))
    const without = greetingOf({ ...greeting, sandbox: false })
    assert.equal(without.includes('curl'), false)
    assert.ok(without.includes('npx tollkeeper serve --sandbox'))
  })

  it('shows usage in aligned columns with its sum', () => {
    const groups = [
      { key: ['anthropic', 'claude-sonnet-4-5'], totals: { ...some, requests: 2, tokens: 900, cost_usd: 4.196 } },
      {
        key: ['openai', 'gpt-5'],
        totals: {
          ...none,
          ...{ requests: 10, failed_requests: 1, tokens: 1_234_567, tokens_input: 12 },
          tokens_output: 34_567,
          cost_usd: 0.004,
          billed_usd: 0.004,
        },
      },
    ]
    assert.equal(
      statsText(usage({ groups }), ['provider', 'model'], now),
      lines(
        'Usage since 1 Mar 00:00 (UTC)',
        '',
        'provider   model              calls  failed  input  cached  output  tokens  list price  billed   p50  p95  1st token p50  1st token p95',
        'anthropic  claude-sonnet-4-5      2       1   1.2M     89%   34.6k     900       $4.20   $0.00  1.4s  13s          480ms              –',
        'openai     gpt-5                 10       1     12       –   34.6k    1.2M      $0.004  $0.004     –    –              –              –',
        'total                            12       1   1.2M     89%   34.6k    1.2M       $4.20   $0.00  1.4s  13s          480ms              –',
      ),
    )
    const more = ['', 'A wider terminal shows more columns, --json all.']
    assert.equal(
      statsText(usage({ groups }), ['provider', 'model'], now, 100),
      lines(
        'Usage since 1 Mar 00:00 (UTC)',
        '',
        'provider   model              calls  failed  input  cached  output  tokens  list price  billed   p50',
        'anthropic  claude-sonnet-4-5      2       1   1.2M     89%   34.6k     900       $4.20   $0.00  1.4s',
        'openai     gpt-5                 10       1     12       –   34.6k    1.2M      $0.004  $0.004     –',
        'total                            12       1   1.2M     89%   34.6k    1.2M       $4.20   $0.00  1.4s',
        ...more,
      ),
    )
    const least = [
      'Usage since 1 Mar 00:00 (UTC)',
      '',
      'provider   model              calls  tokens  list price  billed',
      'anthropic  claude-sonnet-4-5      2     900       $4.20   $0.00',
      'openai     gpt-5                 10    1.2M      $0.004  $0.004',
      'total                            12    1.2M       $4.20   $0.00',
    ]
    // what matters stays, however narrow it is
    for (const width of [63, 20])
      assert.equal(statsText(usage({ groups }), ['provider', 'model'], now, width), lines(...least, ...more))
  })

  it('shows the sum alone where nothing is asked apart', () => {
    assert.equal(
      statsText(usage({ groups: [{ key: [], totals: some }] }), [], now, 50),
      lines(
        'Usage since 1 Mar 00:00 (UTC)',
        '',
        '       calls  input  tokens  list price  billed',
        'total     12   1.2M    1.2M       $4.20   $0.00',
        '',
        'A wider terminal shows more columns, --json all.',
      ),
    )
  })

  it('says what is simulated, a lower bound or estimated', () => {
    const total = { ...some, unpriced_requests: 1, estimated_requests: 3 }
    const text = statsText(
      usage({ simulated: true, total, groups: [{ key: ['x'], totals: { ...total, requests: 1 } }] }),
      ['model'],
      now,
    )
    assert.match(text, /^Usage since .* – simulated: calls of the sandbox only\n/)
    assert.match(text, /\nx {6}.* \? {2,}\? {2,}1 {2,}1\.4s /)
    assert.match(text, /\ntotal.* ≥ \$4\.20 {2}≥ \$0\.00 {2,}1 {2,}1\.4s /)
    assert.ok(
      text.endsWith(
        '\n\n≥ No price is known for one call: the money is a lower bound.\nTokens of 3 calls are estimated.\n',
      ),
    )
  })

  it('names months whose sums cannot be read', () => {
    const text = statsText(usage({ total: none, missing_months: ['2026-01', '2026-02'] }), ['model'], now)
    assert.ok(text.endsWith('\n\n≥ The sums of 2026-01, 2026-02 cannot be read and are not in here.\n'))
  })

  it('says so where there is nothing', () => {
    assert.equal(statsText(usage({ total: none }), ['model'], now), 'Usage since 1 Mar 00:00 (UTC)\n\nNo calls yet.\n')
    assert.equal(limitsText([], now, 'UTC'), 'No limits are known yet: providers state them with each reply.\n')
    assert.equal(keysText([]), 'There are no keys. `tollkeeper key create --name NAME` makes one.\n')
  })

  it('shows each limit with its bar, reset and age', () => {
    const window: WindowRow = {
      name: '5h',
      used_pct: 38,
      limit: null,
      remaining: null,
      resets_at: '2026-03-10T14:10:00Z',
      status: 'allowed',
      source: 'header',
      measured_at: '2026-03-10T11:59:40Z',
      confirmed: true,
      elapsed_pct: null,
      pace_pct: null,
      runs_out_at: null,
    }
    const row: LimitRow = {
      provider: 'anthropic',
      account: 'a',
      account_label: 'Claude plan',
      model: null,
      windows: [
        window,
        { ...window, name: '7d', used_pct: 104, resets_at: '2026-03-13T09:00:00Z', pace_pct: 44.9 },
        { ...window, name: '7d-opus', used_pct: 80, pace_pct: 12, runs_out_at: '2026-03-10T13:05:00Z' },
        { ...window, name: 'old', used_pct: 0, resets_at: '2026-03-10T11:00:00Z', confirmed: false },
        { ...window, name: 'tokens', used_pct: null, remaining: 4800, limit: 5000, resets_at: null },
      ],
      representative: '5h',
      overage_in_use: true,
      billing: 'plan',
      cooldown: null,
    }
    const cooldown = {
      until: '2026-03-10T12:04:00Z',
      refusal: 'rate' as const,
      model: 'm',
      reason: 'groq says that a limit by the minute is reached.',
    }
    assert.equal(
      limitsText(
        [
          row,
          { ...row, model: 'm', windows: [window], overage_in_use: false, billing: 'simulated' },
          { ...row, account_label: 'Groq', provider: 'groq', overage_in_use: false, windows: [], cooldown },
        ],
        now,
        'UTC',
      ),
      lines(
        'Claude plan (anthropic) – extra usage is being paid for',
        '  5h       ████████░░░░░░░░░░░░              38%                        resets 14:10 (in 2h 10m)      measured 20 s ago',
        '  7d       ████████████████████             104%  pace +45%             resets Fri 09:00 (in 2d 21h)  measured 20 s ago',
        '  7d-opus  ████████████████░░░░              80%  pace +12%, out 13:05  resets 14:10 (in 2h 10m)      measured 20 s ago',
        '  old      ░░░░░░░░░░░░░░░░░░░░               0%                        was reset                     not confirmed since',
        '  tokens                         4.8k of 5k left                                                      measured 20 s ago',
        '',
        'Claude plan (anthropic, m) – simulated',
        '  5h  ████████░░░░░░░░░░░░  38%  resets 14:10 (in 2h 10m)  measured 20 s ago',
        '',
        'Groq (groq)',
        '  avoided until 12:04 (in 4m)',
        '  groq says that a limit by the minute is reached.',
      ),
    )
  })

  it('says how the daemon is, warnings too', () => {
    const summary = {
      instance_id: 'i',
      version: '0.1.0',
      at: '2026-03-10T12:00:00Z',
      url: 'http://127.0.0.1:8655',
      time_zone: 'UTC',
      simulated: false,
      today: none,
      month: none,
      all_time: none,
      headline: {
        kind: 'spend' as const,
        account_label: 'OpenAI',
        tokens: 1200,
        billed_usd: 0.5,
        unpriced_requests: 0,
        state: 'ok' as const,
        refused: null,
        budget: null,
      },
      in_flight: 1,
      limits: [],
      budgets: [],
      recent: [],
      warnings: [{ code: 'unpriced-model' as const, subject: 'm', text: 'No price is known for m.', since: 't' }],
      history: { from: '2026-02-03T08:00:00Z', segments: 12, bytes: 3_565_158, dropped: 1200 },
    }
    const process = { pid: 42, startedAt: '2026-03-10T11:00:00Z', home: '/home/a/.tollkeeper' }
    const health = {
      status: 'degraded' as const,
      reasons: ['openai: connect timed out', 'store: No price is known for m.'],
      services: {
        openai: { status: 'error' as const, latency_ms: null, error: 'connect timed out' },
        ollama: { status: 'ok' as const, latency_ms: 4, models_loaded: ['llama3.2:8b', 'qwen3'] },
        lmstudio: { status: 'ok' as const, latency_ms: 4, models_loaded: [] },
      },
    }
    const own = {
      ...{ timestamp: summary.at, since: process.startedAt, simulated: false },
      figures: { event_loop_lag_max_seconds: 0.0121 },
      overhead: { attempts: 3, average_ms: 0.6, p50_ms: 0.42, p95_ms: 11.4 },
      refusals: {},
      journal: { backlog_lines: 0, unsynced_lines: 0, synced_at: null },
    }
    assert.equal(
      statusText(summary, process, health, own, now),
      lines(
        'Tollkeeper 0.1.0 is running',
        'address    http://127.0.0.1:8655',
        'started    1 h ago, process 42',
        'home       /home/a/.tollkeeper',
        'health     degraded',
        'ollama     llama3.2:8b, qwen3 loaded',
        'lmstudio   no model loaded',
        'in flight  one call',
        'own time   a call p50 0.4 ms, p95 11 ms; event loop at most 12 ms late',
        'now        OpenAI: 1.2k tokens, $0.50 today',
        'history    single calls since 35 d ago in 12 files, 3.4 MiB; 1200 older entries are gone, sums stay',
        '',
        '! openai: connect timed out',
        '! No price is known for m.',
      ),
    )
    const noCall = { ...own, overhead: { attempts: 0, average_ms: null, p50_ms: null, p95_ms: null } }
    assert.match(
      statusText(summary, process, health, noCall, now),
      /^own time {3}of no call yet; event loop at most 12 ms late$/m,
    )
    const ofAnOlderDaemon = statusText(summary, process, health, null, now)
    assert.ok(ofAnOlderDaemon.includes('in flight') && !ofAnOlderDaemon.includes('own time'))
  })

  describe('says how what is used now stands:', () => {
    const until = '2026-03-10T13:05:00Z'
    const window = {
      kind: 'window' as const,
      provider: 'anthropic',
      account: 'a',
      account_label: 'Claude plan',
      window: {
        name: '5h',
        used_pct: 80,
        limit: null,
        remaining: null,
        resets_at: '2026-03-10T14:10:00Z',
        status: 'allowed',
        source: 'header',
        measured_at: '2026-03-10T11:59:40Z',
        confirmed: true,
        elapsed_pct: 57,
        pace_pct: 23,
        runs_out_at: until,
      },
      state: 'ok' as const,
      refused: null,
      budget: null,
    }
    const spend = {
      kind: 'spend' as const,
      account_label: 'OpenAI',
      tokens: 1200,
      billed_usd: 0.5,
      unpriced_requests: 0,
      state: 'ok' as const,
      refused: null,
      budget: null,
    }
    const budget = {
      ...{ id: 'day', label: 'Daily budget', limit_usd: 10, limit_tokens: null },
      ...{ spent_usd: 10.4, spent_tokens: 0, ends_at: null },
    }
    const table: [Headline, string][] = [
      [{ kind: 'none' }, 'no call seen yet'],
      [window, 'Claude plan: 5h 80%'],
      [{ ...window, state: 'near' }, 'Claude plan: 5h 80%'],
      [{ ...window, state: 'fast-pace' }, 'Claude plan: 5h 80% (runs out 13:05 at this pace)'],
      [{ ...window, state: 'stale' }, 'Claude plan: 5h 80% (not measured lately)'],
      [{ ...window, state: 'overage' }, 'Claude plan: 5h 80% (over the plan, extra usage is billed)'],
      [{ ...window, state: 'limit' }, 'Claude plan: 5h 80% (the provider refuses: limit reached)'],
      [
        { ...spend, state: 'limit', refused: { refusal: 'money', until } },
        'OpenAI: 1.2k tokens, $0.50 today (the provider refuses until 13:05: no credit, or a spend limit)',
      ],
      [
        { ...spend, state: 'throttled', refused: { refusal: 'rate', until } },
        'OpenAI: 1.2k tokens, $0.50 today (rate limited until 13:05)',
      ],
      [{ ...spend, state: 'budget-passed', budget }, 'OpenAI: 1.2k tokens, $0.50 today (Daily budget: $10.40 of $10)'],
      [
        { ...spend, state: 'budget-stop', budget },
        'OpenAI: 1.2k tokens, $0.50 today (Daily budget: $10.40 of $10: calls are refused)',
      ],
    ]
    for (const [headline, text] of table) {
      it(text, () => assert.equal(headlineText(headline, now, 'UTC'), text))
    }
  })

  it('shows budgets beside limits: what is spent, where that leads, when they begin anew', () => {
    const day = { starts_at: '2026-03-10T00:00:00Z', ends_at: '2026-03-11T00:00:00Z' }
    const span = { label: '24-hour budget', period: '24h', ends_at: null, projected_usd: null, projected_tokens: null }
    const budgets = [
      budgetRow({ ...day, over_at: '2026-03-10T18:30:00Z' }),
      budgetRow({ ...day, label: 'Daily budget for openai', used_pct: 4 }),
      budgetRow({ ...span, limit_usd: null, limit_tokens: 400_000, used_pct: 103, state: 'blocking' }),
    ]
    assert.equal(
      budgetSection(budgets, now, 'UTC'),
      lines(
        '',
        'Budgets',
        '  Daily budget             ██████░░░░░░░░░░░░░░   31%  $3.10 of $10         at this pace over 18:30  resets Wed 00:00 (in 12h)',
        '  Daily budget for openai  █░░░░░░░░░░░░░░░░░░░    4%  $3.10 of $10         $5.31 at this pace       resets Wed 00:00 (in 12h)',
        '  24-hour budget           ████████████████████  103%  412k of 400k tokens  no more calls',
      ),
    )
    assert.equal(budgetSection([], now, 'UTC'), '')
  })

  it('lists keys without showing them', () => {
    const key = {
      id: 'key_1',
      name: 'ci\u001b[31m',
      scope: 'read' as const,
      prefix: 'tk_abcd',
      providers: ['openai', 'work'],
      chains: null,
      created_at: '2026-03-01T00:00:00.000Z',
      expires_at: null,
    }
    assert.equal(
      keysText([key]),
      lines(
        'id     name     scope  key       providers    chains  created     expires',
        'key_1  ci�[31m  read   tk_abcd…  openai,work  all     2026-03-01  never',
      ),
    )
  })

  it('lets no name rewrite the terminal', () => {
    assert.equal(printable('a\u0007b\u202ec\nd\u009be'), 'a�b�c�d�e')
    assert.deepEqual(tableOf([{ title: 'a', align: 'right' }], [['é'], ['xyz']]), ['  a', '  é', 'xyz'])
  })
})
