/** Reads until when a refusal lasts, from all that its headers and body say of waiting and of used-up limits. Never throws. */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import { fieldOf, firstOf, listOf, numberOf, textOf } from './json-fields.ts'
import { detailOf, readQuotaBody } from './quota-bodies.ts'
import { readQuota, retryAfterOf } from './quota-headers.ts'
import { durationMs, epochInstant, epochNumber, withinReach } from './quota-values.ts'
import type { HeaderOf, QuotaSaid } from './quota-window.ts'

type Scope = 'account' | 'model'

export type StatedLimits = {
  /** How long it asks to wait, 0 or more; null: it does not. */
  retryMs: number | null
  /** When the last one of the used-up limits resets, later than now; null: none is used up, or it does not say when. */
  resetsAt: number | null
  /** Whose the used-up limits are. */
  scope: Scope
  /** A window of a plan, a day or a month is used up; `until` as `resetsAt`. */
  plan: { scope: Scope; until: number | null } | null
}

type Said = { status: number; header: HeaderOf; json: unknown; at: number; quota?: QuotaSaid | null }

export function readLimits({ status, header, json, at, quota }: Said): StatedLimits {
  const body = usedUp(readQuotaBody(status, json, at))
  const head = usedUp(quota === undefined ? readQuota(header, at, usualNames(header), status) : quota)
  const ofBody = body.account.map((window) => (isGuess(window, json) ? { ...window, resetsAt: null } : window))
  const used = [...ofBody, ...head.account, ...body.model, ...head.model]
  // only a body says which limit it was; the headers of a key's limits are those of the model that was asked
  const scope = ofBody.length > 0 ? 'account' : 'model'
  return {
    retryMs: retryAfterOf(header, at) ?? waitIn(json),
    resetsAt: lastReset(used, at) ?? resetIn(json, at),
    scope,
    plan: planOf(used, scope, at) ?? unifiedPlan(header, at),
  }
}

function usedUp(said: QuotaSaid | null): { account: QuotaWindow[]; model: QuotaWindow[] } {
  return { account: (said?.windows ?? []).filter(isUsedUp), model: (said?.modelWindows ?? []).filter(isUsedUp) }
}

function isUsedUp({ status, remaining, usedPct }: QuotaWindow): boolean {
  return status === 'rejected' || (status === null && (remaining === 0 || (usedPct ?? 0) >= 100))
}

/** Codex' body without a time is given one of an hour where it is read for people. */
function isGuess({ name }: QuotaWindow, json: unknown): boolean {
  const error = fieldOf(firstOf(json), 'error')
  return name === 'plan' && numberOf(error, 'resets_at') === null && numberOf(error, 'resets_in_seconds') === null
}

function lastReset(windows: readonly QuotaWindow[], at: number): number | null {
  const resets = windows.map(({ resetsAt }) => resetsAt ?? at).filter((reset) => reset > at)
  return resets.length === 0 ? null : Math.max(...resets)
}

function planOf(used: readonly QuotaWindow[], keyScope: Scope, at: number): StatedLimits['plan'] {
  const long = used.filter(({ name }) => isPlan(name) || /-(day|month)$/.test(name))
  if (long.length === 0) return null
  // `7d-sonnet` and `7d_oi` are used up for some models alone, as long as no window of all is
  const ofAll = long.filter(({ name }) => name === 'plan' || /^\d+[a-z]$/.test(name))
  const windows = ofAll.length > 0 ? ofAll : long
  const scope = ofAll.length > 0 ? 'account' : windows.every(({ name }) => isPlan(name)) ? 'model' : keyScope
  return { scope, until: lastReset(windows, at) }
}

function isPlan(name: string): boolean {
  return name === 'plan' || /^\d+[hd]/.test(name)
}

/** A Claude plan that refuses without saying which window it is for. */
function unifiedPlan(header: HeaderOf, at: number): StatedLimits['plan'] {
  if (header('anthropic-ratelimit-unified-status')?.trim().toLowerCase() !== 'rejected') return null
  const until = epochInstant(header('anthropic-ratelimit-unified-reset'), at)
  return { scope: 'account', until: until !== null && until > at ? until : null }
}

/** Gemini's RetryInfo, OpenRouter's `retry_after_seconds`, Codex' `resets_in_seconds`, and what gateways call `retry_after`. */
function waitIn(json: unknown): number | null {
  const body = firstOf(json)
  const error = fieldOf(body, 'error')
  const delay = durationMs(textOf(detailOf(listOf(error, 'details'), 'RetryInfo'), 'retryDelay'))
  if (delay !== null) return delay
  const said = [
    numberOf(fieldOf(error, 'metadata'), 'retry_after_seconds'),
    ...[error, body].flatMap((one) =>
      ['retry_after', 'retryAfter', 'resets_in_seconds'].map((name) => numberOf(one, name)),
    ),
  ]
  const seconds = said.find((one) => one !== null) ?? null
  return seconds === null ? null : withinReach(seconds * 1000)
}

/** OpenRouter repeats its headers in the body, the reset in epoch ms: https://openrouter.ai/docs/api-reference/limits */
function resetIn(json: unknown, at: number): number | null {
  const headers = fieldOf(fieldOf(fieldOf(firstOf(json), 'error'), 'metadata'), 'headers')
  const reset = numberOf(headers, 'X-RateLimit-Reset')
  const until = reset === null ? null : epochNumber(reset, at)
  return until !== null && until > at ? until : null
}

/** Those by which refusals state limits, of all families, asked for one by one. */
const names: readonly string[] = [
  'anthropic-ratelimit-unified-status',
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((window) => `anthropic-ratelimit-${window}-remaining`),
  ...['requests', 'tokens'].flatMap((unit) =>
    ['', '-minute', '-hour', '-day', '-month'].map((span) => `x-ratelimit-remaining-${unit}${span}`),
  ),
  'x-ratelimit-remaining-req-minute',
  'x-ratelimit-remaining-tokens-prompt',
  'x-ratelimit-remaining-tokens-generated',
  'x-ratelimit-remaining',
  'x-codex-primary-used-percent',
  'x-codex-secondary-used-percent',
  'ratelimit',
  'ratelimit-remaining',
]

function usualNames(header: HeaderOf): readonly string[] {
  return names.filter((name) => header(name) !== undefined)
}
