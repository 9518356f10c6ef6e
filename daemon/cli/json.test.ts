/** With `--json` every command answers with one JSON value on standard output, or with one JSON object on standard error that says why not. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDiscovery } from '../discovery.ts'
import { callId, ended } from '../store/test-home.ts'
import { allCommands, hasJson } from '../test/command-list.ts'
import { cooldownEvent, endedEvent } from '../test/plain-events.ts'
import { type Story, start } from '../test/start.ts'
import { localToken, startApi } from '../test/start-api.ts'
import { runCommandLine } from './command-line.ts'

const plain = { columns: Infinity, now: () => Date.parse('2026-03-10T12:00:00Z'), platform: 'linux' as const }

/** What has no `--json`, and why. */
const exceptions: Record<string, string> = {
  serve: 'it writes JSON lines for as long as it runs',
  run: "what is printed is the assistant's",
  get: "what is printed is the API's own answer, JSON where the path has JSON",
}

async function run(home: string, ...args: string[]) {
  const said = { out: '', err: '' }
  const code = await runCommandLine([...args, '--json'], {
    ...plain,
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    env: { TOLLKEEPER_HOME: home },
  })
  return { code, ...said }
}

/** Fails where more than one value was printed, or anything was said beside it. */
async function valueOf(home: string, ...args: string[]): Promise<unknown> {
  const { code, out, err } = await run(home, ...args)
  assert.deepEqual([code, err], [0, ''], args.join(' '))
  return JSON.parse(out)
}

/** Fails where anything but one error was printed. */
async function errorOf(home: string, ...args: string[]) {
  const { code, out, err } = await run(home, ...args)
  assert.equal(out, '', args.join(' '))
  const said = JSON.parse(err) as { error: string; detail: string }
  assert.deepEqual(Object.keys(said), ['error', 'detail'])
  for (const text of [said.error, said.detail]) assert.match(text, /^\S(.*\S)?$/s)
  return { code, ...said }
}

describe('--json', () => {
  let home = ''
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'json-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  const leaves = allCommands()

  it('is an option of every command that answers, and of no other', () => {
    const without = leaves.filter((leaf) => !hasJson(leaf)).map(({ path }) => path.join(' '))
    assert.deepEqual(without.sort(), Object.keys(exceptions).sort())
  })

  for (const { path, command } of leaves.filter(hasJson)) {
    it(`makes an error of \`${path.join(' ')}\` JSON too`, async () => {
      const args = command.registeredArguments.filter(({ required }) => required).map(() => 'x')
      const { code, error, detail } = await errorOf(home, ...path, ...args, '--bogus')
      assert.deepEqual([code, error], [2, 'Bad Usage'])
      assert.doesNotMatch(detail, /^error:/)
    })
  }

  it('says where no daemon runs', async () => {
    for (const args of [
      ['status'],
      ['stop'],
      ['stats'],
      ['limits'],
      ['dashboard'],
      ['key', 'list'],
      ['prices', 'update'],
    ]) {
      const { code, error, detail } = await errorOf(home, ...args)
      assert.deepEqual([code, error], [1, 'Not Running'])
      assert.match(detail, /^Tollkeeper is not running: /)
    }
    assert.equal((await errorOf(home, 'compact')).code, 2)
    assert.equal((await errorOf(home, 'import', 'nowhere')).code, 1)
    assert.equal((await errorOf(home, 'env', 'emacs')).code, 2)
    assert.equal((await errorOf(home, 'key')).code, 2)
  })

  it('leaves what follows `run` to the assistant', async () => {
    const { code, err } = await run(home, 'run', 'emacs')
    assert.deepEqual([code, err.startsWith("'emacs' is not known here")], [2, true])
  })

  it('answers with one value, and notes nothing beside', async () => {
    const api = await startApi()
    const announced = { pid: 1, port: api.port(), instanceId: 'instance-1', version: '0.1.0', token: localToken }
    await writeDiscovery(home, { ...announced, contract: { min: 1, max: 1 }, startedAt: '2026-03-10T11:00:00Z' })
    api.record(cooldownEvent({ provider: 'openrouter', model: 'a/b', until: Date.parse('2026-03-10T12:04:00Z') }))
    const has = async (args: string[], fields: object) => {
      const value = await valueOf(home, ...args)
      // a list has it last: what was added stands behind what is built in
      const found = (Array.isArray(value) ? value.at(-1) : value) as Record<string, unknown>
      assert.deepEqual({ ...found, ...fields }, found, args.join(' '))
      return found
    }
    const { id } = await has(['key', 'create', '--name', 'ci'], { name: 'ci', scope: 'proxy' })
    await has(['key', 'list'], { id })
    await has(['key', 'revoke', String(id)], { id })
    await has(['provider', 'add', 'work', '--extends', 'openai'], { id: 'work', key: 'none' })
    await has(['provider', 'list'], { id: 'work' })
    await has(['provider', 'remove', 'work'], { id: 'work' })
    await has(['chain', 'set', 'coding', 'openai/gpt-5'], { name: 'coding' })
    await has(['chain', 'list'], { name: 'coding' })
    await has(['chain', 'remove', 'coding'], {})
    await has(['budget', 'set', 'day', '--period', 'day', '--limit-usd', '5'], { id: 'day', limit_usd: 5 })
    await has(['budget', 'list'], { id: 'day' })
    await has(['budget', 'remove', 'day'], {})
    await has(['status'], { pid: 1, home, version: '0.1.0' })
    await has(['stats', '--by', ''], { groups: [] })
    await has(['limits'], { budgets: [] })
    await has(['limits', '--lift', 'openrouter'], {})
    await has(['prices', 'show', 'gpt-5'], {})
    await has(['dashboard', '--no-open'], { opened: false })
    await has(['env', 'codex'], { assistant: 'codex', running: true, program: 'codex', as_it_is: null })
    assert.equal((await errorOf(home, 'prices', 'show', 'nobody')).error, 'Not Found')
    assert.equal((await errorOf(home, 'provider', 'remove', 'nobody')).code, 1)
    const bad = await errorOf(home, 'stats', '--by', 'colour')
    assert.deepEqual([bad.code, bad.error], [2, 'Bad Request'])
    await api.close()
  })

  describe('about the disk', () => {
    let story: Story
    before(async () => {
      story = await start()
      story.daemon.book.record(ended(callId()))
      story.daemon.book.settle()
    })
    after(() => story.end())

    it('tells of files what became of them', async () => {
      const file = join(home, 'backup')
      const backup = (await valueOf(story.home, 'backup', file)) as { last: number }
      assert.deepEqual({ ...backup, file, with_secrets: false, left_out: [] }, backup)
      const to = join(home, 'restored')
      const restored = (await valueOf(to, 'restore', file)) as object
      assert.deepEqual({ ...restored, home: to, last: backup.last, kept: null }, restored)
      const verified = (await valueOf(to, 'verify')) as object
      assert.deepEqual({ ...verified, ok: true, faults: [] }, verified)
      const compacted = (await valueOf(story.home, 'compact')) as { segments: number }
      assert.ok(compacted.segments > 0)
      assert.deepEqual((await errorOf(story.home, 'backup', file)).code, 1)
      const calls = join(home, 'calls.csv')
      assert.deepEqual(await valueOf(story.home, 'export', '-o', calls), {
        ...{ file: calls, format: 'csv', calls: 1, calls_since: null },
      })
      const { code, detail } = await errorOf(story.home, 'export')
      assert.deepEqual([code, /--output FILE/.test(detail)], [2, true])
      assert.match((await errorOf(story.home, 'export', '-o', calls, '--from', 'march')).detail, /^--from is a date/)
      const imported = (await valueOf(story.home, 'import', calls, '--dry-run')) as { added: number; known: number }
      assert.deepEqual({ ...imported, dry_run: true }, imported)
      assert.equal(imported.added + imported.known, 1)
    })
  })
})

describe('tollkeeper stats --by', () => {
  it('takes every name, several together, and says what is not kept together', async () => {
    const home = mkdtempSync(join(tmpdir(), 'stats-'))
    const api = await startApi()
    const announced = { pid: 1, port: api.port(), instanceId: 'instance-1', version: '0.1.0', token: localToken }
    await writeDiscovery(home, { ...announced, contract: { min: 1, max: 1 }, startedAt: '2026-03-10T11:00:00Z' })
    const names = { chain: 'coding', folder: 'shop', user: 'ada', feature: 'search', session: 's-1', key: 'key-1' }
    api.record(endedEvent('a', { provider: 'openai', model: 'gpt-5', client: 'codex', task: 'chat', ...names }))
    const groups = async (...args: string[]) => {
      const { groups } = (await valueOf(home, 'stats', ...args)) as { groups: { key: string[] }[] }
      return groups.map(({ key }) => key.join(' '))
    }
    const table: [string, string][] = [
      ['provider', 'openai'],
      ['model', 'gpt-5'],
      ['chain', 'coding'],
      ['client', 'codex'],
      ['task', 'chat'],
      ['folder', 'shop'],
      ['account', 'acct-1'],
      ['billing', 'metered'],
      ['user', 'ada'],
      ['feature', 'search'],
      ['session', 's-1'],
      ['key', 'key-1'],
      ['day', '2026-03-10'],
      ['day,provider,folder', '2026-03-10 openai shop'],
      ['day,user', '2026-03-10 ada'],
    ]
    for (const [by, key] of table) assert.deepEqual(await groups('--by', by), [key], by)
    assert.deepEqual(await groups('--by', 'hour', '--since', '24h'), ['2026-03-10T12:00:00.000Z'])
    for (const [args, why] of [
      [['--by', 'user,model'], /^'--by user,model' is not kept together: user is counted alone, by day/],
      [['--by', 'colour'], /^--by knows provider, model, .*; not 'colour'\.$/],
      [['--by', 'model', '--since', 'march'], /^--since is a date/],
    ] as const) {
      const { code, detail } = await errorOf(home, 'stats', ...args)
      assert.equal(code, 2)
      assert.match(detail, why)
    }
    await api.close()
    rmSync(home, { recursive: true, force: true })
  })
})
