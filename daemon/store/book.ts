/** The book: what happened, numbered, folded into the ledger and written down. The one way in which the ledger changes. */
import { type Entry, type Event, event } from '../../shared/contract/event.ts'
import type { Log, Warn } from '../../shared/contract/log.ts'
import type { Buckets } from '../ledger/buckets.ts'
import { fold, type Ledger } from '../ledger/ledger.ts'
import type { MonthName } from '../ledger/months.ts'
import { hasEnded } from '../ledger/recent.ts'
import { type Attempts, openAttempts } from './attempts.ts'
import { entriesOfCall } from './call-history.ts'
import { type CallsInOrder, openCallsInOrder } from './calls-in-order.ts'
import { openCompacting } from './compacting.ts'
import { type Compactor, openCompactor } from './compactor.ts'
import { type Disk, realDisk } from './disk.ts'
import { interrupted, type PriceOf } from './interrupted.ts'
import { type JournalBounds, openJournal } from './journal.ts'
import type { JournalFigures } from './journal-port.ts'
import type { Gathered } from './known-calls.ts'
import { isSurelyReadable } from './quick-check.ts'
import { recover } from './recover.ts'
import { type Reach, type Retention, reachOf } from './retention.ts'
import { openRollups } from './rollups.ts'
import { firstOf } from './segment.ts'
import { journalFolder } from './snapshot.ts'

export type BookOptions = {
  home: string
  timeZone: string
  /** Of the home lock: who comes later has a higher one. */
  epoch: number
  flushEvents: number
  flushSeconds: number
  compactEvents: number
  compactMinutes: number
  retention: Retention
  warn: Warn
  log: Log
  now: () => number
  /** Prices the estimate of attempts that a former daemon left open. */
  price?: PriceOf
  /** For tests: a disk that fails, smaller bounds, another worker. */
  disk?: Disk
  bounds?: Partial<JournalBounds>
  compactor?: Compactor
}

export type BookFigures = JournalFigures & {
  last: number
  segments: number
  lines: number
  bytes: number
  snapshot: number
}

export type Book = {
  readonly ledger: Ledger
  readonly origin: string
  /** What the start found: entries replayed, ms it took, attempts of a former daemon that were ended. */
  readonly recovered: { events: number; ms: number; interrupted: number }
  /**
   * Numbers the event and folds it; its line is written when this turn of the loop ends, and then the watchers are told. Never
   * throws. Answers the number. The event is kept: nobody may change it after.
   */
  record(e: Event): number
  /** Resolves once the lines of all events so far are written, or wait in memory for a disk that fails. */
  written(): Promise<void>
  /** Has them written at once: for what must not be done before. */
  settle(): void
  /** `fn` is called once for each event, in order, after its line was written. Answers how to stop it. */
  watch(fn: (entry: Entry) => void): () => void
  /** All entries of a call, oldest first; none where it is unknown or its segment was dropped. */
  entriesOf(callId: string): Promise<Entry[]>
  /** Ended attempts of any age, newest first, a page at a time. */
  attempts: Attempts
  /** Every call between two times, oldest first, as many as there are. */
  calls: CallsInOrder
  /** The days of a closed month, by number, summed by `names`; null where its file cannot be read, of which a warning tells. */
  daysOfMonth(month: string, names: readonly MonthName[]): Promise<Buckets | null>
  /** Resolves once everything so far is on the disk, or the disk refused it. */
  flush(): Promise<void>
  /** Writes a snapshot and drops what is past retention; where that fails a warning says why and all is as before. */
  compact(): Promise<void>
  /** The marks of every call that was ever recorded, ascending (see `call-marks.ts`). */
  knownCalls(): Promise<Gathered>
  figures(): BookFigures
  /** How far back the journal reaches, and what is gone from it. */
  reach(): Reach
  close(): Promise<void>
}

/** Where an event is not what its schema asks for; null where it is. */
function faultsOf(e: Event): string | null {
  const checked = event.safeParse(e)
  return checked.success ? null : checked.error.issues.map((issue) => issue.path.join('.')).join(', ')
}

/** Recovers the home's history and opens it for writing. The caller holds the home's lock. */
export async function openBook(options: BookOptions): Promise<Book> {
  const { home, log, now, disk = realDisk } = options
  const began = performance.now()
  await disk.makeFolder(journalFolder(home))
  const found = await recover(options)
  const { ledger, origin } = found
  const folder = journalFolder(home)
  const journal = openJournal({ ...options, folder, origin, epoch: found.epoch })
  const rollups = openRollups({ ...options, disk })
  const watchers = new Set<(entry: Entry) => void>()
  let untold: Entry[] = []
  let last = found.last
  let closed = false

  function record(e: Event): number {
    const places = isSurelyReadable(e) ? null : faultsOf(e)
    if (places !== null) {
      // Its line could not be read back: the ledger would hold what no replay gives.
      log.error('an event in no known form was not recorded', { ...aboutOf(e), places })
      return last
    }
    const entry: Entry = { origin, n: ++last, t: Math.floor(now()), e }
    fold(ledger, entry)
    // The home may be another daemon's by now.
    if (closed) log.error('an event came after the book was closed and is not kept', aboutOf(e))
    else journal.append(entry)
    // Whoever awaits the lines to send the last bytes of a reply goes first: a tick comes after all that was awaited.
    if (untold.push(entry) === 1) void journal.written().then(() => process.nextTick(tell))
    compacting.recorded(last)
    return last
  }

  function tell(): void {
    const entries = untold
    untold = []
    for (const entry of entries) {
      for (const watcher of watchers) {
        try {
          watcher(entry)
        } catch (error) {
          log.error('a watcher of the history failed', { error: String(error) })
        }
      }
    }
  }

  const compacting = openCompacting({
    ...options,
    ledger,
    origin,
    journal,
    disk,
    compactor: options.compactor ?? openCompactor(),
    segments: found.segments,
    snapshot: found.snapshot,
  })

  const history = () => ({ segments: compacting.segments(), waiting: journal.waiting() })

  if (found.taken > last) {
    const from = last + 1
    last = found.taken - 1
    record({ type: 'folded', from, to: found.taken, rows: [] })
  }
  const begun = last
  for (const { e, t } of [...ledger.open.values()]) record(interrupted(e, t, found.newestT, options.price))
  const open = last - begun
  // What an instance wrote after it had lost the home happened all the same.
  for (const { e } of found.orphans) if (e.type === 'attempt.ended' && !hasEnded(ledger.recent, e.attempt)) record(e)

  return {
    ledger,
    origin,
    recovered: { events: found.events, ms: Math.round(performance.now() - began), interrupted: open },
    record,
    written: journal.written,
    settle: journal.settle,
    watch(fn) {
      watchers.add(fn)
      return () => watchers.delete(fn)
    },
    entriesOf: (callId) => entriesOfCall({ folder, origin, ...history(), log, disk }, callId),
    attempts: openAttempts({ folder, origin, now: history, log, disk }),
    calls: openCallsInOrder({ folder, origin, now: history, log, warn: options.warn, disk }),
    async daysOfMonth(month, names) {
      const stated = ledger.months.get(month)
      return stated ? rollups.read(month, stated, names) : null
    },
    flush: () => journal.flush(),
    compact: () => compacting.compact(),
    knownCalls: () => compacting.known(),
    figures() {
      const segments = compacting.segments()
      const sum = (of: 'lines' | 'bytes') => segments.reduce((total, segment) => total + segment[of], 0)
      const sizes = { segments: segments.length, lines: sum('lines'), bytes: sum('bytes') }
      return { ...journal.figures(), ...sizes, last, snapshot: compacting.snapshot() }
    },
    reach() {
      const waiting = journal.waiting()[0]
      return reachOf(compacting.segments(), waiting ? firstOf(waiting) - 1 : last)
    },
    async close() {
      if (closed) return
      closed = true
      await compacting.close()
      await journal.close()
    },
  }
}

/** Which event it is, and of which call, as other lines of the log name it. */
function aboutOf(e: Event): { type: string; id?: string } {
  return 'call' in e ? { type: e.type, id: e.call } : { type: e.type }
}
