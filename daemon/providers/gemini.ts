/**
 * Gemini, as data. https://ai.google.dev/api
 * Google's endpoint in OpenAI's format is at another base URL (`/v1beta/openai`): a provider of its own in config, extending openai.
 */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const gemini: Provider = {
  ...openai,
  id: 'gemini',
  label: 'Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com',
  dialects: ['gemini'],
  keyHeader: 'x-goog-api-key',
  streamUsage: 'always',
  catalogueId: 'google',
  // 2026-11: none is documented
  requestIdHeader: null,
}
