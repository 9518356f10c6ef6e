/** Keeps a line that comes again and again from filling the log: a few of it a minute are written, of the rest how many there were. */

export type Repeats = {
  /** Has `write` called now where the line may be written, and later with how many equal ones were left out. */
  take(line: string, write: (leftOut: number) => void): void
  /** Lines that were left out. */
  leftOut(): number
  /** Tells what was left out so far. */
  close(): void
}

/** `lines`: how many different ones are remembered; the one seen longest ago goes. */
export type RepeatBounds = { most: number; windowMs: number; lines: number }
const usual: RepeatBounds = { most: 5, windowMs: 60_000, lines: 256 }

type Seen = { since: number; written: number; leftOut: number; write(leftOut: number): void; timer?: NodeJS.Timeout }

/** `clock`: monotonic ms. */
export function openRepeats(clock: () => number, bounds: RepeatBounds = usual): Repeats {
  const seen = new Map<string, Seen>()
  let all = 0

  function over(line: string, one: Seen): void {
    clearTimeout(one.timer)
    seen.delete(line)
    if (one.leftOut > 0) one.write(one.leftOut)
  }

  function leaveOut(line: string, one: Seen): void {
    one.leftOut++
    all++
    const left = one.since + bounds.windowMs - clock()
    one.timer ??= setTimeout(() => over(line, one), left).unref()
  }

  return {
    take(line, write) {
      const known = seen.get(line)
      if (known && clock() - known.since < bounds.windowMs) {
        // back to the end: what is seen often stays
        seen.delete(line)
        seen.set(line, known)
        if (known.written === bounds.most) return leaveOut(line, known)
        known.written++
        return write(0)
      }
      if (known) over(line, known)
      seen.set(line, { since: clock(), written: 1, leftOut: 0, write })
      write(0)
      const [oldest] = seen
      if (seen.size > bounds.lines && oldest) over(...oldest)
    },
    leftOut: () => all,
    close() {
      for (const [line, one] of seen) over(line, one)
    },
  }
}
