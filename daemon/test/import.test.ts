/** Calls that did not come through the daemon: each is added once, to its own day, and changes nothing of what is now. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ImportOptions, importCalls } from '../cli/import.ts'
import type { Io } from '../cli/io.ts'
import { exchange } from './exchange.ts'
import { startProcess, tollkeeper } from './process.ts'
import { type Story, start } from './start.ts'
import { startUpstream } from './upstream.ts'

const fixtures = join('daemon', 'test', 'fixtures', 'import')
const now = Date.parse('2026-03-10T12:00:00Z')

describe('importing calls', () => {
  let story: Story
  let folder = ''
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'import-'))
    story = await start({ config: { timeZone: 'UTC' }, now: () => now })
  })
  afterEach(async () => {
    await story.end()
    rmSync(folder, { recursive: true })
  })

  async function run(
    source: string | undefined,
    { json = false, ...more }: Partial<ImportOptions> & { json?: boolean } = {},
    env: Io['env'] = {},
  ) {
    const said = { out: '', err: '' }
    const io: Io = {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      json,
      columns: Infinity,
      env,
      now: () => now,
      platform: process.platform,
    }
    const options = {
      home: story.home,
      dryRun: false,
      ...(source === undefined ? {} : { source }),
      ...more,
    }
    return { code: await importCalls(options, io, folder), ...said }
  }

  const groups = async (group_by: string) => {
    const { groups } = await story.ask('usage', { query: { from: '2026-01-01', group_by } })
    return groups.map(({ key, totals }) => [...key, totals.requests, totals.tokens, totals.cost_usd, totals.billed_usd])
  }

  it('adds what Claude Code logged to the day and model of each call, and nothing the second time', async () => {
    const first = await run(join(fixtures, 'claude'))
    assert.equal(first.code, 0, first.err)
    assert.match(first.out, /^5 calls were added; 0 calls are in the history already\.$/m)
    assert.match(first.out, /^1 could not be read:\n {2}.*0001\.jsonl:9: it is no JSON$/m)
    const days = [
      // 10 × 3 + 400 × 3.75 + 600 × 6 + 5,000 × 0.30 + 200 × 15 millionths of a dollar
      ['2026-01-10', 'claude-sonnet-4-5-20250929', 1, 6210, 0.00963, 0],
      ['2026-01-31', 'claude-haiku-4-5-20251001', 1, 150, 0.00035, 0],
      ['2026-02-01', 'claude-sonnet-4-5-20250929', 1, 30, 0.00021, 0],
      ['2026-02-02', 'claude-sonnet-4-5-20250929', 1, 10, 0.000066, 0],
      // no price is known: what stood in the log
      ['2026-02-03', 'claude-of-another-day', 1, 1010, 0.5, 0],
    ]
    assert.deepEqual(await groups('day,model'), days)
    assert.deepEqual(await groups('client,billing'), [['claude-code', 'plan', 5, 7410, 0.510256, 0]])

    assert.match(
      (await run(join(fixtures, 'claude'))).out,
      /^0 calls were added; 5 calls are in the history already\.$/m,
    )
    await story.restart()
    assert.match((await run(join(fixtures, 'claude'))).out, /^0 calls were added; 5 calls/m)
    await story.daemon.book.compact()
    await story.restart()
    assert.match((await run(join(fixtures, 'claude'))).out, /^0 calls were added; 5 calls/m)
    assert.deepEqual(await groups('day,model'), days)
  })

  it('adds what Codex logged, as it was paid for', async () => {
    assert.equal((await run(join(fixtures, 'codex'), { billing: 'metered' })).code, 0)
    // 2,800 × 1.25 + 1,300 × 0.125 + 180 × 10 millionths of a dollar
    assert.deepEqual(await groups('provider,model,billing'), [
      ['openai', 'gpt-5-codex', 'metered', 4, 4280, 0.0054625, 0.0054625],
    ])
    assert.deepEqual(
      (await groups('day')).map(([day, calls]) => [day, calls]),
      [
        ['2026-03-01', 3],
        ['2026-03-02', 1],
      ],
    )
    assert.match((await run(join(fixtures, 'codex'))).out, /^0 calls were added; 4 calls/m)
  })

  it('adds usage lines and exports; the costs of an export stand', async () => {
    assert.equal((await run(join(fixtures, 'usage.jsonl'))).code, 0)
    assert.equal((await run(join(fixtures, 'export.csv'))).code, 0)
    // one record of the JSON stands in the CSV too
    assert.match((await run(join(fixtures, 'export.json'))).out, /^1 call was added; 1 call is in the history already/m)
    assert.deepEqual(await groups('day,provider'), [
      ['2026-01-05', 'openai', 1, 1100, 0.00225, 0.00225],
      ['2026-01-06', 'anthropic', 1, 30, 0.00033, 0.00033],
      ['2026-01-06', 'openai', 1, 0, 0, 0],
      ['2026-01-07', 'openai', 2, 1111, 0.00325, 0.00325],
      ['2026-01-07', 'work', 1, 500, 0, 0],
    ])
    const { total } = await story.ask('usage', { query: { from: '2026-01-01' } })
    assert.deepEqual([total.failed_requests, total.unpriced_requests], [1, 1])
  })

  it('says what a dry run would add, and adds nothing', async () => {
    const dry = await run(
      undefined,
      { dryRun: true },
      { CLAUDE_CONFIG_DIR: join(fixtures, 'claude'), CODEX_HOME: join(fixtures, 'codex') },
    )
    assert.equal(dry.code, 0, dry.err)
    assert.match(dry.out, /^Claude Code +3 files/m)
    assert.match(dry.out, /^Codex +2 files/m)
    assert.match(dry.out, /^9 calls would be added; 0 calls are in the history already\.$/m)
    assert.match(dry.out, /^claude-code +2026-01 +anthropic\/claude-haiku-4-5-20251001 +plan +1 +150 /m)
    assert.match(dry.out, /^codex +2026-03 +codex\/gpt-5-codex +plan +4 /m)
    assert.deepEqual(await groups('day'), [])
    const json = await run('codex', { dryRun: true, json: true }, { CODEX_HOME: join(fixtures, 'codex') })
    const told = JSON.parse(json.out) as { dry_run: boolean; added: number; bad: number; sums: { calls: number }[] }
    assert.deepEqual([told.dry_run, told.added, told.bad, told.sums[0]?.calls], [true, 4, 1, 4])
  })

  it('says so where there is nothing', async () => {
    const none = await run(undefined)
    assert.deepEqual([none.code, none.out], [1, ''])
    assert.match(none.err, /^Nothing was found: .*tollkeeper import PATH\n$/)
  })

  it('marks imported calls in lists and receipts, at their own time, and says nothing of them as of now', async () => {
    await run(join(fixtures, 'claude'))
    const { requests } = await story.ask('requests', {})
    assert.deepEqual(
      requests.map((row) => [new Date(row.timestamp).toISOString(), row.imported]),
      ['2026-02-03T12:00', '2026-02-02T12:00', '2026-02-01T00:10', '2026-01-31T23:30', '2026-01-10T09:00'].map((at) => [
        `${at}:00.000Z`,
        'claude-code',
      ]),
    )
    const january = { from: '2026-01-01', to: '2026-01-31' }
    const old = await story.ask('requestRows', { query: january })
    assert.deepEqual(
      old.requests.map((row) => [row.timestamp, row.imported]),
      [
        ['2026-01-31T23:30:00.000Z', 'claude-code'],
        ['2026-01-10T09:00:00.000Z', 'claude-code'],
      ],
    )
    assert.deepEqual((await story.ask('requestRows', { query: { from: '2026-03-10' } })).requests, [])
    const receipt = await story.ask('request', { params: { id: requests[4]?.id ?? '' } })
    assert.deepEqual(
      [receipt.request?.imported, receipt.request?.timestamp],
      ['claude-code', '2026-01-10T09:00:00.000Z'],
    )
    assert.equal(receipt.attempts[0]?.upstream_request_id, 'req_A')
    const summary = await story.ask('summary')
    assert.deepEqual([summary.headline, summary.in_flight, summary.today.requests], [{ kind: 'none' }, 0, 0])
    assert.equal(summary.all_time.requests, 5)
  })

  it('adds nothing while recording is off, and no call of a time that cannot be', async () => {
    const call = {
      key: 'k',
      request_id: null,
      provider: 'openai',
      model: 'gpt-5',
      client: 'c',
      session: null,
      folder: null,
    } as const
    const calls = ['2019-12-31T00:00:00Z', '2026-03-12T00:00:00Z'].map((at) => ({
      ...call,
      at,
      billing: 'plan' as const,
      usage: null,
    }))
    const reply = await story.ask('importCalls', { body: { source: 'usage-jsonl', calls } })
    assert.deepEqual(
      [reply.added, reply.bad, reply.faults[0]],
      [0, 2, { at: 0, why: 'no call was made at 2019-12-31T00:00:00Z' }],
    )
    writeFileSync(join(story.home, 'config.jsonc'), '{"usage-statistics-enabled": false}')
    await story.restart()
    const refused = await run(join(fixtures, 'claude'))
    assert.equal(refused.code, 1)
    assert.match(refused.err, /Recording is off/)
  })

  it('goes on answering while fifty thousand calls are added', async function () {
    this.timeout(120_000)
    const projects = join(folder, '.claude', 'projects', 'p')
    mkdirSync(projects, { recursive: true })
    const started = Date.parse('2026-01-01T00:00:00Z')
    const count = 50_000
    const lines = Array.from({ length: count }, (_, i) => {
      const timestamp = new Date(started + i * 60_000).toISOString()
      const message = {
        id: `msg_${i}`,
        model: 'claude-sonnet-4-5-20250929',
        usage: { input_tokens: 10, output_tokens: 2 },
      }
      return JSON.stringify({ type: 'assistant', timestamp, requestId: `req_${i}`, message })
    })
    writeFileSync(join(projects, 's.jsonl'), `${lines.join('\n')}\n`)
    let isOver = false
    let answers = 0
    const asking = (async () => {
      while (!isOver) {
        assert.equal((await fetch(`${story.url}/health`)).status, 200)
        answers++
      }
    })()
    const { code, out } = await run('claude')
    isOver = true
    await asking
    assert.equal(code, 0)
    assert.match(out, /^50000 calls were added/m)
    assert.ok(answers > 50, `${answers} answers while ${count} calls were added`)
    const { total } = await story.ask('usage', { query: { from: '2026-01-01' } })
    assert.deepEqual([total.requests, total.tokens_input, total.tokens_output], [count, 500_000, 100_000])
    assert.equal(total.cost_usd, 3)
    // the newest ones alone are listed
    const { requests } = await story.ask('requests', { query: { limit: '1' } })
    assert.equal(requests[0]?.timestamp, started + (count - 1) * 60_000)
  })
})

describe('a call that came through the daemon and stands in a log too', () => {
  it('counts once, by the id of the provider or else by its tokens and minute', async () => {
    const upstream = await startUpstream()
    const url = upstream.url
    const story = await start({
      config: { providers: { anthropic: { baseUrl: url }, openai: { baseUrl: `${url}/v1` } } },
    })
    const folder = mkdtempSync(join(tmpdir(), 'import-'))
    upstream.script({
      status: 200,
      headers: [
        ['content-type', 'application/json'],
        ['request-id', 'req_through'],
      ],
      body: JSON.stringify({
        ...{
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'claude-sonnet-4-5-20250929',
          content: [],
          stop_reason: 'end_turn',
        },
        usage: { input_tokens: 10, output_tokens: 5 },
      }),
    })
    await exchange(`${story.url}/v1/messages`, {
      body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 9, messages: [] }),
      headers: { authorization: 'Bearer sk-ant-oat01-own' },
    })
    upstream.script({
      status: 200,
      headers: [['content-type', 'application/json']],
      body: JSON.stringify({
        ...{ id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-5-codex', output: [] },
        usage: {
          input_tokens: 1234,
          input_tokens_details: { cached_tokens: 1000 },
          output_tokens: 56,
          total_tokens: 1290,
        },
      }),
    })
    await exchange(`${story.url}/v1/responses`, {
      body: JSON.stringify({ model: 'gpt-5-codex', input: 'hi' }),
      headers: { authorization: 'Bearer sk-own' },
    })
    const before = await story.ask('statsSummary', {})
    assert.deepEqual([before.totalRequests, before.totalTokens], [2, 1305])

    const timestamp = new Date().toISOString()
    const answer = (id: string, requestId: string) => ({
      ...{ type: 'assistant', timestamp, requestId },
      message: { id, model: 'claude-sonnet-4-5-20250929', usage: { input_tokens: 10, output_tokens: 5 } },
    })
    const counts = (input_tokens: number) => ({
      input_tokens,
      cached_input_tokens: 1000,
      output_tokens: 56,
      reasoning_output_tokens: 0,
    })
    const sums = (input: number, last: number) => ({
      ...{ timestamp, type: 'event_msg' },
      payload: { type: 'token_count', info: { total_token_usage: counts(input), last_token_usage: counts(last) } },
    })
    const write = (name: string, lines: object[]) =>
      writeFileSync(join(folder, name), lines.map((line) => JSON.stringify(line)).join('\n'))
    write('claude.jsonl', [answer('msg_1', 'req_through'), answer('msg_2', 'req_beside')])
    write('rollout-1.jsonl', [{ type: 'session_meta', payload: { id: 's' } }, sums(1234, 1234), sums(3000, 1766)])

    const said: string[] = []
    const out = (text: string) => void said.push(text)
    const io = { out, err: () => {}, json: false, columns: Infinity, env: {}, platform: process.platform }
    // ten minutes later nothing of it is under way any more
    const later = { ...io, now: () => Date.now() + 11 * 60_000 }
    const options = { home: story.home, source: folder, dryRun: false }
    assert.equal(await importCalls(options, later), 0)
    assert.match(said.join(''), /^2 calls were added; 2 calls are in the history already\.$/m)
    const after = await story.ask('statsSummary', {})
    assert.deepEqual([after.totalRequests, after.totalTokens], [4, 1305 + 15 + 1822])
    await story.end()
    await upstream.close()
    rmSync(folder, { recursive: true })
  })
})

describe('an import without a daemon', () => {
  it('starts one, and what was added survives its death', async function () {
    this.timeout(60_000)
    const home = mkdtempSync(join(tmpdir(), 'import-home-'))
    const ran = await tollkeeper(home, ['import', join(fixtures, 'claude')])
    assert.equal(ran.code, 0, ran.out)
    assert.match(ran.out, /Tollkeeper was started and listens on http/)
    assert.match(ran.out, /^5 calls were added/m)
    assert.equal((await tollkeeper(home, ['stop'])).code, 0)

    const killed = await startProcess(home)
    assert.match((await tollkeeper(home, ['import', join(fixtures, 'codex')])).out, /^4 calls were added/m)
    await killed.kill()
    const again = await startProcess(home)
    assert.match(
      (await tollkeeper(home, ['import', fixtures, '--dry-run'])).out,
      /; 9 calls are in the history already/,
    )
    assert.match((await tollkeeper(home, ['get', '/v1/stats/summary'])).out, /"totalRequests": 9,/)
    await again.kill()
    rmSync(home, { recursive: true, force: true })
  })
})
