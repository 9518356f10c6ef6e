/** When what a window shows has grown old by the clock alone: a limit was reset, a day may have ended. */
import type { View } from '../shared/view.ts'

/** Long enough to be no load with nine windows open, short enough for "today" to end within minutes of midnight. */
const silentMs = 5 * 60_000

/** `heardAt`: when the daemon last said something; both in epoch ms. */
export function isDueForRefresh(view: View, heardAt: number, now: number): boolean {
  if (now - heardAt >= silentMs) return true
  return view.limits.some((limit) =>
    limit.windows.some((window) => {
      if (window.resets_at === null) return false
      const resetsAt = Date.parse(window.resets_at)
      return resetsAt > heardAt && resetsAt <= now
    }),
  )
}
