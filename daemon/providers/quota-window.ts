/** What a reply can say of limits, and how a window is made of what was read of it and named by its length. */
import type { QuotaReading, QuotaWindow } from '../../shared/contract/quota.ts'

/** A reply's header by its name in small letters; undefined where it is not there. */
export type HeaderOf = (name: string) => string | undefined

/** `windows` hold for the whole account, `modelWindows` for the model that was asked. */
export type QuotaSaid = Pick<QuotaReading, 'windows' | 'representative' | 'overageInUse'> & {
  modelWindows: QuotaWindow[]
}

/** More windows than any plan has: a reply must not make our rows grow. */
export const mostWindows = 16

/** The parts of what was said, as one; null: there is nothing in it. */
export function quotaOf(parts: readonly Partial<QuotaSaid>[]): QuotaSaid | null {
  const said: QuotaSaid = { windows: [], modelWindows: [], representative: null, overageInUse: null }
  for (const part of parts) {
    said.windows.push(...(part.windows ?? []))
    said.modelWindows.push(...(part.modelWindows ?? []))
    said.representative ??= part.representative ?? null
    said.overageInUse ??= part.overageInUse ?? null
  }
  said.windows.splice(mostWindows)
  said.modelWindows.splice(mostWindows)
  const { windows, modelWindows, representative, overageInUse } = said
  return windows.length + modelWindows.length > 0 || representative !== null || overageInUse !== null ? said : null
}

/** Nothing is known of it yet. */
export function unknownWindow(name: string, at: number, source: QuotaWindow['source'] = 'header'): QuotaWindow {
  return {
    name,
    usedPct: null,
    limit: null,
    remaining: null,
    resetsAt: null,
    status: null,
    source,
    measuredAt: at,
  }
}

export function shareUsed(limit: number | null, remaining: number | null): number | null {
  if (limit === null || remaining === null || limit === 0) return null
  return percent(Math.max(0, limit - remaining) / limit)
}

/** Four decimals: enough for any bar, and free of a float's last digits. */
export function percent(share: number): number {
  return Math.round(share * 1e6) / 1e4
}

const spans = [
  ['d', 1440],
  ['h', 60],
] as const

/** `5h`, `7d`, `90m`. Some replies are a minute off: 299 stands for five hours. */
export function spanName(minutes: number): string {
  for (const [unit, size] of spans) {
    const whole = Math.round(minutes / size)
    if (whole > 0 && Math.abs(minutes - whole * size) <= 1) return `${whole}${unit}`
  }
  return `${Math.max(1, Math.round(minutes))}m`
}
