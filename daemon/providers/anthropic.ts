/** Anthropic, as data: API keys and subscriptions alike. https://docs.anthropic.com/en/api */
import type { Provider } from './provider.ts'

export const anthropic: Provider = {
  id: 'anthropic',
  label: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  dialects: ['anthropic'],
  keyHeader: 'x-api-key',
  streamUsage: 'always',
  catalogueId: 'anthropic',
  requestIdHeader: 'request-id',
  local: false,
  passthrough: true,
  plan: false,
  configured: false,
  simulated: false,
  refusals: [
    // it needs a paid option that the account lacks; the same account serves shorter ones (github.com/anthropics/claude-code/issues/42616, 64982)
    { status: 429, message: /(extra usage is|usage credits are) required for long context/i, as: 'request' },
    // https://platform.claude.com/docs/en/api/errors: the month's spend of the tier, without retry-after
    { status: 429, code: 'enforced_spend_limit_reached', as: 'money' },
    // the user's own spend limits, of the organization or a workspace (same page)
    { status: 400, message: /reached your specified (workspace )?API usage limits/i, as: 'money' },
    // that page has 402 for it, but 400 is what comes (2026-11)
    { status: 400, message: /credit balance is too low/i, as: 'money' },
    // the key lacks "permission to use the specified resource", which may be one model (same page)
    { status: 403, code: 'permission_error', as: 'credential', scope: 'model' },
  ],
}
