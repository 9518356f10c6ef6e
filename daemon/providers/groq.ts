/** Groq, as data: OpenAI's formats under a path of its own, Responses too. https://console.groq.com/docs/openai (2026-11) */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const groq: Provider = {
  ...openai,
  id: 'groq',
  label: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  catalogueId: 'groq',
  refusals: [
    // https://console.groq.com/docs/spend-limits: the month's limit is reached
    { status: 400, code: 'blocked_api_access', as: 'money' },
    // more tokens than a minute allows in all: the next target may allow more (type tokens, code rate_limit_exceeded)
    { status: 413, code: 'rate_limit_exceeded', as: 'rate' },
    // https://console.groq.com/docs/errors: no room in the flex tier
    { status: 498, as: 'overload' },
    { status: 400, code: 'model_decommissioned', as: 'model' },
    // https://console.groq.com/docs/model-permissions
    { status: 403, code: 'model_permission_blocked_org', as: 'model' },
    { status: 403, code: 'model_permission_blocked_project', as: 'model' },
  ],
}
