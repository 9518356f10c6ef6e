/** kill -9 in the midst of a failover: the call is there once, and what was learned of the refusing target stands. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient } from '../../shared/client.ts'
import { good, rate, refused } from './chains.ts'
import { exchange } from './exchange.ts'
import { type DaemonProcess, killLeft, startProcess } from './process.ts'
import { eventually } from './start.ts'
import { type Plays, startUpstream, type Upstream } from './upstream.ts'

describe('kill -9 in the midst of a failover', function () {
  this.timeout(60_000)
  let home: string
  let one: Upstream
  let two: Upstream
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-failover-kill-'))
    one = await startUpstream()
    two = await startUpstream()
    const provider = ({ url }: Upstream, id: string) => ({
      extends: 'openai',
      baseUrl: `${url}/v1`,
      apiKey: `sk-lent-number-${id}`,
    })
    writeFileSync(
      join(home, 'config.jsonc'),
      JSON.stringify({
        providers: { one: provider(one, 'one'), two: provider(two, 'two') },
        chains: { pair: ['one/m1', 'two/m2'] },
      }),
    )
  })
  afterEach(async () => {
    killLeft()
    await one.close()
    await two.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })

  const clientOf = ({ url, discovery }: DaemonProcess) => openClient({ url, token: discovery.token, fetch })
  const made = async (daemon: DaemonProcess) => {
    const reply = await clientOf(daemon).ask('createKey', { body: { name: 'a key', scope: 'proxy' } })
    assert.ok(reply.ok)
    return reply.value.key
  }
  const ask = (daemon: DaemonProcess, key: string, model = 'chain:pair') =>
    exchange(`${daemon.url}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
    })

  for (const [what, first, second, killed, attempts] of [
    [
      'while the next target is asked',
      rate('3000'),
      { silent: true },
      () => two.arrived(1),
      ['one refused rate', 'two interrupted'],
    ],
    ['while the first target is asked', { silent: true }, good, () => one.arrived(1), ['one interrupted']],
  ] as [string, Plays, Plays, () => Promise<void>, string[]][]) {
    it(what, async () => {
      one.script(first)
      two.script(second)
      const daemon = await startProcess(home)
      const key = await made(daemon)
      // the daemon's death is what ends it
      const lost = ask(daemon, key).catch(() => undefined)
      await killed()
      await daemon.kill()
      assert.equal(await lost, undefined)

      const again = await startProcess(home)
      const client = clientOf(again)
      const listed = await client.ask('requests', { query: { limit: '10' } })
      assert.ok(listed.ok)
      assert.equal(listed.value.requests.length, 1)
      const [row] = listed.value.requests
      const receipt = await client.ask('request', { params: { id: row?.id ?? '' } })
      assert.ok(receipt.ok)
      assert.deepEqual(
        receipt.value.attempts.map(({ provider, outcome, refusal }) =>
          [provider, outcome, refusal].filter(Boolean).join(' '),
        ),
        attempts,
      )
      const total = await client.ask('statsSummary', {})
      assert.equal(total.ok && total.value.totalRequests, 1)
      const isCooling = attempts[0] === 'one refused rate'
      const limits = await client.ask('ratelimits', {})
      assert.ok(limits.ok)
      assert.deepEqual(
        limits.value.ratelimits
          .filter(({ status }) => status === 'exhausted')
          .map(({ account, model }) => [account, model]),
        isCooling ? [['one', 'm1']] : [],
      )
      one.script(good)
      two.script(good)
      const served = await ask(again, key)
      assert.deepEqual([served.status, served.headers['x-tollkeeper-provider']], [200, isCooling ? 'two' : 'one'])
      await again.kill()
    })
  }

  it('while it waits to ask the same target again', async () => {
    one.script(refused(503, {}, [['retry-after-ms', '1900']]))
    two.script(rate('3000'))
    const daemon = await startProcess(home)
    const key = await made(daemon)
    const client = clientOf(daemon)
    await ask(daemon, key, 'two/m2')
    const lost = ask(daemon, key).catch(() => undefined)
    await eventually('the first one is avoided', async () => {
      const limits = await client.ask('ratelimits', {})
      return (
        limits.ok && limits.value.ratelimits.some(({ account, status }) => account === 'one' && status === 'exhausted')
      )
    })
    await daemon.kill()
    assert.equal(await lost, undefined)

    const again = await startProcess(home)
    const listed = await clientOf(again).ask('requests', { query: { limit: '10' } })
    assert.ok(listed.ok)
    assert.deepEqual(
      listed.value.requests.map(({ providerId, outcome, attempts }) => [providerId, outcome, attempts]),
      [
        ['one', 'interrupted', 1],
        ['two', 'refused', 1],
      ],
    )
    assert.equal(one.requests.length, 1)
    await again.kill()
  })
})
