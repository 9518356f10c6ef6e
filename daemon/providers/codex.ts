/**
 * What ChatGPT subscribers' Codex talks to, as data: no version in its paths. It has no public page; its client is open source.
 * https://github.com/openai/codex (2026-11)
 */
import { nothingStored, openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const codex: Provider = {
  ...openai,
  id: 'codex',
  label: 'ChatGPT',
  baseUrl: 'https://chatgpt.com/backend-api/codex',
  unversioned: true,
  dialects: ['openai-responses'],
  streamUsage: 'always',
  plan: true,
  refusals: [
    // of its client, codex-rs: a plan without Codex, which no waiting brings
    { status: 429, code: 'usage_not_included', as: 'money' },
    { status: 400, message: /model is not supported when using Codex/i, as: 'model' },
    nothingStored,
  ],
}
