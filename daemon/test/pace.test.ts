/** From a reply's headers to the pace that REST tells, the headline of summary and feed, and what the command prints. */
import assert from 'node:assert/strict'
import { limitsText } from '../cli/limits.ts'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const hour = 3_600_000

describe('the pace of a plan', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    story = await start({ config: { providers: { up: { extends: 'anthropic', baseUrl: `${upstream.url}/v1` } } } })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  /** A call whose reply says how much of the plan is used; the five hours began half of them ago, the week just now. */
  async function callWith(fiveHours: number, sevenDays: number): Promise<void> {
    const resets = (ms: number) => String(Math.ceil((Date.now() + ms) / 1000))
    upstream.script({
      status: 200,
      headers: [
        ['content-type', 'application/json'],
        ['anthropic-ratelimit-unified-status', 'allowed'],
        ['anthropic-ratelimit-unified-representative-claim', 'five_hour'],
        ['anthropic-ratelimit-unified-5h-utilization', String(fiveHours)],
        ['anthropic-ratelimit-unified-5h-reset', resets(2.5 * hour)],
        ['anthropic-ratelimit-unified-7d-utilization', String(sevenDays)],
        ['anthropic-ratelimit-unified-7d-reset', resets(7 * 24 * hour)],
      ],
      body: JSON.stringify({ model: 'claude-sonnet-4-5', usage: { input_tokens: 9, output_tokens: 1 } }),
    })
    const reply = await exchange(`${story.url}/p/up/v1/messages`, {
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-ant-oat01-test' },
      body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 9, messages: [] }),
    })
    assert.equal(reply.status, 200)
  }

  it('is told with when it runs out', async () => {
    await callWith(0.75, 0.01)
    const [row] = await eventually('the limits are read', async () => {
      const { ratelimits } = await story.ask('ratelimits')
      return ratelimits.length > 0 && ratelimits
    })
    const [of5h, of7d] = ['5h', '7d'].map((name) => row?.windows.find((window) => window.name === name))
    assert.ok(of5h && of7d && of5h.pace !== null && of5h.runsOutAt !== null && of5h.resetsAt !== null)
    assert.ok(Math.abs(of5h.pace - 25) < 1, `pace ${of5h.pace}`)
    // three quarters took half of its time: the rest takes a third of that
    const left = of5h.resetsAt - of5h.runsOutAt
    assert.ok(Math.abs(left - (2.5 - 2.5 / 3) * hour) < hour / 20, `${left} ms before its reset`)
    assert.equal(of7d.runsOutAt, null)
  })

  it('is the headline’s, and stands in every list', async () => {
    const { headline, limits, time_zone } = await story.ask('summary')
    assert.ok(headline.kind === 'window')
    assert.deepEqual([headline.state, headline.window.name, headline.refused], ['fast-pace', '5h', null])
    assert.match(limitsText(limits, Date.now(), time_zone), / 75% {2}pace \+25%, out .*resets/)
  })

  it('lets the fuller week be seen once the five hours last', async () => {
    await callWith(0.02, 0.4)
    await eventually('the week is in the headline', async () => {
      const { headline } = await story.ask('summary')
      return headline.kind === 'window' && headline.window.name === '7d' && headline.state === 'ok'
    })
  })
})
