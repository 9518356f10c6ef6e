/** The dialect of Anthropic's Messages. */
import type { Dialect } from '../dialect.ts'
import { estimatedRequestTokens } from '../estimate.ts'
import { withModel } from '../model-splice.ts'
import { refuse } from './refuse.ts'
import { openReply } from './reply.ts'
import { readRequest } from './request.ts'

export const anthropic: Dialect = {
  name: 'anthropic',
  home: 'anthropic',
  endpoints: [
    { method: 'POST', path: '/v1/messages', ends: '/messages', metered: true },
    { method: 'POST', path: '/v1/messages/count_tokens', ends: '/messages/count_tokens', metered: false },
    { method: 'GET', path: '/v1/models', ends: '/models', metered: false },
  ],
  readRequest,
  withModel,
  withUsageAsked: () => undefined,
  estimateInput: estimatedRequestTokens,
  openReply,
  refuse,
}
