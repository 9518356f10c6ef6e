/** Lines that wait for the disk, within a bound: past it the oldest are added up, so that memory ends before sums do. */

import type { Entry } from '../../shared/contract/event.ts'
import type { Log } from '../../shared/contract/log.ts'
import { foldAway } from './folded.ts'
import type { Line } from './open-segment.ts'

/** `again`: it was written once, but the disk could not say that it holds it. */
type Waiting = Line & { again: boolean }

export type Backlog = {
  add(lines: readonly Line[]): void
  /** Back in their place, by number, after a write that failed. */
  putBack(lines: readonly Line[], again: boolean): void
  /** The oldest lines, at least one where there is any, within about `bytes`. */
  take(bytes: number): Line[]
  size(): number
  entries(): Entry[]
  /** How many lines were added up so far. */
  foldedAway(): number
}

export function openBacklog(
  bounds: { lines: number; bytes: number },
  lineOf: (entry: Entry) => Line,
  log: Log,
): Backlog {
  let lines: Waiting[] = []
  let bytes = 0
  let folded = 0

  function recount(): void {
    bytes = lines.reduce((sum, line) => sum + line.bytes.length, 0)
  }

  function shrink(): void {
    if (lines.length <= bounds.lines && bytes <= bounds.bytes) return
    const again = lines.filter((line) => line.again)
    if (again.length > 0) {
      // The first writing of these most likely holds, and to add up what may be there twice would count it twice.
      log.warn('lines of the history are not written a second time, for want of room', { lines: again.length })
      lines = lines.filter((line) => !line.again)
      return recount()
    }
    const oldest = lines.slice(0, Math.max(2, lines.length >> 1))
    const fewer = foldAway(oldest.map((line) => line.entry)).map((entry) => ({ ...lineOf(entry), again: false }))
    lines = [...fewer, ...lines.slice(oldest.length)]
    folded += oldest.length - fewer.length
    log.warn('lines of the history that cannot be written were added up', { lines: oldest.length })
    recount()
  }

  return {
    add(more) {
      for (const line of more) {
        lines.push({ ...line, again: false })
        bytes += line.bytes.length
      }
      shrink()
    },
    putBack(back, again) {
      lines = [...back.map((line) => ({ ...line, again })), ...lines].sort((a, b) => a.entry.n - b.entry.n)
      recount()
      shrink()
    },
    take(most) {
      let sum = 0
      const until = lines.findIndex((line, i) => {
        sum += line.bytes.length
        return i > 0 && sum > most
      })
      const taken = lines.splice(0, until === -1 ? lines.length : until)
      recount()
      return taken
    },
    size: () => lines.length,
    entries: () => lines.map((line) => line.entry),
    foldedAway: () => folded,
  }
}
