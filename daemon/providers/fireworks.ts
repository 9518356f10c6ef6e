/**
 * Fireworks, as data: three formats below one base URL; a stream's last chunk always tells usage.
 * https://docs.fireworks.ai/tools-sdks/openai-compatibility, https://docs.fireworks.ai/tools-sdks/anthropic-compatibility (2026-11)
 */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const fireworks: Provider = {
  ...openai,
  id: 'fireworks',
  label: 'Fireworks',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  dialects: ['openai-chat', 'openai-responses', 'anthropic'],
  streamUsage: 'always',
  catalogueId: 'fireworks',
  refusals: [
    // https://docs.fireworks.ai/guides/inference-error-codes: 412 is a suspended account, or an adapter that was not loaded
    { status: 412, message: /suspended|spending limit|billing/i, as: 'money' },
    { status: 412, as: 'model' },
  ],
}
