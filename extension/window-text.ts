/** What is said of one window wherever it is shown: its share, its ring, its age, its pace; pure. */
import type { LimitRow, WindowRow } from '../shared/contract/rows.ts'
import { ago, nothing, paceText, percent } from '../shared/format.ts'
import { meterEighths } from './ids.ts'

export function shareText(window: WindowRow): string {
  return window.used_pct === null ? nothing : percent(window.used_pct)
}

/** The nearest eighth; only what is used up fills the ring. */
export function eighthsOf(percentUsed: number): number {
  if (percentUsed >= 100) return meterEighths
  return Math.min(meterEighths - 1, Math.max(0, Math.round((percentUsed * meterEighths) / 100)))
}

/** How the share came to be known: by a reply, or by the clock alone. */
export function measuredAgo(window: WindowRow, now: number): string {
  if (!window.confirmed) return 'not confirmed since the reset'
  // by the minute: each new text is sent to the window and may be read out
  const isFresh = now - Date.parse(window.measured_at) < 60_000
  return isFresh ? 'measured just now' : `measured ${ago(window.measured_at, now)}`
}

/** Calls go on beyond the plan and are paid for. */
export function isOverPlan(window: WindowRow, limit: LimitRow | undefined): boolean {
  if (window.used_pct !== null && window.used_pct > 100 && window.status !== 'rejected') return true
  return limit?.overage_in_use === true && (window.status === 'rejected' || (window.used_pct ?? 0) >= 100)
}

/** `on pace`, `+9%, out Thu 14:20`; nothing where its pace is not known. */
export function windowPace(window: WindowRow, now: number, timeZone: string): string {
  return paceText({ points: window.pace_pct, runsOutAt: window.runs_out_at }, now, timeZone)
}
