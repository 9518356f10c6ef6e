/** What each kind of log means, line by line: numbers by hand from the fixtures. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImportCall } from '../../../shared/contract/endpoints/import.ts'
import { gather, type Result } from './gather.ts'
import { itemsIn } from './lines.ts'
import { knownPlaces, type Place, placesAt } from './places.ts'
import type { Item, Reader } from './reader.ts'
import { openProgress } from './report.ts'

const fixtures = join('daemon', 'test', 'fixtures', 'import')
const around = { env: {}, userHome: fixtures, cwd: process.cwd() }
const now = Date.parse('2026-11-27T00:00:00Z')

/** Everything that would be sent of a path, and what is said beside it. */
async function readAll(path: string, more: { billing?: 'metered' | 'plan'; now?: number } = {}) {
  const places = await placesAt(path, around)
  assert.ok(typeof places !== 'string')
  const calls: ImportCall[] = []
  const result = await gather(places, {
    billing: more.billing,
    now: more.now ?? now,
    onBytes: () => {},
    send: (_, batch) => {
      calls.push(...batch)
      return Promise.resolve({ added: batch.length, known: 0, bad: 0, faults: [], sums: [] })
    },
  })
  return { places, calls, result }
}

const tokensOf = ({ usage }: ImportCall) =>
  usage && [usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.output, usage.reasoning]
const faultsOf = (result: Result) => result.faults.map(({ file, line, why }) => [file.split(/[/\\]/).at(-1), line, why])

describe('reading logs for an import', () => {
  it('takes the last usage of each answer of Claude Code, once over all files', async () => {
    const { calls, result } = await readAll(join(fixtures, 'claude'))
    assert.deepEqual(
      calls.map((call) => [call.request_id, call.at, call.model, tokensOf(call)]),
      [
        ['req_A', '2026-01-10T09:00:00.000Z', 'claude-sonnet-4-5-20250929', [10, 5000, 400, 600, 200, 0]],
        ['req_B', '2026-01-31T23:30:00.000Z', 'claude-haiku-4-5-20251001', [100, 0, 0, 0, 50, 0]],
        ['req_C', '2026-02-01T00:10:00.000Z', 'claude-sonnet-4-5-20250929', [20, 0, 0, 0, 10, 0]],
        [null, '2026-02-02T12:00:00.000Z', 'claude-sonnet-4-5-20250929', [7, 0, 0, 0, 3, 0]],
        ['req_E', '2026-02-03T12:00:00.000Z', 'claude-of-another-day', [1000, 0, 0, 0, 10, 0]],
      ],
    )
    const [first, , , nameless, old] = calls
    assert.equal(nameless?.key, 'msg_D')
    assert.deepEqual([first?.cost_usd, old?.cost_usd], [undefined, 0.5])
    assert.deepEqual([first?.provider, first?.client, first?.billing], ['anthropic', 'claude-code', 'plan'])
    assert.equal(first?.session, '11111111-aaaa-4aaa-8aaa-000000000001')
    assert.match(first?.folder ?? '', /^[0-9a-f]{8}$/)
    assert.deepEqual(faultsOf(result), [['11111111-aaaa-4aaa-8aaa-000000000001.jsonl', 9, 'it is no JSON']])
  })

  it('takes over how Claude Code says that an answer was served', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-tiers-'))
    try {
      const line = (id: string, usage: object) =>
        JSON.stringify({
          type: 'assistant',
          timestamp: '2026-03-01T10:00:00.000Z',
          requestId: id,
          sessionId: 's',
          message: {
            id,
            model: 'claude-opus-5',
            role: 'assistant',
            usage: { input_tokens: 1, output_tokens: 1, ...usage },
          },
        })
      mkdirSync(join(folder, 'projects', 'p'), { recursive: true })
      const lines = [
        line('req_fast', { service_tier: 'standard', speed: 'fast' }),
        line('req_plain', { service_tier: 'standard' }),
        line('req_batch', { service_tier: 'batch', inference_geo: 'not_available' }),
        line('req_us', { service_tier: 'standard', inference_geo: 'us' }),
      ]
      writeFileSync(join(folder, 'projects', 'p', 'a.jsonl'), `${lines.join('\n')}\n`)
      const { calls } = await readAll(folder)
      assert.deepEqual(
        calls.map(({ request_id, service_tier, served_within }) => [request_id, service_tier, served_within]),
        [
          ['req_fast', 'fast', undefined],
          ['req_plain', undefined, undefined],
          ['req_batch', 'batch', undefined],
          ['req_us', undefined, 'us'],
        ],
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('leaves an answer of the last minutes for the next import: more of it may follow', async () => {
    const { calls, result } = await readAll(join(fixtures, 'claude'), { now: Date.parse('2026-02-03T12:05:00Z') })
    assert.deepEqual([calls.length, result.waiting], [4, 1])
  })

  it('counts a call of Codex once: not what is said again, not what a fork copies, and the rest of sums', async () => {
    const { calls, result } = await readAll(join(fixtures, 'codex'))
    assert.deepEqual(
      calls.map((call) => [call.at, call.model, tokensOf(call)]),
      [
        ['2026-03-01T10:00:05.000Z', 'gpt-5-codex', [800, 200, 0, 0, 50, 20]],
        ['2026-03-01T10:01:00.000Z', 'gpt-5-codex', [1000, 1000, 0, 0, 100, 40]],
        ['2026-03-01T10:02:00.000Z', 'gpt-5-codex', [500, 0, 0, 0, 20, 0]],
        ['2026-03-02T08:01:00.000Z', 'gpt-5-codex', [500, 100, 0, 0, 10, 0]],
      ],
    )
    assert.deepEqual([calls[0]?.provider, calls[0]?.billing, calls[0]?.request_id], ['codex', 'plan', null])
    assert.equal(calls[3]?.session, '019ca500-0000-7000-8000-000000000002')
    assert.deepEqual(
      faultsOf(result).map(([, ...rest]) => rest),
      [[9, 'it is no JSON']],
    )
    const metered = await readAll(join(fixtures, 'codex'), { billing: 'metered' })
    assert.deepEqual([metered.calls[0]?.provider, metered.calls[0]?.billing], ['openai', 'metered'])
  })

  it('reads usage as JSON Lines', async () => {
    const { calls, result } = await readAll(join(fixtures, 'usage.jsonl'))
    assert.deepEqual(
      calls.map((call) => [
        call.provider,
        call.model,
        call.billing,
        call.status,
        tokensOf(call)?.[0],
        tokensOf(call)?.[4],
      ]),
      [
        ['openai', 'gpt-5', 'metered', 200, 1000, 100],
        ['anthropic', 'claude-sonnet-4-5-20250929', 'metered', 200, 10, 20],
        ['openai', 'gpt-5', 'metered', 429, 0, 0],
      ],
    )
    assert.deepEqual(faultsOf(result), [['usage.jsonl', 5, 'it has no time under "timestamp"']])
  })

  it('reads our own export in both forms, and in any pieces', async () => {
    const csv = await readAll(join(fixtures, 'export.csv'))
    assert.deepEqual(
      csv.calls.map((call) => [
        call.provider,
        call.model,
        call.task,
        tokensOf(call)?.[0],
        call.cost_usd,
        call.latency_ms,
      ]),
      [
        ['openai', 'gpt-5', 'generation', 1000, 0.00225, 1234.5],
        ['work', 'a, "b"', 'embedding', 500, null, 20],
      ],
    )
    assert.deepEqual(faultsOf(csv.result), [['export.csv', 4, 'its tokens are no whole numbers']])
    const json = await readAll(join(fixtures, 'export.json'))
    assert.deepEqual(
      json.calls.map((call) => [call.model, call.cost_usd]),
      [
        ['gpt-5', 0.00225],
        ['{odd "name"}', 0.001],
      ],
    )
    assert.equal(json.calls[0]?.key, csv.calls[0]?.key)
  })

  it('finds what stands in the known places and in those that variables name, each once', async () => {
    const home = mkdtempSync(join(tmpdir(), 'import-places-'))
    const found = (places: Place[]) => places.map(({ kind, files }) => [kind, files.length])
    assert.deepEqual(await knownPlaces({ ...around, userHome: home }), [])
    const env = {
      CLAUDE_CONFIG_DIR: `${join(fixtures, 'claude')}, ${join(fixtures, 'claude')}`,
      CODEX_HOME: join(fixtures, 'codex'),
    }
    assert.deepEqual(found(await knownPlaces({ ...around, userHome: home, env })), [
      ['claude-code', 3],
      ['codex', 2],
    ])
    assert.deepEqual(found(await knownPlaces({ ...around, userHome: home, env }, 'codex')), [['codex', 2]])
    assert.match(JSON.stringify(await placesAt(home, around)), /holds nothing that can be imported/)
    assert.match(JSON.stringify(await placesAt(join(home, 'none'), around)), /There is no file or folder/)
    rmSync(home, { recursive: true })
  })

  it('names a log that is compressed, and goes on', async () => {
    const home = mkdtempSync(join(tmpdir(), 'import-zst-'))
    mkdirSync(join(home, 'sessions'))
    writeFileSync(join(home, 'sessions', 'rollout-1.jsonl.zst'), 'x')
    const places = await knownPlaces({ ...around, userHome: home, env: { CODEX_HOME: home } })
    const send = () => Promise.reject(new Error('there is nothing to send'))
    const result = await gather(places, { billing: undefined, now, onBytes: () => {}, send })
    assert.deepEqual(faultsOf(result), [
      ['rollout-1.jsonl.zst', null, 'it is compressed: unpack it beside (zstd -d) and import again'],
    ])
    rmSync(home, { recursive: true })
  })

  it('shows how far it is on a terminal only', () => {
    const shown = (isTTY: boolean) => {
      let text = ''
      const progress = openProgress(1000, { isTTY, write: (more) => void (text += more) })
      progress.more(250)
      progress.more(2)
      progress.done()
      return text
    }
    assert.equal(shown(false), '')
    assert.equal(shown(true), `\r${'█'.repeat(6)}${'░'.repeat(19)} 25 % of 1 kB\r${' '.repeat(60)}\r`)
  })

  it('gives lines as they stand, however the file comes, without line ends and byte order mark', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'import-lines-'))
    const long = 'x'.repeat(600_000)
    writeFileSync(join(folder, 'a'), `\ufeffone\r\n\n${long}\nlast`)
    const seen: [number, number][] = []
    const reader: Reader = {
      source: 'export',
      open: () => ({
        line(bytes, number) {
          seen.push([number, bytes.length])
          return []
        },
        end: () => [{ kind: 'waits' }],
      }),
    }
    let bytes = 0
    const items: Item[] = []
    for await (const item of itemsIn(join(folder, 'a'), reader, (more) => (bytes += more))) items.push(item)
    assert.deepEqual(seen, [
      [1, 3],
      [2, 0],
      [3, 600_000],
      [4, 4],
    ])
    assert.deepEqual(items, [{ kind: 'waits' }])
    assert.equal(bytes, 3 + 5 + 1 + 600_001 + 4)
    rmSync(folder, { recursive: true })
  })
})
