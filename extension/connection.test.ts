/** How a window stays attached: over loss, restart, another contract and a daemon that is not ours. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LimitRow } from '../shared/contract/rows.ts'
import { limitRow, totals, windowRow } from '../shared/test/samples.ts'
import { type Connection, openConnection } from './connection.ts'
import type { Link } from './link.ts'
import { type LoopbackDaemon, startLoopbackDaemon } from './test/loopback-daemon.ts'
import { standing } from './test/samples.ts'

describe('openConnection', () => {
  let home = ''
  const daemons: LoopbackDaemon[] = []
  let connection: Connection

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'tk-link-'))
  })
  afterEach(async () => {
    connection.close()
    for (const daemon of daemons.splice(0)) await daemon.stop()
    await rm(home, { recursive: true, force: true })
  })
  const start = async (odd = {}) => {
    const daemon = await startLoopbackDaemon(home, odd)
    daemons.push(daemon)
    return daemon
  }
  const open = () => {
    connection = openConnection({ home, windowId: 'w', log: () => {} })
    return connection
  }
  const becomes = async (kind: Link['kind']) => {
    assert.ok(
      await connection.until((link) => link.kind === kind, 5000),
      `still ${connection.link().kind}, not ${kind}`,
    )
  }

  it('attaches, says who it is, and follows what it hears', async () => {
    const daemon = await start()
    open()
    assert.equal(connection.link().kind, 'starting')
    await becomes('live')
    assert.deepEqual(daemon.hellos, [{ type: 'hello', contract: 1, client: 'vscode', windowId: 'w' }])
    assert.equal(connection.view().standing?.today.requests, 12)
    const changed = new Promise<void>((resolve) => connection.onChange(resolve))
    daemon.tell({
      type: 'call.refused',
      seq: 1,
      id: 'r',
      code: 'bad_key',
      client: 'c',
      provider: null,
      standing: standing({ today: totals({ requests: 13 }) }),
    })
    await changed
    assert.equal(connection.view().standing?.today.requests, 13)
  })

  it('shows a window as reset when it is, though nobody says anything, and asks which limit binds then', async () => {
    const odd: { limits: LimitRow[] } = { limits: [] }
    const daemon = await start(odd)
    open()
    await becomes('live')
    const used = () => connection.view().limits[0]?.windows[0]?.used_pct
    const told = limitRow({ windows: [windowRow({ resets_at: new Date(Date.now() + 200).toISOString() })] })
    const asked = new Promise<void>((resolve) =>
      connection.onChange(() => void (daemon.authorized.includes('GET /api/v1/summary') && resolve())),
    )
    odd.limits = [limitRow({ windows: [windowRow({ used_pct: 0, resets_at: null, confirmed: false })] })]
    daemon.tell({ type: 'quota', seq: 1, limit: told, standing: standing() })
    await asked
    assert.equal(used(), 0)
    assert.deepEqual(connection.view().limits, odd.limits)
  })

  it('says "off" with the reason where there is none, and attaches as soon as one has started', async () => {
    open()
    await becomes('off')
    const link = connection.link()
    assert.match(link.kind === 'off' ? link.why : '', /no daemon runs/)
    const reply = await connection.ask('summary', {})
    assert.ok(!reply.ok && reply.error.detail.startsWith('The Tollkeeper daemon is not running'))
    await start()
    await becomes('live')
  })

  it('sees a daemon that was killed, and the next one, whose answers replace all it held', async () => {
    const first = await start()
    open()
    await becomes('live')
    await first.kill()
    daemons.length = 0
    await becomes('off')
    assert.equal(connection.daemon(), undefined)
    const second = await start({ standing: standing({ today: totals({ requests: 99 }) }) })
    await becomes('live')
    assert.equal(connection.view().daemon?.instanceId, second.discovery.instanceId)
    assert.equal(connection.view().standing?.today.requests, 99)
  })

  it('gives the token to nobody who has not proved to know it', async () => {
    const impostor = await start({ proofKey: 'guessed' })
    open()
    await becomes('off')
    await connection.ask('summary', {})
    assert.deepEqual(impostor.authorized, [])
  })

  it('tells an older daemon from an older window', async () => {
    await start({ contract: 0 })
    open()
    await becomes('mismatch')
    assert.deepEqual(connection.link(), { kind: 'mismatch', older: 'daemon', version: '0.1.0' })
    connection.close()
    for (const daemon of daemons.splice(0)) await daemon.stop()
    await start({ contract: 1000 })
    open()
    await becomes('mismatch')
    assert.deepEqual(connection.link(), { kind: 'mismatch', older: 'window', version: '0.1.0' })
  })

  it('asks with the token once attached', async () => {
    const daemon = await start()
    open()
    await becomes('live')
    const reply = await connection.ask('summary', {})
    assert.ok(reply.ok)
    const asked = daemon.authorized.indexOf('GET /api/v1/summary')
    assert.deepEqual([asked >= 0, daemon.windows[asked]], [true, 'w'])
  })

  it('says that one is being started instead of that none is there', async () => {
    open()
    await becomes('off')
    connection.expect(true)
    assert.equal(connection.link().kind, 'starting')
    connection.expect(false)
    assert.equal(connection.link().kind, 'off')
  })
})
