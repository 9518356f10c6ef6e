/** `tollkeeper export`: what it writes can be imported again as it was; a file is whole or untouched; where it breaks off it says so. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { AttemptEnded } from '../../shared/contract/event.ts'
import { noUsage } from '../../shared/contract/usage.ts'
import type { ApiDeps } from '../api/handlers.ts'
import { writeDiscovery } from '../discovery.ts'
import { callId, ended } from '../store/test-home.ts'
import { ended as sample } from '../test/sample-events.ts'
import { type Story, start } from '../test/start.ts'
import { localToken, startApi } from '../test/start-api.ts'
import { type ExportOptions, exportCalls } from './export.ts'
import { importCalls } from './import.ts'
import type { Io } from './io.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const columns = 'timestamp,provider,model,task_type,tokens_input,tokens_output,cost_usd,latency_ms'

describe('the command export', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'export-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function openIo(json = false) {
    const said = { out: '', err: '' }
    const io: Io = {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      ...{ json, columns: Infinity, env: {}, now: () => now, platform: process.platform },
    }
    return { io, said }
  }

  /** What came out, what was said, and what was drawn on the terminal. */
  async function run(
    home: string,
    { json, ...more }: Partial<ExportOptions> & { json?: boolean } = {},
    stdout?: Writable & { isTTY?: boolean },
  ) {
    const { io, said } = openIo(json)
    const [pieces, drawn]: [Buffer[], string[]] = [[], []]
    const collected = new Writable({
      write(chunk: Buffer, _, done) {
        pieces.push(chunk)
        done()
      },
    })
    const outlets = { stdout: stdout ?? collected, stderr: { isTTY: true, write: (text: string) => drawn.push(text) } }
    const code = await exportCalls({ home, format: 'csv', simulated: false, ...more }, io, outlets)
    return { code, out: Buffer.concat(pieces).toString() + said.out, err: said.err, drawn }
  }

  describe('of a history', () => {
    let story: Story
    let at = Date.parse('2026-02-01T00:00:00Z')
    before(async () => {
      story = await start({ config: { timeZone: 'UTC' }, now: () => at })
      const made: Partial<AttemptEnded>[] = [
        {
          model: 'gpt-5',
          usage: { ...noUsage, input: 10, cacheRead: 5, output: 7 },
          cost: 1_234_000,
          billed: 1_234_000,
        },
        { model: '=1+1, "quoted"', task: 'vlm', usage: { ...noUsage, input: 1, output: 2 }, cost: null, billed: null },
        { model: 'unmetered', usage: null, cost: null, billed: null },
      ]
      for (const more of made) {
        story.daemon.book.record(ended(callId(at), { provider: 'openai', latencyMs: 12.5, ...more }))
        story.daemon.book.settle()
        at += 86_400_000
      }
      at = now
      const old = { key: 'k', request_id: null, at: '2026-01-15T00:00:00.000Z', provider: 'openai', model: 'older' }
      const used = { input: 3, output: 4, cache_read: 0, cache_write_5m: 0, cache_write_1h: 0, reasoning: 0 }
      const rest = { client: 'x', session: null, folder: null, billing: 'metered', usage: used, cost_usd: 0.5 } as const
      await story.ask('importCalls', { body: { source: 'usage-jsonl', calls: [{ ...old, ...rest }] } })
    })
    after(() => story.end())

    const totals = async (of: Story) => {
      const query = { from: '2026-01-01', group_by: 'day,provider,model,task,billing' }
      const { groups } = await of.ask('usage', { query })
      return groups.map(({ key, totals }) => [
        ...key,
        totals.requests,
        totals.tokens_input,
        totals.tokens_output,
        totals.cost_usd,
      ])
    }

    it('writes every call where it belongs in time, to standard output or into a file', async () => {
      const printed = await run(story.home)
      assert.equal(printed.code, 0, printed.err)
      assert.deepEqual(printed.out.split('\r\n'), [
        columns,
        '2026-01-15T00:00:00.000Z,openai,older,generation,3,4,0.5,0',
        '2026-02-01T00:00:00.000Z,openai,gpt-5,chat,15,7,0.001234,12.5',
        '2026-02-02T00:00:00.000Z,openai,"\'=1+1, ""quoted""",vlm,1,2,,12.5',
        '2026-02-03T00:00:00.000Z,openai,unmetered,chat,,,,12.5',
        '',
      ])
      const file = join(folder, 'calls.csv')
      writeFileSync(file, 'what was there')
      const { code, out, err, drawn } = await run(story.home, { output: file })
      assert.deepEqual([code, out, err], [0, '', `${file} holds 4 calls.\n`])
      assert.equal(readFileSync(file, 'utf8'), printed.out)
      assert.deepEqual(readdirSync(folder), ['calls.csv'])
      assert.match(drawn.join(''), /Exporting █+░+ +\d+%/)
    })

    it('draws no bar through what goes to the same terminal', async () => {
      const terminal = Object.assign(new Writable({ write: (_chunk, _, done) => done() }), { isTTY: true })
      assert.deepEqual((await run(story.home, {}, terminal)).drawn, [])
    })

    it('takes days, both inclusive', async () => {
      const { out } = await run(story.home, { from: '2026-02-01', to: '2026-02-02', format: 'json' })
      const { period, records } = JSON.parse(out) as { period: unknown; records: { model: string }[] }
      assert.deepEqual(period, { start_date: '2026-02-01', end_date: '2026-02-02' })
      assert.deepEqual(
        records.map(({ model }) => model),
        ['gpt-5', '=1+1, "quoted"'],
      )
      const bad = await run(story.home, { from: 'march' })
      assert.deepEqual([bad.code, bad.err], [2, 'Bad Request: --from is a date such as 2026-03-01.\n'])
    })

    for (const format of ['csv', 'json'] as const) {
      it(`is imported again as it was, from ${format}`, async () => {
        const file = join(folder, `calls.${format}`)
        assert.equal((await run(story.home, { format, output: file })).code, 0)
        const other = await start({ config: { timeZone: 'UTC' }, now: () => now })
        try {
          const { io, said } = openIo()
          const options = { home: other.home, source: file, dryRun: false }
          assert.equal(await importCalls(options, io, folder), 0, said.err)
          assert.deepEqual(await totals(other), await totals(story))
          assert.equal((await totals(other)).length, 4)
        } finally {
          await other.end()
        }
      })
    }
  })

  describe('that breaks off', () => {
    let api: Awaited<ReturnType<typeof startApi>>
    beforeEach(async () => {
      const history: ApiDeps['history'] = {
        attempts: () => Promise.resolve({ attempts: [], next: null }),
        async *calls({ rowOf }) {
          yield [rowOf(sample(), now)]
          await new Promise((resolve) => setTimeout(resolve, 20))
          throw new Error('the disk is gone')
        },
        compact: () => Promise.resolve(),
        figures: () => assert.fail('nobody asks for them'),
      }
      api = await startApi({ history })
      const announced = { pid: 1, port: api.port(), instanceId: 'instance-1', version: '0.1.0' }
      const contract = { min: 1, max: 1 }
      await writeDiscovery(folder, { ...announced, contract, token: localToken, startedAt: '2026-03-10T11:00:00Z' })
    })
    afterEach(() => api.close())

    it('leaves the file as it was, and says so', async () => {
      const file = join(folder, 'calls.csv')
      writeFileSync(file, 'what was there')
      const { code, err } = await run(folder, { output: file })
      assert.equal(code, 1)
      assert.equal(
        err,
        `The export broke off after 1 call: the daemon ended the connection. ${file} is as it was before.\n`,
      )
      assert.equal(readFileSync(file, 'utf8'), 'what was there')
      assert.deepEqual(readdirSync(folder).sort(), ['calls.csv', 'daemon.json'])
    })

    it('says that what was printed is not whole', async () => {
      const { code, err, out } = await run(folder)
      assert.deepEqual([code, out.split('\r\n').length], [1, 3])
      assert.match(err, /broke off after 1 call: .*What was printed is not whole\.\n$/)
    })

    it('says why a file cannot be written', async () => {
      const { code, err } = await run(folder, { output: join(folder, 'nowhere', 'calls.csv') })
      assert.equal(code, 1)
      assert.match(err, /^The export broke off after 0 calls: ENOENT/)
    })

    it('ends well where its reader has had enough', async () => {
      const reader = new Writable({
        write: (_chunk, _, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
      })
      assert.deepEqual((await run(folder, {}, reader)).code, 0)
    })
  })
})
