/** Looks a home's history through: every line, header and number, and whether the snapshot is what a fold anew gives. Changes nothing. */
import { join } from 'node:path'
import type { Entry } from '../../shared/contract/event.ts'
import type { Closed } from '../ledger/months.ts'
import { isMissing, realDisk } from './disk.ts'
import { headerOf, listSegments, type Problem, type Replayed, replay } from './history.ts'
import { originOfSegments, readOrigin } from './origin.ts'
import { isReadable, rollupFile } from './rollups.ts'
import type { SegmentName } from './segment.ts'
import { journalFolder } from './snapshot.ts'
import { type Found, openProof, type Proof, snapshotsOf } from './snapshot-proof.ts'

export type Verified = {
  origin: string | null
  segments: number
  lines: number
  bytes: number
  /** Numbers that the segments hold; both 0 where there is none. */
  first: number
  last: number
  /** `compared`: with all events folded anew, with the snapshot before it and what came after, or not, which a note explains. */
  snapshot: { n: number; compared: Proof['from'] } | null
  faults: Found[]
  /** What a crash leaves and nothing is wrong with. */
  notes: Found[]
}

/** How often a home is looked at again whose daemon dropped a segment meanwhile. */
const mostTries = 5

/** `onProgress`: how much is done, from 0 to 1. A daemon may run on the home: what it has written so far is looked at. */
export async function verifyHome(home: string, onProgress: (share: number) => void = () => {}): Promise<Verified> {
  for (let tries = 1; ; tries++) {
    const { verified, isStale } = await verifyOnce(home, onProgress)
    if (!isStale || tries === mostTries) return verified
  }
}

async function verifyOnce(
  home: string,
  onProgress: (share: number) => void,
): Promise<{ verified: Verified; isStale: boolean }> {
  const folder = journalFolder(home)
  const stated = await readOrigin(home)
  // first the snapshots: then the segments hold at least what these do
  const snapshots = await snapshotsOf(home, stated)
  const segments = await listSegments(folder)
  const origin = stated ?? (await originOfSegments(home, segments)) ?? snapshots.newest?.snapshot.origin ?? null
  const proof = openProof(snapshots, segments[0]?.first)
  const until = segments.at(-1)?.first ?? 1
  const onEntry = (entry: Entry) => {
    onProgress(Math.min(1, entry.n / until))
    proof.take(entry)
  }
  const after = (segments[0]?.first ?? 1) - 1
  const everything = { folder, segments, origin: origin ?? '', after, upTo: Infinity, known: new Map() }
  const replayed = await replay(everything, onEntry)
  const shown = proof.end(replayed.last)
  const headers = await headerFaults(folder, segments, origin)
  const foundOf = (problems: readonly Problem[]) => problems.map(({ file, line, text }) => ({ file, line, text }))
  const torn = replayed.problems.filter(({ kind }) => kind === 'torn')
  const verified: Verified = {
    origin,
    ...sizesOf(replayed),
    first: replayed.entries > 0 ? after + 1 : 0,
    last: replayed.entries > 0 ? replayed.last : 0,
    snapshot: snapshots.newest ? { n: snapshots.newest.snapshot.n, compared: shown.from } : null,
    faults: [
      ...snapshots.unreadable,
      ...headers,
      ...foundOf(replayed.problems.filter(({ kind }) => kind !== 'torn')),
      ...shown.faults,
      ...(await monthFaults(home, snapshots.newest?.ledger.months ?? [])),
    ],
    notes: [...foundOf(torn), ...shown.notes],
  }
  const unreadable = replayed.problems.filter(({ kind }) => kind === 'unreadable')
  const gone = await Promise.all(unreadable.map(({ file }) => isGone(file)))
  return { verified, isStale: gone.includes(true) }
}

/** Packed or dropped by a daemon since it was listed. */
async function isGone(file: string): Promise<boolean> {
  return realDisk.changedAt(file).then(() => false, isMissing)
}

function sizesOf({ segments }: Replayed): Pick<Verified, 'segments' | 'lines' | 'bytes'> {
  const sum = (of: 'lines' | 'bytes') => segments.reduce((total, segment) => total + segment[of], 0)
  return { segments: segments.length, lines: sum('lines'), bytes: sum('bytes') }
}

/** Files of closed months that answers would lack. */
async function monthFaults(home: string, months: Iterable<[string, Closed]>): Promise<Found[]> {
  const faults: Found[] = []
  for (const [month, closed] of months) {
    if (await isReadable(home, month, closed)) continue
    const file = rollupFile(home, month)
    faults.push({ file, line: null, text: `${file} is missing or damaged: the sums of ${month} cannot be read.` })
  }
  return faults
}

/** A header that cannot be read is a damaged line, which the replay tells; a foreign one it tells too. */
async function headerFaults(folder: string, segments: readonly SegmentName[], origin: string | null): Promise<Found[]> {
  const faults: Found[] = []
  for (const { file, first, epoch } of segments) {
    const path = join(folder, file)
    const header = await headerOf(path)
    if (!header || header.origin !== origin || (header.first === first && header.epoch === epoch)) continue
    const text = `The header of ${path} says that it begins with ${header.first} in epoch ${header.epoch}, its name says ${first} in ${epoch}.`
    faults.push({ file: path, line: 1, text })
  }
  return faults
}
