/** Many calls at once over a chain whose first target starts to refuse, clocks that jump, and waits that cannot be: no storm, and no end that never comes. */
import assert from 'node:assert/strict'
import type { Event } from '../../shared/contract/event.ts'
import { answer, type Chains, chunk, ending, good, idOf, rate, refused, sse, startChains } from './chains.ts'
import type { Exchange } from './exchange.ts'
import type { Play, ReceivedRequest } from './upstream.ts'

const day = 86_400_000
const streamed = `${chunk('hi')}${ending}`
/** The call's own number comes as its user, which passes to the provider. */
const callIn = ({ body }: ReceivedRequest) => (JSON.parse(body.toString()) as { user: string }).user
const answerTo = ({ body }: ReceivedRequest): Play =>
  /"stream":true/.test(body.toString()) ? { headers: sse, body: streamed } : good

describe('many calls at once along a chain', () => {
  let chains: Chains
  let events: Event[]
  before(async () => {
    chains = await startChains({ pair: ['one/m1', 'two/m2'], trio: ['one/m1', 'two/m2', 'three/m3'] })
    chains.story.daemon.book.watch(({ e }) => void events.push(e))
  })
  after(() => chains.end())
  beforeEach(() => {
    chains.anew()
    events = []
  })
  const cooldowns = () => [...chains.story.daemon.book.ledger.cooldowns.values()]
  const setOf = () => events.filter((event) => event.type === 'cooldown.set')
  const burst = (calls: number, from = 0, chain = 'pair') =>
    Promise.all(
      Array.from({ length: calls }, (_, i) =>
        chains.ask(chain, {
          user: `call-${from + i}`,
          ...(i % 2 === 1 && { stream: true, stream_options: { include_usage: true } }),
        }),
      ),
    )
  const servedBy = (replies: readonly Exchange[], provider: string) =>
    replies.filter(({ headers }) => headers['x-tollkeeper-provider'] === provider)

  it('are each answered once, and none goes to the same target twice', async () => {
    const before = await chains.story.ask('statsSummary')
    let asked = 0
    chains.one.script((request) =>
      asked++ < 60 ? { ...answerTo(request), headAfter: 5 } : { ...rate('20'), headAfter: 5 },
    )
    chains.two.script(answerTo)
    const replies = await burst(200)
    for (const [i, { status, body, broken }] of replies.entries())
      assert.deepEqual([status, body.toString(), broken], [200, i % 2 === 1 ? streamed : answer, false], `call ${i}`)
    assert.equal(new Set(replies.map(idOf)).size, 200)
    for (const up of [chains.one, chains.two])
      assert.equal(new Set(up.requests.map(callIn)).size, up.requests.length, 'a call came twice')
    const refusals = chains.one.requests.length - 60
    assert.deepEqual([servedBy(replies, 'one').length, servedBy(replies, 'two').length], [60, 140])
    assert.deepEqual([chains.two.requests.length, refusals > 0], [140, true])
    assert.equal(setOf().length, 1)

    // each attempt that began has ended, and of each call one was the last
    const ended = events.filter((event) => event.type === 'attempt.ended')
    assert.equal(events.filter((event) => event.type === 'attempt.started').length, ended.length)
    const last = ended.filter(({ last }) => last).map(({ call }) => call)
    assert.deepEqual([last.length, new Set(last).size, ended.length], [200, 200, 200 + refusals])
    const now = await chains.story.ask('statsSummary')
    assert.deepEqual(
      [now.totalRequests - before.totalRequests, now.failedOverRequests - before.failedOverRequests],
      [200, refusals],
    )
    assert.equal(now.totalTokens - before.totalTokens, 200 * 12)
    assert.equal((await chains.story.ask('summary')).in_flight, 0)

    // who comes later does not ask the first one until the cooldown is over; then one does
    const sent = chains.one.requests.length
    chains.wait(15_000)
    assert.equal(servedBy(await burst(40, 200), 'two').length, 40)
    assert.equal(chains.one.requests.length, sent)
    chains.wait(6000)
    chains.one.script({ ...rate('20'), headAfter: 150 })
    assert.equal(servedBy(await burst(40, 300), 'two').length, 40)
    assert.equal(chains.one.requests.length, sent + 1)
    assert.deepEqual([setOf().length, cooldowns()[0]?.strikes], [2, 2])
    chains.wait(21_000)
    chains.one.script((request) => ({ ...answerTo(request), headAfter: 150 }))
    assert.ok(servedBy(await burst(40, 400), 'one').length >= 1)
    assert.equal(servedBy(await burst(40, 500), 'one').length, 40)
    assert.deepEqual(cooldowns(), [])
  })

  it('are told so, each by itself, where all targets refuse, and later ones are not sent at all', async () => {
    for (const up of [chains.one, chains.two]) up.script({ ...rate('20'), headAfter: 20 })
    const replies = await burst(60)
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [429])
    for (const up of [chains.one, chains.two]) assert.equal(new Set(up.requests.map(callIn)).size, up.requests.length)
    assert.equal(setOf().length, 2)
    const sent = chains.sent()
    assert.deepEqual([...new Set((await burst(60, 60)).map(({ status }) => status))], [429])
    assert.deepEqual(chains.sent(), sent)
  })

  /** What the first target states, and how long it is left alone for it at least and at most. */
  for (const [what, play, least, most] of [
    ['an hour', rate('3600'), 3_600_000, 3_600_000],
    ['nothing', refused(429), 1500, 2000],
    ['0', rate('0'), 1500, 2000],
    ['less than nothing', rate('-5'), 1500, 2000],
    ['a date that is past', rate('Thu, 01 Jan 1970 00:00:00 GMT'), 1500, 2000],
    ['ten years', rate('315360000'), 1500, 2000],
    ['no number', rate('soon'), 1500, 2000],
    ['a number past all numbers', rate('9'.repeat(400)), 1500, 2000],
    [
      'a reset in the past',
      refused(429, {}, [
        ['x-ratelimit-remaining-requests', '0'],
        ['x-ratelimit-reset-requests', '2001-01-01T00:00:00Z'],
      ]),
      1500,
      2000,
    ],
    [
      'resets that are none',
      refused(429, {}, [
        ['x-ratelimit-remaining-requests', 'none'],
        ['x-ratelimit-reset-requests', 'NaN'],
        ['retry-after-ms', '1e999'],
        ['anthropic-ratelimit-unified-reset', '{}'],
      ]),
      1500,
      2000,
    ],
    ['ten years of ms for a server that is out', refused(503, {}, [['retry-after-ms', '315360000000']]), 1500, 2000],
  ] as [string, Play, number, number][]) {
    it(`leave a target alone for as long as may be true where it states ${what}`, async () => {
      chains.one.script(play)
      assert.equal(servedBy([await chains.ask('pair')], 'two').length, 1)
      const [cooldown] = cooldowns()
      assert.ok(cooldown)
      const lasts = cooldown.until - cooldown.setAt
      assert.ok(lasts >= least && lasts <= most, `${lasts} ms`)
      // a burst meanwhile reaches it not once, and one after it once
      chains.wait(least - 1)
      await burst(20)
      assert.equal(chains.one.requests.length, 1)
      chains.wait(most - least + 2)
      chains.one.script({ ...play, headAfter: 60 })
      await burst(20)
      assert.equal(chains.one.requests.length, 2)
    })
  }

  it('reach a target that goes on refusing ever more seldom, and it is never left for good', async () => {
    chains.one.script(refused(429))
    for (let i = 0; i < 360; i++) {
      await chains.ask('pair')
      chains.wait(10_000)
    }
    // an hour: once in two minutes in the end
    assert.ok(chains.one.requests.length >= 30 && chains.one.requests.length <= 60, `${chains.one.requests.length}`)
    chains.one.script(good)
    chains.wait(120_000)
    assert.equal(servedBy([await chains.ask('pair')], 'one').length, 1)
    assert.deepEqual(cooldowns(), [])
  })

  it('ask again at once when the clock jumps past a cooldown', async () => {
    chains.one.script(rate('3600'), { ...good, headAfter: 60 })
    await chains.ask('pair')
    chains.wait(10 * 365 * day)
    assert.equal((await burst(10)).filter(({ status }) => status === 200).length, 10)
    assert.ok(chains.one.requests.length >= 2)
    assert.equal(servedBy(await burst(4), 'one').length, 4)
  })

  it('are not held by a cooldown that was set in a future which never came', async () => {
    chains.one.script(rate('3600'))
    await chains.ask('pair')
    chains.wait(-30 * day)
    assert.deepEqual(
      (await chains.story.ask('ratelimits')).ratelimits.filter((row) => row.status === 'exhausted'),
      [],
    )
    // it refuses still: that counts from now, and is kept to
    await chains.ask('pair')
    assert.deepEqual([chains.one.requests.length, cooldowns().length, cooldowns()[0]?.strikes], [2, 1, 1])
    await burst(20)
    assert.equal(chains.one.requests.length, 2)
    chains.one.script(good)
    chains.wait(3_600_001)
    assert.equal(servedBy([await chains.ask('pair')], 'one').length, 1)
    assert.deepEqual(cooldowns(), [])
  })

  it('end each cooldown within what it may last at most, when the clock steps back a little in its midst', async () => {
    chains.one.script(rate('60'))
    await chains.ask('pair')
    chains.wait(30_000)
    chains.wait(-10_000)
    await burst(10)
    assert.equal(chains.one.requests.length, 1)
    chains.one.script(good)
    chains.wait(40_001)
    assert.equal(servedBy([await chains.ask('pair')], 'one').length, 1)
  })
})
