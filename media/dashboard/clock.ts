/** The clock of this page, for what is given one. */
import type { Clock } from '../../shared/clock.ts'

export const realClock: Clock = {
  now: () => performance.now(),
  setTimer(fn, ms) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}
