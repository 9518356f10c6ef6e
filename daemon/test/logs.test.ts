/** The daemon's log as a process writes it: its own file in the background, an output that refuses, and the level that the user wants. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findDaemon } from '../discovery.ts'
import { idOf, rate, startChains } from './chains.ts'
import { exchange } from './exchange.ts'
import { killLeft, tollkeeper } from './process.ts'
import { eventually, type Story, start } from './start.ts'

const call = (url: string) =>
  exchange(`${url}/p/sandbox/v1/messages`, {
    body: '{"model":"sandbox-small","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}',
  })

describe("the daemon's log", () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-logs-'))
  })
  afterEach(() => {
    killLeft()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })

  it('is a file that the daemon in the background keeps within its bound, with everything to the end', async () => {
    const path = join(home, 'daemon.log')
    writeFileSync(path, `${'x'.repeat(10 * 2 ** 20)}\n`, { mode: 0o600 })
    const started = await tollkeeper(home, ['start', '--port', '0', '--sandbox'])
    assert.equal(started.code, 0, started.out)
    assert.equal((await call(/http:\S+/.exec(started.out)?.[0] ?? '')).status, 200)
    const stopped = await tollkeeper(home, ['stop'])
    assert.equal(stopped.code, 0, stopped.out)
    assert.equal(statSync(`${path}.1`).size, 10 * 2 ** 20 + 1)
    const log = readFileSync(path, 'utf8')
    for (const msg of ['Database opened', 'Ready', 'Call', 'Database closed'])
      assert.ok(log.includes(`"msg":"${msg}"`), log)
    assert.ok(!log.includes('xxx'))
    if (process.platform !== 'win32')
      for (const file of [path, `${path}.1`]) assert.equal(statSync(file).mode & 0o077, 0)
  })

  it('names the call in each line about it: one as an attempt was followed by another, one as the call ended', async () => {
    const chains = await startChains({ pair: ['one/m1', 'two/m2'] })
    try {
      chains.anew()
      chains.one.script(rate())
      const id = idOf(await chains.ask('pair'))
      const about = await eventually('its lines', () => {
        const lines = chains.story.log.map((line) => JSON.parse(line) as Record<string, unknown>)
        const found = lines.filter((line) => JSON.stringify(line).includes(id))
        return found.some(({ msg }) => msg === 'Call') && found
      })
      assert.deepEqual(
        about.map(({ msg, provider, attempt }) => [msg, provider, attempt]),
        [
          ['Avoided', 'one', `${id}.1`],
          ['Attempt', 'one', 1],
          ['Call', 'two', 2],
        ],
      )
    } finally {
      await chains.end()
    }
  })

  it('stops nothing where its output takes no line', async () => {
    // open for reading: every write fails, as on a full disk
    const file = join(home, 'not-written')
    writeFileSync(file, '')
    const output = openSync(file, 'r')
    const child = spawn(process.execPath, [resolve('dist/daemon/main.mjs'), 'serve', '--port', '0', '--sandbox'], {
      env: { ...process.env, TOLLKEEPER_HOME: home },
      stdio: ['ignore', output, output],
    })
    try {
      const url = await eventually(
        'it is ready',
        async () => {
          assert.equal(child.exitCode, null)
          const found = await findDaemon(home)
          return 'url' in found && found.url
        },
        10_000,
      )
      for (let i = 0; i < 3; i++) assert.equal((await call(url)).status, 200)
      assert.equal((await tollkeeper(home, ['stop'])).code, 0)
      if (child.exitCode === null) await once(child, 'exit')
      assert.equal(child.exitCode, 0)
    } finally {
      child.kill('SIGKILL')
      closeSync(output)
    }
  })
})

describe('the level of the log', () => {
  let story: Story
  afterEach(() => story.end())

  it('is what the config says, at once, and what the program says without it', async () => {
    story = await start({ config: { logLevel: 'error' }, sandbox: true })
    const told = () => story.log.filter((line) => line.includes('"msg":"Call"')).length
    await call(story.url)
    assert.equal(told(), 0)
    writeFileSync(join(story.home, 'config.jsonc'), '{}')
    await eventually('calls are told again', async () => {
      await call(story.url)
      return told() > 0
    })
  })
})
