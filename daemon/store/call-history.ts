/** Finds the entries of one call: its id holds its time, so a segment or two are read, never all of them. */
import { join } from 'node:path'
import { decodeTime, isValid } from 'ulid'
import type { Entry } from '../../shared/contract/event.ts'
import type { Log } from '../../shared/contract/log.ts'
import { type Disk, isMissing, realDisk } from './disk.ts'
import { readLine, type SegmentIndex } from './segment.ts'
import { readSegmentBytes } from './segment-file.ts'

/** How far a clock that is set may stamp an entry before its call's id, and how long a call may last. */
const slackMs = 10 * 60 * 1000
const longestCallMs = 24 * 60 * 60 * 1000

/** Epoch ms; undefined where the id is none of ours. */
function timeOfCall(callId: string): number | undefined {
  const id = callId.replace(/^req_/, '')
  return isValid(id) ? decodeTime(id) : undefined
}

function isOf(entry: Entry, callId: string): boolean {
  return 'call' in entry.e && entry.e.call === callId
}

const endsCall = ({ e }: Entry): boolean => e.type === 'call.refused' || (e.type === 'attempt.ended' && e.last)

/** Segments that may hold entries of a call that began at `at`, in the order of their numbers. */
function segmentsAround(segments: readonly SegmentIndex[], at: number): SegmentIndex[] {
  return segments
    .filter(({ lines, minT, maxT }) => lines > 0 && maxT >= at - slackMs && minT <= at + longestCallMs)
    .sort((a, b) => a.first - b.first)
}

/** `waiting`: entries that are in no segment yet. Each number once, in order. */
export async function entriesOfCall(
  source: {
    folder: string
    origin: string
    segments: readonly SegmentIndex[]
    waiting: readonly Entry[]
    log: Log
    disk?: Disk
  },
  callId: string,
): Promise<Entry[]> {
  const at = timeOfCall(callId)
  if (at === undefined) return []
  const disk = source.disk ?? realDisk
  const found = new Map<number, Entry>()
  for (const { file } of segmentsAround(source.segments, at)) {
    for (const entry of await entriesIn(join(source.folder, file), source.origin, callId, source.log, disk)) {
      found.set(entry.n, entry)
    }
    if ([...found.values()].some(endsCall)) break
  }
  for (const entry of source.waiting) if (isOf(entry, callId)) found.set(entry.n, entry)
  return [...found.values()].sort((a, b) => a.n - b.n)
}

async function entriesIn(path: string, origin: string, callId: string, log: Log, disk: Disk): Promise<Entry[]> {
  let bytes: Buffer
  try {
    bytes = await readSegmentBytes(path, disk)
  } catch (error) {
    // Retention may have dropped it since.
    if (!isMissing(error)) log.warn('a segment could not be read', { path, error: String(error) })
    return []
  }
  const entries: Entry[] = []
  const name = Buffer.from(callId)
  // Only lines that name the call are parsed.
  for (let hit = bytes.indexOf(name); hit !== -1; ) {
    const start = bytes.lastIndexOf(10, hit) + 1
    const found = bytes.indexOf(10, hit)
    const end = found === -1 ? bytes.length : found
    const read = readLine(bytes.subarray(start, end), start === 0, found !== -1, origin)
    if (read.kind === 'entry' && isOf(read.entry, callId)) entries.push(read.entry)
    hit = bytes.indexOf(name, end)
  }
  return entries
}
