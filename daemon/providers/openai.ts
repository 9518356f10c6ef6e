/** OpenAI, as data. https://platform.openai.com/docs/api-reference */
import type { Provider, RefusalRule } from './provider.ts'

/** What a Responses call goes on from is not there: its caller has to know, and the model is well (github.com/vercel/ai/issues/7543). */
export const nothingStored: RefusalRule = {
  status: 404,
  message: /^(item|file|container|conversation|response)\b.* not found/i,
  as: 'request',
}

export const openai: Provider = {
  id: 'openai',
  label: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  dialects: ['openai-chat', 'openai-responses'],
  keyHeader: 'authorization',
  streamUsage: 'ask',
  catalogueId: 'openai',
  requestIdHeader: 'x-request-id',
  local: false,
  passthrough: true,
  plan: false,
  configured: false,
  simulated: false,
  refusals: [nothingStored],
}
