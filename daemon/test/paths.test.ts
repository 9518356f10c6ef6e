/** What is no counted call goes through all the same: other paths of a provider, prefixes, compressed bodies, lists of models. */
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { type Asking, exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const answer = JSON.stringify({
  id: 'c1',
  model: 'gpt-4o',
  choices: [{ message: { content: 'yes' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
})

describe('other paths through the daemon', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    story = await start({
      config: {
        limits: { bodyMiB: 0.1 },
        providers: {
          openai: { baseUrl: `${upstream.url}/v1`, apiKey: 'sk-lent-0123456789', allowPaths: ['/v1/batches'] },
          codex: { baseUrl: `${upstream.url}/backend-api/codex` },
          anthropic: { baseUrl: upstream.url },
          gemini: { baseUrl: 'http://127.0.0.1:1' },
          up: { extends: 'openai', baseUrl: `${upstream.url}/v1` },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })
  const own = { authorization: 'Bearer sk-own' }
  const ask = (path: string, asking: Asking = {}) =>
    exchange(`${story.url}${path}`, { ...asking, headers: { ...own, ...asking.headers } })
  const newest = async () => (await story.ask('requests', { query: { limit: '1' } })).requests[0]
  const count = async () => (await story.ask('requests', {})).requests.length
  const last = () => upstream.requests.at(-1)

  it('streams what it does not know, and counts a request without tokens', async () => {
    upstream.script({ headers: [['content-type', 'audio/mpeg']], body: [Buffer.from([1, 2]), Buffer.from([0xff])] })
    const body = `--b\r\ncontent-disposition: form-data; name="file"\r\n\r\n${'x'.repeat(300_000)}\r\n--b--\r\n`
    const reply = await ask('/v1/audio/transcriptions?x=1', {
      body,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    })
    assert.equal(reply.status, 200)
    assert.deepEqual([...reply.body], [1, 2, 0xff])
    assert.equal(last()?.path, '/v1/audio/transcriptions?x=1')
    assert.equal(last()?.body.toString(), body)
    assert.equal(last()?.headers['content-length'], String(body.length))
    const row = await newest()
    assert.equal(row?.totalTokens, null)
    assert.equal(row.outcome, 'ok')
    assert.equal(row.costUsd, null, 'what it cost is not known, and not nothing')
  })

  it('keeps the method, and a reply’s coding that it cannot read', async () => {
    upstream.script({ headers: [['content-encoding', 'x-unknown']], body: 'abc' })
    const reply = await ask('/v1/files/file-1', { method: 'DELETE', headers: { 'accept-encoding': 'x-unknown' } })
    assert.equal(reply.body.toString(), 'abc')
    assert.equal(reply.headers['content-encoding'], 'x-unknown')
    assert.equal(last()?.method, 'DELETE')
    assert.equal(last()?.headers['accept-encoding'], 'x-unknown')
    assert.equal((await newest())?.costUsd, 0)
  })

  it('sends on a body that came in chunks', async () => {
    upstream.script({ body: '{}' })
    const reply = await ask('/v1/batches', { body: '{"a":1}', headers: { 'transfer-encoding': 'chunked' } })
    assert.equal(reply.status, 200)
    assert.equal(last()?.body.toString(), '{"a":1}')
  })

  it('breaks a reply that broke, and says so in the record', async () => {
    upstream.script({ headers: [['content-length', '10']], body: 'abcdefghij', cutAfter: 4 })
    const reply = await ask('/v1/files/file-1/content')
    assert.equal(reply.broken, true)
    assert.equal((await newest())?.outcome, 'truncated')
  })

  it('answers before the body is through, and serves the connection on', async () => {
    upstream.script({ status: 413, body: '{"error":{"message":"too large"}}' })
    const reply = await ask('/v1/files', { body: 'x'.repeat(2_000_000) })
    assert.equal(reply.status, 413)
  })

  it('does not count HEAD, and sends it on', async () => {
    const before = await count()
    upstream.script({ headers: [['x-here', 'yes']] })
    const reply = await ask('/v1/files/file-1', { method: 'HEAD' })
    assert.equal(reply.headers['x-here'], 'yes')
    assert.equal(await count(), before)
  })

  it('takes off the folder before the path, and counts the call under it', async () => {
    upstream.script({ body: answer })
    const reply = await ask('/f/shop-1a2b/v1/chat/completions', { body: '{"model":"gpt-4o","messages":[]}' })
    assert.equal(reply.status, 200)
    assert.equal(last()?.path, '/v1/chat/completions')
    const { groups } = await story.ask('usage', { query: { group_by: 'folder' } })
    assert.ok(groups.some((group) => JSON.stringify(group).includes('shop-1a2b')))
  })

  it('takes a key of ours out of the path', async () => {
    const key = await story.key()
    upstream.script({ body: answer })
    const body = '{"model":"gpt-4o","messages":[]}'
    const reply = await exchange(`${story.url}/k/${key}/v1/chat/completions`, { body })
    assert.equal(reply.status, 200)
    assert.equal(last()?.headers.authorization, 'Bearer sk-lent-0123456789')
    assert.ok(!JSON.stringify(upstream.requests.map(({ path, rawHeaders }) => [path, rawHeaders])).includes(key))
    const wrong = await exchange(`${story.url}/k/nonsense/v1/chat/completions`, { body })
    assert.equal(wrong.headers['x-tollkeeper-refusal'], 'bad_key')
  })

  it('reads a compressed body, sends it as it came, and unpacks it only to change it', async () => {
    upstream.script({ body: answer })
    const plain = Buffer.from('{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}')
    const packed = gzipSync(plain)
    await ask('/p/up/v1/chat/completions', { body: packed, headers: { 'content-encoding': 'gzip' } })
    assert.deepEqual(last()?.body, packed)
    assert.equal(last()?.headers['content-encoding'], 'gzip')
    assert.equal((await newest())?.model, 'gpt-4o')

    const key = await story.key()
    const body = gzipSync('{"model":"openai/gpt-4o","messages":[]}')
    const headers = { 'x-tollkeeper-key': key, 'content-encoding': 'gzip' }
    const reply = await exchange(`${story.url}/v1/chat/completions`, { body, headers })
    assert.equal(reply.status, 200)
    assert.equal(last()?.body.toString(), '{"model":"gpt-4o","messages":[]}')
    assert.equal(last()?.headers['content-encoding'], undefined)
  })

  it('refuses a body that unpacks to more than the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const reply = await ask('/v1/chat/completions', { body: bomb, headers: { 'content-encoding': 'gzip' } })
    assert.equal(reply.status, 413)
    assert.equal(reply.headers['x-tollkeeper-refusal'], 'body_too_large')
  })

  it('passes a body that this Node cannot read, and takes the model from the header that names it', async () => {
    upstream.script({ body: '{}' })
    const body = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3])
    const headers = { 'content-encoding': 'zstd', 'x-codex-routing-hint': 'model=gpt-5.2-codex' }
    await ask('/v1/chat/completions', { body, headers })
    assert.deepEqual(last()?.body, body)
    assert.equal((await newest())?.model, 'gpt-5.2-codex')
  })

  it('lends a key to counted calls and to the paths that its provider allows', async () => {
    const key = await story.key()
    const headers = { 'x-tollkeeper-key': key }
    const refused = await exchange(`${story.url}/v1/files`, { headers })
    assert.equal(refused.status, 403)
    assert.match(refused.body.toString(), /allowPaths/)
    upstream.script({ body: '{}' })
    const allowed = await exchange(`${story.url}/v1/batches/b_1/cancel`, { method: 'POST', headers })
    assert.equal(allowed.status, 200)
    assert.equal(last()?.headers.authorization, 'Bearer sk-lent-0123456789')
    assert.equal((await exchange(`${story.url}/p/openai/v1/models`, { headers })).status, 200)
    const outsides = ['/v1/batchesx', '/v1/batches/../files', '/v1/batches/%2e%2e/files']
    for (const path of [...outsides, '/p/openai/v1/admin/models', '/p/openai/v1/admin/models/m/keys']) {
      const outside = await exchange(`${story.url}${path}`, { headers })
      assert.ok(outside.status === 403 || outside.status === 400, path)
    }
  })

  it('passes a list of models to whoever has a credential, and lists ours for our keys', async () => {
    upstream.script({ body: '{"object":"list","data":[{"id":"theirs"}]}' })
    assert.match((await ask('/v1/models')).body.toString(), /theirs/)
    const key = await story.key()
    const before = upstream.requests.length
    type List = { data: { id: string }[] }
    const listed = await exchange(`${story.url}/v1/models`, { headers: { 'x-tollkeeper-key': key } })
    const ids = (JSON.parse(listed.body.toString()) as List).data.map(({ id }) => id)
    assert.ok(ids.includes('openai/gpt-4o'))
    assert.ok(!ids.some((id) => id.startsWith('up/') || id.startsWith('anthropic/')), 'those lend no key')
    const headers = { 'x-tollkeeper-key': key }
    const one = await exchange(`${story.url}/v1/models/openai/gpt-4o`, { headers })
    assert.equal((JSON.parse(one.body.toString()) as { id: string }).id, 'openai/gpt-4o')
    const none = await exchange(`${story.url}/v1/models/no-such`, { headers })
    assert.equal(none.status, 404)
    assert.equal(upstream.requests.length, before)
  })

  it('stops the upstream when the client leaves in the middle of an upload', async () => {
    upstream.script({ body: '{}' })
    const before = upstream.requests.length
    const sending = fetch(`${story.url}/v1/files`, {
      method: 'POST',
      headers: { ...own, 'content-type': 'application/octet-stream' },
      duplex: 'half',
      signal: AbortSignal.timeout(200),
      body: new ReadableStream({ start: (out) => out.enqueue(new Uint8Array(1000)) }),
    })
    await assert.rejects(sending)
    await eventually('the upstream is let go', () => upstream.requests.length > before)
    await eventually('it is recorded', async () => (await newest())?.outcome === 'aborted')
  })

  it('outlives a client that leaves in the middle of an upload to a provider that is not there', async () => {
    const sending = fetch(`${story.url}/p/gemini/v1beta/files`, {
      method: 'POST',
      headers: { ...own, 'content-type': 'application/octet-stream' },
      duplex: 'half',
      body: new ReadableStream({ start: (out) => out.enqueue(new Uint8Array(1000)) }),
    })
    // the body goes on and on: fetch gives it up as soon as it has the answer
    assert.equal((await sending).status, 502)
    await eventually('it is recorded', async () => (await newest())?.outcome === 'failed')
    assert.equal((await ask('/v1/files', { method: 'HEAD' })).status, 200)
  })

  it('sends all that comes with a ChatGPT login where that login is worth something', async () => {
    const headers = { 'chatgpt-account-id': 'acc-1' }
    upstream.script({ body: '{"models":[]}' })
    await ask('/v1/models?client_version=0.169.0', { headers })
    assert.equal(last()?.path, '/backend-api/codex/models?client_version=0.169.0')
    upstream.script({ body: JSON.stringify({ id: 'resp_1', usage: { input_tokens: 3, output_tokens: 4 } }) })
    await ask('/v1/responses', { headers, body: '{"model":"gpt-5.2-codex","input":"hi","store":false}' })
    assert.equal(last()?.path, '/backend-api/codex/responses')
    assert.equal(last()?.headers.authorization, own.authorization)
    const row = await newest()
    assert.deepEqual([row?.providerId, row?.billing, row?.billedUsd, row?.totalTokens], ['codex', 'plan', 0, 7])
    const lent = { ...headers, authorization: `Bearer ${await story.key()}` }
    await exchange(`${story.url}/v1/responses`, { headers: lent, body: '{"model":"gpt-5.2","input":"hi"}' })
    assert.equal(last()?.path, '/v1/responses', 'a key of ours is no such login')
  })

  it('shows a key in the query, as Google has it, to Google alone', async () => {
    const before = upstream.requests.length
    for (const path of ['/v1/models?key=AIza1', '/v1/files?pageSize=1&key=AIza1']) {
      assert.equal((await exchange(`${story.url}${path}`)).status, 502, path)
    }
    assert.equal(upstream.requests.length, before)
  })
})
