/** Compaction as the worker does it: fold what the journal holds into the snapshot before it, prove the result, write it. */
import type { Ledger } from '../ledger/ledger.ts'
import { type Closed, closeMonth, closingMonths, sumsOfMonth, writeMonth } from '../ledger/months.ts'
import { type Digest, digestOf, isSame } from './digest.ts'
import { type Disk, realDisk } from './disk.ts'
import { foldHome } from './fold-home.ts'
import { keepMarks } from './known-calls.ts'
import { mendRollups } from './rollup-mending.ts'
import { rollupFile, writeRollup } from './rollups.ts'
import { type Packed, sealSegments } from './segment-seal.ts'
import { journalFolder } from './snapshot.ts'

/**
 * `expected`: of the live ledger at number `upTo`; null where it had gone on. `closed`: months that have left the live ledger.
 * `sumsOnly`: some entries were added up. `mend`: look after the files of closed months too.
 */
export type CompactionOrder = {
  home: string
  timeZone: string
  origin: string
  upTo: number
  expected: Digest | null
  closed: string[]
  sumsOnly: boolean
  mend: boolean
}

/** A month that left the snapshot; `sums` is what of it had been in there. */
type ClosedMonth = { month: string; closed: Closed; sums: string }

export type CompactionResult =
  | {
      kind: 'written'
      n: number
      previous: number
      packed: Packed[]
      months: ClosedMonth[]
      /** Files that should have been written and could not be, each with why: what they would hold stays where it is. */
      failed: string[]
    }
  /** Nothing was changed. */
  | { kind: 'refused'; why: string }

export async function compactHome(order: CompactionOrder, disk: Disk = realDisk): Promise<CompactionResult> {
  const { home, timeZone, origin, upTo, expected, sumsOnly } = order
  const found = await foldHome({ home, timeZone, origin, freshOrigin: origin, upTo, disk })
  const { ledger, opened, after, segments, known, replayed } = found
  const unread = opened.unreadable.find((version) => version.closed)
  if (unread) return { kind: 'refused', why: `${unread.path} is there, but ${unread.why}.` }
  const faults = replayed.problems.filter(({ kind }) => (expected ? kind === 'unreadable' : kind !== 'torn'))
  // What cannot be read now may be read later; and without the live sums nothing tells what is missing from what never was.
  if (faults.length > 0) return { kind: 'refused', why: faults.map(({ text }) => text).join(' ') }
  const closed = new Set([...order.closed, ...ledger.months.keys()])
  if (expected && !isSame(digestOf(ledger), expected, { sumsOnly, closed })) {
    const problems = replayed.problems.map((problem) => problem.text).join(' ')
    return { kind: 'refused', why: `the history on disk does not add up to what is in memory. ${problems}`.trim() }
  }
  const present = new Set(segments.map((segment) => segment.file))
  // A segment that reaches beyond `upTo` may still grow: its index would be out of date.
  for (const index of replayed.segments) if (index.last <= upTo) known.set(index.file, index)
  const kept = [...known.values()].filter((index) => present.has(index.file)).sort((a, b) => a.first - b.first)
  const sealed = await sealSegments(journalFolder(home), kept, opened.snapshot.previous, disk)
  const mended = order.mend ? await mendRollups({ home, timeZone, origin, months: ledger.months, disk }) : []
  const closing = await closeMonths(home, origin, ledger, found.lastT, disk)
  // before segments may be dropped that hold them
  await keepMarks({ home, origin, upTo, covered: after }, disk)
  const { n, previous } = await opened.write({ origin, ledger, segments: kept, previous: after })
  const failed = [...sealed.failed, ...mended, ...closing.failed]
  return { kind: 'written', n, previous, packed: sealed.packed, months: closing.months, failed }
}

/** Each file is whole before its month leaves the ledger. Where one cannot be written the month stays. */
async function closeMonths(
  home: string,
  origin: string,
  ledger: Ledger,
  newest: number,
  disk: Disk,
): Promise<{ months: ClosedMonth[]; failed: string[] }> {
  const months: ClosedMonth[] = []
  const failed: string[] = []
  for (const month of closingMonths(ledger, newest)) {
    const what = { origin, month, timeZone: ledger.zone.name, n: ledger.last, rows: writeMonth(ledger, month) }
    try {
      const closed = await writeRollup(home, what, disk)
      months.push({ month, closed, sums: sumsOfMonth(ledger, month) })
      closeMonth(ledger, month, closed)
    } catch (error) {
      failed.push(`${rollupFile(home, month)}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { months, failed }
}
