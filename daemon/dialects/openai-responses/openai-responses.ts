/** The dialect of OpenAI's Responses, which Codex and newer SDKs speak. */
import type { Dialect } from '../dialect.ts'
import { estimatedRequestTokens } from '../estimate.ts'
import { withModel } from '../model-splice.ts'
import { listModels, showModel } from '../openai-models.ts'
import { refuseAsOpenai } from '../openai-refusal.ts'
import { openReply } from './reply.ts'
import { readRequest } from './request.ts'

export const openaiResponses: Dialect = {
  name: 'openai-responses',
  home: 'openai',
  endpoints: [
    { method: 'POST', path: '/v1/responses', counts: 'tokens' },
    { method: 'POST', path: '/v1/responses/compact', counts: 'tokens' },
    { method: 'POST', path: '/v1/responses/input_tokens', counts: 'nothing' },
    { method: 'GET', path: '/v1/responses/{id}', counts: 'nothing' },
    { method: 'DELETE', path: '/v1/responses/{id}', counts: 'nothing' },
    { method: 'POST', path: '/v1/responses/{id}/cancel', counts: 'nothing' },
    { method: 'GET', path: '/v1/responses/{id}/input_items', counts: 'nothing' },
  ],
  readRequest,
  withModel,
  withUsageAsked: () => undefined,
  estimateInput: estimatedRequestTokens,
  prelude: new Set(['response.created', 'response.queued', 'response.in_progress', 'codex.rate_limits', 'keepalive']),
  openReply,
  // Codex stops at once on this code with this status only; a 403 it tries six times
  refuse: (refusal) => refuseAsOpenai(refusal, 429),
  listModels,
  showModel,
}
