/** Which segments may go: covered by two snapshots and past retention, as the history itself counts time. */
import type { SegmentIndex } from './segment.ts'

const dayMs = 24 * 60 * 60 * 1000

/**
 * `covered`: number that the snapshot before the newest reaches. Time counts from the newest entry, not from a clock, and one
 * run drops about a day's worth at most: an entry stamped by a clock that ran ahead must not empty the history.
 */
export function droppable(
  segments: readonly SegmentIndex[],
  covered: number,
  retentionDays: number,
): readonly SegmentIndex[] {
  const newest = segments.reduce((t, segment) => Math.max(t, segment.maxT), 0)
  const candidates = segments
    .filter((segment) => segment.last <= covered && segment.maxT <= newest - retentionDays * dayMs)
    .sort((a, b) => a.maxT - b.maxT)
  const oldest = candidates.find((segment) => segment.lines > 0)
  if (!oldest) return candidates
  const until = Math.max(oldest.maxT, oldest.minT + dayMs)
  return candidates.filter((segment) => segment.maxT <= until)
}
