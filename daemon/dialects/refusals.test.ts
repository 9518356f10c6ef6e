/** Our no in each dialect: status, code, wait and whether to try again. */
import assert from 'node:assert/strict'
import { anthropic } from './anthropic/anthropic.ts'
import type { Dialect } from './dialect.ts'
import { gemini } from './gemini/gemini.ts'
import { openaiChat } from './openai-chat/openai-chat.ts'
import { openaiResponses } from './openai-responses/openai-responses.ts'

const said = (dialect: Dialect, code: string, status: number, wait: number | null) => {
  const reply = dialect.refuse({ code, status, sentence: 'A person reads this.', requestId: 'req_1', wait })
  assert.equal(reply.headers['x-tollkeeper-refusal'], code)
  assert.equal(reply.headers['x-tollkeeper-request-id'], 'req_1')
  const { error, type } = JSON.parse(reply.body) as {
    error: { message: string; type: string; code?: string }
    type?: string
  }
  assert.equal(error.message, 'A person reads this.')
  if (dialect === anthropic) assert.equal(type, 'error')
  const { 'retry-after': retryAfter, 'x-should-retry': shouldRetry } = reply.headers
  return [reply.status, error.code ?? error.type, retryAfter, shouldRetry]
}

const saidByGoogle = (code: string, status: number, wait: number | null) => {
  const reply = gemini.refuse({ code, status, sentence: 'A person reads this.', requestId: 'req_1', wait })
  assert.equal(reply.headers['x-tollkeeper-refusal'], code)
  const { error } = JSON.parse(reply.body) as {
    error: { code: number; message: string; status: string; details?: { retryDelay?: string }[] }
  }
  assert.equal(error.message, 'A person reads this.')
  assert.equal(error.code, reply.status)
  return [reply.status, error.status, reply.headers['retry-after'], error.details?.[0]?.retryDelay]
}

describe('refusals', () => {
  it('of a short wait make clients wait', () => {
    assert.deepEqual(said(openaiChat, 'cooling', 429, 59.2), [429, 'rate_limit_exceeded', '60', 'true'])
    assert.deepEqual(said(openaiResponses, 'cooling', 429, 59.2), [429, 'rate_limit_exceeded', '60', 'true'])
    assert.deepEqual(said(anthropic, 'cooling', 429, 20), [429, 'rate_limit_error', '20', 'true'])
    assert.deepEqual(said(anthropic, 'too_much_held', 503, 2), [503, 'overloaded_error', '2', 'true'])
  })

  it('of a long wait, or of none that helps, make clients stop and show the sentence', () => {
    assert.deepEqual(said(openaiChat, 'budget_exceeded', 429, 86_400), [403, 'insufficient_quota', undefined, 'false'])
    assert.deepEqual(said(openaiChat, 'budget_exceeded', 429, null), [403, 'insufficient_quota', undefined, 'false'])
    for (const wait of [86_400, null]) {
      const final = [429, 'insufficient_quota', undefined, 'false']
      assert.deepEqual(said(openaiResponses, 'budget_exceeded', 429, wait), final)
    }
    assert.deepEqual(said(anthropic, 'budget_exceeded', 429, 86_400), [429, 'rate_limit_error', '86400', 'false'])
    assert.deepEqual(said(anthropic, 'budget_exceeded', 429, null), [403, 'permission_error', undefined, 'false'])
  })

  it('of a budget make clients stop however soon it begins anew, with what programs may read of it', () => {
    const context = { provider: 'one', current_spend_usd: 121, monthly_limit_usd: 120 }
    const refusal = { code: 'budget_exceeded', status: 429, sentence: 'A person reads this.', requestId: 'req_1' }
    const found = [openaiChat, openaiResponses, anthropic, gemini].map((dialect) => {
      const { status, headers, body } = dialect.refuse({ ...refusal, wait: 20, context })
      assert.deepEqual((JSON.parse(body) as { context: object }).context, context)
      return [status, headers['retry-after'], headers['x-should-retry']]
    })
    const final = [403, undefined, 'false']
    assert.deepEqual(found, [final, [429, undefined, 'false'], [429, '20', 'false'], final])
    for (const dialect of [openaiChat, openaiResponses, anthropic, gemini]) {
      for (const wait of [null, 20, 86_400]) {
        const { status, headers, body } = dialect.refuse({ ...refusal, wait, final: 429 })
        assert.deepEqual([status, headers['x-should-retry'], body.includes('RetryInfo')], [429, 'false', false])
      }
    }
  })

  it('of a fault in the request keep its status and code', () => {
    assert.deepEqual(said(openaiChat, 'bad_json', 400, null), [400, 'bad_json', undefined, 'false'])
    assert.deepEqual(said(openaiChat, 'all_providers_exhausted', 503, null), [
      503,
      'all_providers_exhausted',
      undefined,
      'false',
    ])
    assert.deepEqual(said(anthropic, 'bad_key', 401, null), [401, 'authentication_error', undefined, 'false'])
    assert.deepEqual(said(anthropic, 'body_too_large', 413, null), [413, 'request_too_large', undefined, 'false'])
    assert.deepEqual(said(anthropic, 'bad_upstream_reply', 502, null), [502, 'api_error', undefined, 'false'])
  })

  it('of Gemini’s kind tell a short wait in the body too, and nothing to wait for otherwise', () => {
    assert.deepEqual(saidByGoogle('cooling', 429, 33.4), [429, 'RESOURCE_EXHAUSTED', '34', '34s'])
    assert.deepEqual(saidByGoogle('too_much_held', 503, 0.2), [503, 'UNAVAILABLE', '1', '1s'])
    assert.deepEqual(saidByGoogle('budget_exceeded', 429, 86_400), [403, 'PERMISSION_DENIED', undefined, undefined])
    assert.deepEqual(saidByGoogle('budget_exceeded', 429, null), [403, 'PERMISSION_DENIED', undefined, undefined])
    assert.deepEqual(saidByGoogle('bad_key', 401, null), [401, 'UNAUTHENTICATED', undefined, undefined])
    assert.deepEqual(saidByGoogle('not_found', 404, null), [404, 'NOT_FOUND', undefined, undefined])
    assert.deepEqual(saidByGoogle('body_too_large', 413, null), [413, 'INVALID_ARGUMENT', undefined, undefined])
    assert.deepEqual(saidByGoogle('loop', 508, null), [508, 'INTERNAL', undefined, undefined])
  })
})
