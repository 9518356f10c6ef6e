/** Proves that a snapshot holds what was written: folds the same events anew, from the beginning or from the snapshot before it. */
import type { Entry } from '../../shared/contract/event.ts'
import { emptyLedger, fold, type Ledger, missingSlicesOf, timeZoneOf } from '../ledger/ledger.ts'
import { type Digest, digestOf, isSame } from './digest.ts'
import { isMissing, realDisk } from './disk.ts'
import { readSnapshot, type Snapshot, snapshotFile } from './snapshot.ts'

/** Something to tell of a file; `line` counts from 1, null where it is about the file as a whole. */
export type Found = { file: string; line: number | null; text: string }

type ReadSnapshot = { file: string; snapshot: Snapshot; ledger: Ledger; zone: string }
export type Snapshots = { newest: ReadSnapshot | undefined; previous: ReadSnapshot | undefined; unreadable: Found[] }

/** Both versions that a home keeps. One that is not there is no fault. */
export async function snapshotsOf(home: string, origin: string | undefined): Promise<Snapshots> {
  const unreadable: Found[] = []
  const read = async (file: string) => {
    const found = await realDisk.read(file).then(
      (bytes) => readText(file, bytes.toString('utf8'), origin),
      (error: unknown) => (isMissing(error) ? 'missing' : undefined),
    )
    if (found === 'missing') return undefined
    if (!found) unreadable.push({ file, line: null, text: `${file} cannot be read as a snapshot of this history.` })
    return found
  }
  const newest = await read(snapshotFile(home))
  const previous = await read(`${snapshotFile(home)}.prev`)
  return { newest, previous, unreadable }
}

function readText(file: string, text: string, origin: string | undefined): ReadSnapshot | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // cut off or no JSON: it is told as unreadable
    return undefined
  }
  const zone = timeZoneOf(readSnapshot(json, 'UTC', origin)?.snapshot.ledger)
  const read = zone === undefined ? undefined : readSnapshot(json, zone, origin)
  return read && zone !== undefined ? { file, ...read, zone } : undefined
}

export type Proof = {
  /** What it is folded anew from; `none`: it cannot be, and a note says why. */
  from: 'all' | 'previous' | 'none'
  /** Every entry of the segments, in order. */
  take(entry: Entry): void
  /** `last`: the highest number that the segments hold. */
  end(last: number): { from: Proof['from']; faults: Found[]; notes: Found[] }
}

/** `first`: number of the oldest segment; undefined where there is none. */
export function openProof({ newest, previous }: Snapshots, first: number | undefined): Proof {
  const start = newest && startOf(newest, previous, first)
  const ledger = start?.ledger
  let found: Digest | undefined
  let sumsOnly = false

  function end(last: number): ReturnType<Proof['end']> {
    const out: ReturnType<Proof['end']> = { from: start?.from ?? 'none', faults: [], notes: [] }
    if (!newest) return out
    const { file, snapshot } = newest
    if (last < snapshot.n) {
      const text = `${file} holds everything up to event ${snapshot.n}, but the segments end with ${last}.`
      out.faults.push({ file, line: null, text })
      return out
    }
    if (!start || !ledger) {
      const text = `${file} was not compared: what it was made from is past its retention, and no snapshot before it can be used.`
      out.notes.push({ file, line: null, text })
      return out
    }
    if (first !== undefined && first > start.after + 1) {
      const text = `Events ${start.after + 1} to ${first - 1} are missing between ${previous?.file} and the oldest segment.`
      out.faults.push({ file, line: null, text })
    }
    const expected = digestOf(newest.ledger)
    found ??= digestOf(ledger)
    const closed = new Set([...newest.ledger.months.keys(), ...ledger.months.keys()])
    if (!isSame(found, expected, { sumsOnly, closed })) {
      const text = `${file} does not hold what the readable events up to ${snapshot.n} come to when they are folded anew.`
      out.faults.push({ file, line: null, text })
    }
    return out
  }

  return {
    from: start?.from ?? 'none',
    take(entry) {
      if (!newest || !start || !ledger || found) return
      if (entry.n > newest.snapshot.n) {
        found = digestOf(ledger)
        return
      }
      // names may become coarser where lines were added up
      if (entry.e.type === 'folded') sumsOnly = true
      if (entry.n > start.after) fold(ledger, entry)
    },
    end,
  }
}

function startOf(newest: ReadSnapshot, previous: ReadSnapshot | undefined, first: number | undefined) {
  // what a former version did not write cannot be expected
  if (first === undefined || missingSlicesOf(newest.snapshot.ledger).length > 0) return undefined
  if (first === 1) return { from: 'all' as const, after: 0, ledger: emptyLedger(newest.zone) }
  if (!previous || previous.zone !== newest.zone || previous.snapshot.n > newest.snapshot.n) return undefined
  return { from: 'previous' as const, after: previous.snapshot.n, ledger: previous.ledger }
}
