/** Finds old attempts in the segments: newest first, a page at a time, and no page reads more than its bound. */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AttemptEnded, Entry } from '../../shared/contract/event.ts'
import type { Log } from '../../shared/contract/log.ts'
import { countedAt } from '../ledger/counted.ts'
import { type Disk, isMissing } from './disk.ts'
import { readLine, type SegmentIndex } from './segment.ts'
import { linesFromEnd } from './segment-lines.ts'

/** A page that has read this much ends with the segment it is in, however little it has found. */
const bytesAPage = 32 * 1024 * 1024
/** Lines parsed in one turn of the event loop: two or three milliseconds. */
const parsedATurn = 64

type Value = string | number | boolean | null
export type Field = [name: keyof AttemptEnded, value: Value]

export type AttemptQuery = {
  /** When it ended, an imported one when it was made, epoch ms: `from` with, `to` without. */
  from: number
  to: number
  /** What it must have, and what it must not. */
  having: readonly Field[]
  lacking: readonly Field[]
  /** Only what has a lower number: `next` of the page before. */
  before: number
  limit: number
}

type FoundAttempt = { n: number; t: number; e: AttemptEnded }
/** `next`: from where to go on, though nothing more may be there; null where all was looked at. */
type AttemptPage = { attempts: FoundAttempt[]; next: number | null }

/** As they are now. `waiting`: entries that are in no segment yet, oldest first. */
export type History = { segments: readonly SegmentIndex[]; waiting: readonly Entry[] }
export type Attempts = (query: AttemptQuery) => Promise<AttemptPage>

/** One page is read at a time, so that no number of askers holds more than one segment's lines. */
export function openAttempts(options: {
  folder: string
  origin: string
  now: () => History
  log: Log
  disk?: Disk
  pageBytes?: number
}): Attempts {
  const { now, pageBytes = bytesAPage } = options
  let last: Promise<unknown> = Promise.resolve()
  return (query) => {
    const turn = last.then(() => pageOf({ ...options, ...now(), pageBytes }, query))
    // whoever asked for that page is told; the next one goes on all the same
    last = turn.catch(() => undefined)
    return turn
  }
}

type Source = { folder: string; origin: string; log: Log; disk?: Disk; pageBytes: number } & History

async function pageOf(source: Source, query: AttemptQuery): Promise<AttemptPage> {
  const attempts: FoundAttempt[] = []
  // what is at or above it was looked at: a number that stands in two segments is the later one's
  let below = query.before
  const isFull = () => attempts.length >= query.limit
  const nextOf = () => attempts.at(-1)?.n ?? below

  for (const entry of source.waiting.toReversed()) {
    if (!isFull() && fits(entry, query, below)) attempts.push({ n: entry.n, t: entry.t, e: entry.e })
  }
  if (isFull()) return { attempts, next: nextOf() }
  below = Math.min(below, source.waiting[0]?.n ?? below)

  let read = 0
  for (const segment of newestFirst(source.segments)) {
    if (segment.first >= below) continue
    if (segment.maxT >= query.from && segment.minT < query.to) {
      if (read >= source.pageBytes) return { attempts, next: below }
      read += await readSegmentFor(source, segment, query, below, attempts)
      if (isFull()) return { attempts, next: nextOf() }
    }
    below = segment.first
  }
  return { attempts, next: null }
}

function newestFirst(segments: readonly SegmentIndex[]): SegmentIndex[] {
  const files = segments.filter(({ lines }) => lines > 0)
  return files.sort((a, b) => b.first - a.first || b.epoch - a.epoch || (a.file < b.file ? 1 : -1))
}

/**
 * Puts what the segment holds behind `into`, newest first, until the page is full, and reads no further; how much it read. What lines
 * may be looked for is told by their bytes, as parsing all of them would take a second.
 */
async function readSegmentFor(
  { folder, origin, log, disk }: Source,
  { file }: SegmentIndex,
  query: AttemptQuery,
  below: number,
  into: FoundAttempt[],
): Promise<number> {
  const marks = [['type', 'attempt.ended'] as const, ...query.having].map(([name, value]) =>
    Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(value)}`),
  )
  let bytes = 0
  const path = join(folder, file)
  try {
    for await (const some of linesFromEnd(path, disk)) {
      for (const line of some) bytes += line.length + 1
      const maybe = some.filter((line) => marks.every((mark) => line.includes(mark)) && isAround(line, query))
      await confirm(maybe, origin, query, below, into)
      if (into.length >= query.limit) break
    }
  } catch (error) {
    // Retention may have dropped it since.
    if (!isMissing(error)) log.warn('a segment could not be read', { path, error: String(error) })
  }
  return bytes
}

const importedMark = Buffer.from('"imported":"')

/** Number and time stand at the front of a line (`writeLine`). */
function isAround(line: Buffer, { from, to, before }: AttemptQuery): boolean {
  const head = /^\{"c":"[0-9a-f]{8}","n":(\d+),"t":(-?\d+),/.exec(line.toString('latin1', 0, 64))
  const [n, t] = [Number(head?.[1]), Number(head?.[2])]
  // when an imported call was made stands further back
  return n < before && ((t >= from && t < to) || line.includes(importedMark))
}

/** Puts what `lines` really hold behind `into`, until the page is full. */
async function confirm(
  lines: readonly Buffer[],
  origin: string,
  query: AttemptQuery,
  below: number,
  into: FoundAttempt[],
): Promise<void> {
  for (const [at, line] of lines.entries()) {
    if (into.length >= query.limit) return
    if ((at + 1) % parsedATurn === 0) await nextTurn()
    const found = readLine(line, false, true, origin)
    if (found.kind !== 'entry' || !fits(found.entry, query, below)) continue
    // the line is let go, and with it the piece of the file that it is part of
    into.push({ n: found.entry.n, t: found.entry.t, e: found.entry.e })
  }
}

function fits(entry: Entry, query: AttemptQuery, below: number): entry is Entry & { e: AttemptEnded } {
  const { n, t, e } = entry
  if (e.type !== 'attempt.ended' || n >= below) return false
  const at = countedAt(e, t)
  if (at < query.from || at >= query.to) return false
  const has = ([name, value]: Field) => e[name] === value
  return query.having.every(has) && !query.lacking.some(has)
}
