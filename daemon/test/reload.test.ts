/** A changed config.jsonc takes effect while the daemon runs; a bad one keeps the last good one, and says where it is bad. */
import assert from 'node:assert/strict'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exchange } from './exchange.ts'
import { eventually, type Story, type StoryOptions, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const answer = '{"id":"1","model":"m","usage":{"prompt_tokens":1000000,"completion_tokens":0}}'

describe('a change of config.jsonc', () => {
  let upstream: Upstream
  let story: Story
  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script({ body: answer })
  })
  afterEach(async () => {
    await story.end()
    await upstream.close()
  })

  const up = (more = {}) => ({ extends: 'openai', baseUrl: `${upstream.url}/v1`, ...more })
  const priced = (usd: number) => ({ m: { inputUsdPerMillion: usd, outputUsdPerMillion: 0 } })
  const begin = async (config: object, more: StoryOptions = {}) => {
    story = await start({ config: JSON.stringify(config), ...more })
  }
  const path = () => join(story.home, 'config.jsonc')
  const write = (config: object | string) =>
    writeFileSync(path(), typeof config === 'string' ? config : JSON.stringify(config))
  const call = (headers: Record<string, string> = {}, body = '{"model":"m"}') =>
    exchange(`${story.url}/p/up/v1/chat/completions`, {
      body,
      headers: { authorization: 'Bearer sk-own-credential-1', ...headers },
    })
  const newest = async () => (await story.ask('requests', { query: { limit: '1' } })).requests[0]
  const warningsOf = async (code: string) =>
    (await story.ask('warnings')).warnings.filter((one) => one.code === code).map((one) => one.text)

  it('brings a provider in and takes it out', async () => {
    await begin({})
    assert.equal((await call()).status, 404)
    write({ providers: { up: up() } })
    await eventually('the provider is there', async () => (await call()).status === 200)
    write({ providers: { other: up() } })
    await eventually('it is gone', async () => (await call()).status === 404)
  })

  it('counts whether the file is written or replaced, many times over', async () => {
    await begin({ providers: { up: up() } })
    for (let i = 1; i <= 20; i++) {
      const text = JSON.stringify({ providers: { up: up() }, prices: priced(i) })
      if (i % 2 === 0) writeFileSync(path(), text)
      else {
        writeFileSync(`${path()}.new`, text)
        renameSync(`${path()}.new`, path())
      }
    }
    await eventually('the last one is in use', async () => {
      await call()
      return (await newest())?.costUsd === 20
    })
  })

  it('moves prices, limits, origins and hosts', async () => {
    await begin({ providers: { up: up() } })
    await call()
    assert.equal((await newest())?.costUsd, null)
    assert.equal((await warningsOf('unpriced-model')).length, 1)
    const host = `box:${story.daemon.port}`
    assert.equal((await call({ host })).status, 421)
    write({
      providers: { up: up() },
      prices: priced(3),
      limits: { bodyMiB: 0.0001 },
      allowedHosts: ['box'],
      allowedOrigins: ['http://localhost:3000'],
    })
    await eventually('the name is known', async () => (await call({ host })).status === 200)
    assert.equal((await newest())?.costUsd, 3)
    assert.deepEqual(await warningsOf('unpriced-model'), [])
    assert.equal((await call({ origin: 'http://localhost:3000' })).status, 200)
    assert.equal((await call({}, `{"model":"m","pad":"${'x'.repeat(200)}"}`)).status, 413)
  })

  it('switches recording off and on again', async () => {
    await begin({ providers: { up: up() } })
    await call()
    const first = (await newest())?.id
    write({ providers: { up: up() }, 'usage-statistics-enabled': false })
    await eventually('it is off', async () => (await warningsOf('recording-off')).length === 1)
    assert.equal((await call()).status, 200)
    assert.equal((await newest())?.id, first)
    write({ providers: { up: up() } })
    await eventually('it is on', async () => (await warningsOf('recording-off')).length === 0)
    await call()
    assert.notEqual((await newest())?.id, first)
  })

  it('leaves a call that runs with what it began with', async () => {
    await begin({ providers: { up: up() }, prices: priced(1) })
    upstream.script({ body: [answer.slice(0, 10), answer.slice(10)], between: 600 })
    const running = call()
    await upstream.arrived(1)
    write({ prices: priced(7), network: { proxy: 'none' } })
    await eventually('the new one is in use', () =>
      story.log.some((line) => line.includes('config.jsonc was read anew')),
    )
    assert.equal((await running).body.toString(), answer)
    assert.equal((await newest())?.costUsd, 1)
    assert.equal((await call()).status, 404)
  })

  it('that is bad keeps the last good one, names line and column, and is forgotten once it is put right', async () => {
    await begin({ providers: { up: up() } })
    write('{\n  "providers": {}\n  "prices": {}\n}')
    const text = await eventually('it is named', async () => (await warningsOf('config-invalid'))[0])
    assert.match(text, /line 3, column 3: a comma is missing before this\. Until then the last good one stays in use\./)
    assert.equal((await call()).status, 200)
    assert.deepEqual((await story.ask('config')).config, { providers: { up: up() } })
    write('{ "timeZone": 7 }')
    await eventually('the next fault is named', async () =>
      /timeZone must be/.test((await warningsOf('config-invalid')).join()),
    )
    write({ providers: { up: up() }, prices: priced(1) })
    await eventually('the warning has passed', async () => (await warningsOf('config-invalid')).length === 0)
  })

  it('to nothing gives the defaults, and the log says so', async () => {
    await begin({ providers: { up: up() } })
    rmSync(path())
    await eventually('the defaults are in use', async () => (await call()).status === 404)
    assert.ok(story.log.some((line) => line.includes('config.jsonc is gone: the defaults are in use')))
  })

  it('that waits for the next start says so, until it is taken back', async () => {
    await begin({ timeZone: 'UTC' })
    write({ timeZone: 'Asia/Tokyo', retention: { journalDays: 3 } })
    const texts = await eventually('it is said', async () => {
      const found = await warningsOf('restart-needed')
      return found.length === 2 && found
    })
    assert.match(texts.join('\n'), /Days still begin as in UTC.*tollkeeper restart/)
    assert.match(texts.join('\n'), /"store" and "retention"/)
    write({ timeZone: 'UTC' })
    await eventually('it has passed', async () => (await warningsOf('restart-needed')).length === 0)
  })

  it('lends a key whose variable is set, and none whose variable is not', async () => {
    await begin({ providers: { up: up() } }, { env: { UP_KEY: 'the-key-of-up-1' } })
    const ours = await story.key('proxy')
    const lent = () => call({ authorization: `Bearer ${ours}` })
    assert.equal((await lent()).status, 403)
    write({ providers: { up: up({ apiKey: '${UP_KEY}' }) } })
    await eventually('it is lent', async () => (await lent()).status === 200)
    assert.equal(upstream.requests.at(-1)?.headers.authorization, 'Bearer the-key-of-up-1')
    write({ providers: { up: up({ apiKey: '${NOT_SET}' }) } })
    await eventually('it is not lent', async () => (await lent()).status === 403)
    assert.match((await warningsOf('provider-disabled')).join(), /NOT_SET is not set/)
  })
})
