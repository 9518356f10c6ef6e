/** Holds work back to at most once in a gap: the first ask runs at once, the last one is never lost, two never overlap. */
export type Pacer = { ask(): void; close(): void }

/** `gap` in milliseconds between the starts of two runs. `work` never rejects. */
export function openPacer(options: {
  gap: number
  work: () => Promise<void>
  now: () => number
  setTimer: (fn: () => void, ms: number) => () => void
}): Pacer {
  let startedAt = Number.NEGATIVE_INFINITY
  let running = false
  let wanted = false
  let stopTimer: (() => void) | undefined

  function next(): void {
    if (!wanted || running || stopTimer) return
    const wait = startedAt + options.gap - options.now()
    if (wait > 0) {
      stopTimer = options.setTimer(() => {
        stopTimer = undefined
        next()
      }, wait)
      return
    }
    wanted = false
    running = true
    startedAt = options.now()
    void options.work().finally(() => {
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
    },
  }
}
