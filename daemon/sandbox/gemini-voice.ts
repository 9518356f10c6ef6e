/** Says an answer as Gemini does (https://ai.google.dev/api/generate-content), in events or in a list that grows. */
import type { Answer } from './answer.ts'
import type { Reached, Voice } from './voice.ts'

const thought = 'A simulated model thinks of nothing at all before it answers.'
const thoughtTokens = 12

/** Google ends its lines with CR and LF. */
export const geminiVoice: Voice = voiceIn((chunk) => `data: ${chunk}\r\n\r\n`, '', {})
export const geminiListVoice: Voice = voiceIn(
  (chunk, isFirst) => (isFirst ? `[${chunk}` : `\n,\r\n${chunk}`),
  '\n]\n',
  {
    streamType: 'application/json; charset=UTF-8',
  },
)

function voiceIn(
  framed: (chunk: string, isFirst: boolean) => string,
  end: string,
  type: { streamType?: string },
): Voice {
  return {
    ...type,
    contentBody: (answer) => chunkOf(answer, [...thoughtIn(answer), ...saidIn(answer)], finishOf(answer)),
    opening: (answer) => framed(chunkOf(answer, [...thoughtIn(answer), { text: '' }], null), true),
    // a function call comes in one piece, at the end
    piece: (answer, _ask, _at, piece) => (answer.tool ? '' : framed(chunkOf(answer, [{ text: piece }], null), false)),
    closing: (answer) => {
      const parts = answer.tool ? saidIn(answer) : [{ text: '' }]
      return framed(chunkOf(answer, parts, finishOf(answer)), false) + end
    },
    errorBody,
    models: (ids) => JSON.stringify({ models: ids.map(modelOf) }),
  }
}

function errorBody(status: number, message: string, reached?: Reached): string {
  const names: Record<number, string> = { 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL' }
  const type = 'type.googleapis.com/google.rpc'
  const error = { code: status, message, status: names[status] ?? 'INVALID_ARGUMENT' }
  if (!reached) return JSON.stringify({ error })
  const violation = {
    quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
    quotaId: `GenerateRequestsPer${reached.of === 'day' ? 'Day' : 'Minute'}PerProjectPerModel-FreeTier`,
    quotaValue: String(reached.limit),
  }
  const details = [
    { '@type': `${type}.QuotaFailure`, violations: [violation] },
    { '@type': `${type}.RetryInfo`, retryDelay: `${reached.wait}s` },
  ]
  return JSON.stringify({ error: { ...error, details } })
}

function modelOf(id: string): unknown {
  return { name: `models/${id}`, displayName: id, supportedGenerationMethods: ['generateContent', 'countTokens'] }
}

function chunkOf(answer: Answer, parts: unknown[], finishReason: string | null): string {
  const candidate = { content: { parts, role: 'model' }, ...(finishReason && { finishReason }), index: 0 }
  return JSON.stringify({
    candidates: [candidate],
    usageMetadata: usageOf(answer, finishReason !== null),
    modelVersion: answer.model,
    responseId: answer.id,
  })
}

function finishOf(answer: Answer): string {
  return answer.cutShort ? 'MAX_TOKENS' : 'STOP'
}

function saidIn({ tool, pieces, cutShort }: Answer): unknown[] {
  if (tool === null) return [{ text: pieces.join('') }]
  return cutShort ? [] : [{ functionCall: { name: tool.name, args: tool.input } }]
}

function thoughtIn({ thinks }: Answer): unknown[] {
  return thinks === 'shown' ? [{ text: thought, thought: true }] : []
}

/** Here the cache is part of the prompt, thoughts stand beside the answer, and what is zero is left out. */
function usageOf({ usage, thinks }: Answer, isLast: boolean): unknown {
  const prompt = usage.input + usage.cacheRead
  const thoughts = thinks === undefined ? 0 : thoughtTokens
  const output = isLast ? usage.output : 0
  return {
    promptTokenCount: prompt,
    ...(usage.cacheRead > 0 && { cachedContentTokenCount: usage.cacheRead }),
    ...(output > 0 && { candidatesTokenCount: output }),
    ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
    totalTokenCount: prompt + output + thoughts,
  }
}
