/**
 * Moonshot's Kimi API, as data. https://platform.kimi.ai/docs/api/overview (2026-11)
 * Its Anthropic format is at another base URL (`/anthropic`), China's at `api.moonshot.cn`, where the keys are others: providers of
 * their own in config.
 */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const moonshot: Provider = {
  ...openai,
  id: 'moonshot',
  label: 'Moonshot',
  baseUrl: 'https://api.moonshot.ai/v1',
  catalogueId: 'moonshotai',
  requestIdHeader: 'msh-request-id',
  // https://platform.kimi.ai/docs/api/errors: three reasons, all of them 429
  refusals: [
    { status: 429, code: 'exceeded_current_quota_error', as: 'money' },
    { status: 429, code: 'engine_overloaded_error', as: 'overload' },
    // counted by account, for all models: https://platform.kimi.ai/docs/pricing/limits
    { status: 429, code: 'rate_limit_reached_error', as: 'rate', scope: 'account' },
  ],
}
