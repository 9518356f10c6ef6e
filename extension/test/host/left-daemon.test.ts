/** No daemon of a test's home outlives the test. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endDaemon } from './left-daemon.ts'

describe('the daemon that a test leaves', () => {
  let home = ''
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'tk-left-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  it('is ended, and its end is waited for', async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'])
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    await writeFile(join(home, 'daemon.json'), JSON.stringify({ pid: child.pid, port: 1 }))
    await endDaemon(home)
    await ended
    assert.ok(child.signalCode === 'SIGTERM' || process.platform === 'win32', `ended by ${child.signalCode}`)
  })

  it('may have gone by itself, with or without its file', async () => {
    await endDaemon(home)
    // Higher than any system numbers its processes.
    await writeFile(join(home, 'daemon.json'), JSON.stringify({ pid: 2 ** 30 }))
    await endDaemon(home)
  })
})
