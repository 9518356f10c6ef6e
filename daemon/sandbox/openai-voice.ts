/** Says an answer as a Chat Completions provider does (platform.openai.com/docs/api-reference/chat). */
import type { Answer } from './answer.ts'
import type { Ask } from './ask.ts'
import type { Voice } from './voice.ts'

export const openaiVoice: Voice = {
  contentBody: (answer, at) =>
    JSON.stringify({
      id: `chatcmpl-${answer.id}`,
      object: 'chat.completion',
      created: Math.floor(at / 1000),
      model: answer.model,
      choices: [{ index: 0, message: messageOf(answer), logprobs: null, finish_reason: finishOf(answer) }],
      usage: usageOf(answer),
    }),

  opening(answer, ask, at) {
    const call = answer.tool && {
      index: 0,
      id: `call_${answer.id}`,
      type: 'function',
      function: { name: answer.tool.name, arguments: '' },
    }
    const delta =
      call === null ? { role: 'assistant', content: '' } : { role: 'assistant', content: null, tool_calls: [call] }
    return chunk(answer, ask, at, delta, null)
  },

  piece: (answer, ask, at, piece) =>
    chunk(
      answer,
      ask,
      at,
      answer.tool === null ? { content: piece } : { tool_calls: [{ index: 0, function: { arguments: piece } }] },
      null,
    ),

  closing(answer, ask, at) {
    const last = { ...head(answer, at), choices: [], usage: usageOf(answer) }
    const usage = ask.includeUsage ? `data: ${JSON.stringify(last)}\n\n` : ''
    return `${chunk(answer, ask, at, {}, finishOf(answer))}${usage}data: [DONE]\n\n`
  },

  errorBody(status, message, reached) {
    // in the words of ChatGPT's plans: https://github.com/openai/codex (2026-11)
    if (reached?.of === 'plan') {
      const [resets_at, resets_in_seconds] = [Math.ceil(reached.until / 1000), reached.wait]
      const error = { type: 'usage_limit_reached', message, plan_type: 'plus', resets_at, resets_in_seconds }
      return JSON.stringify({ error })
    }
    const code = status === 429 ? 'rate_limit_exceeded' : status === 404 ? 'not_found' : null
    const type = status === 429 ? 'requests' : status >= 500 ? 'server_error' : 'invalid_request_error'
    return JSON.stringify({ error: { message, type, param: null, code } })
  },

  models: (ids) =>
    JSON.stringify({
      object: 'list',
      data: ids.map((id) => ({ id, object: 'model', created: 1763769600, owned_by: 'tollkeeper-sandbox' })),
    }),
}

function head(answer: Answer, at: number): Record<string, unknown> {
  return {
    id: `chatcmpl-${answer.id}`,
    object: 'chat.completion.chunk',
    created: Math.floor(at / 1000),
    model: answer.model,
  }
}

function chunk(answer: Answer, ask: Ask, at: number, delta: unknown, finish: string | null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }]
  const usage = ask.includeUsage ? { usage: null } : {}
  return `data: ${JSON.stringify({ ...head(answer, at), choices, ...usage })}\n\n`
}

function finishOf(answer: Answer): string {
  return answer.cutShort ? 'length' : answer.tool === null ? 'stop' : 'tool_calls'
}

function messageOf(answer: Answer): unknown {
  const text = answer.pieces.join('')
  if (answer.tool === null) return { role: 'assistant', content: text, refusal: null }
  const call = { id: `call_${answer.id}`, type: 'function', function: { name: answer.tool.name, arguments: text } }
  return { role: 'assistant', content: null, refusal: null, tool_calls: [call] }
}

/** Here the cache is part of the prompt, and what was written to it has no count of its own. */
export function usageOf({ usage }: Answer): unknown {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}
