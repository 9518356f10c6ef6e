/** The built-in simulated provider, as data: where it listens is known only once it has started. */
import type { Provider } from './provider.ts'

/** `baseUrl` is the sandbox's origin: all dialects' paths stand below it. */
export function sandboxProvider(baseUrl: string): Provider {
  return {
    id: 'sandbox',
    label: 'Sandbox',
    baseUrl,
    dialects: ['openai-chat', 'openai-responses', 'anthropic', 'gemini'],
    keyHeader: 'none',
    streamUsage: 'ask',
    catalogueId: 'sandbox',
    requestIdHeader: 'x-request-id',
    local: false,
    passthrough: true,
    plan: false,
    configured: true,
    simulated: true,
  }
}
