/** xAI, as data: Responses first, Chat Completions kept. Its Anthropic format is given up. https://docs.x.ai/docs/api-reference (2026-11) */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const xai: Provider = {
  ...openai,
  id: 'xai',
  label: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  catalogueId: 'x-ai',
}
