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
  refusals: [
    // https://ai.google.dev/gemini-api/docs/troubleshooting: a wrong key is a 400 with this reason
    { status: 400, code: 'API_KEY_INVALID', as: 'credential' },
    // same page: the free tier, or Gemini at all, is not to be had where the caller is, or billing is off
    { status: 400, code: 'FAILED_PRECONDITION', as: 'money' },
    { status: 403, code: 'BILLING_DISABLED', as: 'money' },
    // https://ai.google.dev/gemini-api/docs/billing: prepaid credits, which have a 402 of their own since 2026-08, and spend caps
    { status: 429, message: /prepay\w* (credits|balance)|spending cap|spend cap/i, as: 'money' },
    // no quota, but no room (github.com/google-gemini/gemini-cli/issues/26633)
    { status: 429, code: 'MODEL_CAPACITY_EXHAUSTED', as: 'overload' },
  ],
}
