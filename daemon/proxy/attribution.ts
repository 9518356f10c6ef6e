/** Under which client, task, session, user and feature a call is counted: our own headers first, then the marks each client leaves. */
import type { IncomingMessage } from 'node:http'
import type { Billing } from '../../shared/contract/usage.ts'
import type { RequestFacts } from '../dialects/dialect.ts'
import { accountLabel } from '../ledger/views/account-label.ts'
import { safeName, safeNameOr } from './names.ts'

export type Attribution = {
  client: string
  task: string
  session: string | null
  user: string | null
  feature: string
  /** The caller named the feature itself: nothing that the reply tells changes it. */
  featureSaid: boolean
}

/** Beginnings of user-agents as seen on the wire in November 2026, and whose they are. The first that fits wins. */
const agents: readonly (readonly [RegExp, string])[] = [
  [/^claude-(cli|code)\//i, 'claude-code'],
  [/^codex/i, 'codex'],
  [/^opencode\//i, 'opencode'],
  [/^GeminiCLI/i, 'gemini-cli'],
  [/^QwenCode\//i, 'qwen-code'],
  // Continue's own build of the openai SDK
  [/^ls\/JS/i, 'continue'],
  [/^GitHubCopilotChat\//i, 'vscode-chat'],
  [/^(Async)?OpenAI\//i, 'openai-sdk'],
  [/^(Async)?Anthropic\//i, 'anthropic-sdk'],
  [/^google-genai-sdk\//i, 'genai-sdk'],
  // Cline comes under this name too: nothing tells it apart
  [/^ai(-sdk)?[/-]/i, 'ai-sdk'],
]

/** Headers that only one client sends: they tell who calls where the user-agent is a library's, or was changed on the way. */
const marks: readonly (readonly [header: string, value: RegExp, client: string])[] = [
  ['x-claude-code-session-id', /./, 'claude-code'],
  ['x-app', /^cli$/, 'claude-code'],
  ['originator', /^codex/i, 'codex'],
  ['x-session-affinity', /^ses_/, 'opencode'],
]

/** Where clients tell a session, the surest first. Codex' x-client-request-id is none: it says the thread once more. */
const sessionHeaders = [
  'x-claude-code-session-id',
  'session-id',
  // Codex before 2026
  'session_id',
  'x-session-id',
  'x-session-affinity',
  'thread-id',
] as const

/** `path`: the endpoint's, as a template. `keyName`: the name of our own key that the caller brought: whom it was given to. */
export function attributionOf(
  request: IncomingMessage,
  path: string,
  facts: RequestFacts | undefined,
  keyName: string | null,
): Attribution {
  const own = (header: string) => safeNameOr(headerOf(request, header))
  const feature = own('x-tollkeeper-feature')
  return {
    client: own('x-tollkeeper-client') ?? clientOf(request),
    task: own('x-tollkeeper-task') ?? taskOf(path, facts),
    session: own('x-tollkeeper-session') ?? sessionOf(request) ?? safeNameOr(facts?.session),
    user: own('x-tollkeeper-user') ?? safeNameOr(keyName),
    feature: feature ?? featureOf(path),
    featureSaid: feature !== null,
  }
}

export function clientOf(request: IncomingMessage): string {
  for (const [header, form, client] of marks) {
    const value = headerOf(request, header)
    if (value !== undefined && form.test(value)) return client
  }
  const agent = headerOf(request, 'user-agent')
  if (agent === undefined) return 'unknown'
  const known = agents.find(([pattern]) => pattern.test(agent))
  // RFC 9110 section 10.1.5: the first product token, without its version
  return known?.[1] ?? (safeName((agent.split(/[/\s]/)[0] ?? '').toLowerCase()) || 'unknown')
}

function sessionOf(request: IncomingMessage): string | null {
  for (const header of sessionHeaders) {
    const session = safeNameOr(headerOf(request, header))
    if (session !== null) return session
  }
  return null
}

const embeddings = /\/embeddings$|:(batch)?embedContents?$/i

function taskOf(path: string, facts: RequestFacts | undefined): string {
  if (embeddings.test(path)) return 'embedding'
  return facts?.hasImages ? 'vlm' : 'generation'
}

const chats = /\/(chat\/completions|completions|messages|responses)$|:(stream)?generateContent$/i

function featureOf(path: string): string {
  if (embeddings.test(path)) return 'embeddings'
  return chats.test(path) ? 'chat' : 'other'
}

/** What the reply adds: a chat in which the provider searched the web is counted as a search. */
export function featureAfter({ feature, featureSaid }: Attribution, webSearches: number): string {
  return feature === 'chat' && !featureSaid && webSearches > 0 ? 'search' : feature
}

/** Whoever names nobody, and brings no key of ours, is known by the account that it uses. `own`: its credential. */
export function userOf(
  { user }: Attribution,
  own: string | null,
  of: { provider: string; account: string; billing: Billing },
): string | null {
  return user ?? (own === null ? null : safeNameOr(accountLabel(of)))
}

/** The chain that the caller names in a header. null: none. */
export function chainAskedBy(request: IncomingMessage): string | null {
  return headerOf(request, 'x-tollkeeper-chain')?.trim() || null
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
