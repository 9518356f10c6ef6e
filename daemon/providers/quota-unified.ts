/** Reads the windows of a Claude subscription. https://docs.anthropic.com/en/api/rate-limits and what its own client reads (2026-11). */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import { amount, epochInstant } from './quota-values.ts'
import { type HeaderOf, mostWindows, percent, type QuotaSaid, unknownWindow } from './quota-window.ts'

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
  overageUsed: `${unified}overage-utilization`,
  overageReset: `${unified}overage-reset`,
}

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

export function readUnified(header: HeaderOf, at: number, names: readonly string[]): Partial<QuotaSaid> {
  const overall = statusOf(header(plan.status))
  const windows: QuotaWindow[] = []
  for (const one of planWindows(names)) {
    const window = readWindow(one, header, at)
    if (window) windows.push(window)
  }
  const beyond = readBeyond(header, at)
  if (beyond) windows.push(beyond)
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

/** What was paid for beyond the plan. Its status alone only says whether that is allowed: no window. */
function readBeyond(header: HeaderOf, at: number): QuotaWindow | null {
  const used = amount(header(plan.overageUsed))
  if (used === null) return null
  const [resetsAt, status] = [epochInstant(header(plan.overageReset), at), statusOf(header(plan.overageStatus))]
  return { ...unknownWindow('overage', at), usedPct: percent(used), resetsAt, status }
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
