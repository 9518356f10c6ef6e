/** The installers' lock: one at a time, and a dead holder does not block for ever. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withLock } from './lock.ts'

describe('the lock of the installers', () => {
  let folder = ''
  let options = { file: '', onWait: () => {}, limitMs: 15_000 }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tk-lock-'))
    options = { ...options, file: join(folder, 'deep', 'lock') }
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('lets one work at a time', async () => {
    let inside = 0
    let most = 0
    const work = async (): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setTimeout(resolve, 5))
      inside -= 1
    }
    await Promise.all([1, 2, 3].map(() => withLock(options, work)))
    assert.equal(most, 1)
    assert.equal(existsSync(options.file), false)
  })

  it('frees the lock when the work throws', async () => {
    await assert.rejects(
      withLock(options, () => Promise.reject(new Error('no disk'))),
      /no disk/,
    )
    assert.equal(await withLock(options, () => Promise.resolve('next')), 'next')
  })

  it('takes over from a holder that no longer touches the file', async () => {
    const file = join(folder, 'lock')
    await writeFile(file, '')
    await utimes(file, new Date(0), new Date(0))
    assert.equal(await withLock({ ...options, file }, () => Promise.resolve('mine')), 'mine')
  })

  it('gives up on a living holder at its limit, and names the file', async () => {
    const file = join(folder, 'lock')
    await writeFile(file, '')
    await assert.rejects(
      withLock({ ...options, file, limitMs: 0 }, () => Promise.resolve()),
      (error: Error) => error.message.includes(file),
    )
  })
})
