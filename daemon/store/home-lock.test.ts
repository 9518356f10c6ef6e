/** One winner among many starts, seen alive or dead at once; the processes are real and so is kill -9. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { holderPidOf, keepPrivate, takeHome, whyUnusable } from './home-lock.ts'
import { processState } from './process-start.ts'

describe('the home lock', function () {
  this.timeout(60_000)
  let folder = ''
  let home = ''
  let script = ''
  let children: ChildProcess[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'))
    script = join(folder, 'hold-home.mjs')
    const entryPoints = ['daemon/store/hold-home.ts']
    await build({ entryPoints, outfile: script, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })
  })
  after(() => rm(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    home = await mkdtemp(join(folder, 'home-'))
  })
  afterEach(async () => {
    await Promise.all(children.map(end))
    children = []
  })

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async function hold(): Promise<{
    child: ChildProcess
    taken: { kind: string; epoch?: number; by?: { pid: number } }
  }> {
    const child = spawn(process.execPath, [script, home], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    return { child, taken: JSON.parse(line) as { kind: string } }
  }

  it('makes the folder for its owner alone', async () => {
    home = join(home, 'deep', 'er')
    assert.equal((await takeHome(home)).kind, 'taken')
    if (process.platform !== 'win32') assert.equal((await stat(home)).mode & 0o777, 0o700)
    assert.deepEqual(await readdir(home), ['lock.1'])
  })

  it('is held as long as its holder lives, and says who that is', async () => {
    const first = await takeHome(home)
    assert.equal(first.kind, 'taken')
    assert.deepEqual(await takeHome(home), { kind: 'held', by: { pid: process.pid } })
  })

  it('can be looked at without being taken', async () => {
    assert.equal(await holderPidOf(home), undefined)
    const mine = await takeHome(home)
    assert.ok(mine.kind === 'taken')
    const files = await readdir(home)
    assert.equal(await holderPidOf(home), process.pid)
    assert.deepEqual(await readdir(home), files)
    await mine.release()
    assert.equal(await holderPidOf(home), undefined)
  })

  it('is free again at once after it was given back, with a higher epoch', async () => {
    for (const epoch of [1, 2, 3, 4, 5, 6]) {
      const taken = await takeHome(home)
      assert.ok(taken.kind === 'taken')
      assert.equal(taken.epoch, epoch)
      await taken.release()
    }
    assert.deepEqual((await readdir(home)).sort(), ['lock.4', 'lock.5', 'lock.6'])
  })

  it('has exactly one winner of eight processes, four times over dead holders', async () => {
    for (let round = 1; round <= 4; round++) {
      const all = await Promise.all(Array.from({ length: 8 }, hold))
      const winners = all.filter(({ taken }) => taken.kind === 'taken')
      assert.equal(winners.length, 1, JSON.stringify(all.map(({ taken }) => taken)))
      const [winner] = winners
      assert.equal(winner?.taken.epoch, round)
      for (const { taken } of all) if (taken.kind === 'held') assert.equal(taken.by?.pid, winner?.child.pid)
      if (winner) await end(winner.child)
    }
  })

  it('is free at once after kill -9: the next start waits for no time-out', async () => {
    const { child } = await hold()
    assert.equal((await takeHome(home)).kind, 'held')
    await end(child)
    const taken = await takeHome(home)
    assert.ok(taken.kind === 'taken')
    assert.equal(taken.epoch, 2)
  })

  it('is kept over a sleep, however long: there is no time-out to miss', async () => {
    const { child, taken } = await hold()
    assert.equal(taken.kind, 'taken')
    // a process that is stopped does as little as one on a machine that sleeps; Windows can stop none
    if (process.platform !== 'win32') child.kill('SIGSTOP')
    const long = new Date(Date.now() - 7 * 24 * 60 * 60 * 1000)
    await utimes(join(home, 'lock.1'), long, long)
    assert.deepEqual(await takeHome(home), { kind: 'held', by: { pid: child.pid } })
    if (process.platform !== 'win32') child.kill('SIGCONT')
    assert.deepEqual(await takeHome(home), { kind: 'held', by: { pid: child.pid } })
  })

  it('is not kept by a stranger that was given the dead holder’s process id', async () => {
    const state = await processState(process.pid)
    if (state.kind !== 'running' || state.mark === undefined) return assert.notEqual(process.platform, 'linux')
    await writeFile(join(home, 'lock.7'), JSON.stringify({ pid: process.pid, mark: 'another start' }))
    const taken = await takeHome(home)
    assert.ok(taken.kind === 'taken')
    assert.equal(taken.epoch, 8)
  })

  it('does not wait for ever for a lock whose writer died while writing', async () => {
    await writeFile(join(home, 'lock.1'), '')
    const taken = await takeHome(home)
    assert.ok(taken.kind === 'taken')
    assert.equal(taken.epoch, 2)
  })

  it('says why a home cannot be used and what to do', async () => {
    const file = join(home, 'file')
    await writeFile(file, '')
    for (const path of [file, join(file, 'below')]) {
      const taken = await takeHome(path)
      assert.ok(taken.kind === 'unusable')
      assert.match(taken.why, /is no folder.*--home or TOLLKEEPER_HOME/)
      assert.ok(taken.why.includes(path))
    }
  })

  it('names for each refusal of the file system what to do', () => {
    const said: [string, RegExp][] = [
      ['EACCES', /cannot be written \(EACCES\).*make it yours/],
      ['EPERM', /cannot be written/],
      ['EROFS', /read-only file system/],
      ['ENOSPC', /no room left/],
      ['EIO', /cannot be used \(EIO\)/],
    ]
    for (const [code, pattern] of said) {
      const why = whyUnusable('/a/home', Object.assign(new Error(code), { code }))
      assert.match(why, pattern)
      assert.match(why, /\/a\/home.*TOLLKEEPER_HOME/)
    }
  })

  it('makes a home that others could look into private, and says that it was open', async () => {
    if (process.platform !== 'win32') {
      await chmod(home, 0o755)
      assert.equal(keepPrivate(home), 'made-private')
    }
    assert.equal(keepPrivate(home), 'private')
    if (process.platform !== 'win32') assert.equal((await stat(home)).mode & 0o777, 0o700)
  })
})
