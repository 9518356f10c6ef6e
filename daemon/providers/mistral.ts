/** Mistral, as data: a stream's last chunk always tells usage, and fields that it does not know are refused. https://docs.mistral.ai/api */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const mistral: Provider = {
  ...openai,
  id: 'mistral',
  label: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  dialects: ['openai-chat'],
  streamUsage: 'always',
  catalogueId: 'mistral',
  refusals: [
    // no room for the model, whatever the account has left (github.com/BerriAI/litellm/pull/25078)
    { status: 429, message: /capacity exceeded/i, as: 'overload' },
    { status: 400, code: 'invalid_model', as: 'model' },
  ],
}
