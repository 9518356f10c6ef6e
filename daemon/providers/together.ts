/** Together, as data. https://docs.together.ai/docs/inference/openai-compatibility (2026-11) */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const together: Provider = {
  ...openai,
  id: 'together',
  label: 'Together',
  baseUrl: 'https://api.together.ai/v1',
  dialects: ['openai-chat'],
  catalogueId: 'together',
  refusals: [
    // https://docs.together.ai/docs/error-codes: 403 is a call that is too long for the model
    { status: 403, as: 'request' },
    // one that has to be rented first (github.com/HeyPuter/puter/issues/3168)
    { status: 400, code: 'model_not_available', as: 'model' },
  ],
}
