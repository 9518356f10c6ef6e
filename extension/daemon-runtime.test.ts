/** What a daemon inherits from a window, and which Node runs it. */
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { environmentFor, isNewEnough, runtimeFor } from './daemon-runtime.ts'

describe('environmentFor', () => {
  it('passes on what names folders, language and proxies, and nothing that changes how Node runs', () => {
    const env = {
      Path: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      XDG_DATA_HOME: '/x',
      https_proxy: 'http://p',
      NODE_OPTIONS: '--require evil',
      NODE_EXTRA_CA_CERTS: '/ca',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      ELECTRON_RUN_AS_NODE: '1',
      VSCODE_PID: '1',
      ANTHROPIC_API_KEY: 'secret',
      TOLLKEEPER_PORT: '1',
      TOLLKEEPER_HOME: '/other',
      TMP: undefined,
    }
    assert.deepEqual(environmentFor(env, '/home'), {
      Path: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      XDG_DATA_HOME: '/x',
      https_proxy: 'http://p',
      TOLLKEEPER_HOME: '/home',
    })
  })

  it('uses the editor’s proxy where the environment names none', () => {
    const given = environmentFor({}, '/home', 'http://proxy:1')
    assert.equal(given['https_proxy'], 'http://proxy:1')
    assert.equal(environmentFor({ HTTP_PROXY: 'http://own' }, '/home', 'http://proxy:1')['https_proxy'], undefined)
  })
})

describe('isNewEnough', () => {
  for (const version of ['v20.19.0', 'v20.20.2\n', 'v22.0.0', 'v24.15.0']) {
    it(`takes ${version.trim()}`, () => assert.ok(isNewEnough(version)))
  }
  for (const version of ['v20.18.9', 'v18.20.0', 'v8.0.0', '', 'node']) {
    it(`refuses ${version || 'nothing'}`, () => assert.ok(!isNewEnough(version)))
  }
})

describe('runtimeFor', () => {
  it('takes node from PATH', async () => {
    const runtime = await runtimeFor({ PATH: dirname(process.execPath) }, '/own')
    assert.equal(dirname(runtime.program), dirname(process.execPath))
    assert.equal(runtime.env['ELECTRON_RUN_AS_NODE'], undefined)
  })

  it('falls back to the editor’s own runtime, and never to a folder that is named relative to another', async () => {
    const runtime = await runtimeFor({ PATH: '.:node_modules/.bin;.' }, '/own')
    assert.equal(runtime.program, '/own')
    assert.equal(runtime.env['ELECTRON_RUN_AS_NODE'], '1')
  })
})
