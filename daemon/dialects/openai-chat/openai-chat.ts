/** The dialect of OpenAI's Chat Completions, which most other providers speak too. */
import type { Dialect } from '../dialect.ts'
import { estimatedRequestTokens } from '../estimate.ts'
import { withModel } from '../model-splice.ts'
import { refuse } from './refuse.ts'
import { openReply } from './reply.ts'
import { readRequest, withUsageAsked } from './request.ts'

export const openaiChat: Dialect = {
  name: 'openai-chat',
  home: 'openai',
  endpoints: [
    { method: 'POST', path: '/v1/chat/completions', ends: '/chat/completions', metered: true },
    { method: 'GET', path: '/v1/models', ends: '/models', metered: false },
  ],
  readRequest,
  withModel,
  withUsageAsked,
  estimateInput: estimatedRequestTokens,
  openReply,
  refuse,
}
