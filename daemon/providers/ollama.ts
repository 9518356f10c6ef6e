/**
 * Ollama on this machine, as data. https://docs.ollama.com/api/openai-compatibility, https://docs.ollama.com/api/anthropic-compatibility
 * `/v1/responses` is there since 0.13.3, `/v1/messages` since 0.14 (2026-11).
 */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const ollama: Provider = {
  ...openai,
  id: 'ollama',
  label: 'Ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
  dialects: ['openai-chat', 'openai-responses', 'anthropic'],
  keyHeader: 'none',
  catalogueId: null,
  requestIdHeader: null,
  local: true,
  passthrough: false,
  refusals: [
    // of models that Ollama's cloud runs for this server; those that run here go on (github.com/ollama/ollama/issues/16448)
    { status: 429, message: /(session|hourly|daily|weekly|monthly) usage limit/i, as: 'plan', scope: 'model' },
  ],
}
