/** Calls leave this machine as the user's network wants it: through its proxy, trusting its certificates and no others. */
import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../shared/contract/config.ts'
import { exchange } from './exchange.ts'
import { certificatePath, secureName, startProxy, startSecure } from './secure.ts'
import { eventually, type Story, type StoryOptions, start } from './start.ts'
import { startUpstream } from './upstream.ts'

const answer = '{"id":"1","model":"gpt-4o","usage":{"prompt_tokens":3,"completion_tokens":2}}'

describe('calls over the user’s network', () => {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
  const kept = <T extends { close(): Promise<void> }>(one: T): T => {
    closers.push(one.close)
    return one
  }
  async function story(config: Config, more: StoryOptions = {}): Promise<Story> {
    const started = await start({ config, ...more })
    closers.push(started.end)
    return started
  }
  const call = (one: Story, provider: string, headers: Record<string, string | string[]> = {}) =>
    exchange(`${one.url}/p/${provider}/v1/chat/completions`, {
      body: '{"model":"gpt-4o"}',
      headers: { authorization: 'Bearer sk-own-credential-1', ...headers },
    })
  const withCa = (baseUrl: string, network: Config['network'] = {}): Config => ({
    providers: { up: { extends: 'openai', baseUrl } },
    network: { caFile: certificatePath, ...network },
  })

  it('trust a certificate of caFile, from the home too, and say what to do where it is missing', async () => {
    const secure = kept(await startSecure(answer))
    const baseUrl = `https://127.0.0.1:${secure.port}/v1`
    const trusting = await story(withCa(baseUrl))
    assert.equal((await call(trusting, 'up')).body.toString(), answer)

    const wary = await story({ providers: { up: { extends: 'openai', baseUrl } } })
    const refused = await call(wary, 'up')
    assert.equal(refused.status, 502)
    assert.match(refused.body.toString(), /could not be reached.*certificate.*network\.caFile/)
    assert.equal(secure.seen.length, 1)

    copyFileSync(certificatePath, join(wary.home, 'ca.pem'))
    writeFileSync(
      join(wary.home, 'config.jsonc'),
      JSON.stringify({ providers: { up: { extends: 'openai', baseUrl } }, network: { caFile: 'ca.pem' } }),
    )
    await eventually('the file is read anew', async () => (await call(wary, 'up')).status === 200)
  })

  it('are checked whatever the environment says', async () => {
    const secure = kept(await startSecure(answer))
    const wary = await story({
      providers: { up: { extends: 'openai', baseUrl: `https://127.0.0.1:${secure.port}/v1` } },
    })
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      assert.equal((await call(wary, 'up')).status, 502)
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    }
    assert.equal(secure.seen.length, 0)
  })

  it('refuse a certificate for another name', async () => {
    const secure = kept(await startSecure(answer))
    const proxy = kept(await startProxy(secure.port))
    const one = await story(withCa('https://elsewhere.example.test/v1', { proxy: `http://127.0.0.1:${proxy.port}` }))
    const refused = await call(one, 'up')
    assert.equal(refused.status, 502)
    assert.match(refused.body.toString(), /elsewhere\.example\.test/)
  })

  it('go through the proxy of the config with its password, headers as they came', async () => {
    const secure = kept(await startSecure(answer))
    const proxy = kept(await startProxy(secure.port))
    const url = `http://me:p%40ss@127.0.0.1:${proxy.port}`
    const one = await story(withCa(`https://${secureName}/v1`, { proxy: url }))
    const told = await call(one, 'up', { 'x-twice': ['a', 'b'] })
    assert.equal(told.body.toString(), answer)
    assert.deepEqual(proxy.asked, [
      { target: `${secureName}:443`, authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` },
    ])
    const raw = secure.seen[0]?.rawHeaders ?? []
    assert.deepEqual(
      raw.filter((_, at) => raw[at - 1] === 'x-twice'),
      ['a', 'b'],
    )
    assert.ok(!raw.some((text) => /proxy/i.test(text)))
    assert.doesNotMatch(one.log.join('') + JSON.stringify(await one.ask('config')), /p%40ss|p@ss/)
    const other = await story(withCa(`https://${secureName}/v1`, { proxy: url.replace('p%40ss', '100%') }))
    assert.equal((await call(other, 'up')).status, 200)
    assert.equal(proxy.asked.at(-1)?.authorization, `Basic ${Buffer.from('me:100%').toString('base64')}`)
  })

  it('go through the proxy of the environment', async () => {
    const secure = kept(await startSecure(answer))
    const proxy = kept(await startProxy(secure.port))
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
    const through = await story(withCa(`https://${secureName}:8443/v1`), { env })
    assert.equal((await call(through, 'up')).status, 200)
    assert.deepEqual(
      proxy.asked.map(({ target }) => target),
      [`${secureName}:8443`],
    )
  })

  it('on this machine go directly', async () => {
    const upstream = kept(await startUpstream())
    upstream.script({ body: answer })
    const proxy = kept(await startProxy(1))
    const one = await story({
      providers: { up: { extends: 'openai', baseUrl: `${upstream.url}/v1` } },
      network: { proxy: `http://127.0.0.1:${proxy.port}`, noProxy: '' },
    })
    assert.equal((await call(one, 'up')).status, 200)
    assert.deepEqual(proxy.asked, [])
  })

  it('name the proxy where it is to blame', async () => {
    for (const [status, words] of [
      [407, /wants a user name and a password/],
      [503, /refused to open a connection \(503\)/],
    ] as const) {
      const proxy = kept(await startProxy(1, status))
      const one = await story(withCa(`https://${secureName}/v1`, { proxy: `http://127.0.0.1:${proxy.port}` }))
      const told = await call(one, 'up')
      assert.equal(told.status, 502)
      assert.match(told.body.toString(), words)
    }
    const gone = await startProxy(1)
    await gone.close()
    const one = await story(withCa(`https://${secureName}/v1`, { proxy: `http://127.0.0.1:${gone.port}` }))
    assert.match((await call(one, 'up')).body.toString(), /the proxy 127\.0\.0\.1:\d+ cannot be reached/)
  })

  it('wait as long as the provider’s own timeouts say', async () => {
    const upstream = kept(await startUpstream())
    upstream.script({ silent: true })
    const providers = { up: { extends: 'openai', baseUrl: `${upstream.url}/v1`, timeouts: { headSeconds: 0.05 } } }
    const told = await call(await story({ providers }), 'up')
    assert.equal(told.status, 502)
    assert.match(told.body.toString(), /did not answer in time/)
  })

  it('go on without what cannot be used, which is named', async () => {
    const one = await story({ network: { caFile: 'nowhere.pem' } }, { env: { HTTPS_PROXY: 'socks5://corp:1080' } })
    const { warnings } = await one.ask('warnings')
    const texts = warnings.map(({ code, text }) => `${code} ${text}`).join('\n')
    assert.match(
      texts,
      /config-invalid The certificates of network\.caFile are not trusted: .*nowhere\.pem cannot be read \(ENOENT\)/,
    )
    assert.match(texts, /config-invalid The proxy in HTTPS_PROXY is of the kind socks5/)
  })
})
