import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeProgram } from '../test/fake-program.ts'
import { ask } from './program.ts'
import { toolEnvironment } from './tool-environment.ts'

describe('a program that is asked', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tool-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('gets of our environment what it needs, and no key', async () => {
    fakeProgram(folder, 'tool', 'process.stdout.write(JSON.stringify(process.env))')
    const needed = { PATH: folder, HOME: folder, LD_LIBRARY_PATH: '/opt/lib' }
    const secret = {
      ...{ ANTHROPIC_API_KEY: 'SECRET-1', MY_OWN: 'SECRET-2', HTTPS_PROXY: 'http://ann:SECRET-3@127.0.0.1:1' },
      ...{ AWS_SECRET_ACCESS_KEY: 'SECRET-4', TOLLKEEPER_TOKEN: 'SECRET-5', NODE_OPTIONS: '--title=SECRET-6' },
    }
    const { SystemRoot } = process.env
    const env = { ...needed, ...secret, ...(SystemRoot && { SystemRoot }), LC_ALL: 'de_DE.UTF-8' }
    const asking = { platform: process.platform, timeoutMs: 20_000, signal: new AbortController().signal }
    const said = await ask('tool', [], { ...asking, env })
    assert.equal(said.kind, 'said')
    const got = JSON.parse(said.text) as Record<string, string>
    assert.deepEqual({ ...got, ...needed, LC_ALL: 'C' }, got)
    assert.doesNotMatch(said.text, /SECRET/)
  })

  it('gets the variables that Windows’ own need, as they are written there', () => {
    const needed = { Path: 'C:\\Windows', SystemRoot: 'C:\\Windows', 'ProgramFiles(x86)': 'C:\\x86', PATHEXT: '.EXE' }
    assert.deepEqual(toolEnvironment({ ...needed, OPENAI_API_KEY: 'sk-SECRET' }), { ...needed, LC_ALL: 'C' })
  })
})
