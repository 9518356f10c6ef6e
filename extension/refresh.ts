/** When what a window shows has grown old by the clock alone: a limit was reset, a refusal is over, a day may have ended. */
import type { View } from '../shared/view.ts'

/** Long enough to be no load with nine windows open, short enough for "today" to end within minutes of midnight. */
const silentMs = 5 * 60_000

/** `heardAt`: when the daemon last said something; both in epoch ms. */
export function isDueForRefresh(view: View, heardAt: number, now: number): boolean {
  return now - heardAt >= silentMs || endsOf(view).some((end) => end > heardAt && end <= now)
}

/** When limits are reset, and when calls are let through again. */
function endsOf({ limits, standing }: View): number[] {
  const resets = limits.flatMap((limit) => limit.windows.map((window) => window.resets_at))
  const headline = standing?.headline
  const refused = headline === undefined || headline.kind === 'none' ? null : headline.refused
  const cooldowns = limits.map((limit) => limit.cooldown?.until ?? null)
  return [...resets, ...cooldowns, refused?.until ?? null].filter((end) => end !== null).map((end) => Date.parse(end))
}
