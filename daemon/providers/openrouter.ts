/**
 * OpenRouter, as data: a stream's last chunk always tells usage. https://openrouter.ai/docs
 * 2026-11: `/responses` is in beta, `/messages` is what its guide for Claude Code uses.
 */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const openrouter: Provider = {
  ...openai,
  id: 'openrouter',
  label: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  dialects: ['openai-chat', 'openai-responses', 'anthropic'],
  streamUsage: 'always',
  catalogueId: 'openrouter',
}
