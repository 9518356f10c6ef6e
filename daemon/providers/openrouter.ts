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
    // one call that costs more than may run at once: a smaller one is served, and the next target may serve this one
    { status: 402, code: 'weight_exceeds_budget', as: 'rate' },
    // budgets that are spent, of the key, a guardrail or the workspace (same page)
    { status: 403, code: 'openrouter_key_limit', as: 'money' },
    { status: 403, code: 'openrouter_guardrail_budget', as: 'money' },
    { status: 403, code: 'openrouter_workspace_budget', as: 'money' },
    // the same without its source (github.com/gptme/gptme/issues/1449)
    { status: 403, message: /key limit exceeded/i, as: 'money' },
    // else 403 is a guardrail or moderation: what the call holds was flagged (same page)
    { status: 403, as: 'request' },
    // of the free models together; the paid ones go on
    { status: 429, code: 'openrouter_free_tier_daily', as: 'plan', scope: 'model' },
    { status: 429, message: /free-models-per-day/, as: 'plan', scope: 'model' },
  ],
}
