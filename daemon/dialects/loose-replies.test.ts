/** Replies of any form and type are read without a throw, and text is estimated sensibly. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { anthropic } from './anthropic/anthropic.ts'
import type { ReplyReading } from './dialect.ts'
import { estimatedRequestTokens, roughRequestTokens } from './estimate.ts'
import { gemini } from './gemini/gemini.ts'
import { dialects } from './index.ts'
import { openaiChat } from './openai-chat/openai-chat.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function readStream(dialect: typeof openaiChat, events: readonly unknown[]): ReplyReading & { estimate: number } {
  const reader = dialect.openReply('sse', { dropUsageOnlyChunk: false })
  for (const event of events) reader.read(bytesOf(`data: ${JSON.stringify(event)}\n\n`))
  reader.end()
  return { ...reader.reading(), estimate: reader.estimateOutput() }
}

/** JSON under the names that the readers look for, with any types. */
const names = [
  'type',
  'usage',
  'choices',
  'error',
  'message',
  'model',
  'delta',
  'finish_reason',
  'input_tokens',
  'output_tokens',
  'prompt_tokens',
  'x_groq',
  'content',
  'tool_calls',
  'cache_creation',
  'message_delta',
  'response',
  'output',
  'item',
  'store',
  'background',
  'input_tokens_details',
  'candidates',
  'finishReason',
  'parts',
  'promptFeedback',
  'usageMetadata',
  'promptTokenCount',
  'thoughtsTokenCount',
  'groundingMetadata',
  'webSearchQueries',
]
const { foreign } = fc.letrec((tie) => ({
  foreign: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      'message_start',
      'message_delta',
      'response.completed',
      'web_search_call',
      'error',
      '',
      -1,
      0.5,
      1e300,
      7,
      null,
      true,
    ),
    fc.array(tie('foreign'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('foreign'), { maxKeys: 5 }),
  ),
}))

describe('replies of any form', () => {
  for (const dialect of dialects) {
    it(`${dialect.name} never throws and never tells a count that is none`, () => {
      fc.assert(
        fc.property(fc.array(foreign, { maxLength: 5 }), (events) => {
          const { usage } = readStream(dialect, events)
          for (const count of Object.values(usage ?? {})) assert.ok(Number.isSafeInteger(count) && count >= 0)
          const body = dialect.openReply('json', { dropUsageOnlyChunk: false })
          const list = dialect.openReply('json', { dropUsageOnlyChunk: false })
          body.read(bytesOf(JSON.stringify(events[0] ?? null)))
          list.read(bytesOf(JSON.stringify(events)))
          for (const reader of [body, list]) {
            reader.end()
            reader.estimateOutput()
            for (const count of Object.values(reader.reading().usage ?? {}))
              assert.ok(Number.isSafeInteger(count) && count >= 0)
          }
        }),
        { numRuns: 500 },
      )
    })

    it(`${dialect.name} takes any bytes`, () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array()), fc.constantFrom('sse' as const, 'json' as const), (chunks, kind) => {
          const reader = dialect.openReply(kind, { dropUsageOnlyChunk: true })
          const passed = chunks.flatMap((chunk) => reader.read(chunk).pass)
          assert.deepEqual(Buffer.concat([...passed, ...reader.end()]), Buffer.concat(chunks))
          assert.equal(reader.reading().usage, null)
        }),
      )
    })
  }

  it('keeps the known parts of a usage whose other parts are nonsense', () => {
    const chunk = {
      choices: [],
      usage: { prompt_tokens: 10, completion_tokens: -3, prompt_tokens_details: { cached_tokens: 2.5 } },
    }
    assert.deepEqual(readStream(openaiChat, [chunk]).usage, {
      input: 10,
      cacheRead: 0,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      output: 0,
      reasoning: 0,
    })
    const start = {
      type: 'message_start',
      message: { usage: { input_tokens: 7, output_tokens: '9', cache_read_input_tokens: 3 } },
    }
    assert.deepEqual(readStream(anthropic, [start]).usage, {
      input: 7,
      cacheRead: 3,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      output: 0,
      reasoning: 0,
    })
  })

  it('passes on bytes that come after the end without reading them', () => {
    const reader = openaiChat.openReply('sse', { dropUsageOnlyChunk: true })
    reader.end()
    const late = bytesOf('data: [DONE]\n\n')
    assert.deepEqual(reader.read(late), { pass: [late], terminal: false })
    assert.equal(reader.reading().complete, false)
  })
})

describe('estimates', () => {
  it('of a request at a glance count an attachment as a picture, and text by its bytes', () => {
    const of = (text: string) => roughRequestTokens(Buffer.from(text))
    const words = 'four words of text, '.repeat(100)
    assert.equal(of(words), 500)
    for (const size of [5000, 400_000]) {
      const file = `"${'QUJD'.repeat(size / 4)}"`
      const found = of(`${words}${file}${words}${file}${words}`)
      // what stands before the first byte that is looked at counts as text
      assert.ok(found >= 1500 + 2000 && found <= 1500 + 2300, String(found))
    }
    assert.ok(of('QUJD'.repeat(150)) <= 150)
    assert.equal(of(''), 0)
  })

  const prose = 'The quick brown fox jumps over the lazy dog. '
  const chunkOf = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })

  it('count the words of a stream, tool arguments and thoughts too', () => {
    const { estimate } = readStream(
      openaiChat,
      Array.from({ length: 20 }, () => chunkOf(prose)),
    )
    assert.ok(estimate >= 180 && estimate <= 260, String(estimate))
    const call = { choices: [{ delta: { tool_calls: [{ function: { name: 'get', arguments: prose } }] } }] }
    assert.ok(readStream(openaiChat, [call]).estimate >= 9)
    const thought = { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: prose } }
    assert.ok(readStream(anthropic, [thought]).estimate >= 9)
    assert.equal(readStream(anthropic, []).estimate, 0)
    const parts = [{ text: prose, thought: true }, { functionCall: { name: 'get', args: { words: prose } } }]
    const { estimate: both } = readStream(gemini, [{ candidates: [{ content: { parts } }] }])
    assert.ok(both >= 18 && both <= 40, String(both))
  })

  it('count the words of a list that was broken off', () => {
    const reader = gemini.openReply('json', { dropUsageOnlyChunk: false })
    const element = JSON.stringify({ candidates: [{ content: { parts: [{ text: prose }] } }] })
    reader.read(bytesOf(` [${element},${element},{"candid`))
    assert.ok(reader.estimateOutput() >= 18)
    assert.equal(reader.reading().complete, false)
  })

  it('scale what was looked at to the whole', () => {
    const ratio =
      readStream(
        openaiChat,
        Array.from({ length: 12_000 }, () => chunkOf(prose)),
      ).estimate /
      readStream(
        openaiChat,
        Array.from({ length: 1200 }, () => chunkOf(prose)),
      ).estimate
    assert.ok(ratio > 9 && ratio < 11, String(ratio))
  })

  it('count an attachment as one, not as its letters', () => {
    const text = estimatedRequestTokens(bytesOf(JSON.stringify({ messages: [{ role: 'user', content: prose }] })))
    const url = `data:image/png;base64,${'iVBORw0KGgo'.repeat(100_000)}`
    const both = estimatedRequestTokens(
      bytesOf(JSON.stringify({ messages: [{ role: 'user', content: prose }, { url }] })),
    )
    assert.ok(text >= 9 && text < 60, String(text))
    assert.ok(both > text + 900 && both < text + 1100, String(both))
    assert.equal(estimatedRequestTokens(new Uint8Array(0)), 0)
  })
})
