/** Anthropic, as data: API keys and subscriptions alike. https://docs.anthropic.com/en/api */
import type { Provider } from './provider.ts'

export const anthropic: Provider = {
  id: 'anthropic',
  label: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  dialects: ['anthropic'],
  keyHeader: 'x-api-key',
  streamUsage: 'always',
  catalogueId: 'anthropic',
  requestIdHeader: 'request-id',
  local: false,
  passthrough: true,
  plan: false,
  configured: false,
  simulated: false,
}
