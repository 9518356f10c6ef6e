/** Lets the first change through at once and what follows at a bounded rate, the last one always. */

export type Pacer = { poke(): void; close(): void }

/** Calls `run` for a `poke`: now, or once `everyMs` have passed since it ran last. */
export function openPacer(everyMs: number, run: () => void, now: () => number = () => performance.now()): Pacer {
  let ranAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  const go = () => {
    timer = undefined
    ranAt = now()
    run()
  }
  return {
    poke() {
      if (timer !== undefined) return
      const wait = ranAt + everyMs - now()
      if (wait <= 0) go()
      else timer = setTimeout(go, wait)
    },
    close() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
