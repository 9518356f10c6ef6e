/** What a Messages request tells, and who calls by its metadata. */
import assert from 'node:assert/strict'
import { readRequest } from './request.ts'

const read = (value: unknown) => readRequest(new TextEncoder().encode(JSON.stringify(value)))
const caller = (userId: unknown) => {
  const facts = read({ metadata: { user_id: userId } })
  return [facts?.session, facts?.wireAccount]
}

describe('anthropic readRequest', () => {
  it('reads what routing and metering need', () => {
    const facts = read({
      model: 'claude-sonnet-4-5',
      max_tokens: 1024,
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    })
    assert.ok(facts)
    assert.equal(facts.model, 'claude-sonnet-4-5')
    assert.equal(facts.stream, true)
    assert.equal(facts.asksUsage, true)
    assert.equal(facts.maxOutput, 1024)
    assert.equal(facts.serverState, false)
    assert.equal(facts.session, null)
  })

  it('reads session and account from both forms of user_id', () => {
    const json = (account: string) => JSON.stringify({ device_id: 'd', account_uuid: account, session_id: 's-1' })
    assert.deepEqual(caller(json('a-1')), ['s-1', 'a-1'])
    assert.deepEqual(caller(json('')), ['s-1', null])
    assert.deepEqual(caller('user_0f3a_account_11-22_session_33-44'), ['33-44', '11-22'])
    assert.deepEqual(caller('user_0f3a_account__session_33-44'), ['33-44', null])
    for (const foreign of ['someone@example.com', '{"session_id":', '{}', '', 7, null]) {
      assert.deepEqual(caller(foreign), [null, null])
    }
  })

  it('sees pictures, also inside a tool result', () => {
    const image = { type: 'image', source: { type: 'base64', data: 'AA' } }
    const content = (...blocks: unknown[]) => read({ messages: [{ role: 'user', content: blocks }] })
    assert.equal(content(image)?.hasImages, true)
    assert.equal(content({ type: 'tool_result', content: [image] })?.hasImages, true)
    assert.equal(content({ type: 'text', text: '"image"' })?.hasImages, false)
  })

  it('sees what is kept for one account', () => {
    assert.equal(read({ container: 'container_1' })?.serverState, true)
    assert.equal(read({ container: { id: 'c' } })?.serverState, true)
    assert.equal(read({ container: null })?.serverState, false)
    const document = { type: 'document', source: { type: 'file', file_id: 'file_1' } }
    assert.equal(read({ messages: [{ role: 'user', content: [document] }] })?.serverState, true)
  })
})
