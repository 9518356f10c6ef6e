/** Reads what a stream's event or a refusal's body says of limits, for providers whose headers say nothing. Never throws. */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import { fieldOf, firstOf, listOf, numberOf, textOf } from './json-fields.ts'
import { type CodexCredits, type CodexWindow, codexWindow, limitName, withCredits } from './quota-codex.ts'
import { nextPacificMidnight } from './quota-midnight.ts'
import { durationMs, epochNumber, resetInstant } from './quota-values.ts'
import { type QuotaSaid, quotaOf, shareUsed, unknownWindow } from './quota-window.ts'

/** What a dialect found of limits in a reply: an event, or the body of a refusal. `status` is the reply's; `head` what its headers said. */
export function readQuotaIn(json: unknown, at: number, status: number, head: QuotaSaid | null): QuotaSaid | null {
  const said = readQuotaEvent(json, at) ?? readQuotaBody(status, json, at)
  if (said === null || !head?.windows.some(isUsedUp)) return said
  // Codex' headers name the window that its body only calls used up: that is one limit, not two
  return quotaOf([{ ...said, windows: said.windows.filter(({ name }) => name !== 'plan') }])
}

function isUsedUp({ name, usedPct }: QuotaWindow): boolean {
  return name !== 'credits' && (usedPct ?? 0) >= 100
}

/** `json` is one event of a stream, parsed; of Codex it is `codex.rate_limits`. null: it says nothing of limits. */
export function readQuotaEvent(json: unknown, at: number): QuotaSaid | null {
  if (fieldOf(json, 'type') !== 'codex.rate_limits') return null
  const limit = limitName(textOf(json, 'metered_limit_name') ?? textOf(json, 'limit_name'))
  const windows = windowsIn(fieldOf(json, 'rate_limits'), limit, at)
  for (const more of listOf(json, 'additional_rate_limits')) {
    const name = limitName(textOf(more, 'limit_name')) ?? limitName(textOf(more, 'metered_feature'))
    if (name !== null) windows.push(...windowsIn(fieldOf(more, 'rate_limit'), name, at))
  }
  return quotaOf([withCredits(windows, creditsIn(fieldOf(json, 'credits')))])
}

function windowsIn(json: unknown, limit: string | null, at: number): QuotaWindow[] {
  return ['primary', 'secondary'].flatMap((slot) => {
    const said = fieldOf(json, slot) ?? fieldOf(json, `${slot}_window`)
    const window = codexWindow(statedIn(said), { slot, limit, at, source: 'event' })
    return window === null ? [] : [window]
  })
}

function statedIn(json: unknown): CodexWindow {
  const seconds = numberOf(json, 'limit_window_seconds')
  return {
    usedPercent: numberOf(json, 'used_percent'),
    minutes: numberOf(json, 'window_minutes') ?? (seconds === null ? null : seconds / 60),
    resetAt: numberOf(json, 'reset_at'),
    resetAfterSeconds: numberOf(json, 'reset_after_seconds'),
  }
}

function creditsIn(json: unknown): CodexCredits | null {
  const has = fieldOf(json, 'has_credits')
  if (typeof has !== 'boolean') return null
  return { has, unlimited: fieldOf(json, 'unlimited') === true, balance: numberOf(json, 'balance') }
}

/** `json` is the whole body of a reply, parsed. null: it is no refusal for a limit, or does not say which. */
export function readQuotaBody(status: number, json: unknown, at: number): QuotaSaid | null {
  if (status !== 429) return null
  const error = fieldOf(firstOf(json), 'error')
  if (fieldOf(error, 'type') === 'usage_limit_reached') return quotaOf([{ windows: [planReached(error, at)] }])
  if (fieldOf(error, 'status') === 'RESOURCE_EXHAUSTED') return quotaOf([geminiFailure(error, at)])
  return quotaOf([openRouterRefusal(fieldOf(error, 'metadata'), at)])
}

/**
 * OpenRouter repeats its headers there: some stand nowhere else, and those of the provider behind it, such as a mere
 * `Retry-After`, say nothing of a window. Models that cost something go on, so it is not the account's. https://openrouter.ai/docs/api-reference/errors (2026-11)
 */
function openRouterRefusal(metadata: unknown, at: number): Partial<QuotaSaid> {
  const headers = fieldOf(metadata, 'headers')
  const [limit, remaining] = [numberOf(headers, 'X-RateLimit-Limit'), numberOf(headers, 'X-RateLimit-Remaining')]
  if (remaining === null) return {}
  const resetsAt = resetInstant(textOf(headers, 'X-RateLimit-Reset'), at)
  const status = remaining === 0 ? ('rejected' as const) : null
  const window = { ...unknownWindow('requests', at, 'body'), usedPct: shareUsed(limit, remaining), limit, remaining }
  return { modelWindows: [{ ...window, resetsAt, status }] }
}

/** Codex says until when, but not which of the plan's windows is used up. */
function planReached(error: unknown, at: number): QuotaWindow {
  const resetAt = numberOf(error, 'resets_at')
  const after = numberOf(error, 'resets_in_seconds')
  const resetsAt =
    (resetAt === null ? null : epochNumber(resetAt, at)) ??
    (after === null ? null : epochNumber(at + after * 1000, at)) ??
    at + hourMs
  return { ...unknownWindow('plan', at, 'body'), usedPct: 100, resetsAt, status: 'rejected' }
}

/** https://ai.google.dev/gemini-api/docs/rate-limits; the details are google.rpc's QuotaFailure and RetryInfo (2026-11). */
function geminiFailure(error: unknown, at: number): Partial<QuotaSaid> {
  const details = listOf(error, 'details')
  const wait = durationMs(textOf(detailOf(details, 'RetryInfo'), 'retryDelay'))
  const windows: QuotaWindow[] = []
  const modelWindows: QuotaWindow[] = []
  for (const { id, limit, ofModel } of violationsIn(details)) {
    const scope = ofModel ? modelWindows : windows
    scope.push({
      ...unknownWindow(geminiName(id), at, 'body'),
      usedPct: shareUsed(limit, 0),
      limit,
      remaining: 0,
      resetsAt: geminiReset(id, wait, at),
      status: 'rejected',
    })
  }
  return { windows, modelWindows }
}

type Violation = { id: string; limit: number | null; ofModel: boolean }

/** Where no QuotaFailure tells them, an ErrorInfo may: so do other services of Google's than this one. */
function violationsIn(details: readonly unknown[]): Violation[] {
  const failures = listOf(detailOf(details, 'QuotaFailure'), 'violations').flatMap((one) => {
    const id = textOf(one, 'quotaId')
    if (id === undefined) return []
    const ofModel = /PerModel/.test(id) || textOf(fieldOf(one, 'quotaDimensions'), 'model') !== undefined
    return [{ id, limit: numberOf(one, 'quotaValue'), ofModel }]
  })
  const info = fieldOf(detailOf(details, 'ErrorInfo'), 'metadata')
  const id = textOf(info, 'quota_limit')
  if (failures.length > 0 || id === undefined) return failures
  return [{ id, limit: numberOf(info, 'quota_limit_value'), ofModel: /PerModel|PerBaseModel|Gemini\d/.test(id) }]
}

/** `GenerateRequestsPerDayPerProjectPerModel-FreeTier` is `requests-day`. */
function geminiName(quotaId: string): string {
  const counted = /(Input|Output)?Tokens/.exec(quotaId)
  const unit = counted ? `${counted[1] ? `${counted[1].toLowerCase()}-` : ''}tokens` : 'requests'
  const span = /Per(Minute|Hour|Day|Month)/.exec(quotaId)?.[1]?.toLowerCase()
  return span === undefined ? unit : `${unit}-${span}`
}

const hourMs = 3_600_000

/** A day's quota resets at midnight, Pacific time; the delay beside it is often just that of a minute's. */
function geminiReset(quotaId: string, wait: number | null, at: number): number {
  if (/PerDay/.test(quotaId)) return wait !== null && wait >= hourMs ? at + wait : nextPacificMidnight(at)
  return at + (wait ?? 60_000)
}

/** Of google.rpc's, by its type's last word. */
export function detailOf(details: readonly unknown[], type: string): unknown {
  return details.find((detail) => textOf(detail, '@type')?.endsWith(`google.rpc.${type}`))
}
