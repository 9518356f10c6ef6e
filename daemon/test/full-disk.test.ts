/** The real daemon on disks that really refuse: full, and bounded by the system. Calls go on, the user is told, nothing is lost when it passes. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient } from '../../shared/client.ts'
import { exchange } from './exchange.ts'
import { type DaemonProcess, killLeft, startProcess } from './process.ts'
import { fillUp, mountSmall, unmount } from './small-disk.ts'
import { eventually } from './start.ts'

/** A disk that refuses, and one that takes everything again: a small one that is filled, else a file in the folder's place. */
function openRefusing(home: string): { refuse(): void; yield(): void; close(): void } {
  const journal = join(home, 'journal')
  if (mountSmall(home)) {
    const filler = join(home, 'filler')
    return {
      refuse: () => fillUp(filler),
      yield: () => rmSync(filler),
      close: () => unmount(home),
    }
  }
  return {
    refuse() {
      renameSync(journal, `${journal}.away`)
      writeFileSync(journal, '')
    },
    yield() {
      rmSync(journal)
      renameSync(`${journal}.away`, journal)
    },
    close: () => {},
  }
}

describe('a disk that really refuses', function () {
  this.timeout(60_000)
  let home: string
  let close = () => {}
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-disk-'))
  })
  afterEach(() => {
    killLeft()
    close()
    close = () => {}
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })

  async function call(daemon: DaemonProcess): Promise<void> {
    const body = '{"model":"sandbox-small","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}'
    const reply = await exchange(`${daemon.url}/p/sandbox/v1/messages`, { body })
    assert.deepEqual([reply.status, reply.broken], [200, false])
  }
  const clientOf = (daemon: DaemonProcess) => openClient({ url: daemon.url, token: daemon.discovery.token, fetch })
  async function warns(daemon: DaemonProcess, code: string): Promise<boolean> {
    const asked = await clientOf(daemon).ask('warnings', {})
    assert.ok(asked.ok)
    return asked.value.warnings.some((one) => one.code === code)
  }
  async function rows(daemon: DaemonProcess): Promise<number> {
    const asked = await clientOf(daemon).ask('requests', { query: { limit: '500' } })
    assert.ok(asked.ok)
    return asked.value.requests.filter((row) => row.outcome === 'ok').length
  }
  const serving = ['--port', '0', '--sandbox']

  it('serves on, says so, and writes everything down once there is room', async () => {
    const disk = openRefusing(home)
    close = disk.close
    const daemon = await startProcess(home, serving)
    disk.refuse()
    for (let i = 0; i < 5; i++) await call(daemon)
    assert.ok(await warns(daemon, 'journal-failing'))
    disk.yield()
    await eventually('the warning has passed', async () => !(await warns(daemon, 'journal-failing')), 15_000)
    await call(daemon)
    await daemon.kill()
    const again = await startProcess(home, serving)
    assert.equal(await rows(again), 6)
    assert.ok(!(await warns(again, 'journal-gap')))
    await again.kill()
  })

  // Windows bounds no file; there the same is played on a disk in memory alone (store/faults.test.ts)
  if (process.platform !== 'win32') it('goes on in further files where the system lets none grow', furtherFiles)

  async function furtherFiles(): Promise<void> {
    // 16 KiB a file, or twice as much where a shell counts in larger blocks
    const daemon = await startProcess(home, serving, ['/bin/sh', '-c', 'ulimit -f 32; exec "$0" "$@"'])
    const journal = join(home, 'journal')
    for (let i = 0; i < 35; i++) await call(daemon)
    const files = () => readdirSync(journal).filter((file) => file.endsWith('.jsonl')).length
    await eventually('further files', () => files() > 1, 15_000)
    await eventually('the warning has passed', async () => !(await warns(daemon, 'journal-failing')), 15_000)
    await daemon.kill()
    const again = await startProcess(home, serving)
    assert.equal(await rows(again), 35)
    assert.ok(!(await warns(again, 'journal-gap')))
    await again.kill()
  }
})
