import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { writeDiscovery } from '../discovery.ts'
import { cooldownEvent, endedEvent } from '../test/plain-events.ts'
import { localToken, startApi } from '../test/start-api.ts'
import { runCommandLine } from './command-line.ts'
import { openCommandOf } from './dashboard.ts'
import { homeOf } from './io.ts'

describe('the command line', () => {
  let home = ''
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'cli-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  /** The exit code of a command line, and what it wrote. */
  async function run(...args: string[]) {
    const said = { out: '', err: '' }
    const code = await runCommandLine(args, {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      env: { TOLLKEEPER_HOME: home },
      now: () => Date.parse('2026-03-10T12:00:00Z'),
      columns: Infinity,
      platform: 'linux',
    })
    return { code, ...said }
  }

  it('refuses what it cannot understand, with a sentence', async () => {
    for (const [args, text] of [
      [['bogus'], 'unknown command'],
      [['stats', '--colour'], 'unknown option'],
      [['serve', '--port', '70000'], 'A port is a number from 0 to 65535.'],
      [['serve', '--port', '-1'], 'A port is a number'],
      [['serve', '--host', '0.0.0.0'], 'listens on this machine only'],
      [['stop', '--grace', 'long'], 'Give seconds'],
      [['key', 'create', '--scope', 'all'], 'Allowed choices are proxy, read, admin'],
      [['key', 'revoke'], 'missing required argument'],
      [['get'], 'missing required argument'],
      [['get', 'http://example.com/v1/stats'], 'is no path'],
      [['get', '//example.com/v1/stats'], 'is no path'],
      [['budget', 'set', 'b', '--limit-usd', '1'], "required option '--period <period>'"],
      [['budget', 'set', 'b', '--period', 'day', '--limit-usd', 'ten'], 'It is no number'],
      [['budget', 'set', 'b', '--period', 'day', '--warn-at', '0.5,'], 'It is no number'],
      [['budget', 'set', 'b', '--period', 'day', '--downgrade-at', '0.5'], 'go together'],
      [['budget', 'set', 'b', '--period', 'day', '--action', 'stop'], 'Allowed choices are warn, block'],
      [['run', 'emacs'], "'emacs' is not known here"],
    ] as const) {
      const { code, err, out } = await run(...args)
      assert.deepEqual([code, out], [2, ''], args.join(' '))
      assert.ok(err.includes(text), err)
    }
  })

  it('says what to do where no daemon runs', async () => {
    for (const args of [
      ['stats'],
      ['limits'],
      ['status'],
      ['stop'],
      ['dashboard'],
      ['get', '/health'],
      ['key', 'list'],
    ]) {
      const { code, err } = await run(...args)
      assert.equal(code, 1, args.join(' '))
      assert.match(err, /^Tollkeeper is not running: .*Start it with `npx tollkeeper start`\.\n$/)
    }
  })

  it('shows its help and version', async () => {
    const help = await run('--help')
    assert.equal(help.code, 0)
    for (const name of [
      'serve',
      'start',
      'stop',
      'restart',
      'status',
      'doctor',
      'stats',
      'limits',
      'import',
      'export',
      'key',
      'get',
      'dashboard',
      'run',
      'env',
      'provider',
      'chain',
      'budget',
    ]) {
      assert.match(help.out, new RegExp(`\\n  ${name} `))
    }
    assert.match((await run('--version')).out, /^\d+\.\d+\.\d+\n$/)
  })

  it('asks a daemon that has proved itself', async () => {
    const api = await startApi()
    const announced = { pid: 1, port: api.port(), instanceId: 'instance-1', version: '0.1.0' }
    const contract = { min: 1, max: 1 }
    await writeDiscovery(home, { ...announced, contract, token: localToken, startedAt: '2026-03-10T11:00:00Z' })

    const made = await run('key', 'create', '--name', 'ci', '--scope', 'read', '--provider', 'openai', 'work')
    assert.equal(made.code, 0)
    assert.match(made.out, /^tk_[\w-]{43}\n$/)
    assert.equal(made.err.includes(made.out.trim()), false)
    const listed = JSON.parse((await run('key', 'list', '--json')).out) as { id: string; providers: string[] }[]
    assert.deepEqual(listed[0]?.providers, ['openai', 'work'])
    assert.equal((await run('key', 'revoke', listed[0]?.id ?? '')).code, 0)
    assert.equal(api.keys.principalOf(made.out.trim()), undefined)

    assert.deepEqual(JSON.parse((await run('get', 'v1/stats/providers')).out), { providers: [] })
    const all = JSON.parse((await run('get', '/v1/stats/summary')).out) as { totalRequests: number }
    assert.equal(all.totalRequests, 0)
    const missing = await run('get', '/v1/nothing')
    assert.deepEqual([missing.code, missing.out], [1, ''])
    assert.match(missing.err, /"status_code": 404/)
    assert.match((await run('status')).out, /^Tollkeeper 0\.1\.0 is running\n/)
    const cooldown = cooldownEvent({ provider: 'openrouter', model: 'a/b', until: Date.parse('2026-03-10T12:04:00Z') })
    api.record(cooldown)
    api.record({ ...cooldown, model: null })
    assert.match((await run('limits')).out, /\(openrouter, a\/b\)\n  avoided until 12:04 \(in 4m\)\n  openrouter says /)
    const lifted = await run('limits', '--lift', 'openrouter/a/b')
    assert.deepEqual([lifted.code, lifted.out], [0, 'openrouter, a/b (acct-1) is asked again.\n'])
    assert.match((await run('limits', '--lift', 'openrouter')).out, /^openrouter, all models \(acct-1\)/)
    const nothing = await run('limits', '--lift', 'openrouter')
    assert.deepEqual([nothing.code, nothing.out], [1, ''])
    assert.match(nothing.err, /Nothing of 'openrouter' is avoided/)
    const wrong = await run('stats', '--by', 'colour')
    assert.equal(wrong.code, 2)
    assert.match(wrong.err, /--by knows provider/)
    const link = await run('dashboard', '--no-open')
    assert.match(link.out, /^http:\/\/127\.0\.0\.1:\d+\/dashboard#code=[\w-]{43}\n$/)
    await api.close()
  })

  it('writes, lists and removes budgets', async () => {
    const api = await startApi()
    const announced = { pid: 1, port: api.port(), instanceId: 'instance-1', version: '0.1.0', token: localToken }
    const contract = { min: 1, max: 1 }
    await writeDiscovery(home, { ...announced, contract, startedAt: '2026-03-10T11:00:00Z' })

    assert.match((await run('budget', 'list')).out, /^There are no budgets\..*budget set ID/)
    api.record(
      endedEvent('a', { provider: 'openai', model: 'gpt-5', billed: 100e9, cost: 100e9, usage: { input: 1200 } }),
    )
    const limit = ['--period', 'month', '--limit-usd', '120']
    const ladder = [
      '--warn-at',
      '0.5,0.8',
      '--action',
      'block',
      '--downgrade-at',
      '0.9',
      '--downgrade-to',
      'openai/gpt-5-mini',
    ]
    const set = await run(
      'budget',
      'set',
      'openai-month',
      ...limit,
      '--provider',
      'openai',
      '--basis',
      'list',
      ...ladder,
      '--strict',
    )
    assert.equal(
      set.out,
      'Monthly budget for openai (openai-month): $100.00 of $120.00 at list prices is spent. From 90% on calls go to openai/gpt-5-mini. No more calls go once it is used up.\n',
      set.err,
    )
    assert.deepEqual(api.config.live.config().budgets, [
      {
        id: 'openai-month',
        scope: { provider: 'openai' },
        period: 'month',
        limitUsd: 120,
        basis: 'list',
        warnAt: [0.5, 0.8],
        action: 'block',
        downgrade: { at: 0.9, to: 'openai/gpt-5-mini' },
        strict: true,
      },
    ])
    const day = await run('budget', 'set', 'day', '--period', '24h', '--limit-tokens', '1000', '--model', 'gpt-*')
    assert.equal(day.out, '24-hour budget for gpt-* (day): 1.2k of 1k tokens is spent. It warns, and stops no call.\n')
    assert.equal(
      (await run('budget', 'list')).out,
      [
        'id            what                         spent                   limit  used  begins anew         state',
        'openai-month  Monthly budget for openai  $100.00  $120.00 at list prices   83%  in 21d 12h          near its limit',
        'day           24-hour budget for gpt-*      1.2k               1k tokens  120%  goes with the time  exceeded',
        '',
      ].join('\n'),
    )
    const rows = JSON.parse((await run('budget', 'list', '--json')).out) as { id: string; spent_usd: number }[]
    assert.deepEqual(
      rows.map(({ id, spent_usd }) => [id, spent_usd]),
      [
        ['openai-month', 100],
        ['day', 100],
      ],
    )
    const one = JSON.parse(
      (await run('budget', 'set', 'day', '--period', 'day', '--limit-usd', '5', '--json')).out,
    ) as object
    assert.deepEqual({ ...rows[1], ...one }, one)

    const wrong = await run('budget', 'set', 'day', '--period', 'day')
    assert.deepEqual([wrong.code, wrong.out], [2, ''])
    assert.match(wrong.err, /"limit_usd" or "limit_tokens" is needed/)
    assert.match((await run('budget', 'remove', 'never')).err, /There is no budget "never"/)
    assert.equal((await run('budget', 'remove', 'day')).out, 'Budget day is taken out.\n')
    assert.deepEqual([...api.ledger.budgets.keys()], ['openai-month'])
    await api.close()
  })

  it('writes, lists and removes chains', async () => {
    const api = await startApi()
    const announced = { pid: 1, port: api.port(), instanceId: 'instance-1', version: '0.1.0', token: localToken }
    const contract = { min: 1, max: 1 }
    await writeDiscovery(home, { ...announced, contract, startedAt: '2026-03-10T11:00:00Z' })

    assert.match((await run('chain', 'list')).out, /^There are no chains\..*chain set NAME/)
    const targets = ['anthropic/claude-sonnet-4-5', 'openrouter/anthropic/claude-sonnet-4.5']
    const set = await run('chain', 'set', 'coding', ...targets, '--route', 'claude-*', '--route', 'gpt-4o', '--default')
    assert.equal(set.code, 0, set.err)
    assert.equal(
      set.out,
      `Chain coding asks ${targets.join(', then ')}. It serves chain:coding, claude-*, gpt-4o, what nothing else says a target for.\n`,
    )
    const table = ['name    default  targets', 'coding  yes      anthropic/claude-sonnet-4-5, openrouter/']
    const { out } = await run('chain', 'list')
    for (const [at, line] of table.entries()) assert.ok(out.split('\n')[at]?.startsWith(line), out)
    const row = { name: 'coding', targets: ['groq/llama'], is_default: true, routes: ['claude-*', 'gpt-4o'] }
    assert.deepEqual(JSON.parse((await run('chain', 'set', 'coding', 'groq/llama', '--json')).out), row)
    assert.deepEqual(JSON.parse((await run('chain', 'list', '--json')).out), [row])

    const used = await run('chain', 'remove', 'coding')
    assert.equal(used.code, 1)
    assert.match(used.err, /still in use by the route "claude-\*", the route "gpt-4o", "defaultChain"/)
    const wrong = await run('chain', 'set', 'coding', 'nobody/m')
    assert.deepEqual([wrong.code, /no provider "nobody"/.test(wrong.err)], [2, true])
    assert.equal((await run('chain', 'set', 'coding')).code, 2)
    assert.equal((await run('chain', 'set', 'coding', 'groq/llama', '--no-route', '--no-default')).code, 0)
    assert.equal((await run('chain', 'remove', 'coding')).out, 'Chain coding is taken out.\n')
    const key = await run('key', 'create', '--chain', 'coding', 'fast')
    assert.deepEqual(api.keys.principalOf(key.out.trim())?.chains, ['coding', 'fast'])
    await api.close()
  })

  it('shows its token to nobody who cannot prove to be the daemon', async () => {
    const api = await startApi()
    const seen: unknown[] = []
    const stranger = createServer((req, res) => {
      seen.push(req.headers.authorization)
      res.end('{}')
    })
    await new Promise<void>((listening) => stranger.listen(0, '127.0.0.1', listening))
    const { port } = stranger.address() as { port: number }
    const discovery = { pid: 1, port, token: localToken, instanceId: 'i', version: '1', contract: { min: 1, max: 1 } }
    await writeFile(join(home, 'daemon.json'), JSON.stringify({ ...discovery, startedAt: 't' }))
    assert.equal((await run('stats')).code, 1)
    assert.deepEqual(seen, [undefined])
    stranger.close()
    await api.close()
  })

  it('takes the home from its option, else the environment, else the user', () => {
    assert.equal(homeOf({ TOLLKEEPER_HOME: '/a' }, '/b'), resolve('/b'))
    assert.equal(homeOf({ TOLLKEEPER_HOME: 'a' }), resolve('a'))
    assert.match(homeOf({ TOLLKEEPER_HOME: '' }), /\.tollkeeper$/)
  })

  it('opens a browser in each system’s way, and none where there is no screen', () => {
    const url = 'http://127.0.0.1:1/dashboard#code=x'
    assert.deepEqual(openCommandOf(url, 'darwin', {}), { program: 'open', args: [url] })
    assert.equal(openCommandOf(url, 'win32', {})?.args.at(-1), url)
    assert.deepEqual(openCommandOf(url, 'linux', { DISPLAY: ':0' }), { program: 'xdg-open', args: [url] })
    assert.equal(openCommandOf(url, 'linux', {}), undefined)
  })
})
