/** Lets the first change through at once and what follows at a bounded rate, the last one always. */

export type Pacer = { poke(): void; close(): void }

export type PacerClock = {
  /** Milliseconds that never run back. */
  now: () => number
  /** Calls `fn` once after `ms`; what it returns stops that. */
  setTimer: (fn: () => void, ms: number) => () => void
}

const realClock: PacerClock = {
  now: () => performance.now(),
  setTimer(fn, ms) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}

/** Calls `run` for a `poke`: now, or once `everyMs` have passed since it ran last. */
export function openPacer(everyMs: number, run: () => void, clock: PacerClock = realClock): Pacer {
  let ranAt = Number.NEGATIVE_INFINITY
  let stop: (() => void) | undefined
  const go = () => {
    stop = undefined
    ranAt = clock.now()
    run()
  }
  return {
    poke() {
      if (stop !== undefined) return
      const wait = ranAt + everyMs - clock.now()
      if (wait <= 0) go()
      else stop = clock.setTimer(go, wait)
    },
    close() {
      stop?.()
      stop = undefined
    },
  }
}
