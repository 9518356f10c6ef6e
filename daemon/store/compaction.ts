/** Compaction as the worker does it: fold what the journal holds into the snapshot before it, prove the result, write it. */
import { type Digest, digestOf } from './digest.ts'
import { type Disk, realDisk } from './disk.ts'
import { foldHome } from './fold-home.ts'
import type { SegmentIndex } from './segment.ts'

/** `expected`: of the live ledger at number `upTo`; null where it had gone on. `sumsOnly`: some entries were added up. */
export type CompactionOrder = {
  home: string
  timeZone: string
  origin: string
  upTo: number
  expected: Digest | null
  sumsOnly: boolean
}

export type CompactionResult =
  | { kind: 'written'; n: number; previous: number; segments: SegmentIndex[] }
  /** Nothing was changed. */
  | { kind: 'refused'; why: string }

export async function compactHome(order: CompactionOrder, disk: Disk = realDisk): Promise<CompactionResult> {
  const { home, timeZone, origin, upTo, expected } = order
  const { ledger, opened, after, segments, known, replayed } = await foldHome({
    home,
    timeZone,
    origin,
    freshOrigin: origin,
    upTo,
    disk,
  })
  const closed = opened.unreadable.find((version) => version.closed)
  if (closed) return { kind: 'refused', why: `${closed.path} is there, but ${closed.why}.` }
  const faults = replayed.problems.filter(({ kind }) => (expected ? kind === 'unreadable' : kind !== 'torn'))
  // What cannot be read now may be read later; and without the live sums nothing tells what is missing from what never was.
  if (faults.length > 0) return { kind: 'refused', why: faults.map(({ text }) => text).join(' ') }
  if (expected) {
    const found = digestOf(ledger)
    if (found.sums !== expected.sums || (!order.sumsOnly && found.rest !== expected.rest)) {
      const problems = replayed.problems.map((problem) => problem.text).join(' ')
      return { kind: 'refused', why: `the history on disk does not add up to what is in memory. ${problems}`.trim() }
    }
  }
  const present = new Set(segments.map((segment) => segment.file))
  // A segment that reaches beyond `upTo` may still grow: its index would be out of date.
  for (const index of replayed.segments) if (index.last <= upTo) known.set(index.file, index)
  const kept = [...known.values()].filter((index) => present.has(index.file)).sort((a, b) => a.first - b.first)
  const written = await opened.write({ origin, ledger, segments: kept, previous: after })
  return { kind: 'written', n: written.n, previous: written.previous, segments: kept }
}
