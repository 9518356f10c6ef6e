import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, relative, resolve } from 'node:path'
import { commandOf, findProgram } from '../machine/program.ts'
import { environmentFor } from './launch.ts'
import { runProgram } from './run-program.ts'

describe('running an assistant', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'run-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('starts the daemon with the user’s environment, but for what belongs to this process', () => {
    const env = { OPENAI_API_KEY: 'k', HTTPS_PROXY: 'p', NODE_OPTIONS: 'x', npm_config_a: 'x', TOLLKEEPER_X: '1' }
    assert.deepEqual(environmentFor({ ...env, TOLLKEEPER_PORT: '1', VSCODE_PID: '1', UNSET: undefined }, '/home'), {
      OPENAI_API_KEY: 'k',
      HTTPS_PROXY: 'p',
      TOLLKEEPER_PORT: '1',
      TOLLKEEPER_HOME: '/home',
    })
  })

  it('finds a program in PATH and none that cannot be run', async function () {
    if (process.platform === 'win32') return
    const [first, second] = [join(folder, 'a'), join(folder, 'b')]
    for (const dir of [first, second]) await mkdir(dir)
    await mkdir(join(first, 'claude'))
    await writeFile(join(second, 'claude'), '#!/bin/sh\n')
    const env = { PATH: [first, second].join(delimiter) }
    assert.equal(await findProgram('claude', env, 'linux'), undefined)
    await chmod(join(second, 'claude'), 0o755)
    assert.equal(await findProgram('claude', env, 'linux'), join(second, 'claude'))
    assert.equal(await findProgram('claude', {}, 'linux'), undefined)
    const byPath = relative(process.cwd(), join(second, 'claude'))
    for (const path of [join(second, 'claude'), byPath])
      assert.equal(await findProgram(path, {}, 'linux'), resolve(path))
    assert.equal(await findProgram(join(first, 'claude'), env, 'linux'), undefined)
  })

  it('finds a program by its ending on Windows', async () => {
    await writeFile(join(folder, 'claude.cmd'), '')
    assert.equal(await findProgram('claude', { Path: folder }, 'win32'), join(folder, 'claude.cmd'))
    await writeFile(join(folder, 'claude.exe'), '')
    assert.equal(await findProgram('claude', { Path: folder }, 'win32'), join(folder, 'claude.exe'))
    assert.equal(await findProgram('claude.cmd', { Path: folder }, 'win32'), join(folder, 'claude.cmd'))
    assert.equal(await findProgram(join(folder, 'claude'), {}, 'win32'), join(folder, 'claude.exe'))
  })

  it('lets cmd.exe act on nothing in an argument', () => {
    const { program, given, verbatim } = commandOf('C:\\n m\\claude.cmd', ['a&b', 'say "hi"\\'], 'win32', {})
    assert.deepEqual([program, given.slice(0, 3), verbatim], ['cmd.exe', ['/d', '/s', '/c'], true])
    const line = given[3] ?? ''
    const once = line.slice(1, -1).replace(/\^(.)/g, '$1').replace(/\^(.)/g, '$1')
    assert.equal(once, '"C:\\n m\\claude.cmd" "a&b" "say \\"hi\\"\\\\"')
    assert.equal(/(^|[^^])[&|<>%]/.test(line), false)
    assert.deepEqual(commandOf('C:\\claude.exe', ['a&b'], 'win32', {}).given, ['a&b'])
  })

  it('hands on the exit code, and says what it could not find', async () => {
    const env = { ...process.env, PATH: join(process.execPath, '..') }
    assert.deepEqual(await runProgram('node', ['-e', 'process.exit(7)'], env, process.platform), {
      kind: 'ended',
      code: 7,
    })
    const missing = await runProgram('no-such-assistant', [], env, process.platform)
    assert.ok(missing.kind === 'not-started' && missing.why.includes("'no-such-assistant' was not found"))
    if (process.platform === 'win32') return
    const killed = await runProgram('node', ['-e', 'process.kill(process.pid, "SIGTERM")'], env, process.platform)
    assert.deepEqual(killed, { kind: 'ended', code: 143 })
  })
})
