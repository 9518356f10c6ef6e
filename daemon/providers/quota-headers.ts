/** Reads what a reply's headers say of an account's limits: one table of header families, the same for every provider. */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import type { OwnHeaders } from './provider.ts'
import { readCodex } from './quota-codex.ts'
import { readOwn } from './quota-own.ts'
import { readPolicies } from './quota-policies.ts'
import { readUnified } from './quota-unified.ts'
import { amount, durationMs, httpDateInstant, resetInstant, withinReach } from './quota-values.ts'
import { type HeaderOf, type QuotaSaid, quotaOf, shareUsed, unknownWindow } from './quota-window.ts'

/** `names` are the names of all the reply's headers, in small letters. */
type ReadFamily = (header: HeaderOf, at: number, names: readonly string[]) => Partial<QuotaSaid>

/** Each family with how its headers' names begin; it is read where there is one of them. */
const families: readonly (readonly [string, ReadFamily])[] = [
  ['anthropic-ratelimit-unified-', readUnified],
  ['x-codex-', readCodex],
  ['anthropic-ratelimit-', readAnthropicKey],
  ['x-ratelimit-', readNamed],
  ['x-ratelimit', readUnnamed],
  ['ratelimit', readPolicies],
]

/**
 * `at` is when the reply's head came, in epoch ms; `status` is the reply's; `own` are the provider's rows from config, and what
 * they say goes before the rest. null: the headers say nothing of limits. Never throws; what cannot be read is passed over,
 * value by value.
 */
export function readQuota(
  header: HeaderOf,
  at: number,
  names: readonly string[],
  status: number,
  own?: readonly OwnHeaders[],
): QuotaSaid | null {
  let found = 0
  for (const name of names) found |= familiesOf(name)
  if (found === 0 && !own) return null
  const parts = families.filter((_, at) => found & (1 << at)).map(([, read]) => read(header, at, names))
  const said = quotaOf(own ? withOwn(parts, readOwn(own, header, at)) : parts)
  if (said !== null && status === 429) untilRetry(said, header, at)
  return said
}

function withOwn(parts: readonly Partial<QuotaSaid>[], own: Partial<QuotaSaid>): Partial<QuotaSaid>[] {
  const named = new Set(own.windows?.map((window) => window.name))
  const others = parts.map((part) => ({ ...part, windows: part.windows?.filter(({ name }) => !named.has(name)) ?? [] }))
  return [own, ...others]
}

/** Which families a header's name may belong to, a bit each: a provider has the same names in every reply. */
const known = new Map<string, number>()

function familiesOf(name: string): number {
  const found = known.get(name)
  if (found !== undefined) return found
  const made = families.reduce((bits, [start], at) => (name.startsWith(start) ? bits | (1 << at) : bits), 0)
  if (known.size >= mostKnown) known.clear()
  if (name.length <= longestKnown) known.set(name, made)
  return made
}

const mostKnown = 500
const longestKnown = 100

/** The headers of one window that is counted, by their names. */
type CountedWindow = { window: string; limit: string; remaining: string; reset: string }

/** https://docs.anthropic.com/en/api/rate-limits#response-headers; written out once, as every reply is asked for all of them. */
const ofAnthropicKey: readonly CountedWindow[] = [
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((window) => [window, `anthropic-ratelimit-${window}`]),
  // of the priority tier, beside the others: https://docs.anthropic.com/en/api/service-tiers
  ...['input-tokens', 'output-tokens'].map((window) => [`priority-${window}`, `anthropic-priority-${window}`]),
].map(([window = '', start]) => ({
  window,
  limit: `${start}-limit`,
  remaining: `${start}-remaining`,
  reset: `${start}-reset`,
}))

/** Limits of an API key are counted by class of model. */
function readAnthropicKey(header: HeaderOf, at: number): Partial<QuotaSaid> {
  return { modelWindows: countedAmong(ofAnthropicKey, header, at) }
}

/** What providers call a window, where it has a better name; null: it says again what another one says. */
const plainNames = new Map<string, string | null>([
  // Mistral
  ['req-minute', 'requests-minute'],
  // Fireworks: https://docs.fireworks.ai/serverless/rate-limits
  ['tokens-prompt', 'input-tokens'],
  ['tokens-cache-adjusted-prompt', 'uncached-input-tokens'],
  ['tokens-generated', 'output-tokens'],
  // OpenAI
  ['tokens_usage_based', null],
])

/**
 * `x-ratelimit-limit-WINDOW`: requests and tokens at OpenAI, Azure, Groq, xAI and many others; `requests-day`, `tokens-minute` at
 * Cerebras. All of them count by model. https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers,
 * https://console.groq.com/docs/rate-limits, https://inference-docs.cerebras.ai/support/rate-limits
 */
function readNamed(header: HeaderOf, at: number, names: readonly string[]): Partial<QuotaSaid> {
  const found = new Map<string, CountedWindow>()
  for (const name of names) {
    const row = name.startsWith('x-ratelimit-') ? rowOf(name) : null
    if (row !== null) found.set(row.limit, row)
  }
  return { modelWindows: countedAmong([...found.values()], header, at) }
}

/** By a header's name, as a provider has the same few in every reply. */
const rows = new Map<string, CountedWindow | null>()
const mostRows = 200

function rowOf(name: string): CountedWindow | null {
  const known = rows.get(name)
  if (known !== undefined) return known
  const told = /^x-ratelimit-(?:limit|remaining)-([a-z0-9_-]{1,60})$/.exec(name)?.[1] ?? ''
  const window = /req|token/.test(told) ? (plainNames.has(told) ? plainNames.get(told) : told) : null
  const of = (part: string) => `x-ratelimit-${part}-${told}`
  const row = window ? { window, limit: of('limit'), remaining: of('remaining'), reset: of('reset') } : null
  if (rows.size >= mostRows) rows.clear()
  if (name.length <= 100) rows.set(name, row)
  return row
}

const unnamed: readonly CountedWindow[] = [
  // OpenRouter (on refusals, the reset in epoch ms: https://openrouter.ai/docs/api-reference/limits), Together, gateways
  { window: 'requests', limit: 'x-ratelimit-limit', remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset' },
  // Together
  { window: 'tokens', limit: 'x-tokenlimit-limit', remaining: 'x-tokenlimit-remaining', reset: 'x-ratelimit-reset' },
  // Mistral, before its names became those of the others
  ...['minute', 'month'].map((span) => ({
    window: `tokens-${span}`,
    limit: `x-ratelimitbysize-limit-${span}`,
    remaining: `x-ratelimitbysize-remaining-${span}`,
    reset: span === 'minute' ? 'ratelimitbysize-reset' : 'x-ratelimitbysize-reset-month',
  })),
]

/** Nothing tells that these hold for one model only. */
function readUnnamed(header: HeaderOf, at: number): Partial<QuotaSaid> {
  return { windows: countedAmong(unnamed, header, at) }
}

function countedAmong(rows: readonly CountedWindow[], header: HeaderOf, at: number): QuotaWindow[] {
  const windows: QuotaWindow[] = []
  for (const row of rows) {
    const limit = amount(header(row.limit))
    const remaining = amount(header(row.remaining))
    if (limit === null && remaining === null) continue
    const window = unknownWindow(row.window, at)
    window.usedPct = shareUsed(limit, remaining)
    window.limit = limit
    window.remaining = remaining
    window.resetsAt = resetInstant(header(row.reset), at)
    windows.push(window)
  }
  return windows
}

/** A refusal's retry-after tells when a limit resets, but only of one that is used up and does not say so itself. */
function untilRetry(said: QuotaSaid, header: HeaderOf, at: number): void {
  const wait = retryAfterOf(header, at)
  if (wait === null) return
  for (const window of [...said.windows, ...said.modelWindows]) {
    if (window.remaining === 0 || window.status === 'rejected') window.resetsAt ??= at + wait
  }
}

/** How long the provider asks to wait, in ms, 0 or more; null: it does not say. RFC 9110 §10.2.3, and Azure's finer ones. */
export function retryAfterOf(header: HeaderOf, at: number): number | null {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = amount(header(name))
    const wait = ms === null ? null : withinReach(ms)
    if (wait !== null) return wait
  }
  const text = header('retry-after')
  const until = httpDateInstant(text, at)
  return until === null ? durationMs(text) : Math.max(0, until - at)
}
