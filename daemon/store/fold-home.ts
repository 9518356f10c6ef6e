/** The ledger as the disk has it: the snapshot and what came after it, or all that happened anew where it is counted otherwise now. */
import { emptyLedger, fold, type Ledger, missingSlicesOf } from '../ledger/ledger.ts'
import type { Disk } from './disk.ts'
import { listSegments, type Replayed, replay } from './history.ts'
import type { SegmentIndex, SegmentName } from './segment.ts'
import { journalFolder, type OpenedSnapshot, openSnapshot } from './snapshot.ts'

export type FoldedHome = {
  origin: string
  ledger: Ledger
  opened: OpenedSnapshot
  /** The number that it went on from: the snapshot's; 0 for none, and where all was folded anew. */
  after: number
  segments: SegmentName[]
  /** What the snapshot knows of segments, by file. */
  known: Map<string, SegmentIndex>
  replayed: Replayed
  /** The newest time in the entries that were replayed, and the last one's; 0 where there are none. */
  newestT: number
  lastT: number
  /** Past days stand as they were counted in this other time zone: the segments do not hold all that happened any more. */
  otherZone: string | null
  /** Slices that the snapshot of a former version lacks, and that begin empty for the same reason. */
  missing: string[]
}

/**
 * Reads everything up to number `upTo`. Where the snapshot's days were counted in another time zone, or a former version did not
 * write all of its slices, all is folded anew from the segments, but only if they hold every number: no sum is ever given up for
 * the sake of a day's border or of a new sum.
 */
export async function foldHome(options: {
  home: string
  timeZone: string
  /** undefined: the snapshot says it, or it is `freshOrigin`. */
  origin: string | undefined
  freshOrigin: string
  upTo: number
  disk: Disk
}): Promise<FoldedHome> {
  const { home, timeZone, upTo, disk } = options
  const folder = journalFolder(home)
  const segments = await listSegments(folder, disk)
  const opened = await openSnapshot(home, timeZone, options.origin, disk)
  const { snapshot, zone } = opened
  const origin = options.origin ?? (snapshot.origin || options.freshOrigin)
  const known = new Map(snapshot.segments.map((index) => [index.file, index]))

  async function from(after: number, ledger: Ledger): Promise<FoldedHome> {
    let newestT = 0
    let lastT = 0
    const replayed = await replay({ folder, segments, origin, after, upTo, known, disk }, (entry) => {
      newestT = Math.max(newestT, entry.t)
      lastT = entry.t
      fold(ledger, entry)
    })
    return { origin, ledger, opened, after, segments, known, replayed, newestT, lastT, otherZone: null, missing: [] }
  }

  const missing = missingSlicesOf(snapshot.ledger)
  if (zone === timeZone && missing.length === 0) return from(snapshot.n, opened.ledger)
  if (segments.some(({ first }) => first === 1)) {
    const anew = await from(0, emptyLedger(timeZone))
    const isWhole = anew.replayed.last >= Math.min(snapshot.n, upTo) && anew.replayed.problems.every(isHarmless)
    if (isWhole) return anew
  }
  return { ...(await from(snapshot.n, opened.ledger)), otherZone: zone === timeZone ? null : zone, missing }
}

function isHarmless({ kind }: Replayed['problems'][number]): boolean {
  // a torn line is one that nobody was told of
  return kind === 'torn'
}
