/** Cerebras, as data. https://inference-docs.cerebras.ai/resources/openai (2026-11) */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const cerebras: Provider = {
  ...openai,
  id: 'cerebras',
  label: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  dialects: ['openai-chat'],
  catalogueId: 'cerebras',
  refusals: [
    // traffic of all, not this account's: https://inference-docs.cerebras.ai/support/rate-limits
    { status: 429, code: 'queue_exceeded', as: 'overload' },
  ],
}
