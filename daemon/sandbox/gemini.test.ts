/** The sandbox as Google's SDK sees it, and without it. */
import assert from 'node:assert/strict'
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai'
import { openSandbox, type Sandbox, sandboxModels } from './sandbox.ts'

const question = 'Is this real?'

describe('sandbox to the genai SDK', () => {
  let sandbox: Sandbox
  let genai: GoogleGenAI

  beforeEach(async () => {
    sandbox = await openSandbox({ now: () => 1_763_769_600_000, speed: Infinity })
    genai = new GoogleGenAI({ apiKey: 'g-test', httpOptions: { baseUrl: sandbox.url } })
  })
  afterEach(() => sandbox.close())

  const streamed = async (model: string, config: object = {}) => {
    const chunks = []
    for await (const chunk of await genai.models.generateContentStream({ model, contents: question, config }))
      chunks.push(chunk)
    return chunks
  }

  it('answers whole and streamed alike, and reads the cache the second time', async () => {
    const whole = await genai.models.generateContent({ model: 'sandbox-small', contents: question })
    assert.match(whole.text ?? '', /simulated.*“Is this real\?”/s)
    assert.equal(whole.usageMetadata?.cachedContentTokenCount, undefined)
    const chunks = await streamed('sandbox-small')
    assert.equal(chunks.map(({ text }) => text ?? '').join(''), whole.text)
    const last = chunks.at(-1)
    assert.equal(last?.candidates?.[0]?.finishReason, 'STOP')
    assert.equal(last?.usageMetadata?.candidatesTokenCount, whole.usageMetadata?.candidatesTokenCount)
    assert.ok((last?.usageMetadata?.cachedContentTokenCount ?? 0) > 0)
  })

  it('thinks where it is asked to, beside its answer', async () => {
    const config = { thinkingConfig: { includeThoughts: true } }
    const reply = await genai.models.generateContent({ model: 'sandbox-small', contents: question, config })
    assert.equal(reply.candidates?.[0]?.content?.parts?.[0]?.thought, true)
    const { promptTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0 } = reply.usageMetadata ?? {}
    assert.ok(thoughtsTokenCount > 0)
    assert.equal(reply.usageMetadata?.totalTokenCount, promptTokenCount + candidatesTokenCount + thoughtsTokenCount)
    const [first] = await streamed('sandbox-small', config)
    assert.equal(first?.candidates?.[0]?.content?.parts?.[0]?.thought, true)
    const quiet = await streamed('sandbox-small', { thinkingConfig: { thinkingBudget: 0 } })
    assert.equal(quiet.at(-1)?.usageMetadata?.thoughtsTokenCount, undefined)
  })

  it('calls a function when it must', async () => {
    const parameters = {
      type: Type.OBJECT,
      properties: { city: { type: Type.STRING }, days: { type: Type.INTEGER } },
      required: ['city', 'days'],
    }
    const config = {
      tools: [{ functionDeclarations: [{ name: 'weather', parameters }] }],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
    }
    const whole = await genai.models.generateContent({ model: 'sandbox-small', contents: question, config })
    assert.deepEqual(whole.functionCalls, [{ name: 'weather', args: { city: 'simulated', days: 1 } }])
    const chunks = await streamed('sandbox-small', config)
    assert.deepEqual(chunks.at(-1)?.functionCalls, whole.functionCalls)
  })

  it('stops at the tokens allowed, counts, embeds, lists its models', async () => {
    const config = { maxOutputTokens: 3 }
    const reply = await genai.models.generateContent({ model: 'x', contents: question, config })
    assert.equal(reply.candidates?.[0]?.finishReason, 'MAX_TOKENS')
    assert.equal(reply.usageMetadata?.candidatesTokenCount, 3)
    assert.ok(((await genai.models.countTokens({ model: 'x', contents: question })).totalTokens ?? 0) > 0)
    const { embeddings = [] } = await genai.models.embedContent({ model: 'e', contents: ['one', 'two'] })
    assert.equal(embeddings.length, 2)
    assert.notDeepEqual(embeddings[0]?.values, embeddings[1]?.values)
    const names = []
    for await (const { name } of await genai.models.list()) names.push(name)
    assert.deepEqual(
      names,
      sandboxModels.map((id) => `models/${id}`),
    )
  })

  it('fails as the model’s name says', async () => {
    const failing = (model: string) => genai.models.generateContent({ model, contents: question })
    await assert.rejects(failing('sandbox-429'), (error) => {
      assert.ok(error instanceof ApiError)
      assert.match(error.message, /RESOURCE_EXHAUSTED.*QuotaFailure.*"retryDelay":"20s"/)
      return error.status === 429
    })
    await assert.rejects(failing('sandbox-500'), ApiError)
    await assert.rejects(failing('sandbox-cut'))
    await assert.rejects(streamed('sandbox-cut'))
  })

  it('streams a list where no events are asked for', async () => {
    const url = `${sandbox.url}/v1/models/sandbox-small:streamGenerateContent`
    const ask = (body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) })
    const reply = await ask({ contents: [{ parts: [{ text: question }] }] })
    assert.match(reply.headers.get('content-type') ?? '', /^application\/json/)
    type Chunk = { candidates: { content: { parts: { text: string }[] }; finishReason?: string }[] }
    const chunks = (await reply.json()) as Chunk[]
    assert.match(chunks.map((chunk) => chunk.candidates[0]?.content.parts[0]?.text).join(''), /“Is this real\?”/)
    assert.equal(chunks.at(-1)?.candidates[0]?.finishReason, 'STOP')
    const refused = await ask({ contents: [] })
    assert.equal(refused.status, 400)
    assert.match(await refused.text(), /"status":"INVALID_ARGUMENT"/)
  })
})
