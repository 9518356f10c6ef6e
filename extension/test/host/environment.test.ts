/** The environment of a VS Code under test shows nothing of the user's own. */
import assert from 'node:assert/strict'
import { join, relative } from 'node:path'
import { hostEnvironment, hostFolders } from './environment.ts'

describe('the environment of the VS Code under test', () => {
  const folders = hostFolders(join('/', 'tmp', 'x'))

  it('drops what would steer an editor, npm or the daemon, and keeps the rest', () => {
    const env = {
      PATH: '/bin',
      VSCODE_PID: '1',
      ELECTRON_RUN_AS_NODE: '1',
      npm_config_prefix: '/p',
      NODE_OPTIONS: '--inspect',
      TOLLKEEPER_URL: 'http://127.0.0.1:1',
      XDG_RUNTIME_DIR: '/run/user/1',
      NODE_EXTRA_CA_CERTS: '/ca',
    }
    const made = hostEnvironment(env, folders, {})
    assert.equal(made['PATH'], '/bin')
    assert.equal(made['NODE_EXTRA_CA_CERTS'], '/ca')
    const gone = [
      'VSCODE_PID',
      'ELECTRON_RUN_AS_NODE',
      'npm_config_prefix',
      'NODE_OPTIONS',
      'TOLLKEEPER_URL',
      'XDG_RUNTIME_DIR',
    ]
    assert.deepEqual(
      gone.filter((name) => name in made),
      [],
    )
  })

  it('keeps every home inside the one folder that is removed', () => {
    const made = hostEnvironment({ HOME: '/root' }, folders, {})
    for (const name of [
      'HOME',
      'USERPROFILE',
      'TOLLKEEPER_HOME',
      'XDG_CONFIG_HOME',
      'XDG_DATA_HOME',
      'XDG_CACHE_HOME',
    ]) {
      assert.ok(!relative(folders.root, made[name] ?? '/').startsWith('..'), name)
    }
  })

  it('lets a test add its own', () => {
    assert.equal(hostEnvironment({ A: '1' }, folders, { A: '2', TOLLKEEPER_HOME: '/h' })['A'], '2')
  })
})
