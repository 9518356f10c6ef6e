/** Closed months on the disk: `rollups/2026-03.json`, written once through lowdb; the ledger says which of them count. */
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import * as z from 'zod/mini'
import type { Warn } from '../../shared/contract/log.ts'
import { type Buckets, rowCountOf } from '../ledger/buckets.ts'
import { type Closed, type MonthName, type MonthText, readDay } from '../ledger/months.ts'
import { type Disk, realDisk } from './disk.ts'
import { type Durable, openDurable } from './durable-file.ts'

export const rollupFormat = 1

const days = z.array(z.tuple([z.int(), z.string()]))
const envelope = z.object({
  format: z.literal(rollupFormat),
  origin: z.string(),
  month: z.string(),
  /** Its days are days of this zone. */
  timeZone: z.string(),
  /** It counts everything up to this number. */
  n: z.int().check(z.nonnegative()),
  /** CRC-32 of all texts of `rows`. */
  c: z.int(),
  rows: z.object({ names: z.array(z.string()), days, user: days, feature: days }),
})
type Rollup = z.infer<typeof envelope>

export const rollupFolder = (home: string): string => join(home, 'rollups')
export const rollupFile = (home: string, month: string): string => join(rollupFolder(home), `${month}.json`)

/** Not of the rows as one JSON: to write a large month again only to check it would hold the event loop. */
export function sumOf({ names, days, user, feature }: MonthText): number {
  const all = [...days, ...user, ...feature]
  return all.reduce((sum, [day, text]) => crc32(text, crc32(`${day} `, sum)), crc32(JSON.stringify(names)))
}

/** The version that `c` is the check sum of, the present one or the one before it. */
function openRollup(home: string, month: string, c: number, disk: Disk): Promise<Durable<Rollup | null>> {
  return openDurable<Rollup | null>(rollupFile(home, month), {
    disk,
    empty: null,
    check(json) {
      const read = envelope.safeParse(json)
      return read.success && read.data.c === c && sumOf(read.data.rows) === c ? read.data : undefined
    },
  })
}

/** Rejects where it cannot be written. One that is there already stays as it is. */
export async function writeRollup(
  home: string,
  what: { origin: string; month: string; timeZone: string; n: number; rows: MonthText },
  disk: Disk = realDisk,
): Promise<Closed> {
  const c = sumOf(what.rows)
  await disk.makeFolder(rollupFolder(home))
  await disk.syncFolder(home)
  const { low, source, unreadable } = await openRollup(home, what.month, c, disk)
  if (source === 'current') return { n: what.n, c }
  // It may be whole, and what the snapshot before this one needs.
  const locked = unreadable.find((version) => version.closed)
  if (locked) throw new Error(locked.why)
  low.data = { format: rollupFormat, ...what, c }
  await low.write()
  return { n: what.n, c }
}

export async function isReadable(home: string, month: string, { c }: Closed, disk: Disk = realDisk): Promise<boolean> {
  return (await openRollup(home, month, c, disk)).source !== 'none'
}

/**
 * Rows kept in memory, for a chart of a year is drawn again every few seconds: about 20 MB. They are kept by the names that were
 * asked for: all names of years would be many times as many, and each question would read every file again.
 */
const cachedRows = 50_000

export type Rollups = {
  /** Its days by number, summed by `names`; null where the file is missing or damaged: a warning stands then, until it is read. */
  read(month: string, closed: Closed, names: readonly MonthName[]): Promise<Buckets | null>
}

export function openRollups({ home, warn, disk = realDisk }: { home: string; warn: Warn; disk?: Disk }): Rollups {
  const cache = new Map<string, Buckets>()

  /** The one asked for longest ago goes first; the newest stays, however large. */
  function keep(key: string, days: Buckets): Buckets {
    cache.delete(key)
    cache.set(key, days)
    let size = [...cache.values()].reduce((sum, month) => sum + sizeOf(month), 0)
    for (const [oldest, month] of cache) {
      if (size <= cachedRows || oldest === key) break
      cache.delete(oldest)
      size -= sizeOf(month)
    }
    return days
  }

  return {
    async read(month, closed, names) {
      const key = [month, closed.c, ...[...new Set(names)].sort()].join()
      const known = cache.get(key)
      if (known) return keep(key, known)
      const path = rollupFile(home, month)
      const { low, unreadable } = await openRollup(home, month, closed.c, disk)
      const days = low.data && (await daysOf(low.data.rows, names))
      if (!days) {
        warn.raise('rollup-unreadable', path, missingText(path, month, unreadable[0]?.why))
        return null
      }
      warn.clear('rollup-unreadable', path)
      return keep(key, days)
    },
  }
}

function missingText(path: string, month: string, why = 'it is missing'): string {
  return `The sums of ${month} cannot be read from ${path}: ${why}. Totals by day lack that month; all-time sums do not. Put the file back from a backup; where the journal still holds the month, the next start's first compaction makes it anew.`
}

/** A day a turn of the loop. null: not in our form. */
async function daysOf(month: MonthText, asked: readonly MonthName[]): Promise<Buckets | null> {
  const buckets: Buckets = new Map()
  for (const day of month.days) {
    await turn()
    const bucket = readDay(month, day, asked)
    if (!bucket) return null
    buckets.set(day[0], bucket)
  }
  return buckets
}

function sizeOf(days: Buckets): number {
  return [...days.values()].reduce((sum, bucket) => sum + rowCountOf(bucket), 0)
}
