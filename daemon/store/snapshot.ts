/** The snapshot: the ledger at one number with what is known of the segments, in `ledger.json`, kept whole through lowdb. */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import * as z from 'zod/mini'
import { emptyLedger, type Ledger, readLedger, timeZoneOf, writeLedger } from '../ledger/ledger.ts'
import type { Disk } from './disk.ts'
import { type Durable, openDurable } from './durable-file.ts'
import { type SegmentIndex, segmentIndex } from './segment.ts'

/** 1: all days ever were in it. Raised also when what the ledger writes has another meaning than before. */
export const snapshotFormat = 2

const envelope = z.object({
  format: z.union([z.literal(1), z.literal(snapshotFormat)]),
  origin: z.string(),
  /** The ledger holds everything up to this number. */
  n: z.int().check(z.nonnegative()),
  /** Number of the version that this one was made from: what it covers, two versions cover. */
  previous: z.int().check(z.nonnegative()),
  segments: z.array(segmentIndex),
  /** CRC-32 of the ledger as JSON: a flipped bit in a number would still be JSON. */
  c: z.int(),
  ledger: z.unknown(),
})
export type Snapshot = z.infer<typeof envelope>

export const snapshotFile = (home: string): string => join(home, 'ledger.json')
export const journalFolder = (home: string): string => join(home, 'journal')

const noSnapshot: Snapshot = { format: snapshotFormat, origin: '', n: 0, previous: 0, segments: [], c: 0, ledger: null }

export type OpenedSnapshot = Omit<Durable<Snapshot>, 'low'> & {
  ledger: Ledger
  /** `n` is 0 and `origin` is empty where there is none. */
  snapshot: Snapshot
  /** The time zone that its days were counted in. */
  zone: string
  /** `previous`: the number that the new one was made from. */
  write(next: { origin: string; ledger: Ledger; segments: SegmentIndex[]; previous: number }): Promise<Snapshot>
}

/** What a snapshot's file holds; undefined: it is damaged, of another version, or of another origin than `origin`. */
export function readSnapshot(
  json: unknown,
  timeZone: string,
  origin: string | undefined,
): { snapshot: Snapshot; ledger: Ledger } | undefined {
  const read = envelope.safeParse(json)
  if (!read.success || (origin !== undefined && read.data.origin !== origin)) return undefined
  if (crc32(JSON.stringify(read.data.ledger)) !== read.data.c) return undefined
  const ledger = readLedger(read.data.ledger, timeZone)
  return ledger && { snapshot: read.data, ledger }
}

const ofOrigins = z.looseObject({ origins: z.array(z.tuple([z.string(), z.int()])) })

/** The same snapshot as another origin's own; undefined where it is none. */
export function snapshotOf(snapshot: Snapshot, origin: string): Snapshot | undefined {
  const read = ofOrigins.safeParse(snapshot.ledger)
  if (!read.success) return undefined
  const ledger = {
    ...read.data,
    origins: read.data.origins.map(([name, last]) => [name === snapshot.origin ? origin : name, last]),
  }
  return { ...snapshot, origin, c: crc32(JSON.stringify(ledger)), ledger }
}

/** The newest readable snapshot, else the previous, else none. A snapshot of another origin is none. */
export async function openSnapshot(
  home: string,
  timeZone: string,
  origin: string | undefined,
  disk: Disk,
): Promise<OpenedSnapshot> {
  // The ledger is made while its version is checked: it is read once.
  const ledgers = new WeakMap<Snapshot, Ledger>()
  const durable = await openDurable<Snapshot>(snapshotFile(home), {
    disk,
    empty: noSnapshot,
    check(json) {
      const read = readSnapshot(json, timeZone, origin)
      if (read) ledgers.set(read.snapshot, read.ledger)
      return read?.snapshot
    },
  })
  const { low, source, unreadable } = durable
  const snapshot = low.data
  return {
    source,
    unreadable,
    snapshot,
    zone: timeZoneOf(snapshot.ledger) ?? timeZone,
    ledger: ledgers.get(snapshot) ?? emptyLedger(timeZone),
    async write({ origin, ledger, segments, previous }) {
      const written = writeLedger(ledger)
      const c = crc32(JSON.stringify(written))
      low.data = { format: snapshotFormat, origin, n: ledger.last, previous, segments, c, ledger: written }
      await low.write()
      return low.data
    },
  }
}
