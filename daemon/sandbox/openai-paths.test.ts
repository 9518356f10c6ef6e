/** The sandbox's Responses, completions and embeddings, as the real SDK sees them. */
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { openSandbox, type Sandbox } from './sandbox.ts'

const input = 'Is this real?'
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
}

describe('sandbox to the openai SDK', () => {
  let sandbox: Sandbox
  let openai: OpenAI

  beforeEach(async () => {
    sandbox = await openSandbox({ now: () => 1_763_769_600_000, speed: Infinity })
    openai = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'sk-test', maxRetries: 0 })
  })
  afterEach(() => sandbox.close())

  describe('responses', () => {
    it('answers whole and streamed alike, and reads the cache from the second time on', async () => {
      const first = await openai.responses.create({ model: 'sandbox-small', input })
      assert.match(first.output_text, /simulated.*“Is this real\?”/s)
      assert.equal(first.status, 'completed')
      assert.equal(first.usage?.input_tokens_details.cached_tokens, 0)
      const items = [{ role: 'user' as const, content: [{ type: 'input_text' as const, text: input }] }]
      const ask = { model: 'sandbox-small', input: items }
      await openai.responses.create(ask)
      const second = await openai.responses.create(ask)
      assert.ok((second.usage?.input_tokens_details.cached_tokens ?? 0) > 0)

      const numbers: number[] = []
      const stream = openai.responses.stream({ model: 'sandbox-small', input })
      stream.on('event', (event) => numbers.push(event.sequence_number))
      const streamed = await stream.finalResponse()
      assert.equal(streamed.output_text, first.output_text)
      assert.equal(streamed.usage?.output_tokens, first.usage?.output_tokens)
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => i),
      )
      assert.ok(numbers.length > 30)
    })

    it('calls a function when it must', async () => {
      const tools = [{ type: 'function' as const, name: 'weather', parameters, strict: false }]
      for (const tool_choice of ['required', { type: 'function', name: 'weather' }] as const) {
        const asked = { model: 'sandbox-small', input, tools, tool_choice }
        for (const reply of [
          await openai.responses.create(asked),
          await openai.responses.stream(asked).finalResponse(),
        ]) {
          const [call] = reply.output
          assert.ok(call?.type === 'function_call')
          assert.equal(call.name, 'weather')
          assert.deepEqual(JSON.parse(call.arguments), { city: 'simulated', days: 1 })
        }
      }
    })

    it('stops at the tokens allowed', async () => {
      const asked = { model: 'x', input, max_output_tokens: 3 }
      const whole = await openai.responses.create(asked)
      assert.deepEqual([whole.status, whole.incomplete_details?.reason], ['incomplete', 'max_output_tokens'])
      assert.equal(whole.usage?.output_tokens, 3)
      const streamed = await openai.responses.create({ ...asked, stream: true })
      let last = ''
      for await (const event of streamed) last = event.type
      assert.equal(last, 'response.incomplete')
    })

    it('fails as the model’s name says', async () => {
      const failing = (model: string) => openai.responses.create({ model, input })
      await assert.rejects(failing('sandbox-429'), OpenAI.RateLimitError)
      await assert.rejects(failing('sandbox-500'), OpenAI.InternalServerError)
      await assert.rejects(failing('sandbox-cut'))
      const stream = await openai.responses.create({ model: 'sandbox-cut', input, stream: true })
      const types = new Set<string>()
      await assert.rejects(async () => {
        for await (const event of stream) types.add(event.type)
      })
      assert.ok(types.has('response.output_text.delta') && !types.has('response.completed'))
    })

    it('counts the input', async () => {
      const counted = await openai.responses.inputTokens.count({ model: 'sandbox-small', input })
      const answered = await openai.responses.create({ model: 'sandbox-small', input })
      assert.equal(counted.input_tokens, answered.usage?.input_tokens)
    })
  })

  it('completes a prompt, whole and streamed', async () => {
    const ask = { model: 'sandbox-small', prompt: input, max_tokens: 9 }
    const whole = await openai.completions.create(ask)
    assert.equal(whole.choices[0]?.finish_reason, 'length')
    assert.equal(whole.usage?.completion_tokens, 9)
    const stream = await openai.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } })
    let text = ''
    let told: number | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? ''
      told = chunk.usage?.completion_tokens ?? told
    }
    assert.equal(text, whole.choices[0]?.text)
    assert.equal(told, 9)
  })

  it('makes the same numbers of the same text, as a list and in base64', async () => {
    const ask = { model: 'sandbox-embed', input: ['one', 'two'], dimensions: 12 }
    // the SDK asks for base64 by itself and decodes it
    const [packed, plain] = [
      await openai.embeddings.create(ask),
      await openai.embeddings.create({ ...ask, encoding_format: 'float' }),
    ]
    const [one, two] = plain.data
    assert.ok(one && two)
    assert.deepEqual(
      packed.data.map(({ embedding }) => [...embedding]),
      [one.embedding, two.embedding],
    )
    assert.notDeepEqual(one.embedding, two.embedding)
    assert.equal(one.embedding.length, 12)
    assert.ok(Math.abs(Math.hypot(...one.embedding) - 1) < 1e-6)
    assert.equal(plain.usage.prompt_tokens, plain.usage.total_tokens)
    const tokens = await openai.embeddings.create({ model: 'm', input: [1, 2, 3] })
    assert.deepEqual([tokens.data.length, tokens.data[0]?.embedding.length], [1, 1536])
  })

  const bad: [string, string, object, RegExp][] = [
    ['responses without an input', '/responses', { model: 'm' }, /^400 input:/],
    ['responses without a model', '/responses', { input }, /^400 model:/],
    ['completions without a prompt', '/completions', { model: 'm', prompt: 7 }, /^400 prompt:/],
    ['embeddings without an input', '/embeddings', { model: 'm', input: [] }, /^400 input:/],
    ['embeddings of what is no text', '/embeddings', { model: 'm', input: ['a', null] }, /^400 input:/],
    ['embeddings of no dimension', '/embeddings', { model: 'm', input, dimensions: 0 }, /^400 dimensions:/],
  ]
  for (const [what, path, body, wrong] of bad) {
    it(`names what is wrong with ${what}`, () => assert.rejects(openai.post(path, { body }), { message: wrong }))
  }
})
