/** OpenAI, as data. https://platform.openai.com/docs/api-reference */
import type { Provider } from './provider.ts'

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
}
