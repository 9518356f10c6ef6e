/** kill -9 while budgets hold something for calls: they count as what was held for them, once, and the budget goes on from there. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient } from '../../shared/client.ts'
import { type Exchange, exchange } from './exchange.ts'
import { type DaemonProcess, killLeft, startProcess } from './process.ts'
import { eventually } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

describe('kill -9 while budgets hold something for calls', function () {
  this.timeout(60_000)
  let home: string
  let up: Upstream
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-budgets-kill-'))
    up = await startUpstream()
    up.script({ silent: true })
  })
  afterEach(async () => {
    killLeft()
    await up.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })

  /** What is held for an answer of which nothing is known, 1,000 tokens, costs a dollar. */
  const config = (perMillion: number) => ({
    providers: { up: { extends: 'openai', baseUrl: `${up.url}/v1` } },
    prices: { fair: { inputUsdPerMillion: 0, outputUsdPerMillion: perMillion } },
    budgets: [{ id: 'all', period: '7d', limitUsd: 5, action: 'block' }],
  })
  const write = (perMillion: number) => writeFileSync(join(home, 'config.jsonc'), JSON.stringify(config(perMillion)))
  const clientOf = ({ url, discovery }: DaemonProcess) => openClient({ url, token: discovery.token, fetch })
  /** What came back of those that were refused. */
  const ask = ({ url }: DaemonProcess, count: number): Exchange[] => {
    const refused: Exchange[] = []
    for (let i = 0; i < count; i++) {
      exchange(`${url}/p/up/v1/chat/completions`, {
        headers: { authorization: 'Bearer sk-own-0000000' },
        body: JSON.stringify({ model: 'fair', messages: [] }),
      }).then(
        (reply) => refused.push(reply),
        // the daemon's death is what ends it
        () => undefined,
      )
    }
    return refused
  }

  it('counts each at what was held for it, whatever it would cost by now', async () => {
    write(1000)
    const daemon = await startProcess(home)
    ask(daemon, 3)
    await up.arrived(3)
    await daemon.kill()

    write(2000)
    const again = await startProcess(home)
    const listed = await clientOf(again).ask('requests', {})
    assert.ok(listed.ok)
    assert.deepEqual(
      listed.value.requests.map(({ outcome, costUsd, billedUsd }) => [outcome, costUsd, billedUsd]),
      [1, 2, 3].map(() => ['interrupted', 1, 1]),
    )
    // two dollars are left, and one call holds them
    const refused = ask(again, 3)
    await up.arrived(4)
    await eventually('the others are refused', () => refused.length === 2)
    assert.deepEqual(
      refused.map(({ status, headers }) => [status, headers['x-tollkeeper-refusal']]),
      [1, 2].map(() => [429, 'targets_cooling']),
    )
    await again.kill()

    const third = await startProcess(home)
    const total = await clientOf(third).ask('statsSummary', {})
    assert.deepEqual(total.ok && [total.value.totalRequests, total.value.totalCostUsd], [4, 5])
    assert.equal(up.requests.length, 4)
    await third.kill()
  })
})
