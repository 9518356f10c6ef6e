/** The daemon's files in the home: whole, once, and never changed under a daemon that runs from them. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endOfLog, logFile, openDaemonLog, placeDaemon } from './daemon-files.ts'

describe('placeDaemon', () => {
  let root = ''
  let built = ''
  let home = ''

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tk-files-'))
    built = join(root, 'dist')
    home = join(root, 'home')
    await mkdir(join(built, 'daemon', 'chunks'), { recursive: true })
    await mkdir(join(built, 'dashboard'), { recursive: true })
    await mkdir(home)
    await writeFile(join(built, 'daemon', 'main.mjs'), 'one')
    await writeFile(join(built, 'daemon', 'main.mjs.map'), 'map')
    await writeFile(join(built, 'daemon', 'chunks', 'a.mjs'), 'a')
    await writeFile(join(built, 'dashboard', 'main.js'), 'page')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it('copies daemon and page, without source maps', async () => {
    const main = await placeDaemon(built, home, '1.0.0')
    assert.equal(main, join(home, 'app', '1.0.0', 'daemon', 'main.mjs'))
    assert.deepEqual((await readdir(join(home, 'app', '1.0.0'), { recursive: true })).sort(), [
      'daemon',
      join('daemon', 'chunks'),
      join('daemon', 'chunks', 'a.mjs'),
      join('daemon', 'main.mjs'),
      'dashboard',
      join('dashboard', 'main.js'),
    ])
  })

  it('uses what is there already', async () => {
    const main = await placeDaemon(built, home, '1.0.0')
    assert.equal(await placeDaemon(built, home, '1.0.0'), main)
    assert.deepEqual(await readdir(join(home, 'app')), ['1.0.0'])
  })

  it('puts another build of the same version beside the first', async () => {
    const first = await placeDaemon(built, home, '1.0.0')
    await writeFile(join(built, 'daemon', 'main.mjs'), 'two')
    const second = await placeDaemon(built, home, '1.0.0')
    assert.notEqual(second, first)
    assert.equal(await readFile(first, 'utf8'), 'one')
    assert.equal(await readFile(second, 'utf8'), 'two')
  })

  it('lets windows that start at once all have it whole, and leaves nothing beside it', async () => {
    const mains = await Promise.all(Array.from({ length: 8 }, () => placeDaemon(built, home, '1.0.0')))
    assert.equal(new Set(mains).size, 1)
    assert.deepEqual(await readdir(join(home, 'app')), ['1.0.0'])
  })

  it('keeps the two versions before it, and drops what is older', async () => {
    for (const [n, version] of ['1.0.0', '1.1.0', '1.2.0', '1.3.0'].entries()) {
      await placeDaemon(built, home, version)
      const time = new Date(Date.UTC(2026, 0, n + 1))
      await utimes(join(home, 'app', version), time, time)
    }
    assert.deepEqual((await readdir(join(home, 'app'))).sort(), ['1.1.0', '1.2.0', '1.3.0'])
  })

  it('says so where the extension lacks its daemon', async () => {
    await assert.rejects(placeDaemon(join(root, 'nowhere'), home, '1.0.0'), /lacks its daemon/)
  })
})

describe('the daemon’s log', () => {
  it('goes on where it was', async () => {
    const home = await mkdtemp(join(tmpdir(), 'tk-log-'))
    try {
      await writeFile(join(home, logFile), 'a\nb\nc\nd\n')
      const log = await openDaemonLog(home)
      await log.write('e\n')
      await log.close()
      assert.equal(await endOfLog(home), 'c\nd\ne')
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  })
})
