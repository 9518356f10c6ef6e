/** The dialect of OpenAI's Chat Completions, which most other providers speak too. */
import type { Dialect } from '../dialect.ts'
import { estimatedRequestTokens } from '../estimate.ts'
import { withModel } from '../model-splice.ts'
import { listModels, showModel } from '../openai-models.ts'
import { refuseAsOpenai } from '../openai-refusal.ts'
import { openReply } from './reply.ts'
import { readRequest, withUsageAsked } from './request.ts'

export const openaiChat: Dialect = {
  name: 'openai-chat',
  home: 'openai',
  endpoints: [
    { method: 'POST', path: '/v1/chat/completions', counts: 'tokens' },
    { method: 'POST', path: '/v1/completions', counts: 'tokens' },
    { method: 'POST', path: '/v1/embeddings', counts: 'tokens', wordless: true },
    { method: 'GET', path: '/v1/models', counts: 'nothing', models: 'list' },
    { method: 'GET', path: '/v1/models/{name}', counts: 'nothing', models: 'one' },
  ],
  readRequest,
  withModel,
  withUsageAsked,
  estimateInput: estimatedRequestTokens,
  openReply,
  // a 429 makes clients of this dialect storm
  refuse: (refusal) => refuseAsOpenai(refusal, 403),
  listModels,
  showModel,
}
