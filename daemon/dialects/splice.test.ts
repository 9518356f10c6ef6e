/** A splice changes what it is for and not one other byte. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { anthropic } from './anthropic/anthropic.ts'
import type { Dialect } from './dialect.ts'
import { membersOf } from './json-scan.ts'
import { openaiChat } from './openai-chat/openai-chat.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const valueOf = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(textOf(bytes)) as Record<string, unknown>

function factsOf(dialect: Dialect, body: Uint8Array) {
  const [endpoint] = dialect.endpoints
  assert.ok(endpoint)
  const facts = dialect.readRequest(body, { endpoint, named: null })
  assert.ok(facts)
  return facts
}

const renamed = (dialect: Dialect, body: Uint8Array, to: string): Uint8Array =>
  dialect.withModel({ rest: 'v1/x', body }, to).body

function asked(text: string): string | undefined {
  const body = bytesOf(text)
  const spliced = openaiChat.withUsageAsked(body, factsOf(openaiChat, body))
  return spliced && textOf(spliced)
}

const others = fc.dictionary(
  fc.string({ unit: 'binary' }).filter((key) => !['model', 'stream', 'stream_options'].includes(key)),
  fc.jsonValue({ maxDepth: 3 }),
)

describe('withModel', () => {
  it('changes the name and not one other byte', () => {
    fc.assert(
      fc.property(
        others,
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        (rest, from, to, first) => {
          const value = first ? { model: from, ...rest } : { ...rest, model: from }
          for (const dialect of [openaiChat, anthropic]) {
            const body = bytesOf(JSON.stringify(value, null, 1))
            const spliced = renamed(dialect, body, to)
            assert.deepEqual(valueOf(spliced), { ...valueOf(body), model: to })
            const at = membersOf(body)?.get('model')
            assert.ok(at)
            assert.deepEqual(spliced.subarray(0, at.from), body.subarray(0, at.from))
            assert.deepEqual(spliced.subarray(spliced.length - (body.length - at.to)), body.subarray(at.to))
          }
        },
      ),
    )
  })

  it('replaces the one that counts where the name stands twice', () => {
    const body = bytesOf('{"model":"a","n":1.0,"model":"b"}')
    assert.equal(textOf(renamed(openaiChat, body, 'c"')), '{"model":"a","n":1.0,"model":"c\\""}')
  })

  it('puts the name in front where there is none', () => {
    const body = bytesOf(' { "n": 1 }')
    assert.equal(textOf(renamed(openaiChat, body, 'c')), ' {"model":"c", "n": 1 }')
    const empty = bytesOf('{}')
    assert.equal(textOf(renamed(anthropic, empty, 'c')), '{"model":"c"}')
  })
})

describe('withUsageAsked', () => {
  it('asks, and changes nothing else', () => {
    const options = fc.option(
      fc.record({ include_usage: fc.constantFrom(false, null), x: fc.jsonValue() }, { requiredKeys: [] }),
    )
    fc.assert(
      fc.property(others, options, fc.boolean(), (rest, streamOptions, given) => {
        const value = { stream: true, ...rest, ...(given ? { stream_options: streamOptions } : {}) }
        const spliced = asked(JSON.stringify(value, null, 2))
        assert.ok(spliced !== undefined)
        const expected = {
          ...(JSON.parse(JSON.stringify(value)) as object),
          stream_options: { ...(given ? streamOptions : {}), include_usage: true },
        }
        assert.deepEqual(JSON.parse(spliced), JSON.parse(JSON.stringify(expected)))
      }),
    )
  })

  it('writes the change into the bytes as they came', () => {
    assert.equal(asked('{"stream" :true,"n":1.0}'), '{"stream_options":{"include_usage":true},"stream" :true,"n":1.0}')
    assert.equal(
      asked('{"stream":true,"stream_options": { "x": 1e2 } }'),
      '{"stream":true,"stream_options": {"include_usage":true, "x": 1e2 } }',
    )
    assert.equal(
      asked('{"stream":true,"stream_options":{"include_usage":false}}'),
      '{"stream":true,"stream_options":{"include_usage":true}}',
    )
    assert.equal(
      asked('{"stream":true,"stream_options":null}'),
      '{"stream":true,"stream_options":{"include_usage":true}}',
    )
    assert.equal(
      asked('{"stream":true,"stream_options":{}}'),
      '{"stream":true,"stream_options":{"include_usage":true}}',
    )
  })

  it('leaves alone what asks already, and what is no stream', () => {
    assert.equal(asked('{"stream":true,"stream_options":{"include_usage":true}}'), undefined)
    assert.equal(asked('{"stream":false}'), undefined)
    assert.equal(asked('{}'), undefined)
    const body = bytesOf('{"stream":true}')
    assert.equal(anthropic.withUsageAsked(body, factsOf(anthropic, body)), undefined)
  })

  it('works on a body whose model was replaced before', () => {
    const body = bytesOf('{"model":"m","stream":true,"stream_options":{"a":1}}')
    const facts = factsOf(openaiChat, body)
    const both = openaiChat.withUsageAsked(renamed(openaiChat, body, 'another-name'), facts)
    assert.ok(both)
    assert.deepEqual(valueOf(both), {
      model: 'another-name',
      stream: true,
      stream_options: { include_usage: true, a: 1 },
    })
  })
})
