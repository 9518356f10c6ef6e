/** What a Chat Completions request tells. */
import assert from 'node:assert/strict'
import { readRequest } from './request.ts'

const read = (value: unknown) =>
  readRequest(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)))

describe('openai-chat readRequest', () => {
  it('reads what routing and metering need', () => {
    const facts = read({
      model: 'gpt-5.2',
      messages: [{ role: 'user', content: 'an "image_url" in words' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 5,
      max_completion_tokens: 9,
      session_id: 's1',
    })
    assert.equal(facts?.model, 'gpt-5.2')
    assert.equal(facts.stream, true)
    assert.equal(facts.asksUsage, true)
    assert.equal(facts.hasImages, false)
    assert.equal(facts.serverState, false)
    assert.equal(facts.session, 's1')
    assert.equal(facts.wireAccount, null)
    assert.equal(facts.maxOutput, 9)
    assert.equal(read({ max_tokens: 5, n: 3 })?.maxOutput, 15)
  })

  it('counts wrong types as absent', () => {
    const facts = read({ model: 7, stream: 'true', stream_options: [], max_tokens: -1, messages: { a: '"image_url"' } })
    assert.deepEqual(facts, {
      model: null,
      stream: false,
      asksUsage: false,
      hasImages: false,
      serverState: false,
      goesOnFrom: null,
      session: null,
      wireAccount: null,
      maxOutput: null,
    })
  })

  it('sees pictures, uploaded files and earlier audio', () => {
    const content = (part: unknown) => read({ messages: [{ role: 'user', content: [part] }] })
    assert.equal(content({ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } })?.hasImages, true)
    assert.equal(content({ type: 'text', text: '"image_url"' })?.hasImages, false)
    assert.equal(content({ type: 'file', file: { file_id: 'file-1' } })?.serverState, true)
    assert.equal(content({ type: 'file', file: { file_data: 'AA' } })?.serverState, false)
    assert.equal(read({ messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] })?.serverState, true)
  })

  it('reads no facts from what is no JSON object', () => {
    for (const bad of ['', 'x', '[]', '{"model":"m"', '{"model":"m",}']) assert.equal(read(bad), undefined)
  })
})
