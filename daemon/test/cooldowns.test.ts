/** Cooldowns in a whole daemon: kept over restarts, shown, told and lifted. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CooldownSet } from '../../shared/contract/event.ts'
import { exchange } from './exchange.ts'
import { cooldownEvent } from './plain-events.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const minute = 60_000
const answer = '{"id":"1","model":"m","usage":{"prompt_tokens":10,"completion_tokens":1}}'

describe('a cooldown', () => {
  let upstream: Upstream
  let story: Story
  let now: number
  beforeEach(async () => {
    now = Date.parse('2026-03-10T12:00:00Z')
    upstream = await startUpstream()
    upstream.script({ body: answer })
    story = await start({ config: config(), now: () => now })
  })
  afterEach(async () => {
    await story.end()
    await upstream.close()
  })

  const config = (more = {}) => ({ providers: { up: { extends: 'openai', baseUrl: `${upstream.url}/v1`, ...more } } })
  const set = (changes: Partial<CooldownSet> = {}) =>
    story.daemon.book.record(cooldownEvent({ provider: 'up', account: 'up', until: now + minute, ...changes }))
  const shown = async () =>
    (await story.ask('ratelimits')).ratelimits.map((row) => [row.account, row.model, row.status, row.cooldownUntil])
  const call = () =>
    exchange(`${story.url}/p/up/v1/chat/completions`, {
      body: '{"model":"m"}',
      headers: { authorization: 'Bearer sk-own-credential-1' },
    })
  const logged = (message: string) =>
    story.log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message)

  it('stands after a restart, and after one behind a snapshot', async () => {
    const until = now + minute
    set()
    set({ model: 'm', until: until + 1, refusal: 'overload', strikes: 3 })
    const rows = [
      ['up', 'm', 'exhausted', until + 1],
      ['up', '*', 'exhausted', until],
    ]
    assert.deepEqual((await shown()).sort(), rows.sort())
    await story.restart()
    assert.deepEqual((await shown()).sort(), rows)
    await story.ask('compact', { body: {} })
    await story.restart()
    assert.deepEqual((await shown()).sort(), rows)
    const { limits } = await story.ask('summary')
    assert.deepEqual(
      limits.map(({ model, cooldown }) => [model, cooldown?.refusal, cooldown?.model]).sort(),
      [
        ['m', 'overload', 'm'],
        [null, 'rate', null],
      ].sort(),
    )
    now = until + 1
    assert.deepEqual(await shown(), [])
  })

  it('ends with a good answer to a call that was sent after it', async () => {
    await call()
    const account = (await story.ask('summary')).recent[0]?.account ?? ''
    set({ account, model: 'm' })
    set({ account: 'another' })
    now += 1
    assert.equal((await call()).status, 200)
    assert.deepEqual(await shown(), [['another', '*', 'exhausted', now - 1 + minute]])
    assert.equal(logged('Avoided').length, 2)
    assert.deepEqual(
      logged('No longer avoided').map(({ provider, model, why }) => [provider, model, why]),
      [['up', 'm', 'answered']],
    )
  })

  it('is lifted on demand', async () => {
    set({ model: 'a/b' })
    const { lifted } = await story.ask('liftCooldowns', { params: { provider: 'up', model: 'a/b' } })
    assert.deepEqual(
      lifted.map(({ model, refusal }) => [model, refusal]),
      [['a/b', 'rate']],
    )
    assert.deepEqual(await shown(), [])
    await story.restart()
    assert.deepEqual(await shown(), [])
  })

  it("ends as the provider's key or address changes", async () => {
    set()
    set({ account: 'own-key' })
    const write = (more: object) => writeFileSync(join(story.home, 'config.jsonc'), JSON.stringify(config(more)))
    write({ apiKey: 'sk-new-1' })
    const left = async () => (await shown()).map(([account]) => account)
    await eventually('the lent one has ended', async () => !(await left()).includes('up'))
    assert.deepEqual(await left(), ['own-key'])
    write({ apiKey: 'sk-new-1', baseUrl: `${upstream.url}/v2` })
    await eventually('all have ended', async () => (await left()).length === 0)
  })
})
