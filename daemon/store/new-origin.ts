/**
 * Makes the files of a backup another history's own. The home it was made of may live on: both would give the same number to
 * different facts, were the origin the same. Numbers stay, so a restored home goes on where the backup ends.
 */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import * as z from 'zod/mini'
import { readSegmentFile, writeHeader } from './segment.ts'
import { readSnapshot, snapshotOf } from './snapshot.ts'

const zip = promisify(gzip)
const unzip = promisify(gunzip)

/** The bytes to restore; undefined where they are not what the name says. */
export async function withOrigin(file: string, bytes: Buffer, origin: string): Promise<Buffer | undefined> {
  if (file.startsWith('ledger.json')) return snapshotWith(bytes, origin)
  if (file.startsWith('rollups/')) return monthWith(bytes, origin)
  if (!file.startsWith('journal/')) return bytes
  const name = file.slice('journal/'.length)
  if (!name.endsWith('.gz')) return segmentWith(name, bytes, origin)
  const plain = await unzip(bytes).catch(() => undefined)
  // it was damaged before it was backed up: it stays what it is, and is told as such
  if (!plain) return bytes
  const own = segmentWith(name.slice(0, -3), plain, origin)
  return own && zip(own)
}

function snapshotWith(bytes: Buffer, origin: string): Buffer | undefined {
  const read = readSnapshot(parsed(bytes), 'UTC', undefined)
  const own = read && snapshotOf(read.snapshot, origin)
  return own && Buffer.from(`${JSON.stringify(own)}\n`)
}

const ofOrigin = z.looseObject({ origin: z.string() })

/** The check sum of a closed month covers its sums, not whose they are. */
function monthWith(bytes: Buffer, origin: string): Buffer | undefined {
  const read = ofOrigin.safeParse(parsed(bytes))
  return read.success ? Buffer.from(`${JSON.stringify({ ...read.data, origin })}\n`) : undefined
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // no JSON: nothing of ours
    return undefined
  }
}

/** Only the header names an origin; the name says what else stands in it, also where it was damaged. */
function segmentWith(name: string, bytes: Buffer, origin: string): Buffer | undefined {
  const of = readSegmentFile(name)
  if (!of) return undefined
  const end = bytes.indexOf(10)
  const rest = end === -1 ? Buffer.of() : bytes.subarray(end + 1)
  return Buffer.concat([writeHeader({ origin, first: of.first, epoch: of.epoch }), rest])
}
