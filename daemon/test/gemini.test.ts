/** Gemini's calls through the whole daemon: streams of both kinds, models in the path, keys in their places, breaks and refusals. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { GoogleGenAI } from '@google/genai'
import { type Asking, exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const sse = [['content-type', 'text/event-stream']] as const
const json = [['content-type', 'application/json; charset=UTF-8']] as const
const chunk = (text: string, output: number, finishReason?: string) =>
  JSON.stringify({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...(finishReason && { finishReason }), index: 0 }],
    usageMetadata: { promptTokenCount: 20, candidatesTokenCount: output, totalTokenCount: 20 + output },
    modelVersion: 'gemini-2.5-flash',
  })
const event = (text: string) => `data: ${text}\r\n\r\n`
const body = '{"contents":[{"role":"user","parts":[{"text":"tell me a long story about a toll bridge"}]}]}'

describe('gemini through the daemon', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    story = await start({
      sandbox: true,
      config: {
        providers: {
          gemini: { baseUrl: upstream.url, apiKey: 'AIza-lent-0123456789' },
          goog: { extends: 'gemini', baseUrl: `${upstream.url}/base` },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })
  const model = 'gemini-2.5-flash'
  const events = `/p/goog/v1beta/models/${model}:streamGenerateContent?alt=sse`
  const list = `/p/goog/v1beta/models/${model}:streamGenerateContent`
  const ask = (path: string, asking: Asking = {}) => exchange(`${story.url}${path}`, { body, ...asking })
  const last = () => upstream.requests.at(-1)
  const rowOf = (headers: { [name: string]: string | string[] | undefined }) =>
    eventually('its row', async () =>
      (await story.ask('requests', { query: { limit: '50' } })).requests.find(
        ({ id }) => id === headers['x-tollkeeper-request-id'],
      ),
    )

  it('goes to its home with an own key, in the header or the query, by either version', async () => {
    upstream.script({ headers: json, body: chunk('hi', 3, 'STOP') })
    const reply = await ask(`/v1/models/${model}:generateContent?$alt=json`, {
      headers: { 'X-Goog-Api-Key': 'AIza-own' },
    })
    assert.equal(reply.status, 200)
    assert.equal(last()?.path, `/v1/models/${model}:generateContent?$alt=json`)
    assert.equal(last()?.headers['x-goog-api-key'], 'AIza-own')
    const row = await rowOf(reply.headers)
    assert.deepEqual([row.model, row.promptTokens, row.completionTokens, row.outcome], [model, 20, 3, 'ok'])
    assert.ok((row.costUsd ?? 0) > 0)
    await ask(`/v1beta/models/${model}:generateContent?key=AIza-own&x=1`)
    assert.equal(last()?.path, `/v1beta/models/${model}:generateContent?key=AIza-own&x=1`)
    assert.equal(last()?.headers['x-goog-api-key'], undefined)
  })

  it('lends its key in its header, wherever ours stood, and puts the bare model into the path', async () => {
    const key = await story.key()
    upstream.script({ headers: json, body: chunk('hi', 3, 'STOP') })
    const places: [string, Record<string, string>][] = [
      ['', { 'x-goog-api-key': key }],
      [`?key=${key}`, {}],
      [`?alt=json&key=${key}`, { 'x-api-key': 'sk-other' }],
      ['', { authorization: `Bearer ${key}` }],
      ['', { 'x-tollkeeper-key': key }],
    ]
    for (const [query, headers] of places) {
      for (const named of [model, `gemini%2F${model}`, `gemini/${model}`]) {
        const reply = await ask(`/v1beta/models/${named}:generateContent${query}`, { headers })
        assert.equal(reply.status, 200, reply.body.toString())
        const kept = query.startsWith('?alt') ? '?alt=json' : ''
        assert.equal(last()?.path, `/v1beta/models/${model}:generateContent${kept}`)
        assert.equal(last()?.headers['x-goog-api-key'], 'AIza-lent-0123456789')
        assert.equal(last()?.headers['x-api-key'], undefined)
        assert.equal(last()?.headers.authorization, undefined)
        assert.equal(last()?.body.toString(), body)
        assert.equal((await rowOf(reply.headers)).model, model)
      }
    }
    const pinned = await ask(`/p/gemini/models/${model}:generateContent`, { headers: { 'x-goog-api-key': key } })
    assert.equal(pinned.status, 200)
    assert.equal(last()?.path, `/models/${model}:generateContent`)
    assert.ok(!JSON.stringify(upstream.requests).includes(key))
  })

  it('puts the bare model into a batch of embeddings too, and estimates what it used', async () => {
    const key = await story.key()
    const embed = 'gemini-embedding-001'
    upstream.script({ headers: json, body: '{"embeddings":[{"values":[0.1]}]}' })
    const batch = `{"requests":[{"model":"models/gemini/${embed}","content":{"parts":[{"text":"a toll bridge"}]}}]}`
    const path = `/v1beta/models/gemini/${embed}:batchEmbedContents`
    const reply = await ask(path, { body: batch, headers: { 'x-goog-api-key': key } })
    assert.equal(last()?.path, `/v1beta/models/${embed}:batchEmbedContents`)
    assert.equal(last()?.body.toString(), batch.replace('gemini/gemini', 'gemini'))
    const row = await rowOf(reply.headers)
    assert.ok((row.promptTokens ?? 0) > 3)
    assert.equal(row.completionTokens, 0)
  })

  it('counts nothing for token counts, and lists our models to our keys in Google’s shape', async () => {
    const before = (await story.ask('requests', { query: { limit: '50' } })).requests.length
    upstream.script({ headers: json, body: '{"totalTokens":12}' })
    const counted = await ask(`/p/goog/v1beta/models/${model}:countTokens`)
    assert.equal(counted.body.toString(), '{"totalTokens":12}')
    assert.equal((await story.ask('requests', { query: { limit: '50' } })).requests.length, before)
    const headers = { 'x-goog-api-key': await story.key() }
    const listed = await exchange(`${story.url}/v1beta/models?pageSize=50`, { headers })
    const { models } = JSON.parse(listed.body.toString()) as { models: { name: string }[] }
    assert.ok(models.some(({ name }) => name === `models/gemini/${model}`))
    const one = await exchange(`${story.url}/v1/models/gemini/${model}`, { headers })
    assert.equal((JSON.parse(one.body.toString()) as { name: string }).name, `models/gemini/${model}`)
    const none = await exchange(`${story.url}/v1beta/models/none`, { headers })
    assert.match(none.body.toString(), /"code":404,.*"status":"NOT_FOUND"/)
  })

  it('passes uploads and what else Google serves to it, unread', async () => {
    upstream.script({ headers: [['x-goog-upload-url', 'https://example.com/up']], body: '{}' })
    const reply = await ask('/upload/v1beta/files?key=AIza-own', { headers: { 'x-goog-upload-command': 'start' } })
    assert.equal(reply.headers['x-goog-upload-url'], 'https://example.com/up')
    assert.equal(last()?.path, '/upload/v1beta/files?key=AIza-own')
    await ask('/v1beta/cachedContents?key=AIza-own')
    assert.equal(last()?.path, '/v1beta/cachedContents?key=AIza-own')
    assert.equal((await rowOf(reply.headers)).totalTokens, null)
    const lent = await ask('/upload/v1beta/files', { headers: { 'x-goog-api-key': await story.key() } })
    assert.equal(lent.status, 403)
    assert.match(lent.body.toString(), /allowPaths.*"status":"PERMISSION_DENIED"/)
  })

  it('passes a list as it grows, and counts its last element', async () => {
    const pieces = [`[${chunk('one ', 1)}`, `\n,\r\n${chunk('two ', 2)}`, `\n,\r\n${chunk('three', 9, 'STOP')}\n]`]
    upstream.script({ headers: json, body: pieces, between: 30 })
    const seen: string[] = []
    const reply = await ask(list, { onData: (piece) => seen.push(piece.toString()) })
    assert.equal(reply.body.toString(), pieces.join(''))
    assert.ok(seen.length > 1, 'it came in pieces')
    const row = await rowOf(reply.headers)
    assert.deepEqual([row.outcome, row.promptTokens, row.completionTokens], ['ok', 20, 9])
  })

  it('has written the line of a stream before the stream ends', async () => {
    upstream.script({ headers: sse, body: [event(chunk('one ', 1)), event(chunk('two', 2, 'STOP'))], between: 5 })
    const reply = await ask(events)
    const folder = join(story.home, 'journal')
    const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    const id = String(reply.headers['x-tollkeeper-request-id'])
    assert.ok(lines.some((line) => line.includes('"type":"attempt.ended"') && line.includes(id)))
  })

  for (const [what, path, headers, parts] of [
    ['events', events, sse, [event(chunk('one ', 1)), event(chunk('two ', 2))]],
    ['a list', list, json, [`[${chunk('one ', 1)}`, `,${chunk('two ', 2)}`]],
  ] as const) {
    it(`breaks ${what} where the upstream breaks, after handing over what came`, async () => {
      upstream.script({ headers, body: parts, between: 5, cutAfter: parts.join('').length })
      const reply = await ask(path)
      assert.equal(reply.broken, true)
      assert.equal(reply.body.toString(), parts.join(''))
      const row = await rowOf(reply.headers)
      assert.equal(row.outcome, 'truncated')
      assert.ok(row.promptTokens === 20 && (row.completionTokens ?? 0) >= 2)
    })

    it(`calls ${what} cut short that end clean and early`, async () => {
      upstream.script({ headers, body: parts })
      assert.equal((await rowOf((await ask(path)).headers)).outcome, 'truncated')
    })
  }

  it('makes a 502 of an answer that is no stream and broke', async () => {
    const whole = chunk('hi', 3, 'STOP')
    upstream.script({ headers: [...json, ['content-length', String(whole.length)]], body: whole, cutAfter: 40 })
    const reply = await ask(`/p/goog/v1beta/models/${model}:generateContent`)
    assert.equal(reply.status, 502)
    assert.match(reply.body.toString(), /"code":502,"message":"Provider goog broke off.*"status":"UNAVAILABLE"/)
  })

  /** Leaves as soon as `word` has come. */
  const leaveAfter = (word: string) =>
    new Promise<Record<string, string | string[] | undefined>>((resolve) => {
      const options = { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } }
      const sent = request(`${story.url}${events}`, options, (reply) => {
        let seen = ''
        reply.on('data', (piece: Buffer) => {
          seen += piece.toString()
          if (seen.includes(word)) sent.destroy()
        })
        reply.on('error', () => resolve(reply.headers))
      })
      // destroying it on purpose is reported as an error here
      sent.on('error', () => {})
      sent.end(body)
    })

  it('stops the upstream of a client that leaves, but not the record of one that has all of it', async () => {
    upstream.script({
      headers: sse,
      body: [event(chunk('once upon', 2)), event(chunk('a time', 4))],
      between: 5,
      open: true,
    })
    const early = await rowOf(await leaveAfter('a time'))
    assert.equal(early.outcome, 'aborted')
    assert.ok(early.promptTokens === 20 && (early.completionTokens ?? 0) >= 4)
    await upstream.aborted(1)
    upstream.script({
      headers: sse,
      body: [event(chunk('once', 2)), event(chunk('!', 7, 'STOP'))],
      between: 5,
      open: true,
    })
    const late = await rowOf(await leaveAfter('STOP'))
    assert.deepEqual([late.outcome, late.promptTokens, late.completionTokens], ['ok', 20, 7])
  })

  for (const [what, path, file] of [
    ['an answer', `/p/goog/v1beta/models/${model}:generateContent`, 'refused-429.json'],
    ['a list', list, 'refused-429.stream.json'],
  ] as const) {
    it(`reads from the refusal of ${what} which quota is used up, and passes it on`, async () => {
      const refused = readFileSync(join('daemon/dialects/gemini/fixtures', file))
      upstream.script({ status: 429, headers: json, body: refused })
      const own = { 'x-goog-api-key': `AIza-${file}` }
      const before = (await story.ask('ratelimits')).ratelimits.length
      const reply = await ask(path, { headers: own })
      assert.deepEqual(reply.body, refused)
      assert.equal((await rowOf(reply.headers)).outcome, 'refused')
      const rows = (await story.ask('ratelimits')).ratelimits
      assert.equal(rows.length, before + 1)
      const row = rows.find(({ provider, windows }) => provider === 'goog' && windows[0]?.name === 'requests-day')
      assert.deepEqual([row?.windows[0]?.limit, row?.windows[0]?.remaining], [20, 0])
    })
  }

  it('says its own no as Google does', async () => {
    const reply = await ask('/p/nobody/v1beta/models/m:generateContent')
    assert.equal(reply.status, 404)
    assert.match(
      reply.body.toString(),
      /\{"error":\{"code":404,"message":"There is no provider.*"status":"NOT_FOUND"\}\}/,
    )
    const wrong = await ask(`/v1beta/models/${model}:streamGenerateContent?alt=sse&key=tk_nope`)
    assert.equal(wrong.status, 401)
    assert.match(wrong.body.toString(), /"status":"UNAUTHENTICATED"/)
  })

  it('serves Google’s SDK from the sandbox', async () => {
    const genai = new GoogleGenAI({ apiKey: await story.key(), httpOptions: { baseUrl: story.url } })
    const asked = {
      model: 'sandbox/sandbox-small',
      contents: 'Who keeps the bridge?',
      config: { maxOutputTokens: 9, thinkingConfig: { includeThoughts: false } },
    }
    const whole = await genai.models.generateContent(asked)
    let text = ''
    for await (const piece of await genai.models.generateContentStream(asked)) text += piece.text ?? ''
    assert.equal(text, whole.text)
    const [row] = (await story.ask('requests', { query: { limit: '1', simulated: 'only' } })).requests
    assert.deepEqual([row?.providerId, row?.model, row?.client], ['sandbox', 'sandbox-small', 'genai-sdk'])
    const { candidatesTokenCount = 0, thoughtsTokenCount = 0 } = whole.usageMetadata ?? {}
    assert.ok(thoughtsTokenCount > 0)
    assert.equal(row?.completionTokens, candidatesTokenCount + thoughtsTokenCount)
  })
})
