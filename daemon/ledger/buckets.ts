/** Sums by stretch of time and by names: the one form behind slots, hours, days and the marginals. */
import type { NameTable } from './names.ts'
import { isArray, isCount, isInstant, nameAt, readAll } from './reading.ts'
import { addSums, emptySums, readSums, type Sums, writeSums } from './sums.ts'
import { addTimes, noTimes, type Times } from './times.ts'
import { readTimes, writeTimes } from './times-text.ts'

export type Row = { names: readonly string[]; sums: Sums; times: Times }

/** One stretch of time. `real` and `simulated` are the sums of its rows, kept so that reading them costs nothing. */
export type Bucket = { rows: Map<string, Row>; real: Sums; simulated: Sums }

/** By start instant, or by number of the day. */
export type Buckets = Map<number, Bucket>

/** One text for a list of names, and for no other list of that length. */
export function keyOf(names: readonly string[]): string {
  const key = names.join('\n')
  let ends = 0
  for (let at = key.indexOf('\n'); at !== -1; at = key.indexOf('\n', at + 1)) ends++
  if (ends < names.length) return key
  // Nobody names anything so, but a history may hold it. More line ends in front than a joined key has in all.
  return '\n'.repeat(names.length) + JSON.stringify(names)
}

function bucketAt(buckets: Buckets, start: number): Bucket {
  const known = buckets.get(start)
  if (known) return known
  const bucket: Bucket = { rows: new Map(), real: emptySums(), simulated: emptySums() }
  buckets.set(start, bucket)
  return bucket
}

/** What is added: `key` is `keyOf(names)`, made once for all buckets that it goes to. */
export type Addition = { key: string; names: readonly string[]; sums: Sums; times: Times; simulated: boolean }

export function addToBucket(buckets: Buckets, start: number, addition: Addition): void {
  const { key, names, sums, times, simulated } = addition
  const bucket = bucketAt(buckets, start)
  let row = bucket.rows.get(key)
  if (!row) {
    row = { names, sums: emptySums(), times: noTimes }
    bucket.rows.set(key, row)
  }
  addSums(row.sums, sums)
  row.times = addTimes(row.times, times)
  addSums(simulated ? bucket.simulated : bucket.real, sums)
}

/** Drops the oldest buckets beyond `bound`; answers the newest start that was dropped. */
export function dropOldest(buckets: Map<number, unknown>, bound: number): number | undefined {
  let dropped: number | undefined
  while (buckets.size > bound) {
    let oldest = Number.POSITIVE_INFINITY
    for (const start of buckets.keys()) oldest = Math.min(oldest, start)
    buckets.delete(oldest)
    dropped = Math.max(dropped ?? oldest, oldest)
  }
  return dropped
}

/** `[start, [[name ids], [sums]] …]` a bucket. */
export function writeBuckets(buckets: Buckets, names: NameTable): unknown {
  return [...buckets].map(([start, { rows }]) => [start, writeRows(rows.values(), names)])
}

/** `[[name ids], [sums], [times]]` a row; without the times where there are none. */
export function writeRows(rows: Iterable<Row>, names: NameTable): unknown[] {
  return [...rows].map((row) => {
    const written: unknown[] = [row.names.map(names.idOf), writeSums(row.sums)]
    if (row.times.length > 0) written.push(writeTimes(row.times))
    return written
  })
}

/** Names as they are shared: a row of an hour has the same as one of its day. By their places in the table. */
export type SharedNames = Map<string, { key: string; names: readonly string[] }>

/** `width`: names a row has; `isSimulated` tells a row's kind by its names. */
export function readBuckets(
  json: unknown,
  names: readonly string[],
  width: number,
  isSimulated: (rowNames: readonly string[]) => boolean,
  shared: SharedNames = new Map(),
): Buckets | undefined {
  const buckets: Buckets = new Map()
  const read = readAll(json, (part) => {
    if (!isArray(part) || part.length !== 2) return undefined
    const [start, list] = part
    if (!isInstant(start) || buckets.has(start)) return undefined
    return readAll(list, (row) => {
      if (!isArray(row) || row.length < 2 || row.length > 3) return undefined
      const named = readNames(row[0], names, width, shared)
      const sums = readSums(row[1])
      // a former version wrote none
      const times = row.length === 2 ? noTimes : readTimes(row[2])
      if (!named || !sums || !times) return undefined
      addToBucket(buckets, start, { ...named, sums, times, simulated: isSimulated(named.names) })
      return named
    })
  })
  return read ? buckets : undefined
}

function readNames(ids: unknown, names: readonly string[], width: number, shared: SharedNames) {
  if (!isArray(ids) || ids.length !== width || !ids.every(isCount)) return undefined
  const places = ids.join()
  const known = shared.get(places)
  if (known) return known
  const list = readAll(ids, (id) => nameAt(names, id))
  if (!list) return undefined
  const read = { key: keyOf(list), names: list }
  shared.set(places, read)
  return read
}
