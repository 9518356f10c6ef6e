/** What a Responses request tells. */
import assert from 'node:assert/strict'
import { readRequest } from './request.ts'

const read = (value: unknown) => {
  const facts = readRequest(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)))
  assert.ok(facts)
  return facts
}

describe('openai-responses readRequest', () => {
  it('reads what routing and metering need', () => {
    const facts = read({
      model: 'gpt-5.2-codex',
      input: [{ type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'an "input_image"' }] }],
      tools: [{ type: 'web_search' }, { type: 'function', name: 'run', parameters: { properties: { container: {} } } }],
      stream: true,
      store: false,
      max_output_tokens: 9,
      prompt_cache_key: 'shared',
      session_id: 's1',
    })
    assert.deepEqual(facts, {
      model: 'gpt-5.2-codex',
      stream: true,
      asksUsage: true,
      hasImages: false,
      serverState: false,
      goesOnFrom: null,
      session: 's1',
      wireAccount: null,
      maxOutput: 9,
    })
  })

  it('counts wrong types as absent', () => {
    const facts = read({
      model: 7,
      input: { a: '"file_id"' },
      stream: 'true',
      previous_response_id: 3,
      conversation: {},
      prompt: 'p',
      tools: ['container', { container: 5, vector_store_ids: 'v' }],
      max_output_tokens: -1,
    })
    assert.deepEqual(
      { ...facts, asksUsage: undefined },
      {
        model: null,
        stream: false,
        asksUsage: undefined,
        hasImages: false,
        serverState: false,
        goesOnFrom: null,
        session: null,
        wireAccount: null,
        maxOutput: null,
      },
    )
  })

  it('sees pictures, in messages and in what tools gave back', () => {
    const picture = { type: 'input_image', image_url: 'data:image/png;base64,AA' }
    assert.equal(read({ input: [{ role: 'user', content: [picture] }] }).hasImages, true)
    assert.equal(read({ input: [{ type: 'function_call_output', call_id: 'c', output: [picture] }] }).hasImages, true)
    assert.equal(read({ input: [{ role: 'user', content: 'input_image' }] }).hasImages, false)
  })

  const tied: [string, object][] = [
    ['an answer to go on from', { previous_response_id: 'resp_1' }],
    ['a conversation', { conversation: 'conv_1' }],
    ['a conversation as an object', { conversation: { id: 'conv_1' } }],
    ['a prompt template', { prompt: { id: 'pmpt_1', version: '2' } }],
    ['an item', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['a file', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] }],
    [
      'a picture that was uploaded',
      { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-1' }] }] },
    ],
    ['a container in the input', { input: [{ type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_1' }] }],
    ['a container', { tools: [{ type: 'code_interpreter', container: 'cntr_1' }] }],
    [
      'files for a container',
      { tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } }] },
    ],
    ['a shell in a container', { tools: [{ type: 'shell', environment: { container_id: 'cntr_1' } }] }],
    ['a skill', { tools: [{ type: 'shell', environment: { skills: [{ type: 'skill_reference', skill_id: 's' }] } }] }],
    ['a vector store', { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }],
    ['a mask', { tools: [{ type: 'image_generation', input_image_mask: { file_id: 'file-1' } }] }],
  ]
  it('is sealed by thoughts that one organization alone can read', () => {
    const thought = (encrypted_content: unknown) => ({ input: [{ type: 'reasoning', summary: [], encrypted_content }] })
    const sealed = ['gAAAAA', '', null].map((content) => read({ model: 'm', ...thought(content) }).sealed)
    assert.deepEqual(sealed, [true, undefined, undefined])
    assert.equal(read({ model: 'm', input: 'what is "encrypted_content"?' }).sealed, undefined)
  })

  for (const [what, members] of tied) {
    it(`is tied to its account by ${what}`, () => assert.equal(read({ model: 'm', ...members }).serverState, true))
  }

  it('names the answer that it goes on from', () => {
    assert.equal(read({ previous_response_id: 'resp_1' }).goesOnFrom, 'resp_1')
    const own = { input: [{ role: 'user', content: [{ type: 'input_file', file_data: 'AA' }] }], conversation: null }
    assert.equal(
      read({ ...own, tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }).serverState,
      false,
    )
  })

  it('reads no facts from what is no JSON object', () => {
    for (const bad of ['', 'x', '[]', '{"model":"m"'])
      assert.equal(readRequest(new TextEncoder().encode(bad)), undefined)
  })
})
