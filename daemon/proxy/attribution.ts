/** Under which client, task, session, user and feature a call is counted: our own headers first, then the marks each client leaves. */
import type { IncomingMessage } from 'node:http'
import type { RequestFacts } from '../dialects/dialect.ts'
import { safeName, safeNameOr } from './names.ts'

export type Attribution = {
  client: string
  task: string
  session: string | null
  user: string | null
  feature: string | null
}

/** Beginnings of user-agents as seen on the wire in November 2026, and whose they are. The first that fits wins. */
const agents: readonly (readonly [RegExp, string])[] = [
  [/^claude-(cli|code)\//i, 'claude-code'],
  [/^codex/i, 'codex'],
  [/^opencode\//i, 'opencode'],
  [/^GeminiCLI/i, 'gemini-cli'],
  [/^QwenCode\//i, 'qwen-code'],
  [/^ls\/JS/i, 'continue'],
  [/^OpenAI\//i, 'openai-sdk'],
  [/^AsyncOpenAI\//i, 'openai-sdk'],
  [/^(Async)?Anthropic\//i, 'anthropic-sdk'],
  [/^google-genai-sdk\//i, 'genai-sdk'],
  [/^ai(-sdk)?[/-]/i, 'ai-sdk'],
  [/^curl\//i, 'curl'],
]

/** `keyName`: the name of our own key that the caller brought, which is whom it was given to. */
export function attributionOf(
  request: IncomingMessage,
  facts: RequestFacts | undefined,
  keyName: string | null,
): Attribution {
  const own = (name: string) => safeNameOr(headerOf(request, `x-tollkeeper-${name}`))
  return {
    client: own('client') ?? clientOf(headerOf(request, 'user-agent')),
    task: own('task') ?? (facts?.hasImages ? 'vlm' : 'generation'),
    session:
      own('session') ??
      safeNameOr(headerOf(request, 'x-claude-code-session-id') ?? headerOf(request, 'x-session-id') ?? facts?.session),
    user: own('user') ?? safeNameOr(keyName),
    feature: own('feature') ?? 'chat',
  }
}

export function clientOf(userAgent: string | undefined): string {
  if (!userAgent) return 'unknown'
  const known = agents.find(([pattern]) => pattern.test(userAgent))
  // RFC 9110 section 10.1.5: the first product token, without its version
  return known?.[1] ?? (safeName((userAgent.split(/[/\s]/)[0] ?? '').toLowerCase()) || 'unknown')
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
