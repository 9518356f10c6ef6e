/** xAI, as data: Responses first, Chat Completions kept. Its Anthropic format is given up. https://docs.x.ai/docs/api-reference (2026-11) */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const xai: Provider = {
  ...openai,
  id: 'xai',
  label: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  catalogueId: 'x-ai',
  refusals: [
    // 2026-02: github.com/continuedev/continue/issues/10373
    { status: 429, message: /used all available credits|monthly spending limit/i, as: 'money' },
    { status: 403, message: /used all available credits|monthly spending limit/i, as: 'money' },
    // https://docs.x.ai/developers/debugging: a wrong key is a 400
    { status: 400, message: /incorrect API key/i, as: 'credential' },
    // what the call holds was flagged (github.com/theopenco/llmgateway/pull/1785)
    { status: 403, message: /violates usage guidelines/i, as: 'request' },
  ],
}
