/** When a window starts the daemon by itself. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { keepStarted } from './auto-start.ts'
import type { Link } from './link.ts'

describe('keepStarted', () => {
  let home = ''
  let starts = 0
  let link: Link
  let tell: () => void
  let at = 0
  let autoStart: 'ask' | 'always' | 'never'
  let stopped: boolean
  let comesUp: boolean

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tk-auto-'))
    starts = 0
    at = 0
    autoStart = 'always'
    stopped = false
    comesUp = true
    const onChange = (fn: () => void) => {
      tell = fn
      return () => {}
    }
    const start = () => {
      starts += 1
      return Promise.resolve(comesUp)
    }
    keepStarted(
      home,
      { link: () => link, onChange },
      { start, wasStopped: () => stopped },
      () => ({ autoStart }),
      () => at,
    )
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  const becomes = async (kind: 'starting' | 'live' | 'off') => {
    link = kind === 'off' ? { kind, why: '' } : { kind }
    tell()
    await turn()
  }
  const crash = () => writeFileSync(join(home, 'daemon.json'), '{}')

  it('does so when none is found, once', async () => {
    await becomes('starting')
    assert.equal(starts, 0)
    await becomes('off')
    await becomes('off')
    assert.equal(starts, 1)
  })

  it('does so after a crash, but not over and over', async () => {
    await becomes('live')
    crash()
    await becomes('off')
    assert.equal(starts, 1)
    await becomes('live')
    at = 59_000
    await becomes('off')
    assert.equal(starts, 1)
    at = 60_000
    await becomes('off')
    assert.equal(starts, 2)
  })

  it('leaves one off that was stopped, here or elsewhere', async () => {
    await becomes('live')
    await becomes('off')
    assert.equal(starts, 0)
    crash()
    stopped = true
    await becomes('off')
    assert.equal(starts, 0)
  })

  it('gives up after a start that failed, until one runs again', async () => {
    comesUp = false
    await becomes('off')
    at = 1_000_000
    await becomes('off')
    assert.equal(starts, 1)
    await becomes('live')
    crash()
    await becomes('off')
    assert.equal(starts, 2)
  })

  for (const choice of ['ask', 'never'] as const) {
    it(`does not where the user chose "${choice}"`, async () => {
      autoStart = choice
      await becomes('off')
      assert.equal(starts, 0)
    })
  }
})
