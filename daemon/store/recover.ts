/** Finds out what happened before this start: the newest readable snapshot, then every entry after its number. */
import type { Entry } from '../../shared/contract/event.ts'
import type { Log, Warn } from '../../shared/contract/log.ts'
import type { WarningCode } from '../../shared/contract/warning.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type Disk, realDisk } from './disk.ts'
import { type FoldedHome, foldHome } from './fold-home.ts'
import { listSegments, type Problem, replay } from './history.ts'
import { newOrigin, originOfSegments, readOrigin, writeOrigin } from './origin.ts'
import type { SegmentIndex, SegmentName } from './segment.ts'
import { journalFolder } from './snapshot.ts'

export type Recovered = {
  ledger: Ledger
  origin: string
  /** The lock's, or a higher one where the segments know of one. */
  epoch: number
  /** The highest number that was ever read. */
  last: number
  events: number
  /** The newest time in the entries that were replayed; 0 where there are none. */
  newestT: number
  orphans: Entry[]
  segments: SegmentIndex[]
  /** Number of the snapshot that it began with; 0 for none. */
  snapshot: number
  /** Numbers up to this one may stand in what the disk does not give now; `last` where it gave everything. */
  taken: number
}

const codes: Record<Problem['kind'], WarningCode> = {
  torn: 'journal-torn',
  gap: 'journal-gap',
  damaged: 'journal-gap',
  foreign: 'journal-gap',
  unreadable: 'journal-gap',
}

export async function recover(options: {
  home: string
  timeZone: string
  epoch: number
  disk?: Disk
  warn: Warn
  log: Log
  now: () => number
}): Promise<Recovered> {
  const { home, timeZone, warn, disk = realDisk } = options
  const folder = journalFolder(home)
  const stated =
    (await readOrigin(home, disk)) ?? (await originOfSegments(home, await listSegments(folder, disk), disk))
  const fresh = newOrigin(options.now())
  const folded = await foldHome({
    home,
    timeZone,
    origin: stated,
    freshOrigin: fresh,
    upTo: Infinity,
    disk,
  })
  const { ledger, origin, opened, segments, known, replayed, otherZone, missing } = folded
  for (const { path, why } of opened.unreadable) {
    const instead = opened.source === 'previous' ? 'the one before it' : 'the history alone'
    warn.raise('snapshot-unreadable', path, `${path} is left out: ${why}. The start went from ${instead} instead.`)
  }
  if (otherZone !== null) {
    options.log.info('past days stay as they were counted: the journal does not hold all of them any more', {
      otherZone,
    })
  }
  if (missing.length > 0) {
    const text =
      'sums that a former version did not keep begin now: the journal does not hold all that happened any more'
    options.log.info(text, { missing })
  }
  const unread = [
    ...opened.unreadable.flatMap(({ path, closed }) => (closed ? [path] : [])),
    ...replayed.problems.flatMap(({ kind, file }) => (kind === 'unreadable' ? [file] : [])),
  ]
  if (origin === fresh && unread.length > 0) throw new Error(whoseHistory(unread))
  await keepOrigin(home, origin, options.log, disk)
  tellProblems(replayed.problems, warn, options.log)

  const read = new Map([...known, ...replayed.segments.map((index) => [index.file, index] as const)])
  return {
    ledger,
    origin,
    // Where the lock files were lost the count began anew; segments of an older epoch must not look newer than ours.
    epoch: Math.max(options.epoch, ...segments.map((segment) => segment.epoch + 1)),
    last: replayed.last,
    events: replayed.entries,
    newestT: folded.newestT,
    orphans: await notTaken(replayed.orphans, { ...folded, folder, disk }),
    segments: segments.flatMap((segment) => read.get(segment.file) ?? []),
    snapshot: folded.after,
    taken: unread.length === 0 ? replayed.last : takenBy(segments, replayed.last),
  }
}

/** More numbers than a segment holds. */
const mostInSegment = 1_000_000

/** The newest segment's name tells where it begins, even where it cannot be read. */
function takenBy(segments: readonly SegmentName[], last: number): number {
  return Math.max(last, ...segments.map(({ first }) => first)) + mostInSegment
}

/** To begin a new history there would make a stranger of the one that nobody can read now. */
function whoseHistory(paths: readonly string[]): string {
  return `The history of this home cannot be read: ${paths.join(', ')}. Make these files yours and readable, or move them away to begin a new history.`
}

/** Those whose end was not recorded again, as an earlier start does: the ledger knows that of the newest attempts only. */
async function notTaken(
  orphans: Entry[],
  { folder, origin, segments, known, after, disk }: FoldedHome & { folder: string; disk: Disk },
): Promise<Entry[]> {
  if (orphans.length === 0) return orphans
  const taken = new Set<string>()
  await replay({ folder, segments, origin, after, upTo: Infinity, known, disk }, ({ e }) => {
    if (e.type === 'attempt.ended') taken.add(e.attempt)
  })
  return orphans.filter(({ e }) => e.type !== 'attempt.ended' || !taken.has(e.attempt))
}

async function keepOrigin(home: string, origin: string, log: Log, disk: Disk): Promise<void> {
  if ((await readOrigin(home, disk)) === origin) return
  try {
    await writeOrigin(home, origin, disk)
  } catch (error) {
    // Each segment's header says it as well.
    log.warn('the id of the history could not be written', { home, error: String(error) })
  }
}

/** One warning a file and code, which is logged as it is raised: what is wrong with it, up to five faults; the log has all others too. */
export function tellProblems(problems: readonly Problem[], warn: Warn, log: Log): void {
  const texts = new Map<string, { code: WarningCode; file: string; texts: string[] }>()
  for (const { kind, file, text } of problems) {
    const key = `${codes[kind]} ${file}`
    const row = texts.get(key) ?? { code: codes[kind], file, texts: [] }
    texts.set(key, row)
    if (row.texts.length < 5) row.texts.push(text)
    else log.warn(text)
  }
  for (const row of texts.values()) warn.raise(row.code, row.file, row.texts.join(' '))
}
