/** Reads one segment's calls: only the lines that may be wanted are parsed, a few in one turn of the event loop. */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AttemptEnded, Entry } from '../../shared/contract/event.ts'
import type { Log, Warn } from '../../shared/contract/log.ts'
import { countedAt } from '../ledger/counted.ts'
import type { History } from './attempts.ts'
import { type Disk, isMissing } from './disk.ts'
import { type Problem, unreadable, unreadableLine } from './history.ts'
import { tellProblems } from './recover.ts'
import { readLine } from './segment.ts'
import { linesOf } from './segment-lines.ts'

export type CallsAsked<Row> = {
  /** Epoch ms: `from` with, `to` without. */
  from: number
  to: number
  /** Whether the sandbox's are wanted, or the others. */
  simulated: boolean
  /** What is kept of a call: all of a segment's are in memory at once. */
  rowOf(e: AttemptEnded, at: number): Row
}

/** `at`: when it counts, epoch ms; `n` tells two of one instant apart. */
export type Timed<Row> = { at: number; n: number; row: Row }

export const byTime = (a: { at: number; n: number }, b: { at: number; n: number }): number => a.at - b.at || a.n - b.n

export type CallSource = { folder: string; origin: string; now: () => History; log: Log; warn: Warn; disk?: Disk }

/**
 * A segment, or what is in none yet. `before`: numbers from there on stand in a later one, or came after all this began. `since`: the
 * newest time in those before it; `until`: the newest so far. Epoch ms.
 */
export type Part = {
  file: string | null
  entries: readonly Entry[]
  before: number
  minT: number
  maxT: number
  since: number
  until: number
}

/** In the order of their numbers. The indexes of open segments grow: what is needed of them is taken out now. */
export function partsOf({ segments, waiting }: History): Part[] {
  const filled = segments.filter(({ lines }) => lines > 0)
  filled.sort((a, b) => a.first - b.first || a.epoch - b.epoch || (a.file < b.file ? -1 : 1))
  const known = Math.max(0, ...filled.map(({ last }) => last))
  const firstWaiting = waiting[0]?.n ?? known + 1
  let until = -Infinity
  const parts = filled.map(({ file, minT, maxT }, at): Part => {
    const before = filled.slice(at + 1).reduce((least, { first }) => Math.min(least, first), firstWaiting)
    const since = until
    until = Math.max(until, maxT)
    return { file, entries: [], before, minT, maxT, since, until }
  })
  if (waiting.length === 0) return parts
  const times = waiting.flatMap(({ e, t }) => (e.type === 'attempt.ended' ? [t, countedAt(e, t)] : [t]))
  const [minT, maxT] = [Math.min(...times), Math.max(...times)]
  const last: Part = { file: null, entries: [...waiting], before: Infinity, minT, maxT, since: until, until: maxT }
  return [...parts, { ...last, until: Math.max(until, maxT) }]
}

/** Calls that fit, in the order in which they stand. */
export type Scan<Row> = (part: Part, mayFit: (at: number) => boolean) => AsyncGenerator<Timed<Row>[]>

/** Lines parsed in one turn of the event loop: two or three milliseconds. */
const parsedATurn = 64
const endedMark = Buffer.from('"type":"attempt.ended"')
const importedMark = Buffer.from('"imported":"')

export function scanPart<Row>(source: CallSource, asked: CallsAsked<Row>, signal: AbortSignal): Scan<Row> {
  const { folder, origin, warn, log, disk } = source
  let parsed = 0

  function timedOf(entry: Entry): Timed<Row>[] {
    const { e, t, n } = entry
    if (e.type !== 'attempt.ended' || !e.last || (e.billing === 'simulated') !== asked.simulated) return []
    const at = countedAt(e, t)
    return at >= asked.from && at < asked.to ? [{ at, n, row: asked.rowOf(e, at) }] : []
  }

  async function* scanFile(file: string, { before }: Part, mayFit: (at: number) => boolean) {
    if (signal.aborted) return
    const path = join(folder, file)
    const problems: Problem[] = []
    let number = 0
    try {
      for await (const lines of linesOf(path, disk)) {
        const found: Timed<Row>[] = []
        for (const line of lines) {
          number++
          if (!line.includes(endedMark)) continue
          const head = headOf(line)
          // a line whose front is damaged is parsed all the same, and so told of
          if (head && (head.n >= before || head.at < asked.from || head.at >= asked.to || !mayFit(head.at))) continue
          if (++parsed % parsedATurn === 0) await nextTurn()
          if (signal.aborted) return
          const read = readLine(line, false, true, origin)
          if (read.kind === 'entry') found.push(...timedOf(read.entry).filter((call) => mayFit(call.at)))
          else if (read.kind !== 'header') problems.push(unreadableLine(path, number, read.why))
        }
        yield found
      }
    } catch (error) {
      // Retention may have dropped it since.
      if (!isMissing(error))
        problems.push(unreadable(path, error, 'What it holds is not among the calls that were just read.'))
    }
    tellProblems(problems, warn, log)
  }

  return async function* (part, mayFit) {
    if (part.file !== null) return yield* scanFile(part.file, part, mayFit)
    yield part.entries.flatMap(timedOf).filter(({ at }) => mayFit(at))
  }
}

/** Number and time stand at the front of a line (`writeLine`); when an imported call was made stands further back. */
function headOf(line: Buffer): { n: number; at: number } | undefined {
  const head = /^\{"c":"[0-9a-f]{8}","n":(\d+),"t":(-?\d+),/.exec(line.toString('latin1', 0, 64))
  if (!head) return undefined
  // within a text each quote stands behind a backslash, so this is the field
  const made = line.includes(importedMark) ? /"startedAt":(-?\d+)/.exec(line.toString('latin1')) : null
  return { n: Number(head[1]), at: Number(made?.[1] ?? head[2]) }
}
