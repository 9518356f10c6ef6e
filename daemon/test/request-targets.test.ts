/** The target of a request line in all its forms (RFC 9112 section 3.2), by bytes: a whole URL is read as the path in it, where it names us. */
import assert from 'node:assert/strict'
import { type RawProvider, rawAsk, startRawProvider } from './raw.ts'
import { eventually, type Story, start } from './start.ts'

const body = '{"model":"gpt-4o"}'
const whole = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}'
const navigation = 'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: none\r\n'

describe('request targets', () => {
  let provider: RawProvider
  let story: Story
  before(async () => {
    provider = await startRawProvider()
    const baseUrl = `${provider.url}/v1`
    story = await start({ config: { providers: { openai: { baseUrl }, raw: { extends: 'openai', baseUrl } } } })
  })
  after(async () => {
    await story.end()
    provider.server.close()
  })
  beforeEach(() => {
    provider.requests.length = 0
    provider.play = (socket) =>
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n${whole}`,
      )
  })
  afterEach(() => eventually('nothing runs any more', async () => (await story.ask('summary')).in_flight === 0))

  const us = (name = '127.0.0.1') => `${name}:${story.daemon.port}`
  const ask = (method: string, target: string, more = '', host = us()) =>
    rawAsk(story.daemon.port, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`)
  const post = (target: string) =>
    rawAsk(
      story.daemon.port,
      `POST ${target} HTTP/1.1\r\nHost: ${us()}\r\nConnection: close\r\nAuthorization: Bearer sk-own\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  const statusOf = (got: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(got)?.[1])
  const lines = () => provider.requests.map((text) => text.split('\r\n')[0])

  it('may be a whole URL of ours: the API answers as it does for the path', async () => {
    for (const name of ['127.0.0.1', 'localhost', '[::1]', 'LocalHost'])
      assert.equal(statusOf(await ask('GET', `http://${us(name)}/health`)), 200, name)
    assert.equal(statusOf(await ask('GET', `HTTP://${us()}/health`)), 200)
    assert.match(await ask('GET', `http://${us()}/health?nonce=n`), /"proof":"/)
    assert.equal(statusOf(await ask('GET', `http://${us()}/v1/stats/summary`)), 401)
    assert.match(await ask('GET', `http://${us()}?x=1`), /^HTTP\/1\.1 404 [^]*There is nothing at \/\./)
    assert.equal(statusOf(await ask('HEAD', `http://${us()}`)), 200)
  })

  it('as a whole URL mean the row of the path to the guard too', async () => {
    assert.equal(statusOf(await ask('GET', `http://${us()}/dashboard`, navigation)), 200)
    assert.equal(statusOf(await ask('GET', `http://${us()}/health`, navigation)), 403)
  })

  it('as a whole URL lead calls where the path leads them', async () => {
    for (const path of ['/v1/chat/completions', '/p/raw/v1/chat/completions', '/f/here/v1/chat/completions?x=1'])
      assert.equal(statusOf(await post(`http://${us()}${path}`)), 200, path)
    const sent = '/v1/chat/completions'
    assert.deepEqual(
      lines(),
      [sent, sent, `${sent}?x=1`].map((path) => `POST ${path} HTTP/1.1`),
    )
    assert.ok(provider.requests.every((text) => text.includes(`\r\nhost: ${new URL(provider.url).host}\r\n`)))
  })

  it('as a whole URL that names somebody else are refused, whatever Host says; so is a Host that is not ours', async () => {
    const foreign = [
      'evil.example',
      'api.openai.com',
      '127.0.0.1',
      us('127.0.0.2'),
      `user@${us()}`,
      `${us()}@evil.example`,
      `${us()}\\@evil.example`,
      `${us()}.evil.example`,
      '',
    ]
    for (const host of foreign) {
      for (const path of ['/health', '/v1/chat/completions']) {
        const got = await post(`http://${host}${path}`)
        // Node's own parser turns some of them away
        assert.ok([400, 421].includes(statusOf(got)), `${host}: ${got}`)
      }
    }
    assert.match(await ask('GET', 'http://evil.example/health'), /^HTTP\/1\.1 421 [^]*target must be .* it was/)
    assert.equal(statusOf(await ask('GET', `http://${us()}/health`, '', 'evil.example')), 421)
    assert.equal(
      statusOf(await rawAsk(story.daemon.port, `GET http://${us()}/health HTTP/1.1\r\nConnection: close\r\n\r\n`)),
      421,
    )
    assert.deepEqual(provider.requests, [])
  })

  it('of other forms are refused in plain words', async () => {
    for (const target of ['*', `https://${us()}/health`, `ftp://${us()}/health`])
      assert.match(await ask('GET', target), /^HTTP\/1\.1 400 [^]*target must be a path/, target)
    assert.equal(statusOf(await ask('OPTIONS', '*')), 403)
    assert.equal(statusOf(await ask('OPTIONS', '*', `Origin: http://${us()}\r\n`)), 204)
  })

  it('with dot segments lead nowhere, in either form', async () => {
    for (const before of ['', `http://${us()}`]) {
      for (const path of ['/p/raw/../../x', '/v1/../v1/chat/completions', '/p/raw/v1/%2e%2e/chat/completions'])
        assert.match(await post(`${before}${path}`), /^HTTP\/1\.1 400 [^]*x-tollkeeper-refusal: bad_path/i, path)
      for (const path of ['/../health', '/dashboard/../health', '/./health'])
        assert.equal(statusOf(await ask('GET', `${before}${path}`)), 404, path)
    }
    assert.deepEqual(provider.requests, [])
  })

  it('are not cut at what no target can hold', async () => {
    for (const before of ['', `http://${us()}`])
      for (const odd of ['#x', '\xa0', '\xe4'])
        assert.ok([400, 404].includes(statusOf(await ask('GET', `${before}/health${odd}`))), odd)
  })

  it('as a whole URL open the feed as the path does', async () => {
    const offer = 'Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'
    const upgrade = (target: string) =>
      rawAsk(
        story.daemon.port,
        `GET ${target} HTTP/1.1\r\nHost: ${us()}\r\nConnection: Upgrade\r\n${offer}\r\n`,
        '\r\n\r\n',
      )
    assert.equal(statusOf(await upgrade(`http://${us()}/api/v1/feed`)), 401)
    assert.equal(statusOf(await upgrade('http://evil.example/api/v1/feed')), 421)
    assert.equal(statusOf(await upgrade(`http://${us()}/v1/responses`)), 426)
  })
})
