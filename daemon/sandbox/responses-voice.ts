/** Says an answer as OpenAI's Responses do (platform.openai.com/docs/api-reference/responses-streaming). */
import type { Answer } from './answer.ts'
import { openaiVoice } from './openai-voice.ts'
import type { Voice } from './voice.ts'

/** One a reply: its events are numbered. */
export function openResponsesVoice(): Voice {
  let next = 0
  const said = (type: string, members: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...members, sequence_number: next++ })}\n\n`

  return {
    ...openaiVoice,
    contentBody: (answer, at) => JSON.stringify(wholeOf(answer, at)),

    opening(answer, _ask, at) {
      const begun = { response: { ...responseOf(answer, at), status: 'in_progress' } }
      const item = { ...itemOf(answer, ''), status: 'in_progress' }
      const added = said('response.created', begun) + said('response.in_progress', begun)
      if (answer.tool) return added + said('response.output_item.added', { output_index: 0, item })
      return (
        added +
        said('response.output_item.added', { output_index: 0, item: { ...item, content: [] } }) +
        said('response.content_part.added', { ...placeOf(answer), part: partOf('') })
      )
    },

    piece: (answer, _ask, _at, delta) =>
      answer.tool
        ? said('response.function_call_arguments.delta', { item_id: itemIdOf(answer), output_index: 0, delta })
        : said('response.output_text.delta', { ...placeOf(answer), delta, logprobs: [] }),

    closing(answer, _ask, at) {
      const text = answer.pieces.join('')
      const done = answer.tool
        ? said('response.function_call_arguments.done', {
            item_id: itemIdOf(answer),
            output_index: 0,
            name: answer.tool.name,
            arguments: text,
          })
        : said('response.output_text.done', { ...placeOf(answer), text, logprobs: [] }) +
          said('response.content_part.done', { ...placeOf(answer), part: partOf(text) })
      const response = wholeOf(answer, at)
      return (
        done +
        said('response.output_item.done', { output_index: 0, item: itemOf(answer, text) }) +
        said(answer.cutShort ? 'response.incomplete' : 'response.completed', { response })
      )
    },
  }
}

/** As long as nothing was said yet. The sandbox keeps nothing, and says so. */
function responseOf(answer: Answer, at: number): object {
  return {
    id: `resp_${answer.id}`,
    object: 'response',
    created_at: Math.floor(at / 1000),
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: answer.model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: null,
    metadata: {},
  }
}

function wholeOf(answer: Answer, at: number): object {
  return {
    ...responseOf(answer, at),
    ...(answer.cutShort && { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    output: [itemOf(answer, answer.pieces.join(''))],
    usage: usageOf(answer),
  }
}

function itemOf(answer: Answer, text: string): object {
  const status = answer.cutShort ? 'incomplete' : 'completed'
  const id = itemIdOf(answer)
  if (answer.tool === null) return { id, type: 'message', status, role: 'assistant', content: [partOf(text)] }
  return { id, type: 'function_call', status, call_id: `call_${answer.id}`, name: answer.tool.name, arguments: text }
}

function itemIdOf(answer: Answer): string {
  return `${answer.tool === null ? 'msg' : 'fc'}_${answer.id}`
}

function placeOf(answer: Answer): object {
  return { item_id: itemIdOf(answer), output_index: 0, content_index: 0 }
}

function partOf(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

/** Here the cache is part of the input. */
function usageOf({ usage }: Answer): object {
  const input = usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: 0 },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + usage.output,
  }
}
