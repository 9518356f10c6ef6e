/** OpenRouter, as data: a stream's last chunk always tells usage. https://openrouter.ai/docs */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const openrouter: Provider = {
  ...openai,
  id: 'openrouter',
  label: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  dialects: ['openai-chat'],
  streamUsage: 'always',
  catalogueId: 'openrouter',
}
