/**
 * DeepSeek, as data. https://api-docs.deepseek.com
 * Its Anthropic format is at another base URL (`/anthropic`): a provider of its own in config, extending anthropic.
 */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const deepseek: Provider = {
  ...openai,
  id: 'deepseek',
  label: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com',
  dialects: ['openai-chat'],
  catalogueId: 'deepseek',
  requestIdHeader: 'x-ds-trace-id',
  refusals: [
    // a bad request, and its words are all that tells
    { status: 400, message: /model not exist/i, as: 'model' },
  ],
}
