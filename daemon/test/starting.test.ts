/** Starting where something is wrong: each gets a clear answer that names it and what to do, and nothing is lost. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient } from '../../shared/client.ts'
import { exchange } from './exchange.ts'
import { killLeft, startProcess, tollkeeper } from './process.ts'

const windows = process.platform === 'win32'

describe('starting', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-start-'))
  })
  afterEach(() => {
    killLeft()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })
  const call = (url: string) =>
    exchange(`${url}/p/sandbox/v1/messages`, {
      body: '{"model":"sandbox-small","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}',
    })
  const requests = async (daemon: { url: string; discovery: { token: string } }) => {
    const asked = await openClient({ url: daemon.url, token: daemon.discovery.token, fetch }).ask('requests', {
      query: {},
    })
    assert.ok(asked.ok)
    return asked.value.requests
  }
  const warnings = async (daemon: { url: string; discovery: { token: string } }) => {
    const asked = await openClient({ url: daemon.url, token: daemon.discovery.token, fetch }).ask('warnings', {})
    assert.ok(asked.ok)
    return asked.value.warnings
  }

  it('greets, answers, and says goodbye on SIGTERM', async () => {
    const daemon = await startProcess(home, ['--port', '0', '--sandbox'])
    assert.equal((await call(daemon.url)).status, 200)
    assert.match(daemon.output(), /"msg":"Database opened"/)
    const stopped = await tollkeeper(home, ['stop'])
    assert.equal(stopped.code, 0, stopped.out)
    assert.match(daemon.output(), /"msg":"Database closed"/)
    assert.ok(!readdirSync(home).includes('daemon.json'), 'the local token goes with its daemon')
  })

  it('comes back with its sandbox after a restart', async () => {
    const daemon = await startProcess(home, ['--port', '0', '--sandbox'])
    const restarted = await tollkeeper(home, ['restart', '--port', '0', '--json'])
    assert.equal(restarted.code, 0, restarted.out)
    // one value, of the whole of it
    const { url, ...rest } = JSON.parse(restarted.out) as { url: string }
    assert.deepEqual(rest, { already_running: false, differs: [] })
    assert.equal((await call(url)).status, 200)
    const again = await tollkeeper(home, ['start', '--json'])
    assert.deepEqual(JSON.parse(again.out), { url, already_running: true, differs: [] })
    const stopped = JSON.parse((await tollkeeper(home, ['stop', '--json'])).out) as { pid: number }
    assert.deepEqual({ ...stopped, stopped: true, in_flight: 0 }, stopped)
    assert.match(daemon.output(), /"msg":"Database closed"/)
  })

  it('a second daemon on the same home ends with 3 and says where the first one is', async () => {
    const daemon = await startProcess(home)
    const second = await tollkeeper(home, ['serve', '--port', '0'])
    assert.equal(second.code, 3, second.out)
    assert.match(second.out, new RegExp(daemon.url))
    const npm = await tollkeeper(home, ['serve', '--port', '0'], { npm_lifecycle_event: 'start' })
    assert.equal(npm.code, 0, npm.out)
    const tried = await tollkeeper(home, ['serve', '--sandbox', '--port', '0'])
    assert.match(tried.out, /without the sandbox.*restart --sandbox/s)
    assert.doesNotMatch(second.out, /sandbox|otherwise/)
    await daemon.kill()
  })

  it('a start beside a daemon that was started otherwise says so, and what to do', async () => {
    const daemon = await startProcess(home, ['--port', '0'])
    const other = Number(new URL(daemon.url).port) === 8701 ? 8702 : 8701
    for (const command of ['serve', 'start']) {
      const { out } = await tollkeeper(home, [command, '--sandbox', '--port', String(other)])
      assert.match(out, new RegExp(`already running on ${daemon.url}\n`), command)
      assert.match(out, new RegExp(`without the sandbox, not on port ${other}\\..*restart --sandbox --port ${other}\n`))
      const moved = await tollkeeper(home, [command, '--port', String(other)])
      assert.match(moved.out, new RegExp(`otherwise: not on port ${other}\\..* restart --port ${other}\n`))
      assert.doesNotMatch(moved.out, /sandbox/)
      const same = await tollkeeper(home, [command, '--port', new URL(daemon.url).port])
      assert.doesNotMatch(same.out, /otherwise/)
    }
    const named = await tollkeeper(home, ['start', '--home', home, '--sandbox'], { TOLLKEEPER_HOME: '' })
    assert.ok(named.out.includes(` restart --home "${home}" --sandbox\n`), named.out)
    const { out } = await tollkeeper(home, ['start', '--sandbox', '--port', String(other), '--json'])
    assert.deepEqual(JSON.parse(out), { url: daemon.url, already_running: true, differs: ['port', 'sandbox'] })
    await daemon.kill()
  })

  it('eight starts at once have one winner; the others end and say why', async function () {
    this.timeout(60_000)
    const ended: string[] = []
    const starts = Array.from({ length: 8 }, () =>
      startProcess(home).catch((error: unknown) => void ended.push(String(error))),
    )
    const winners = (await Promise.all(starts)).filter((one) => one !== undefined)
    assert.equal(winners.length, 1, ended.join('\n'))
    assert.equal(ended.length, 7)
    for (const text of ended)
      assert.match(text, /ended with [13] .*(already|Another Tollkeeper \(process \d+\) holds)/s)
    await winners[0]?.kill()
  })

  it('a port in use is named, with what to do', async () => {
    const other: Server = createServer()
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    )
    const failed = await tollkeeper(home, ['serve', '--port', String(port)])
    other.close()
    assert.equal(failed.code, 1, failed.out)
    assert.match(failed.out, new RegExp(`Port ${port} is used by another program.*--port`))
  })

  it('a bad config line is named with line and column, and the daemon runs on without the file', async () => {
    writeFileSync(
      join(home, 'config.jsonc'),
      '{\n  // mine\n  "providers": { "up": { "baseUrll": "http://127.0.0.1:9" } }\n}\n',
    )
    const daemon = await startProcess(home, ['--port', '0', '--sandbox'])
    const found = (await warnings(daemon)).find((one) => one.code === 'config-invalid')
    assert.match(found?.text ?? '', /line 3.*baseUrll|baseUrll.*line 3/s)
    assert.equal((await call(daemon.url)).status, 200)
    await daemon.kill()
  })

  it('a torn journal tail is dropped and reported; all before it is there', async () => {
    const daemon = await startProcess(home, ['--port', '0', '--sandbox'])
    await call(daemon.url)
    await call(daemon.url)
    const before = await requests(daemon)
    await daemon.kill()
    const segment = readdirSync(join(home, 'journal')).sort().at(-1) ?? ''
    writeFileSync(
      join(home, 'journal', segment),
      `${readFileSync(join(home, 'journal', segment), 'utf8')}{"c":"00000000","n":99,"t":1,"g":1,"e":{"type":"att`,
    )
    const again = await startProcess(home, ['--port', '0', '--sandbox'])
    assert.deepEqual(await requests(again), before)
    assert.ok((await warnings(again)).some((one) => one.code === 'journal-torn' && one.text.includes(segment)))
    const told = again.output().split('\n')
    assert.equal(told.filter((line) => line.includes('was cut off')).length, 1, 'once in the log')
    await again.kill()
  })

  it('a truncated snapshot costs nothing: the one before it and the journal make it good', async () => {
    writeFileSync(join(home, 'config.jsonc'), '{ "store": { "compactEvents": 3 } }')
    const daemon = await startProcess(home, ['--port', '0', '--sandbox'])
    for (let i = 0; i < 4; i++) await call(daemon.url)
    const before = await requests(daemon)
    const stopped = await tollkeeper(home, ['stop'])
    assert.equal(stopped.code, 0, stopped.out)
    const snapshot = join(home, 'ledger.json')
    truncateSync(snapshot, Math.floor(statSync(snapshot).size / 2))
    const again = await startProcess(home, ['--port', '0', '--sandbox'])
    assert.deepEqual(await requests(again), before)
    assert.ok((await warnings(again)).some((one) => one.code === 'snapshot-unreadable'))
    await again.kill()
  })

  it('a home of a newer version is left alone, with what to do', async () => {
    const file = join(home, 'ledger.json')
    writeFileSync(file, '{"format":9}')
    const failed = await tollkeeper(home, ['serve', '--port', '0'])
    assert.equal(failed.code, 1, failed.out)
    assert.ok(failed.out.includes(`${file} was written by a newer version`), failed.out)
    assert.deepEqual(
      readdirSync(home).filter((name) => !name.startsWith('lock')),
      ['ledger.json'],
    )
  })

  it('torn keys are told of: those from before their last change are in use', async () => {
    const daemon = await startProcess(home)
    for (const name of ['first', 'second'])
      assert.equal((await tollkeeper(home, ['key', 'create', '--name', name])).code, 0)
    await daemon.kill()
    const path = join(home, 'secrets.json')
    truncateSync(path, Math.floor(statSync(path).size / 2))
    const again = await startProcess(home)
    assert.match((await tollkeeper(home, ['key', 'list'])).out, /first/)
    const told = (await warnings(again)).filter((one) => one.subject === path)
    assert.match(told[0]?.text ?? '', /secrets\.json is left out: .*tollkeeper key list/)
    await again.kill()
  })

  it('a home that is a file is named', async () => {
    const file = join(home, 'file')
    writeFileSync(file, '')
    const failed = await tollkeeper(file, ['serve', '--port', '0'])
    assert.equal(failed.code, 1, failed.out)
    assert.ok(failed.out.includes(file), failed.out)
    const asked = await tollkeeper(file, ['status'])
    assert.equal(asked.code, 1, asked.out)
    assert.match(asked.out, /cannot be read by this user.*--home/)
    assert.doesNotMatch(asked.out, /Something went wrong/)
  })

  it('a home that others can read is closed to them, or warned of', async () => {
    const open = join(home, 'open')
    mkdirSync(open, { mode: 0o755 })
    chmodSync(open, 0o755)
    const daemon = await startProcess(open)
    const closed = windows || (statSync(open).mode & 0o077) === 0
    assert.ok(closed || (await warnings(daemon)).some((one) => one.code === 'home-open'))
    if (!windows) assert.match(daemon.output(), /Other users of this machine c(ould look into|an read)/)
    if (!windows) assert.equal(statSync(join(open, 'daemon.json')).mode & 0o077, 0)
    await daemon.kill()
  })

  it('bad arguments end with 2 and name what is wrong', async () => {
    const failed = await tollkeeper(home, ['serve', '--port', 'many'])
    assert.equal(failed.code, 2, failed.out)
    assert.match(failed.out, /port/)
  })
})
