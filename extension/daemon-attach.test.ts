/** Which daemon a window takes for its own: the one that knows the token of the home, and no other. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findDaemon, homeOf } from './daemon-attach.ts'
import { type LoopbackDaemon, startLoopbackDaemon } from './test/loopback-daemon.ts'

describe('homeOf', () => {
  it('is TOLLKEEPER_HOME, else a folder in the user’s home', () => {
    assert.equal(homeOf({ TOLLKEEPER_HOME: 'x' }), resolve('x'))
    assert.equal(homeOf({ TOLLKEEPER_HOME: '' }), join(homedir(), '.tollkeeper'))
    assert.equal(homeOf({}), join(homedir(), '.tollkeeper'))
  })
})

describe('findDaemon', () => {
  let home = ''
  let daemon: LoopbackDaemon | undefined

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'tk-attach-'))
    daemon = undefined
  })
  afterEach(async () => {
    await daemon?.stop()
    await rm(home, { recursive: true, force: true })
  })
  const why = async () => {
    const found = await findDaemon(home)
    assert.equal(found.kind, 'absent')
    return found.kind === 'absent' ? found.why : ''
  }

  it('finds one that proves itself, and sends it no token for that', async () => {
    daemon = await startLoopbackDaemon(home)
    const found = await findDaemon(home)
    assert.deepEqual(found, {
      kind: 'found',
      daemon: { url: `http://127.0.0.1:${daemon.discovery.port}`, discovery: daemon.discovery },
    })
    assert.deepEqual(daemon.authorized, [])
  })

  it('takes one that is unwell: the proof counts, not the status', async () => {
    daemon = await startLoopbackDaemon(home, { status: 503 })
    assert.equal((await findDaemon(home)).kind, 'found')
  })

  it('takes no other program on the same port for it', async () => {
    daemon = await startLoopbackDaemon(home, { proofKey: 'guessed' })
    assert.match(await why(), /another program answers on port \d+/)
    await daemon.stop()
    daemon = await startLoopbackDaemon(home, { body: '<html>' })
    assert.match(await why(), /another program answers/)
    await daemon.stop()
    daemon = await startLoopbackDaemon(home, { body: '"'.padEnd(1_000_000, 'x') })
    assert.match(await why(), /another program answers/)
  })

  it('says what is wrong where there is none', async () => {
    assert.match(await why(), /no daemon runs: .*daemon\.json does not exist/)
    await writeFile(join(home, 'daemon.json'), '{"pid":')
    assert.match(await why(), /is not what a daemon writes/)
    daemon = await startLoopbackDaemon(home)
    await daemon.kill()
    assert.match(await why(), /does not answer on port \d+: /)
    daemon = undefined
  })
})
