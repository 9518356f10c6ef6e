import assert from 'node:assert/strict'
import { dialects } from '../dialects/index.ts'
import { routesOf } from './routes.ts'

const routeOf = routesOf(dialects)

const shown = (method: string, target: string, preferred?: 'anthropic' | 'gemini') => {
  const route = routeOf(method, target, preferred)
  if (route.kind === 'call') {
    const { dialect, endpoint, named, folder, key } = route
    const more = [named && `named ${named}`, folder && `in ${folder}`, key && `key ${key}`].filter(Boolean)
    const row = `${dialect.name} ${endpoint.path} ${route.pinned ?? '-'} ${route.rest}${route.query}`
    return [row, ...more].join(', ')
  }
  return route.kind === 'unknown' ? `unknown ${route.dialect?.name ?? '-'}` : route.kind
}

describe('proxy/routes', () => {
  const table: [string, string, string][] = [
    ['POST', '/v1/chat/completions', 'openai-chat /v1/chat/completions - v1/chat/completions'],
    ['POST', '/v1/messages?beta=true', 'anthropic /v1/messages - v1/messages?beta=true'],
    [
      'POST',
      '/v1/messages/count_tokens?beta=true',
      'anthropic /v1/messages/count_tokens - v1/messages/count_tokens?beta=true',
    ],
    ['POST', '/p/corp/v1/messages', 'anthropic /v1/messages corp v1/messages'],
    ['POST', '/p/corp/v1/messages/count_tokens', 'anthropic /v1/messages/count_tokens corp v1/messages/count_tokens'],
    ['POST', '/p/groq/openai/v1/chat/completions', 'openai-chat /v1/chat/completions groq openai/v1/chat/completions'],
    ['POST', '/p/my%20box/chat/completions', 'openai-chat /v1/chat/completions my box chat/completions'],
    ['POST', '/p/%E0%A4%A/chat/completions', 'openai-chat /v1/chat/completions %E0%A4%A chat/completions'],
    ['GET', '/v1/chat/completions', 'openai-chat /v1/* - v1/chat/completions'],
    ['POST', '/v1/completions', 'openai-chat /v1/completions - v1/completions'],
    ['POST', '/v1/embeddings', 'openai-chat /v1/embeddings - v1/embeddings'],
    ['POST', '/v1/responses', 'openai-responses /v1/responses - v1/responses'],
    ['POST', '/v1/responses/compact', 'openai-responses /v1/responses/compact - v1/responses/compact'],
    ['POST', '/p/codex/responses', 'openai-responses /v1/responses codex responses'],
    [
      'GET',
      '/v1/responses/resp_1?stream=true',
      'openai-responses /v1/responses/{id} - v1/responses/resp_1?stream=true, named resp_1',
    ],
    ['DELETE', '/v1/responses/resp_1', 'openai-responses /v1/responses/{id} - v1/responses/resp_1, named resp_1'],
    [
      'POST',
      '/p/up/v1/responses/resp_1/cancel',
      'openai-responses /v1/responses/{id}/cancel up v1/responses/resp_1/cancel, named resp_1',
    ],
    [
      'GET',
      '/v1/responses/resp_1/input_items?limit=2',
      'openai-responses /v1/responses/{id}/input_items - v1/responses/resp_1/input_items?limit=2, named resp_1',
    ],
    ['PUT', '/v1/responses/resp_1', 'openai-responses /v1/* - v1/responses/resp_1'],
    ['POST', '/v1/audio/transcriptions?x=1', 'openai-chat /v1/* - v1/audio/transcriptions?x=1'],
    ['DELETE', '/v1/files/file-1', 'openai-chat /v1/* - v1/files/file-1'],
    ['HEAD', '/v1/files/file-1', 'openai-chat /v1/* - v1/files/file-1'],
    ['POST', '/v1/messages/batches', 'anthropic /v1/* - v1/messages/batches'],
    ['GET', '/v1/threads/t/messages', 'openai-chat /v1/* - v1/threads/t/messages'],
    ['TRACE', '/v1/files', 'unknown openai-chat'],
    ['GET', '/v1/models', 'openai-chat /v1/models - v1/models'],
    ['GET', '/v1/models/a%2Fb/c', 'openai-chat /v1/models/{name} - v1/models/a%2Fb/c, named a/b/c'],
    ['POST', '/p/openai', 'unknown openai-chat'],
    ['POST', '/p/openai/v1/xmessages', 'openai-chat /* openai v1/xmessages'],
    ['GET', '/p/ollama/api/tags', 'openai-chat /* ollama api/tags'],
    ['GET', '/p/corp/v1/models/m', 'openai-chat /v1/models/{name} corp v1/models/m, named m'],
    ['DELETE', '/v1/models/ft:gpt-4o:org::id', 'openai-chat /v1/* - v1/models/ft:gpt-4o:org::id'],
    [
      'POST',
      '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
      'gemini /v1beta/models/{model}:streamGenerateContent - v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse, named gemini-2.5-flash',
    ],
    [
      'POST',
      '/v1/models/gemini%2Fgemini-2.5-flash:generateContent',
      'gemini /v1/models/{model}:generateContent - v1/models/gemini%2Fgemini-2.5-flash:generateContent, named gemini/gemini-2.5-flash',
    ],
    [
      'POST',
      '/v1beta/models/local/llama3:8b:countTokens',
      'gemini /v1beta/models/{model}:countTokens - v1beta/models/local/llama3:8b:countTokens, named local/llama3:8b',
    ],
    [
      'POST',
      '/p/goog/v1/models/m:embedContent',
      'gemini /v1/models/{model}:embedContent goog v1/models/m:embedContent, named m',
    ],
    [
      'POST',
      '/p/goog/models/m:batchEmbedContents',
      'gemini /v1beta/models/{model}:batchEmbedContents goog models/m:batchEmbedContents, named m',
    ],
    [
      'POST',
      '/v1beta/tunedModels/t-1:generateContent',
      'gemini /v1beta/tunedModels/{model}:generateContent - v1beta/tunedModels/t-1:generateContent, named t-1',
    ],
    [
      'POST',
      '/v1beta/models/m%3AgenerateContent',
      'gemini /v1beta/models/{model}:generateContent - v1beta/models/m%3AgenerateContent, named m',
    ],
    ['GET', '/v1beta/models', 'gemini /v1beta/models - v1beta/models'],
    ['GET', '/v1beta/models/m', 'gemini /v1beta/models/{name} - v1beta/models/m, named m'],
    [
      'POST',
      '/p/goog/v1beta/openai/chat/completions',
      'openai-chat /v1/chat/completions goog v1beta/openai/chat/completions',
    ],
    ['POST', '/f/shop-1a2b/v1/messages', 'anthropic /v1/messages - v1/messages, in shop-1a2b'],
    ['POST', '/f/shop/p/corp/v1/messages', 'anthropic /v1/messages corp v1/messages, in shop'],
    ['POST', '/k/tk_a/v1/messages', 'anthropic /v1/messages - v1/messages, key tk_a'],
    ['POST', '/k/tk_a/f/shop/v1/messages', 'anthropic /v1/messages - v1/messages, in shop, key tk_a'],
    ['POST', '/f/shop/k/tk_a/v1/messages', 'anthropic /v1/messages - v1/messages, in shop, key tk_a'],
    ['POST', '/f/a/f/b/v1/messages', 'unknown -'],
    ['POST', '/f/../v1/messages', 'not-ours'],
    ['GET', '/f/shop/api/v1/summary', 'unknown -'],
    ['GET', '/f/shop/v1/stats/providers', 'unknown -'],
    ['HEAD', '/f/shop/v1', 'base'],
    ['GET', '/v1/stats/providers', 'not-ours'],
    ['GET', '/v1/ratelimits', 'not-ours'],
    ['GET', '/v1/ratelimitsx', 'openai-chat /v1/* - v1/ratelimitsx'],
    ['GET', '/api/v1/summary', 'not-ours'],
    ['GET', '/', 'not-ours'],
    ['HEAD', '/', 'base'],
    ['HEAD', '/v1', 'base'],
    ['HEAD', '/p/sandbox/', 'base'],
    ['HEAD', '/dashboard', 'not-ours'],
  ]
  for (const [method, target, expected] of table) {
    it(`${method} ${target} is ${expected}`, () => assert.equal(shown(method, target), expected))
  }

  it('takes the dialect whose own header came along where a path is shared, and only there', () => {
    assert.equal(shown('GET', '/v1/models', 'anthropic'), 'anthropic /v1/models - v1/models')
    assert.equal(shown('GET', '/v1/models', 'gemini'), 'gemini /v1/models - v1/models')
    assert.equal(shown('POST', '/v1beta/cachedContents', 'gemini'), 'gemini /v1beta/* - v1beta/cachedContents')
    assert.equal(shown('POST', '/upload/v1beta/files', 'gemini'), 'gemini /upload/* - upload/v1beta/files')
    assert.equal(shown('POST', '/upload/files', 'gemini'), 'not-ours')
    assert.equal(shown('GET', '/v1/files', 'anthropic'), 'anthropic /v1/* - v1/files')
    const chat = 'openai-chat /v1/chat/completions - v1/chat/completions'
    assert.equal(shown('POST', '/v1/chat/completions', 'anthropic'), chat)
  })
})
