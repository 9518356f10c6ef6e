/** Reads the segments of a home back: every entry once and in order, and everything that was wrong on the way. */
import { join } from 'node:path'
import type { Entry } from '../../shared/contract/event.ts'
import { codeOf, type Disk, isMissing, realDisk } from './disk.ts'
import {
  firstOf,
  type Header,
  readLine,
  readSegment,
  readSegmentFile,
  type SegmentIndex,
  type SegmentName,
  type SegmentRead,
} from './segment.ts'
import { packedName, readSegmentBytes, readSegmentStart } from './segment-file.ts'

/**
 * `torn`: a last line that a crash cut off, dropped. `gap`: numbers `from` to `to` are nowhere. `damaged`: a line that cannot be
 * read. `foreign`: the segment is another home's. `unreadable`: the file cannot be opened.
 */
export type Problem = {
  kind: 'torn' | 'gap' | 'damaged' | 'foreign' | 'unreadable'
  file: string
  /** Counted from 1; null where it is about the file as a whole. */
  line: number | null
  text: string
}

export type Replayed = {
  /** Highest number that was read, or `after`. */
  last: number
  /** Entries given on. */
  entries: number
  /** Of the segments that were read, in order. */
  segments: SegmentIndex[]
  problems: Problem[]
  /** Written by an instance after another one had taken the home over: their numbers are the other one's. */
  orphans: Entry[]
}

type Found = { entry: Entry; epoch: number; line: number; file: string }

/** In the order of their first numbers. A folder that is missing has none. */
export async function listSegments(folder: string, disk: Disk = realDisk): Promise<SegmentName[]> {
  const files = await disk.list(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  // each once, also where both its forms are there
  const found = new Map(files.flatMap((file) => readSegmentFile(file) ?? []).map((name) => [name.file, name]))
  return [...found.values()].sort((a, b) => a.first - b.first || a.epoch - b.epoch || a.again - b.again)
}

/**
 * Gives every entry after number `after` to `onEntry`, up to `upTo`, in order, each number once. `known` says what a segment
 * holds, by file, where that was read before: those with nothing new are not read.
 */
export async function replay(
  options: {
    folder: string
    segments: readonly SegmentName[]
    origin: string
    after: number
    upTo: number
    known: ReadonlyMap<string, SegmentIndex>
    disk?: Disk
  },
  onEntry: (entry: Entry) => void,
): Promise<Replayed> {
  const { folder, origin, after, upTo, disk = realDisk } = options
  const unread = options.segments.filter(
    (segment) => segment.first <= upTo && (options.known.get(segment.file)?.last ?? Infinity) > after,
  )
  const out: Replayed = { last: after, entries: 0, segments: [], problems: [], orphans: [] }
  const wanted: SegmentName[] = []
  for (const segment of unread) if (await isOurs(folder, segment, origin, out.problems, disk)) wanted.push(segment)
  const isOrphan = orphanRule([...options.segments.filter(({ file }) => options.known.has(file)), ...wanted])
  let held: Found[] = []
  let last = after

  function give(found: readonly Found[]): void {
    for (const { entry, file, line } of found) {
      const place = { file: join(folder, file), line }
      out.last = Math.max(out.last, entry.n)
      const first = firstOf(entry)
      // A line that was written a second time after its first writing was in doubt.
      if (entry.n <= last || entry.n > upTo) continue
      if (first > last + 1) out.problems.push(gap(place, last + 1, first - 1))
      if (first <= last && !isSkip(entry)) out.problems.push(overlap(place, first, last))
      else onEntry(entry)
      out.entries++
      last = entry.n
    }
  }

  for (const [i, name] of wanted.entries()) {
    const read = await readOne(folder, name, origin, out.problems, disk)
    if (!read) continue
    out.segments.push(read.index)
    const found = [...held, ...read.entries.map((entry) => ({ ...entry, file: name.file }))]
    const own = found.filter(({ entry, epoch }) => !isOrphan(entry.n, epoch))
    for (const { entry, epoch } of found) if (isOrphan(entry.n, epoch)) out.orphans.push(entry)
    const ordered = held.length > 0 ? own.sort((a, b) => a.entry.n - b.entry.n || b.epoch - a.epoch) : own
    // What a later segment may hold as well waits for it.
    const until = wanted[i + 1]?.first ?? Infinity
    give(ordered.filter(({ entry }) => entry.n < until))
    held = ordered.filter(({ entry }) => entry.n >= until)
  }
  give(held)
  return out
}

/** Numbers that a start passed over, as it could not read what may have them: it holds nothing that could count twice. */
function isSkip({ e }: Entry): boolean {
  return e.type === 'folded' && e.rows.length === 0
}

/** An epoch ends where the next one's first segment begins: what it wrote past that is an orphan. */
function orphanRule(segments: readonly SegmentName[]): (n: number, epoch: number) => boolean {
  const begins = new Map<number, number>()
  for (const { epoch, first } of segments) begins.set(epoch, Math.min(begins.get(epoch) ?? Infinity, first))
  const ends = new Map<number, number>()
  for (const epoch of begins.keys()) {
    const later = [...begins].filter(([other]) => other > epoch).map(([, first]) => first)
    ends.set(epoch, Math.min(Infinity, ...later))
  }
  return (n, epoch) => n >= (ends.get(epoch) ?? Infinity)
}

/** What its header says; a file that cannot be read is reported where its lines are wanted. */
async function isOurs(
  folder: string,
  name: SegmentName,
  origin: string,
  problems: Problem[],
  disk: Disk,
): Promise<boolean> {
  const path = join(folder, name.file)
  const stated = await headerOf(path, disk)
  if (!stated || stated.origin === origin) return true
  const text = `${path} belongs to the history of another home (${stated.origin}) and is left out.`
  problems.push({ kind: 'foreign', file: path, line: 1, text })
  return false
}

/** undefined where the file or its first line cannot be read. */
export async function headerOf(path: string, disk: Disk = realDisk): Promise<Header | undefined> {
  let start: Buffer
  try {
    start = await readSegmentStart(path, 512, disk)
  } catch {
    // The caller reads the whole file next and says what is wrong with it.
    return undefined
  }
  const read = readLine(start.subarray(0, Math.max(0, start.indexOf(10))), true, true, '')
  return read.kind === 'header' ? read.header : undefined
}

async function readOne(
  folder: string,
  name: SegmentName,
  origin: string,
  problems: Problem[],
  disk: Disk,
): Promise<SegmentRead | undefined> {
  const path = join(folder, name.file)
  let bytes: Buffer
  try {
    bytes = await readSegmentBytes(path, disk)
  } catch (error) {
    problems.push(unreadable(path, error, 'Sums lack what it holds until it can be and the daemon was started again.'))
    return undefined
  }
  // Its header is written as it is made: a crash took that, and whatever came after.
  if (bytes.length === 0)
    problems.push({
      kind: 'torn',
      file: path,
      line: null,
      text: `${path} is empty: a crash kept its lines from the disk.`,
    })
  const read = readSegment(name, bytes, origin)
  for (const fault of read.faults) {
    const kind = fault.atEnd ? 'torn' : 'damaged'
    problems.push({ ...unreadableLine(path, fault.line, fault.why), kind })
  }
  return read
}

/** `lacking`: what is wrong until it can be read. */
export function unreadable(path: string, error: unknown, lacking: string): Problem {
  const why = codeOf(error) ?? String(error)
  if (why.startsWith('Z_')) {
    // no later try will read what is not there
    const text = `${packedName(path)} cannot be unpacked: it is cut off or damaged (${why}). It is left out.`
    return { kind: 'damaged', file: path, line: null, text }
  }
  return { kind: 'unreadable', file: path, line: null, text: `${path} cannot be read (${why}). ${lacking}` }
}

export function unreadableLine(path: string, line: number, why: string): Problem {
  return { kind: 'damaged', file: path, line, text: `Line ${line} of ${path} cannot be read: ${why}. It is left out.` }
}

type Place = Pick<Problem, 'file' | 'line'>

function gap({ file, line }: Place, from: number, to: number): Problem {
  const what = from === to ? `Entry ${from} of the history is` : `Entries ${from} to ${to} of the history are`
  return {
    kind: 'gap',
    file,
    line,
    text: `${what} missing before ${file} goes on with ${to + 1}. Sums lack what they held.`,
  }
}

function overlap({ file, line }: Place, from: number, to: number): Problem {
  const text = `${file} holds entries ${from} to ${to} a second time, added up together with later ones; those are left out.`
  return { kind: 'gap', file, line, text }
}
