/** The older way to ask OpenAI for text: one prompt, no messages (platform.openai.com/docs/api-reference/completions). */
import type { Answer } from './answer.ts'
import { type Ask, type BadAsk, fieldsOf, isBad, parsedFields } from './ask.ts'
import { openaiVoice, usageOf } from './openai-voice.ts'
import type { Voice } from './voice.ts'

/** What the real one allows when nothing is said. */
const defaultTokens = 16

export function readCompletionsAsk(body: Buffer): Ask | BadAsk {
  const fields = parsedFields(body)
  if (isBad(fields)) return fields
  const prompt: unknown = Array.isArray(fields.prompt) ? fields.prompt[0] : fields.prompt
  if (typeof prompt !== 'string') return { bad: 'prompt: Field required, a string or a list of strings.' }
  const { max_tokens: asked } = fields
  return {
    model: fields.model,
    stream: fields.stream === true,
    includeUsage: fieldsOf(fields.stream_options).include_usage === true,
    maxTokens: typeof asked === 'number' && asked >= 1 ? asked : defaultTokens,
    question: prompt.trim(),
    promptLength: prompt.length,
    opening: prompt,
    cacheFor: null,
    tool: null,
  }
}

export const completionsVoice: Voice = {
  ...openaiVoice,
  contentBody: (answer, at) =>
    JSON.stringify({
      ...head(answer, at),
      choices: [choiceOf(answer.pieces.join(''), finishOf(answer))],
      usage: usageOf(answer),
    }),
  opening: () => '',
  piece: (answer, _ask, at, piece) => chunk({ ...head(answer, at), choices: [choiceOf(piece, null)] }),
  closing(answer, ask, at) {
    const last = chunk({ ...head(answer, at), choices: [choiceOf('', finishOf(answer))] })
    const usage = ask.includeUsage ? chunk({ ...head(answer, at), choices: [], usage: usageOf(answer) }) : ''
    return `${last}${usage}data: [DONE]\n\n`
  },
}

function head(answer: Answer, at: number): object {
  return {
    id: `cmpl-${answer.id}`,
    object: 'text_completion',
    created: Math.floor(at / 1000),
    model: answer.model,
  }
}

function choiceOf(text: string, finish: string | null): object {
  return { text, index: 0, logprobs: null, finish_reason: finish }
}

function chunk(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

function finishOf(answer: Answer): string {
  return answer.cutShort ? 'length' : 'stop'
}
