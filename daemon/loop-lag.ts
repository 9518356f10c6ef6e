/** How long the event loop keeps whatever is due waiting: looked at ten times a second by Node itself, told by spans. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Seconds. */
export type Lag = { p50: number; p99: number; max: number }

export type LoopLag = {
  /** Of the last whole span; of the one that runs, until the first is over. */
  now(): Lag
  /** Ends a span and begins the next. */
  turn(): Lag
  close(): void
}

const resolutionMs = 100

/** Keeps no process alive. */
export function openLoopLag(): LoopLag {
  const watch = monitorEventLoopDelay({ resolution: resolutionMs })
  watch.enable()
  let last: Lag | null = null

  // what is measured is the time between two looks (ns): all but the wanted one is lag
  const lagOf = (between: number) => Math.max(0, between / 1e6 - resolutionMs) / 1e3
  const running = (): Lag =>
    watch.count === 0
      ? { p50: 0, p99: 0, max: 0 }
      : { p50: lagOf(watch.percentile(50)), p99: lagOf(watch.percentile(99)), max: lagOf(watch.max) }
  return {
    now: () => last ?? running(),
    turn() {
      last = running()
      watch.reset()
      return last
    },
    close: () => void watch.disable(),
  }
}
