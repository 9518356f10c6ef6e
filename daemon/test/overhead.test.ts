/** Our own overhead is the time spent in us: never what a provider took, what it asked to wait, or how long a client listened. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type Chains, chunk, ending, good, idOf, rate, refused, sse, startChains } from './chains.ts'
import { exchange } from './exchange.ts'
import { eventually } from './start.ts'

const heldMs = 300

describe('our own overhead', () => {
  let chains: Chains
  const ask = (path: string) => `${chains.story.url}${path}/v1/chat/completions`
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] })
  const headers = () => ({ authorization: `Bearer ${chains.key}` })

  /** However busy the machine is: what is ours and what was held up elsewhere fit into the whole, one beside the other. */
  async function leavesOut(id: string): Promise<void> {
    const receipt = await eventually('its receipt', async () => {
      const told = await chains.story.client.ask('request', { params: { id } })
      return told.ok && told.value
    })
    const last = receipt.attempts.at(-1)
    assert.ok(last, id)
    // timers may be a moment early
    assert.ok(last.overhead_ms <= last.latency_ms - heldMs + 5, `${last.overhead_ms} of ${last.latency_ms}`)
  }

  before(async () => {
    chains = await startChains({ pair: ['one/m1', 'two/m2'] }, ([url]) => ({
      single: { extends: 'openai', baseUrl: `${url}/v1`, apiKey: 'sk-lent-number-four', limits: { concurrent: 1 } },
    }))
  })
  beforeEach(() => chains.anew())
  after(() => chains.end())

  it('is none of the time between two pieces of a stream', async () => {
    chains.one.script({ headers: sse, body: [chunk('a'), ending], between: heldMs })
    await leavesOut(idOf(await exchange(ask('/p/one'), { headers: headers(), body })))
  })

  it('is none of the silence before a stream breaks', async () => {
    // nothing comes with the cut
    chains.one.script({ headers: sse, body: [chunk('a'), ''], between: heldMs, cutAfter: 10_000 })
    const reply = await exchange(ask('/p/one'), { headers: headers(), body })
    assert.equal(reply.broken, true)
    await leavesOut(idOf(reply))
  })

  it('is none of the silence before a client leaves', async () => {
    chains.one.script({ headers: sse, body: chunk('a'), open: true })
    const onData = (_: Buffer, sent: { destroy(): void }) => void setTimeout(() => sent.destroy(), heldMs)
    await leavesOut(idOf(await exchange(ask('/p/one'), { headers: headers(), body, onData })))
  })

  it('is none of what a provider asks to wait before it is asked again', async () => {
    chains.two.script(rate('50'))
    await chains.ask('pair', { model: 'two/m2' })
    const retry = [
      ['x-should-retry', 'true'],
      ['retry-after-ms', String(heldMs)],
    ] as const
    chains.one.script(refused(503, {}, retry), good)
    const reply = await chains.ask('pair')
    assert.equal(reply.headers['x-tollkeeper-attempts'], '2')
    await leavesOut(idOf(reply))
  })

  it('is none of the time in line for a limit of the user', async () => {
    chains.one.script({ silent: true }, good)
    const first = request(ask('/p/single'), {
      method: 'POST',
      headers: { ...headers(), 'content-type': 'application/json' },
    })
    first.on('error', () => {})
    first.end(body)
    await chains.one.arrived(1)
    const second = exchange(ask('/p/single'), { headers: headers(), body })
    await eventually('both are here', async () => (await chains.story.ask('summary')).in_flight === 2)
    await pause(heldMs)
    first.destroy()
    const reply = await second
    assert.equal(reply.status, 200)
    await leavesOut(idOf(reply))
  })
})
