/** The sandbox as the real SDKs see it. */
import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { openSandbox, type Sandbox, sandboxModels } from './sandbox.ts'

const question = [{ role: 'user' as const, content: 'Is this real?' }]
const schema = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
}

describe('sandbox', () => {
  let sandbox: Sandbox
  let openai: OpenAI
  let anthropic: Anthropic

  beforeEach(async () => {
    sandbox = await openSandbox({ now: () => 1_763_769_600_000, speed: Infinity })
    openai = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'sk-test', maxRetries: 0 })
    anthropic = new Anthropic({ baseURL: sandbox.url, apiKey: 'sk-ant-test', maxRetries: 0 })
  })
  afterEach(() => sandbox.close())

  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${sandbox.url}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })

  describe('to the openai SDK', () => {
    it('answers whole, says that it is simulated, and reads the cache the second time', async () => {
      const ask = () => openai.chat.completions.create({ model: 'sandbox-small', messages: question })
      const first = await ask()
      assert.match(first.choices[0]?.message.content ?? '', /simulated.*“Is this real\?”/s)
      assert.equal(first.choices[0]?.finish_reason, 'stop')
      assert.equal(first.usage?.prompt_tokens_details?.cached_tokens, 0)
      const second = await ask()
      assert.ok((second.usage?.prompt_tokens_details?.cached_tokens ?? 0) > 0)
      assert.equal(second.usage?.prompt_tokens, first.usage?.prompt_tokens)
    })

    it('streams, and tells usage only when asked', async () => {
      for (const asked of [true, false]) {
        const stream = await openai.chat.completions.create({
          model: 'sandbox-small',
          messages: question,
          stream: true,
          ...(asked ? { stream_options: { include_usage: true } } : {}),
        })
        let pieces = 0
        let told: number | undefined
        for await (const chunk of stream) {
          if (chunk.choices[0]?.delta.content) pieces++
          told = chunk.usage?.completion_tokens ?? told
        }
        assert.equal(told, asked ? pieces : undefined)
        assert.ok(pieces > 20)
      }
    })

    it('calls a tool when it must', async () => {
      const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }]
      const required = { model: 'sandbox-small', messages: question, tools, tool_choice: 'required' as const }
      const whole = await openai.chat.completions.create(required)
      const call = whole.choices[0]?.message.tool_calls?.[0]
      assert.ok(call?.type === 'function')
      assert.deepEqual(JSON.parse(call.function.arguments), { city: 'simulated', days: 1 })
      const streamed = await openai.chat.completions.stream(required).finalChatCompletion()
      const again = streamed.choices[0]?.message.tool_calls?.[0]
      assert.ok(again?.type === 'function')
      assert.equal(again.function.arguments, call.function.arguments)
    })

    it('stops at the tokens allowed', async () => {
      const reply = await openai.chat.completions.create({ model: 'x', messages: question, max_completion_tokens: 3 })
      assert.equal(reply.choices[0]?.finish_reason, 'length')
      assert.equal(reply.usage?.completion_tokens, 3)
    })

    it('fails as the model’s name says', async () => {
      const failing = (model: string, stream = false) =>
        openai.chat.completions.create({ model, messages: question, stream })
      await assert.rejects(failing('sandbox-429'), (error) => {
        assert.ok(error instanceof OpenAI.RateLimitError)
        assert.equal(error.headers.get('retry-after'), '20')
        return error.code === 'rate_limit_exceeded'
      })
      await assert.rejects(failing('sandbox-500'), OpenAI.InternalServerError)
      await assert.rejects(failing('sandbox-cut'))
      const stream = await openai.chat.completions.create({ model: 'sandbox-cut', messages: question, stream: true })
      let text = ''
      await assert.rejects(async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      })
      assert.match(text, /^This is a simulated/)
    })

    it('lists its models', async () => {
      const ids = (await openai.models.list()).data.map((model) => model.id)
      assert.deepEqual(ids, [...sandboxModels])
    })
  })

  describe('to the Anthropic SDK', () => {
    it('answers whole and streamed alike', async () => {
      const whole = await anthropic.messages.create({ model: 'sandbox-large', max_tokens: 500, messages: question })
      const streamed = await anthropic.messages
        .stream({ model: 'sandbox-large', max_tokens: 500, messages: question })
        .finalMessage()
      assert.deepEqual(streamed.content, whole.content)
      assert.equal(streamed.usage.output_tokens, whole.usage.output_tokens)
      assert.equal(streamed.stop_reason, 'end_turn')
    })

    it('writes to the cache what is marked, then reads it', async () => {
      const system = [
        { type: 'text' as const, text: 'Be brief. '.repeat(50), cache_control: { type: 'ephemeral' as const } },
      ]
      const ask = () => anthropic.messages.create({ model: 'sandbox-small', max_tokens: 9, system, messages: question })
      const first = await ask()
      const second = await ask()
      const written = first.usage.cache_creation?.ephemeral_5m_input_tokens ?? 0
      assert.ok(written > 0)
      assert.equal(first.usage.cache_creation_input_tokens, written)
      assert.equal(second.usage.cache_read_input_tokens, written)
      assert.equal(second.usage.cache_creation_input_tokens, 0)
      assert.equal(second.stop_reason, 'max_tokens')
    })

    it('calls a tool when it must', async () => {
      const reply = await anthropic.messages
        .stream({
          model: 'sandbox-small',
          max_tokens: 500,
          messages: question,
          tools: [{ name: 'weather', input_schema: schema }],
          tool_choice: { type: 'any' },
        })
        .finalMessage()
      const [block] = reply.content
      assert.ok(block?.type === 'tool_use')
      assert.deepEqual(block.input, { city: 'simulated', days: 1 })
    })

    it('fails as the model’s name says, counts tokens, lists models', async () => {
      const failing = (model: string) => anthropic.messages.create({ model, max_tokens: 9, messages: question })
      await assert.rejects(failing('sandbox-429'), Anthropic.RateLimitError)
      await assert.rejects(failing('sandbox-500'), Anthropic.InternalServerError)
      await assert.rejects(failing('sandbox-cut'))
      const counted = await anthropic.messages.countTokens({ model: 'sandbox-small', messages: question })
      assert.ok(counted.input_tokens > 0)
      const models = await anthropic.models.list()
      assert.equal(models.data.length, sandboxModels.length)
    })
  })

  it('counts its limits down for each credential', async () => {
    const remaining = async (key: string): Promise<number> => {
      const reply = await post(
        '/v1/chat/completions',
        { model: 'm', messages: question },
        { authorization: `Bearer ${key}` },
      )
      return Number(reply.headers.get('x-ratelimit-remaining-requests'))
    }
    assert.deepEqual([await remaining('a'), await remaining('a'), await remaining('b')], [499, 498, 499])
    const used = async (): Promise<number> => {
      const body = { model: 'm', max_tokens: 9, messages: question }
      const reply = await post('/v1/messages', body, { authorization: 'Bearer sk-ant-oat01-x' })
      assert.equal(reply.headers.get('anthropic-ratelimit-unified-status'), 'allowed')
      return Number(reply.headers.get('anthropic-ratelimit-unified-5h-utilization'))
    }
    assert.ok((await used()) < (await used()))
    const keyed = await post('/v1/messages', { model: 'm', messages: question }, { 'x-api-key': 'sk-ant-api' })
    assert.equal(keyed.headers.get('anthropic-ratelimit-requests-remaining'), '499')
    assert.equal(keyed.headers.get('anthropic-ratelimit-requests-reset'), '2025-11-22T00:01:00.000Z')
  })

  it('names what is wrong in the caller’s dialect', async () => {
    for (const [body, wrong] of [
      ['{"model"', /not a JSON object/],
      ['[]', /not a JSON object/],
      [{ messages: question }, /^model:/],
      [{ model: 'm', messages: [] }, /^messages:/],
    ] as const) {
      const chat = await post('/v1/chat/completions', body)
      assert.equal(chat.status, 400)
      const said = (await chat.json()) as { error: { message: string; type: string } }
      assert.match(said.error.message, wrong)
      const message = await post('/v1/messages', body)
      assert.equal(((await message.json()) as { type: string }).type, 'error')
    }
    const nowhere = await post('/v1/nowhere', {})
    assert.equal(nowhere.status, 404)
  })
})
