/** A clock as code that has none of its own is given one. */
export type Clock = {
  /** Milliseconds that never run back. */
  now: () => number
  /** Calls `fn` once after `ms`; what it returns stops that. */
  setTimer: (fn: () => void, ms: number) => () => void
}
