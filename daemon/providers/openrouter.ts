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
  refusals: [
    // https://openrouter.ai/docs/api/reference/errors-and-debugging: too much at once for the balance, over in a moment
    { status: 402, code: 'openrouter_in_flight_budget', as: 'rate', scope: 'account' },
    // the key's own limit (github.com/gptme/gptme/issues/1449)
    { status: 403, message: /key limit exceeded/i, as: 'money' },
    // else 403 is a guardrail or moderation: what the call holds was flagged (same page)
    { status: 403, as: 'request' },
    // of the free models together; the paid ones go on
    { status: 429, code: 'openrouter_free_tier_daily', as: 'plan', scope: 'model' },
    { status: 429, message: /free-models-per-day/, as: 'plan', scope: 'model' },
  ],
}
