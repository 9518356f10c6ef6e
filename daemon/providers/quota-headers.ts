/** Reads what a reply's headers say of an account's limits: one table of header families, the same for every provider. */
import type { QuotaReading, QuotaWindow } from '../../shared/contract/quota.ts'
import { amount, durationMs, epochInstant, httpDateInstant, rfc3339Instant } from './quota-values.ts'

/** A reply's header by its name in small letters; undefined where it is not there. */
export type HeaderOf = (name: string) => string | undefined
export type QuotaSaid = Pick<QuotaReading, 'windows' | 'representative' | 'overageInUse'>

type Part = 'limit' | 'remaining' | 'reset'
type CountedFamily = {
  windows: readonly string[]
  nameOf(window: string, part: Part): string
  resetOf(text: string | undefined, at: number): number | null
}

const counted: readonly CountedFamily[] = [
  {
    // https://docs.anthropic.com/en/api/rate-limits#response-headers
    windows: ['requests', 'tokens', 'input-tokens', 'output-tokens'],
    nameOf: (window, part) => `anthropic-ratelimit-${window}-${part}`,
    resetOf: rfc3339Instant,
  },
  {
    // https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers; Groq, Azure and many others say the same.
    windows: ['requests', 'tokens'],
    nameOf: (window, part) => `x-ratelimit-${part}-${window}`,
    resetOf: (text, at) => {
      const wait = durationMs(text)
      return wait === null ? rfc3339Instant(text, at) : at + wait
    },
  },
]

const unified = 'anthropic-ratelimit-unified-'

/** Looked for even where the caller cannot list the names of the headers. */
const usualWindows = ['5h', '7d', '7d_oi', '7d-sonnet', '7d_sonnet', '7d-opus', '7d_opus']

/** More windows than any plan has: a reply must not make our rows grow. */
const mostWindows = 16

const statuses: Record<string, QuotaWindow['status']> = {
  allowed: 'allowed',
  allowed_warning: 'warning',
  rejected: 'rejected',
}

const claims: Record<string, string> = { five_hour: '5h', seven_day: '7d', seven_day_overage_included: '7d_oi' }

/**
 * `at` is when the reply's head came, in epoch ms. `names` are the names of all its headers, in small letters: subscription
 * windows beyond the usual ones are found by them. null: the headers say nothing of limits. Never throws; what cannot be
 * read is passed over, value by value.
 */
export function readQuota(header: HeaderOf, at: number, names: Iterable<string> = []): QuotaSaid | null {
  const plan = readUnified(header, at, names)
  const windows = [...plan.windows, ...counted.flatMap((family) => readCounted(family, header, at))]
  if (windows.length === 0 && plan.representative === null && plan.overageInUse === null) return null
  return { windows, representative: plan.representative, overageInUse: plan.overageInUse }
}

function readCounted(family: CountedFamily, header: HeaderOf, at: number): QuotaWindow[] {
  return family.windows.flatMap((name) => {
    const limit = amount(header(family.nameOf(name, 'limit')))
    const remaining = amount(header(family.nameOf(name, 'remaining')))
    if (limit === null && remaining === null) return []
    const usedPct = limit === null || remaining === null ? null : shareUsed(limit, remaining)
    const resetsAt = family.resetOf(header(family.nameOf(name, 'reset')), at)
    return [{ name, usedPct, limit, remaining, resetsAt, status: null, source: 'header', measuredAt: at }]
  })
}

function shareUsed(limit: number, remaining: number): number | null {
  return limit === 0 ? null : percent(Math.max(0, limit - remaining) / limit)
}

/** Four decimals: enough for any bar, and free of a float's last digits. */
function percent(share: number): number {
  return Math.round(share * 1e6) / 1e4
}

function readUnified(header: HeaderOf, at: number, names: Iterable<string>): QuotaSaid {
  const overall = statusOf(header(`${unified}status`))
  const windows = windowNames(names).flatMap((name) => readWindow(header, at, name))
  const representative = windowOfClaim(
    header(`${unified}representative-claim`),
    windows.map((window) => window.name),
  )
  const claimed = windows.find((window) => window.name === representative)
  if (claimed) {
    claimed.status ??= overall
  } else if (representative !== null && overall !== null) {
    const resetsAt = epochInstant(header(`${unified}reset`), at)
    windows.push({ ...unknownWindow(representative, at), resetsAt, status: overall })
  }
  return { windows, representative, overageInUse: readOverage(header, overall) }
}

function windowNames(names: Iterable<string>): string[] {
  const found = new Set(usualWindows)
  for (const name of names) {
    const window = /^anthropic-ratelimit-unified-(\d+[a-z][a-z0-9_-]{0,30})-(?:utilization|status)$/i.exec(name)?.[1]
    if (window !== undefined) found.add(window.toLowerCase())
    if (found.size >= mostWindows) break
  }
  return [...found]
}

function readWindow(header: HeaderOf, at: number, name: string): QuotaWindow[] {
  const used = amount(header(`${unified}${name}-utilization`))
  const status = statusOf(header(`${unified}${name}-status`))
  if (used === null && status === null) return []
  const resetsAt = epochInstant(header(`${unified}${name}-reset`), at)
  return [{ ...unknownWindow(name, at), usedPct: used === null ? null : percent(used), resetsAt, status }]
}

function unknownWindow(name: string, at: number): QuotaWindow {
  const nothing = { usedPct: null, limit: null, remaining: null, resetsAt: null, status: null }
  return { name, ...nothing, source: 'header', measuredAt: at }
}

function statusOf(text: string | undefined): QuotaWindow['status'] {
  return statuses[text?.trim().toLowerCase() ?? ''] ?? null
}

/** `seven_day_sonnet` is the window `7d-sonnet` (or `7d_sonnet`, whichever the reply has). */
function windowOfClaim(text: string | undefined, present: readonly string[]): string | null {
  const claim = text?.trim().toLowerCase() ?? ''
  const known = claims[claim]
  if (known !== undefined) return known
  const [, length, rest] = /^(five_hour|seven_day)_([a-z0-9_]{1,30})$/.exec(claim) ?? []
  if (length === undefined || rest === undefined) return present.includes(claim) ? claim : null
  const names = [`${claims[length]}-${rest}`, `${claims[length]}_${rest}`]
  return names.find((name) => present.includes(name)) ?? names[0] ?? null
}

/** The header says it; older replies tell it only through both statuses: refused by the plan, allowed beyond it. */
function readOverage(header: HeaderOf, overall: QuotaWindow['status']): boolean | null {
  const said = header(`${unified}overage-in-use`)?.trim().toLowerCase()
  if (said === 'true' || said === 'false') return said === 'true'
  const beyond = statusOf(header(`${unified}overage-status`))
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
