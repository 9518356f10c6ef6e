/** The built-in simulated provider, as data: where it listens is known only once it has started. */
import type { Provider } from './provider.ts'

/** `baseUrl` is the sandbox's origin: all dialects' paths stand below it. It answers any name; `models` are those that mean something. */
export function sandboxProvider(baseUrl: string, models: readonly string[]): Provider {
  return {
    id: 'sandbox',
    label: 'Sandbox',
    baseUrl,
    dialects: ['openai-chat', 'openai-responses', 'anthropic', 'gemini'],
    keyHeader: 'none',
    streamUsage: 'ask',
    catalogueId: 'sandbox',
    requestIdHeader: 'x-request-id',
    models,
    local: false,
    passthrough: true,
    plan: false,
    configured: true,
    simulated: true,
  }
}
