/** The dialect of Anthropic's Messages. */
import type { Dialect } from '../dialect.ts'
import { estimatedRequestTokens } from '../estimate.ts'
import { withModel } from '../model-splice.ts'
import { listModels, showModel } from './models.ts'
import { refuse } from './refuse.ts'
import { openReply } from './reply.ts'
import { readRequest } from './request.ts'

export const anthropic: Dialect = {
  name: 'anthropic',
  home: 'anthropic',
  endpoints: [
    { method: 'POST', path: '/v1/messages', counts: 'tokens' },
    { method: 'POST', path: '/v1/messages/count_tokens', counts: 'nothing' },
    { method: 'GET', path: '/v1/models', counts: 'nothing', models: 'list' },
    { method: 'GET', path: '/v1/models/{name}', counts: 'nothing', models: 'one' },
  ],
  readRequest,
  withModel,
  withUsageAsked: () => undefined,
  estimateInput: estimatedRequestTokens,
  prelude: new Set(['message_start', 'ping']),
  openReply,
  refuse,
  listModels,
  showModel,
}
