/** Says an answer as Anthropic does (docs.anthropic.com/en/docs/build-with-claude/streaming). */
import type { Answer } from './answer.ts'
import type { Voice } from './voice.ts'

export const anthropicVoice: Voice = {
  contentBody: (answer) =>
    JSON.stringify({
      ...messageOf(answer),
      content: [contentOf(answer)],
      stop_reason: stopOf(answer),
      usage: { ...inputOf(answer), output_tokens: answer.usage.output },
    }),

  opening(answer) {
    const { tool } = answer
    const block =
      tool === null
        ? { type: 'text', text: '' }
        : { type: 'tool_use', id: `toolu_${answer.id}`, name: tool.name, input: {} }
    const message = {
      ...messageOf(answer),
      content: [],
      stop_reason: null,
      usage: { ...inputOf(answer), output_tokens: 1 },
    }
    return (
      event({ type: 'message_start', message }) +
      event({ type: 'content_block_start', index: 0, content_block: block }) +
      event({ type: 'ping' })
    )
  },

  piece: (answer, _ask, _at, piece) =>
    event({
      type: 'content_block_delta',
      index: 0,
      delta:
        answer.tool === null ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece },
    }),

  closing: (answer) =>
    event({ type: 'content_block_stop', index: 0 }) +
    event({
      type: 'message_delta',
      delta: { stop_reason: stopOf(answer), stop_sequence: null },
      usage: { output_tokens: answer.usage.output },
    }) +
    event({ type: 'message_stop' }),

  errorBody(status, message) {
    const types: Record<number, string> = { 404: 'not_found_error', 413: 'request_too_large', 429: 'rate_limit_error' }
    const type = types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
    return JSON.stringify({ type: 'error', error: { type, message } })
  },

  models: (ids) =>
    JSON.stringify({
      data: ids.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-11-22T00:00:00Z' })),
      has_more: false,
      first_id: ids[0] ?? null,
      last_id: ids.at(-1) ?? null,
    }),
}

function event(value: { type: string } & Record<string, unknown>): string {
  return `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`
}

function messageOf(answer: Answer): Record<string, unknown> {
  return { id: `msg_${answer.id}`, type: 'message', role: 'assistant', model: answer.model, stop_sequence: null }
}

function stopOf(answer: Answer): string {
  return answer.cutShort ? 'max_tokens' : answer.tool === null ? 'end_turn' : 'tool_use'
}

function contentOf(answer: Answer): unknown {
  if (answer.tool === null) return { type: 'text', text: answer.pieces.join('') }
  return { type: 'tool_use', id: `toolu_${answer.id}`, name: answer.tool.name, input: answer.tool.input }
}

/** Here the caches stand beside the input, and what was written is split by how long it is kept. */
function inputOf({ usage }: Answer): Record<string, unknown> {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite5m, ephemeral_1h_input_tokens: usage.cacheWrite1h },
    service_tier: 'standard',
  }
}
