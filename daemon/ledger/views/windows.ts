/** A quota window at a given now: what still holds of its last reading. */
import type { QuotaWindow } from '../../../shared/contract/quota.ts'
import type { WindowRow } from '../../../shared/contract/rows.ts'
import { isReset } from '../../../shared/window-end.ts'
import { type Pace, paceOf } from './pace.ts'
import { isoOf, percentOf } from './rows.ts'

/** `confirmed` false: its reset has passed and nothing was read since, so it is taken to be unused. */
export type WindowNow = QuotaWindow & Pace & { confirmed: boolean }

export function windowNow(window: QuotaWindow, now: number): WindowNow {
  if (!isReset(window, now)) return { ...window, ...paceOf(window, now), confirmed: true }
  const unused = { ...window, usedPct: 0, remaining: window.limit, resetsAt: null, status: null }
  return { ...unused, ...paceOf(unused, now), confirmed: false }
}

/**
 * Nothing goes through any more until it resets, unless the account goes on as paid extra usage. Credits and overage are that
 * extra: a plan goes on without them.
 */
export function isExhausted(window: WindowNow): boolean {
  if (!window.confirmed || window.name === 'credits' || window.name === 'overage') return false
  if (window.status === 'rejected' || window.remaining === 0) return true
  return window.status === null && window.usedPct !== null && window.usedPct >= 100
}

/** `5h`, `7d`, `7d-sonnet`, or what a reply told no length of: a subscription's window, not a key's rate limit. */
export function isSubscriptionWindow(name: string): boolean {
  return /^(\d+[mhdw]|primary|secondary|plan)(?![a-z0-9])/.test(name)
}

/** Whether a window counts calls to this model: `7d-opus` is for some models only, and its name says for which. */
export function countsModel(window: string, model: string): boolean {
  const [, of] = /^(?:\d+[mhdw]|primary|secondary)[-_](?!oi$)(.+)$/.exec(window) ?? []
  return of === undefined || model.toLowerCase().includes(of)
}

export function windowRowOf(window: WindowNow): WindowRow {
  return {
    name: window.name,
    used_pct: window.usedPct === null ? null : percentOf(window.usedPct),
    limit: window.limit,
    remaining: window.remaining,
    resets_at: window.resetsAt === null ? null : isoOf(window.resetsAt),
    status: window.status,
    source: window.source,
    measured_at: isoOf(window.measuredAt),
    confirmed: window.confirmed,
    elapsed_pct: window.elapsedPct === null ? null : percentOf(window.elapsedPct),
    pace_pct: window.pace === null ? null : percentOf(window.pace),
    runs_out_at: window.runsOutAt === null ? null : isoOf(window.runsOutAt),
  }
}
