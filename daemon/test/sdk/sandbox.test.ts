/** The real SDKs, pointed at the daemon and straight at the provider: both must see the same, to the byte and to the token. */
import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { openSandbox } from '../../sandbox/sandbox.ts'
import { eventually, type Story, start } from '../start.ts'

type Sandbox = Awaited<ReturnType<typeof openSandbox>>

describe('the SDKs through the daemon', () => {
  let sandbox: Sandbox
  let story: Story
  let openai: { direct: OpenAI; through: OpenAI }
  let anthropic: { direct: Anthropic; through: Anthropic }

  before(async () => {
    sandbox = await openSandbox({ now: Date.now, speed: 20 })
    // not the built-in one: a provider like any other, so that its calls count as real ones
    story = await start({
      config: {
        providers: {
          up: { extends: 'openai', baseUrl: `${sandbox.url}/v1` },
          claude: { extends: 'anthropic', baseUrl: sandbox.url },
        },
      },
    })
    openai = {
      direct: new OpenAI({ apiKey: 'sk-own', baseURL: `${sandbox.url}/v1`, maxRetries: 0 }),
      through: new OpenAI({ apiKey: 'sk-own', baseURL: `${story.url}/p/up/v1`, maxRetries: 0 }),
    }
    anthropic = {
      direct: new Anthropic({ apiKey: 'sk-ant-own', baseURL: sandbox.url, maxRetries: 0 }),
      through: new Anthropic({ apiKey: 'sk-ant-own', baseURL: `${story.url}/p/claude`, maxRetries: 0 }),
    }
  })
  // the sandbox caches prompts as providers do: from the second asking on answers are equal
  before(() =>
    openai.direct.chat.completions.create({
      model: 'sandbox-small',
      messages: [{ role: 'user', content: 'Who keeps the bridge?' }],
    }),
  )
  after(async () => {
    await story.end()
    await sandbox.close()
  })
  const newest = async () => (await story.ask('requests', { query: { limit: '1' } })).requests[0]
  const messages = [{ role: 'user' as const, content: 'Who keeps the bridge?' }]
  const tool = {
    name: 'weather',
    description: 'The weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  }

  /** What may differ between two answers: ids and times. */
  const same = (value: unknown) =>
    JSON.parse(
      JSON.stringify(value, (key, inner: unknown) =>
        /^(id|created|system_fingerprint|_request_id|tool_call_id)$/.test(key) ? undefined : inner,
      ),
    ) as unknown

  it('openai: one answer', async () => {
    const ask = (client: OpenAI) => client.chat.completions.create({ model: 'sandbox-small', messages })
    const [direct, through] = [await ask(openai.direct), await ask(openai.through)]
    assert.deepEqual(same(through), same(direct))
    const row = await newest()
    assert.deepEqual(
      [row?.promptTokens, row?.completionTokens, row?.client],
      [through.usage?.prompt_tokens, through.usage?.completion_tokens, 'openai-sdk'],
    )
  })

  for (const include_usage of [true, false]) {
    it(`openai: a stream, usage ${include_usage ? 'asked for' : 'not asked for'}`, async () => {
      const ask = async (client: OpenAI) => {
        const chunks: unknown[] = []
        const stream = await client.chat.completions.create({
          model: 'sandbox-small',
          messages,
          stream: true,
          ...(include_usage && { stream_options: { include_usage } }),
        })
        for await (const chunk of stream) chunks.push(chunk)
        return same(chunks) as { choices: unknown[]; usage?: unknown }[]
      }
      const [direct, through] = [await ask(openai.direct), await ask(openai.through)]
      assert.equal(
        through.some((chunk) => chunk.choices.length === 0),
        include_usage,
      )
      const bare = (chunks: { usage?: unknown }[]) =>
        include_usage ? chunks : chunks.map(({ usage: _, ...chunk }) => chunk)
      assert.deepEqual(bare(through), bare(direct))
      const row = await newest()
      assert.ok((row?.completionTokens ?? 0) > 0 && row?.outcome === 'ok')
    })
  }

  it('openai: tools', async () => {
    const ask = (client: OpenAI) =>
      client.chat.completions.create({
        model: 'sandbox-small',
        messages,
        tools: [{ type: 'function', function: tool }],
        tool_choice: 'required',
      })
    const [direct, through] = [await ask(openai.direct), await ask(openai.through)]
    assert.deepEqual(same(through), same(direct))
    assert.equal(through.choices[0]?.finish_reason, 'tool_calls')
  })

  it('anthropic: one answer and a stream', async () => {
    const params = { model: 'sandbox-large', max_tokens: 200, messages }
    const [direct, through] = [
      await anthropic.direct.messages.create(params),
      await anthropic.through.messages.create(params),
    ]
    assert.deepEqual(same(through), same(direct))
    assert.equal((await newest())?.completionTokens, through.usage.output_tokens)
    const streamed = async (client: Anthropic) => {
      const events: unknown[] = []
      for await (const event of client.messages.stream(params)) events.push(event)
      return same(events)
    }
    assert.deepEqual(await streamed(anthropic.through), await streamed(anthropic.direct))
    const row = await newest()
    assert.deepEqual(
      [row?.completionTokens, row?.client, row?.outcome],
      [through.usage.output_tokens, 'anthropic-sdk', 'ok'],
    )
  })

  it('anthropic: tools and token counts', async () => {
    const tools = [
      {
        name: tool.name,
        description: tool.description,
        input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } },
      },
    ]
    const ask = (client: Anthropic) =>
      client.messages.create({ model: 'sandbox-small', max_tokens: 100, messages, tools, tool_choice: { type: 'any' } })
    const [direct, through] = [await ask(anthropic.direct), await ask(anthropic.through)]
    assert.deepEqual(same(through), same(direct))
    assert.equal(through.stop_reason, 'tool_use')
    const count = (client: Anthropic) => client.messages.countTokens({ model: 'sandbox-small', messages })
    assert.deepEqual(await count(anthropic.through), await count(anthropic.direct))
  })

  it('sees the same errors', async () => {
    const failed = async (asking: Promise<unknown>) => {
      const error = await asking.then(
        () => assert.fail('no error'),
        (thrown: unknown) => thrown as { status?: number; constructor: { name: string } },
      )
      return [error.constructor.name, error.status]
    }
    for (const model of ['sandbox-429', 'sandbox-500']) {
      assert.deepEqual(
        await failed(openai.through.chat.completions.create({ model, messages })),
        await failed(openai.direct.chat.completions.create({ model, messages })),
      )
      assert.deepEqual(
        await failed(anthropic.through.messages.create({ model, messages, max_tokens: 9 })),
        await failed(anthropic.direct.messages.create({ model, messages, max_tokens: 9 })),
      )
    }
    const cut = async (client: OpenAI) => {
      for await (const _ of await client.chat.completions.create({ model: 'sandbox-cut', messages, stream: true })) {
        // read until it breaks
      }
    }
    await assert.rejects(cut(openai.direct))
    await assert.rejects(cut(openai.through))
    await eventually('the cut is recorded', async () => (await newest())?.outcome === 'truncated')
  })

  it('aborts a stream and leaves nothing running', async () => {
    const stream = await openai.through.chat.completions.create({ model: 'sandbox-slow', messages, stream: true })
    for await (const _ of stream) break
    stream.controller.abort()
    await eventually('nothing runs', async () => (await story.ask('summary')).in_flight === 0)
    assert.equal((await newest())?.outcome, 'aborted')
  })

  it('raises our refusals as the errors of its own', async () => {
    const nobody = new OpenAI({ apiKey: 'sk-own', baseURL: `${story.url}/p/nobody/v1`, maxRetries: 0 })
    await assert.rejects(nobody.chat.completions.create({ model: 'm', messages }), OpenAI.NotFoundError)
    const keyless = new Anthropic({ apiKey: 'tk_nope', baseURL: story.url, maxRetries: 0 })
    await assert.rejects(
      keyless.messages.create({ model: 'm', messages, max_tokens: 1 }),
      Anthropic.AuthenticationError,
    )
  })
})
