/** What the sandbox serves: how the body sent to each path is read, and in whose voice it is answered. */
import { anthropicVoice } from './anthropic-voice.ts'
import { type Ask, type BadAsk, readAsk } from './ask.ts'
import { completionsVoice, readCompletionsAsk } from './completions.ts'
import { readEmbeddings } from './embeddings.ts'
import { openaiVoice } from './openai-voice.ts'
import { readResponsesAsk } from './responses-ask.ts'
import { openResponsesVoice } from './responses-voice.ts'
import type { Heard, Voice } from './voice.ts'

type Hear = (body: Buffer) => Heard | BadAsk

/** By method and path, without the version. */
export const paths: ReadonlyMap<string, Hear> = new Map<string, Hear>([
  ['POST /chat/completions', (body) => heard(readAsk('openai', body), openaiVoice)],
  ['POST /completions', (body) => heard(readCompletionsAsk(body), completionsVoice)],
  ['POST /embeddings', readEmbeddings],
  ['POST /responses', (body) => heard(readResponsesAsk(body), openResponsesVoice())],
  [
    'POST /responses/input_tokens',
    (body) =>
      heard(readResponsesAsk(body), openaiVoice, (tokens) => ({
        object: 'response.input_tokens',
        input_tokens: tokens,
      })),
  ],
  ['POST /messages', (body) => heard(readAsk('anthropic', body), anthropicVoice)],
  [
    'POST /messages/count_tokens',
    (body) => heard(readAsk('anthropic', body), anthropicVoice, (tokens) => ({ input_tokens: tokens })),
  ],
])

function heard(ask: Ask | BadAsk, voice: Voice, counted?: (tokens: number) => object): Heard | BadAsk {
  if ('bad' in ask) return ask
  return counted ? { ask, voice, counted } : { ask, voice }
}
