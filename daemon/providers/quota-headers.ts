/** Reads what a reply's headers say of an account's limits: one table of header families, the same for every provider. */
import type { QuotaReading, QuotaWindow } from '../../shared/contract/quota.ts'
import { amount, durationMs, epochInstant, httpDateInstant, rfc3339Instant } from './quota-values.ts'

/** A reply's header by its name in small letters; undefined where it is not there. */
export type HeaderOf = (name: string) => string | undefined
export type QuotaSaid = Pick<QuotaReading, 'windows' | 'representative' | 'overageInUse'>

type ReadReset = (text: string | undefined, at: number) => number | null
/** The headers of one window that is counted, by their names: written out once, as every reply is asked for all of them. */
type CountedWindow = { window: string; limit: string; remaining: string; reset: string; resetOf: ReadReset }

function durationReset(text: string | undefined, at: number): number | null {
  const wait = durationMs(text)
  return wait === null ? rfc3339Instant(text, at) : at + wait
}

const counted: readonly CountedWindow[] = [
  // https://docs.anthropic.com/en/api/rate-limits#response-headers
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((window) => ({
    window,
    limit: `anthropic-ratelimit-${window}-limit`,
    remaining: `anthropic-ratelimit-${window}-remaining`,
    reset: `anthropic-ratelimit-${window}-reset`,
    resetOf: rfc3339Instant,
  })),
  // https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers; Groq, Azure and many others say the same.
  ...['requests', 'tokens'].map((window) => ({
    window,
    limit: `x-ratelimit-limit-${window}`,
    remaining: `x-ratelimit-remaining-${window}`,
    reset: `x-ratelimit-reset-${window}`,
    resetOf: durationReset,
  })),
]

const unified = 'anthropic-ratelimit-unified-'

type PlanWindow = { name: string; utilization: string; status: string; reset: string }

function planWindow(name: string): PlanWindow {
  const start = `${unified}${name}`
  return { name, utilization: `${start}-utilization`, status: `${start}-status`, reset: `${start}-reset` }
}

/** Looked for before any others that the names of the headers tell. */
const usualWindows = ['5h', '7d', '7d_oi', '7d-sonnet', '7d_sonnet', '7d-opus', '7d_opus'].map(planWindow)

const plan = {
  status: `${unified}status`,
  reset: `${unified}reset`,
  claim: `${unified}representative-claim`,
  overageInUse: `${unified}overage-in-use`,
  overageStatus: `${unified}overage-status`,
}

/** More windows than any plan has: a reply must not make our rows grow. */
const mostWindows = 16

const statuses = new Map<string, QuotaWindow['status']>([
  ['allowed', 'allowed'],
  ['allowed_warning', 'warning'],
  ['rejected', 'rejected'],
])

const claims = new Map([
  ['five_hour', '5h'],
  ['seven_day', '7d'],
  ['seven_day_overage_included', '7d_oi'],
])

/**
 * `at` is when the reply's head came, in epoch ms. `names` are the names of all its headers, in small letters: subscription
 * windows beyond the usual ones are found by them. null: the headers say nothing of limits. Never throws; what cannot be
 * read is passed over, value by value.
 */
export function readQuota(header: HeaderOf, at: number, names: readonly string[]): QuotaSaid | null {
  if (!names.some((name) => name.includes('ratelimit'))) return null
  const { windows, representative, overageInUse } = readPlan(header, at, names)
  for (const one of counted) {
    const window = readCounted(one, header, at)
    if (window) windows.push(window)
  }
  if (windows.length === 0 && representative === null && overageInUse === null) return null
  return { windows, representative, overageInUse }
}

function readCounted(names: CountedWindow, header: HeaderOf, at: number): QuotaWindow | null {
  const limit = amount(header(names.limit))
  const remaining = amount(header(names.remaining))
  if (limit === null && remaining === null) return null
  const usedPct = limit === null || remaining === null ? null : shareUsed(limit, remaining)
  const resetsAt = names.resetOf(header(names.reset), at)
  return { name: names.window, usedPct, limit, remaining, resetsAt, status: null, source: 'header', measuredAt: at }
}

function shareUsed(limit: number, remaining: number): number | null {
  return limit === 0 ? null : percent(Math.max(0, limit - remaining) / limit)
}

/** Four decimals: enough for any bar, and free of a float's last digits. */
function percent(share: number): number {
  return Math.round(share * 1e6) / 1e4
}

function readPlan(header: HeaderOf, at: number, names: readonly string[]): QuotaSaid {
  const overall = statusOf(header(plan.status))
  const windows: QuotaWindow[] = []
  for (const one of planWindows(names)) {
    const window = readWindow(one, header, at)
    if (window) windows.push(window)
  }
  const representative = windowOfClaim(
    header(plan.claim),
    windows.map((window) => window.name),
  )
  const claimed = windows.find((window) => window.name === representative)
  if (claimed) {
    claimed.status ??= overall
  } else if (representative !== null && overall !== null) {
    const resetsAt = epochInstant(header(plan.reset), at)
    windows.push({ ...unknownWindow(representative, at), resetsAt, status: overall })
  }
  return { windows, representative, overageInUse: readOverage(header, overall) }
}

function planWindows(names: readonly string[]): PlanWindow[] {
  const found = [...usualWindows]
  for (const header of names) {
    if (!header.startsWith(unified)) continue
    const name = /^(\d+[a-z][a-z0-9_-]{0,30})-(?:utilization|status)$/.exec(header.slice(unified.length))?.[1]
    if (name !== undefined && !found.some((one) => one.name === name)) found.push(planWindow(name))
    if (found.length >= mostWindows) break
  }
  return found
}

function readWindow(names: PlanWindow, header: HeaderOf, at: number): QuotaWindow | null {
  const used = amount(header(names.utilization))
  const status = statusOf(header(names.status))
  if (used === null && status === null) return null
  const resetsAt = epochInstant(header(names.reset), at)
  return { ...unknownWindow(names.name, at), usedPct: used === null ? null : percent(used), resetsAt, status }
}

function unknownWindow(name: string, at: number): QuotaWindow {
  const nothing = { usedPct: null, limit: null, remaining: null, resetsAt: null, status: null }
  return { name, ...nothing, source: 'header', measuredAt: at }
}

function statusOf(text: string | undefined): QuotaWindow['status'] {
  return text === undefined ? null : (statuses.get(text.trim().toLowerCase()) ?? null)
}

/** `seven_day_sonnet` is the window `7d-sonnet` (or `7d_sonnet`, whichever the reply has). */
function windowOfClaim(text: string | undefined, present: readonly string[]): string | null {
  const claim = text?.trim().toLowerCase() ?? ''
  const known = claims.get(claim)
  if (known !== undefined) return known
  const [, length, rest] = /^(five_hour|seven_day)_([a-z0-9_]{1,30})$/.exec(claim) ?? []
  if (length === undefined || rest === undefined) return present.includes(claim) ? claim : null
  const names = [`${claims.get(length)}-${rest}`, `${claims.get(length)}_${rest}`]
  return names.find((name) => present.includes(name)) ?? names[0] ?? null
}

/** The header says it; older replies tell it only through both statuses: refused by the plan, allowed beyond it. */
function readOverage(header: HeaderOf, overall: QuotaWindow['status']): boolean | null {
  const said = header(plan.overageInUse)?.trim().toLowerCase()
  if (said === 'true' || said === 'false') return said === 'true'
  const beyond = statusOf(header(plan.overageStatus))
  if (overall === null || beyond === null) return null
  return overall === 'rejected' && beyond !== 'rejected'
}

/** How long the provider asks to wait, in ms, 0 or more; null: it does not say. RFC 9110 §10.2.3, and Azure's finer ones. */
export function retryAfterOf(header: HeaderOf, at: number): number | null {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = amount(header(name))
    if (ms !== null) return Math.ceil(ms)
  }
  const text = header('retry-after')
  const until = httpDateInstant(text, at)
  return until === null ? durationMs(text) : Math.max(0, until - at)
}
