/** Sums by stretch of time and by names: the one form behind slots, hours, days and the marginals. */
import type { NameTable } from './names.ts'
import { type PackedRows, packRows, type Row, unpackRows } from './packed-rows.ts'
import { isArray, isCount, isInstant, nameAt, readAll } from './reading.ts'
import { addSums, emptySums, readSums, type Sums, writeSums } from './sums.ts'
import { addTimes, noTimes, type Times } from './times.ts'
import { readTimes, writeTimes } from './times-text.ts'

/**
 * One stretch of time. Its rows by key while calls are added to it, packed once it is past: `rowsOf` reads both. `real` and
 * `simulated` are the sums of its rows, kept so that reading them costs nothing.
 */
export type Bucket = { rows: Map<string, Row> | PackedRows; real: Sums; simulated: Sums }

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

/** In the order in which they came. Of a bucket that is past they are made anew: to change one changes nothing. */
export function rowsOf(bucket: Bucket | undefined): Iterable<Row> {
  if (!bucket) return []
  return bucket.rows instanceof Map ? bucket.rows.values() : unpackRows(bucket.rows)
}

export function rowCountOf({ rows }: Bucket): number {
  return rows instanceof Map ? rows.size : rows.names.length
}

/** Past stretches of time that may be open at once for what comes late: an import brings the calls of a few hours and days together. */
const lateBound = 8

type Open = Bucket & { rows: Map<string, Row> }

function isOpen(bucket: Bucket): bucket is Open {
  return bucket.rows instanceof Map
}

/** With its rows by key, to be looked up or added to; undefined where there is none. */
export function openAt(buckets: Buckets, start: number): Open | undefined {
  const bucket = buckets.get(start)
  if (!bucket || isOpen(bucket)) return bucket
  const rows = [...rowsOf(bucket)].map((row): [string, Row] => [keyOf(row.names), row])
  const open = Object.assign(bucket, { rows: new Map(rows) })
  packOthers(buckets, start)
  return open
}

/** As a stretch of time begins, all others are past. */
function packOthers(buckets: Buckets, start: number): void {
  let newest = start
  let open = 0
  for (const [at, bucket] of buckets) {
    newest = Math.max(newest, at)
    if (isOpen(bucket)) open++
  }
  if (start !== newest && open <= lateBound) return
  for (const [at, bucket] of buckets) {
    if (at !== start && at !== newest && bucket.rows instanceof Map) bucket.rows = packRows(bucket.rows)
  }
}

function beginAt(buckets: Buckets, start: number): Open {
  const bucket = { rows: new Map<string, Row>(), real: emptySums(), simulated: emptySums() }
  buckets.set(start, bucket)
  packOthers(buckets, start)
  return bucket
}

/** What is added: `key` is `keyOf(names)`, made once for all buckets that it goes to. */
export type Addition = { key: string; names: readonly string[]; sums: Sums; times: Times; simulated: boolean }

export function addToBucket(buckets: Buckets, start: number, addition: Addition): void {
  const { key, names, sums, times, simulated } = addition
  const bucket = openAt(buckets, start) ?? beginAt(buckets, start)
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
  return [...buckets].map(([start, bucket]) => [start, writeRows(rowsOf(bucket), names)])
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
