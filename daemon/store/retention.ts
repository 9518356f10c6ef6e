/** Which segments may go: covered by two snapshots and past retention, as the history itself counts time. And what is left then. */
import { bytesOnDisk, type SegmentIndex } from './segment.ts'

const dayMs = 24 * 60 * 60 * 1000

/** How long segments stay, and how much all of them may take on the disk; whichever is reached first. */
export type Retention = { days: number; bytes: number }

/**
 * Oldest first. `covered`: number that the snapshot before the newest reaches. Time counts from the history's own present, not
 * from a clock, and one run drops about a day's worth at most: a clock that ran ahead must not empty the history.
 */
export function droppable(
  segments: readonly SegmentIndex[],
  covered: number,
  retention: Retention,
): readonly SegmentIndex[] {
  const present = presentOf(segments)
  let left = segments.reduce((sum, segment) => sum + bytesOnDisk(segment), 0)
  const candidates = segments
    .filter((segment) => segment.last <= covered)
    .sort((a, b) => a.maxT - b.maxT)
    .filter((segment) => {
      const isPast = segment.maxT <= present - retention.days * dayMs || left > retention.bytes
      if (isPast) left -= bytesOnDisk(segment)
      return isPast
    })
  const oldest = candidates.find((segment) => segment.lines > 0)
  if (!oldest) return candidates
  const until = Math.max(oldest.maxT, oldest.minT + dayMs)
  return candidates.filter((segment) => segment.maxT <= until)
}

/**
 * Of the last two segments' newest times the earlier one, epoch ms: so an entry from a clock that ran ahead for a moment counts
 * nowhere, and those after it say what time it is.
 */
function presentOf(segments: readonly SegmentIndex[]): number {
  const filled = segments.filter(({ lines }) => lines > 0).toSorted((a, b) => a.last - b.last)
  return filled.length === 0 ? 0 : Math.min(...filled.slice(-2).map(({ maxT }) => maxT))
}

/**
 * How far back single calls reach. `from`: the oldest entry's time, epoch ms; null where there is none. `bytes` on the disk.
 * `dropped`: entries that no segment holds any more.
 */
export type Reach = { from: number | null; segments: number; bytes: number; dropped: number }

/** `last`: the newest number that is in a segment. */
export function reachOf(segments: readonly SegmentIndex[], last: number): Reach {
  const filled = segments.filter(({ lines }) => lines > 0)
  let held = 0
  let reached = 0
  // Two may hold the same numbers, where a line was written a second time.
  for (const one of filled.toSorted((a, b) => a.first - b.first)) {
    held += Math.max(0, Math.min(one.last, last) - Math.max(one.first - 1, reached))
    reached = Math.max(reached, one.last)
  }
  return {
    from: filled.length === 0 ? null : filled.reduce((t, { minT }) => Math.min(t, minT), Infinity),
    segments: segments.length,
    bytes: segments.reduce((sum, segment) => sum + bytesOnDisk(segment), 0),
    dropped: last - held,
  }
}
