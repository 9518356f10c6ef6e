/** Reads the windows of a ChatGPT plan from Codex's headers. Their only description is its client: https://github.com/openai/codex (2026-11). */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import { amount, epochNumber } from './quota-values.ts'
import { type HeaderOf, mostWindows, percent, type QuotaSaid, spanName, unknownWindow } from './quota-window.ts'

/** Of one window, as headers and events both state them; null: not stated. */
export type CodexWindow = {
  usedPercent: number | null
  minutes: number | null
  /** Epoch seconds. */
  resetAt: number | null
  resetAfterSeconds: number | null
}
export type CodexCredits = { has: boolean; unlimited: boolean; balance: number | null }

/** `slot` is its name where no length is stated; `limit` what it counts where that is not the plan as a whole. */
export function codexWindow(
  said: CodexWindow,
  of: { slot: string; limit: string | null; at: number; source: QuotaWindow['source'] },
): QuotaWindow | null {
  const { usedPercent, minutes, resetAt, resetAfterSeconds } = said
  if (usedPercent === null) return null
  const lasts = minutes !== null && minutes > 0
  // a plan without this window says so by zeros
  if (usedPercent === 0 && !lasts && resetAt === null) return null
  const span = lasts ? spanName(minutes) : of.slot
  const after = resetAfterSeconds === null ? null : epochNumber(of.at + resetAfterSeconds * 1000, of.at)
  return {
    ...unknownWindow(of.limit === null ? span : `${span}-${of.limit}`, of.at, of.source),
    usedPct: percent(usedPercent / 100),
    resetsAt: (resetAt === null ? null : epochNumber(resetAt, of.at)) ?? after,
  }
}

/** Bought beyond the plan: used once the plan is used up. */
export function withCredits(windows: readonly QuotaWindow[], credits: CodexCredits | null): Partial<QuotaSaid> {
  if (credits === null) return { windows: [...windows] }
  const usedUp = windows.some((window) => (window.usedPct ?? 0) >= 100)
  const first = windows[0]
  const left =
    first && credits.has && !credits.unlimited && credits.balance !== null
      ? [{ ...unknownWindow('credits', first.measuredAt, first.source), remaining: credits.balance }]
      : []
  return { windows: [...windows, ...left], overageInUse: credits.has && usedUp }
}

/** A name from outside that is shown beside a length; null where it cannot be. */
export function limitName(text: string | undefined): string | null {
  const name = text?.trim().toLowerCase().replaceAll('_', '-').replaceAll(' ', '-') ?? ''
  const own = name.replace(/^codex-(?=.)/, '')
  return /^[a-z0-9][a-z0-9.-]{0,39}$/.test(own) && own !== 'codex' ? own : null
}

const slots = ['primary', 'secondary'] as const

export function readCodex(header: HeaderOf, at: number, names: readonly string[]): Partial<QuotaSaid> {
  const windows: QuotaWindow[] = []
  const named = header('x-codex-active-limit')
  const active = named === undefined ? undefined : limitName(named)
  let binding: QuotaWindow | undefined
  for (const family of familiesAmong(names)) {
    const start = family === null ? 'x-codex' : `x-codex-${family}`
    const limit = family === null ? null : (limitName(header(`${start}-limit-name`)) ?? family)
    for (const slot of slots) {
      const window = codexWindow(statedIn(header, `${start}-${slot}`), { slot, limit, at, source: 'header' })
      if (window === null) continue
      windows.push(window)
      if (family === active && (window.usedPct ?? 0) > (binding?.usedPct ?? -1)) binding = window
    }
  }
  return { ...withCredits(windows, creditsIn(header)), representative: binding?.name ?? null }
}

/** The plan's own windows, null, and then those of single models or features. */
function familiesAmong(names: readonly string[]): (string | null)[] {
  const found = new Set<string | null>([null])
  for (const name of names) {
    const family = /^x-codex-([a-z0-9][a-z0-9-]{0,30})-(?:primary|secondary)-used-percent$/.exec(name)?.[1]
    if (family !== undefined) found.add(family)
    if (found.size * slots.length >= mostWindows) break
  }
  return [...found]
}

function statedIn(header: HeaderOf, start: string): CodexWindow {
  return {
    usedPercent: amount(header(`${start}-used-percent`)),
    minutes: amount(header(`${start}-window-minutes`)),
    resetAt: amount(header(`${start}-reset-at`)),
    resetAfterSeconds: amount(header(`${start}-reset-after-seconds`)),
  }
}

function creditsIn(header: HeaderOf): CodexCredits | null {
  const has = flag(header('x-codex-credits-has-credits'))
  if (has === null) return null
  const unlimited = flag(header('x-codex-credits-unlimited')) ?? false
  return { has, unlimited, balance: amount(header('x-codex-credits-balance')) }
}

function flag(text: string | undefined): boolean | null {
  const said = text?.trim().toLowerCase()
  if (said === 'true' || said === '1') return true
  return said === 'false' || said === '0' ? false : null
}
