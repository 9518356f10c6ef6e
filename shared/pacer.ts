/** Holds work back to at most once in a gap: the first ask runs at once, the last one is never lost, two never overlap. */
import type { Clock } from './clock.ts'

export type Pacer = { ask(): void; close(): void }

/** `gapMs` between the starts of two runs. `work` never throws or rejects. */
export function openPacer(gapMs: number, work: () => void | Promise<void>, clock: Clock): Pacer {
  let startedAt = Number.NEGATIVE_INFINITY
  let running = false
  let wanted = false
  let stopTimer: (() => void) | undefined

  function next(): void {
    if (!wanted || running || stopTimer) return
    const wait = startedAt + gapMs - clock.now()
    if (wait > 0) {
      stopTimer = clock.setTimer(() => {
        stopTimer = undefined
        next()
      }, wait)
      return
    }
    wanted = false
    running = true
    startedAt = clock.now()
    void Promise.resolve(work()).finally(() => {
      running = false
      next()
    })
  }

  return {
    ask() {
      wanted = true
      next()
    },
    close() {
      wanted = false
      stopTimer?.()
      stopTimer = undefined
    },
  }
}
