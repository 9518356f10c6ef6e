import assert from 'node:assert/strict'
import { dialects } from '../dialects/index.ts'
import { routeOf } from './routes.ts'

const shown = (method: string, target: string) => {
  const route = routeOf(dialects, method, target)
  if (route.kind === 'call')
    return `${route.dialect.name} ${route.endpoint.path} ${route.pinned ?? '-'} ${route.rest}${route.query}`
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
    ['GET', '/v1/chat/completions', 'unknown openai-chat'],
    ['POST', '/v1/nothing', 'unknown -'],
    ['POST', '/p/openai', 'unknown -'],
    ['POST', '/p/openai/v1/xchat/completions', 'unknown -'],
    ['GET', '/v1/stats/providers', 'not-ours'],
    ['GET', '/v1/ratelimits', 'not-ours'],
    ['GET', '/v1/ratelimitsx', 'unknown -'],
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
})
