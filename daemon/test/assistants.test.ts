/** Assistants started through the real command line: what they are told, and what comes back from them. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { killLeft, startProcess, tollkeeper } from './process.ts'

const windows = process.platform === 'win32'

/** An assistant of which nothing is known but that it is a program: prints what it was given, and does as `FAKE` says. */
const fake = `
const names = ['ANTHROPIC_BASE_URL', 'OPENAI_API_BASE', 'OPENAI_BASE_URL', 'NO_PROXY', 'ENABLE_TOOL_SEARCH']
const env = Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
if (process.env.FAKE === 'wait') {
  process.on('SIGTERM', () => process.exit(9))
  process.on('SIGINT', () => process.exit(8))
  setInterval(() => {}, 1000)
} else process.exitCode = Number(process.env.FAKE ?? 0)
process.stdout.write('<' + JSON.stringify({ env, args: process.argv.slice(2) }) + '>')
`

describe('assistants through the command line', () => {
  let folder: string
  let home: string
  let env: Record<string, string>
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-run-'))
    home = join(folder, 'home')
    mkdirSync(home)
    writeFileSync(join(folder, 'fake.cjs'), fake)
    for (const name of ['claude', 'codex', 'aider']) program(name)
    // nothing of whoever runs the tests may speak for the user
    const user = { HOME: folder, USERPROFILE: folder, CLAUDE_CONFIG_DIR: folder, CODEX_HOME: folder }
    const unset = Object.keys(process.env).filter((name) =>
      /^(ANTHROPIC|OPENAI|AIDER|CLAUDE|CODEX)_|^no_proxy$/i.test(name),
    )
    const path = [folder, join(process.execPath, '..'), process.env.PATH ?? ''].join(delimiter)
    env = { ...Object.fromEntries(unset.map((name) => [name, ''])), PATH: path, ...user }
  })
  afterEach(() => {
    killLeft()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })

  /** On Windows as npm puts programs there. */
  function program(name: string): void {
    const script = join(folder, 'fake.cjs')
    if (windows) {
      writeFileSync(join(folder, `${name}.cmd`), `@"${process.execPath}" "${script}" %*\r\n`)
    } else {
      writeFileSync(join(folder, name), `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`)
      chmodSync(join(folder, name), 0o755)
    }
  }
  const told = (out: string): unknown => JSON.parse(/<(\{.*\})>/.exec(out)?.[1] ?? 'null')
  const direct = '127.0.0.1,localhost,::1'

  it('is started with its settings and its own arguments, and its exit code comes back', async () => {
    const { url } = await startProcess(home)
    const before = readdirSync(folder).sort()
    const claude = await tollkeeper(home, ['run', 'claude', '-p', 'a "b" & $c', '--help'], { ...env, FAKE: '7' })
    assert.equal(claude.code, 7, claude.out)
    assert.deepEqual(told(claude.out), {
      env: { ANTHROPIC_BASE_URL: url, NO_PROXY: direct, ENABLE_TOOL_SEARCH: 'true' },
      args: ['-p', 'a "b" & $c', '--help'],
    })
    const codex = await tollkeeper(home, ['run', 'codex', 'exec', 'hi'], env)
    assert.equal(codex.code, 0, codex.out)
    assert.deepEqual((told(codex.out) as { args: string[] }).args, ['-c', `openai_base_url=${url}/v1`, 'exec', 'hi'])
    assert.match(codex.out, /Tollkeeper: Only what Codex sends to its built-in provider/)
    const sdk = await tollkeeper(home, ['run', 'openai', 'node', join(folder, 'fake.cjs'), 'x'], env)
    assert.deepEqual(told(sdk.out), { env: { OPENAI_BASE_URL: `${url}/v1`, NO_PROXY: direct }, args: ['x'] })
    assert.deepEqual(readdirSync(folder).sort(), before, 'nothing is written beside the daemon’s home')
  })

  it('keeps what the user has set, and says so', async () => {
    await startProcess(home)
    const own = { ...env, OPENAI_API_BASE: 'https://llm.example/v1', ANTHROPIC_API_BASE: 'https://llm.example' }
    const { out, code } = await tollkeeper(home, ['run', 'aider'], own)
    assert.equal(code, 0)
    assert.match(
      out,
      /OPENAI_API_BASE and ANTHROPIC_API_BASE are set already; Aider starts as it is and is not metered/,
    )
    assert.equal((told(out) as { env: Record<string, string> }).env.OPENAI_API_BASE, 'https://llm.example/v1')
  })

  it('starts it without us where no daemon can be had', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    assert.ok(typeof address === 'object' && address !== null)
    writeFileSync(join(home, 'port'), `${address.port}\n`)
    const shell = { OPENAI_BASE_URL: `http://localhost:${address.port}/v1`, OPENAI_API_BASE: 'http://x' }
    const { out, code } = await tollkeeper(home, ['run', 'claude'], { ...env, ...shell })
    taken.close()
    assert.equal(code, 0, out)
    assert.match(out, /Tollkeeper: it did not start \(.*\); Claude Code starts without it and is not metered/)
    assert.deepEqual(told(out), { env: { OPENAI_API_BASE: 'http://x' }, args: [] }, 'no address of ours is left')
  })

  it('passes on the signal that ends us, and one that interrupts us where no terminal sends it to both', async function () {
    // Windows knows no signals
    if (windows) return
    await startProcess(home)
    for (const [signal, code] of [
      ['SIGTERM', 9],
      ['SIGINT', 8],
    ] as const) {
      const child = spawn(process.execPath, [resolve('dist/daemon/main.mjs'), 'run', 'claude'], {
        env: { ...process.env, ...env, TOLLKEEPER_HOME: home, FAKE: 'wait' },
        stdio: ['ignore', 'pipe', 'ignore'],
        // of a session of its own, which no terminal controls
        detached: true,
      })
      await once(child.stdout, 'data')
      child.kill(signal)
      await once(child, 'close')
      assert.equal(child.exitCode, code, signal)
    }
  })

  it('has the daemon started where the user wants it', async () => {
    const held = createServer().listen(0, '127.0.0.1')
    await once(held, 'listening')
    const address = held.address()
    assert.ok(typeof address === 'object' && address !== null)
    held.close()
    await once(held, 'close')
    const { code, out } = await tollkeeper(home, ['run', 'claude'], { ...env, TOLLKEEPER_PORT: String(address.port) })
    await tollkeeper(home, ['stop'], env)
    assert.equal(code, 0, out)
    const { ANTHROPIC_BASE_URL } = (told(out) as { env: Record<string, string> }).env
    assert.equal(ANTHROPIC_BASE_URL, `http://127.0.0.1:${address.port}`)
  })

  it('prints settings that a shell takes in', async () => {
    const { url } = await startProcess(home)
    const sh = await tollkeeper(home, ['env', 'aider', '--shell', 'sh'], env)
    assert.equal(sh.code, 0, sh.out)
    assert.ok(sh.out.includes(`\nexport OPENAI_API_BASE='${url}/v1'\nexport ANTHROPIC_API_BASE='${url}'\n`), sh.out)
    assert.ok(
      sh.out.split('\n').every((line) => line === '' || /^(export \w+='[^']*'|# .*)$/.test(line)),
      sh.out,
    )
    mkdirSync(join(folder, '.gemini'))
    writeFileSync(join(folder, '.gemini', 'settings.json'), '{"security":{"auth":{"selectedType":"gemini-api-key"}}}')
    const powershell = await tollkeeper(home, ['env', 'gemini', '--shell', 'powershell'], env)
    assert.ok(powershell.out.includes(`$env:GOOGLE_GEMINI_BASE_URL = '${url}'\n`), powershell.out)
    const cmd = await tollkeeper(home, ['env', 'codex', '--shell', 'cmd'], env)
    assert.ok(cmd.out.includes(`rem Start it as: codex -c openai_base_url=${url}/v1\n`), cmd.out)
    const own = await tollkeeper(home, ['env', 'openai', '--shell', 'sh'], { ...env, OPENAI_BASE_URL: 'http://x' })
    assert.equal(own.out, '# openai SDK: OPENAI_BASE_URL is set already; nothing is to be set.\n')
  })

  it('prints them for the port that the home has kept where no daemon runs, and says that none does', async () => {
    writeFileSync(join(home, 'port'), '4321\n')
    const { out, code } = await tollkeeper(home, ['env', 'anthropic', '--shell', 'sh'], env)
    assert.equal(code, 0)
    assert.match(out, /export ANTHROPIC_BASE_URL='http:\/\/127\.0\.0\.1:4321'\n/)
    assert.match(out, /Tollkeeper is not running: start it/)
  })

  it('names what it knows to whoever asks for something else', async () => {
    for (const command of ['run', 'env']) {
      const { code, out } = await tollkeeper(home, [command, 'emacs'], env)
      assert.equal(code, 2)
      assert.equal(
        out,
        "'emacs' is not known here. Known: claude, codex, opencode, gemini, qwen, cline, continue, aider, openai, anthropic, genai, ai, vscode.\n",
      )
    }
    const shell = await tollkeeper(home, ['env', 'claude', '--shell', 'fish'], env)
    assert.equal(shell.code, 2)
    assert.match(shell.out, /Allowed choices are sh, powershell, cmd/)
    const unnamed = await tollkeeper(home, ['run', 'openai'], env)
    assert.deepEqual([unnamed.code, /Name the program/.test(unnamed.out)], [2, true])
    const file = await tollkeeper(home, ['run', 'vscode'], env)
    assert.deepEqual([file.code, /tollkeeper env vscode/.test(file.out)], [2, true])
  })
})
