/** Our own overhead is the time spent in us: never what a provider took, what it asked to wait, or how long a client listened. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { openaiChat } from '../dialects/openai-chat/openai-chat.ts'
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
    const last = await lastAttempt(id)
    // timers may be a moment early
    assert.ok(last.overhead_ms <= last.latency_ms - heldMs + 5, `${last.overhead_ms} of ${last.latency_ms}`)
  }

  async function lastAttempt(id: string) {
    const receipt = await eventually('its receipt', async () => {
      const told = await chains.story.client.ask('request', { params: { id } })
      return told.ok && told.value
    })
    const last = receipt.attempts.at(-1)
    assert.ok(last, id)
    return last
  }

  before(async () => {
    chains = await startChains({ pair: ['one/m1', 'two/m2'] }, ([url]) => ({
      single: { extends: 'openai', baseUrl: `${url}/v1`, apiKey: 'sk-lent-number-four', limits: { concurrent: 1 } },
    }))
  })
  beforeEach(() => chains.anew())
  after(() => chains.end())

  it('holds what it takes us to read a request', async () => {
    const messages = Array.from({ length: 200_000 }, () => ({ role: 'user', content: 'hi' }))
    const large = Buffer.from(JSON.stringify({ model: 'm', messages }))
    const reply = await exchange(ask('/p/one'), { headers: headers(), body: large })
    const last = (await lastAttempt(idOf(reply))).overhead_ms
    // the same once more, by a program that is warm by now
    const takes = Array.from({ length: 5 }, () => {
      const began = performance.now()
      openaiChat.readRequest(large, { path: '/chat/completions', query: '' } as never)
      return performance.now() - began
    })
    assert.ok(last >= Math.min(...takes) / 2, `${last} of ${takes.join()}`)
  })

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
