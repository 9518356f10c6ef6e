/** Every call between two times, in the order of its time, read from the segments a piece at a time: however many there are, memory stays the same. */
import { lateFirst } from './late-calls.ts'
import { byTime, type CallSource, type CallsAsked, partsOf, scanPart, type Timed } from './scan-calls.ts'

/** Goes by what is there now; what comes later is not in it. Ends early once `signal` is aborted. */
export type CallsInOrder = <Row>(asked: CallsAsked<Row>, signal: AbortSignal) => AsyncGenerator<Row[]>

/** An imported call may have been made up to a day after it was recorded, where clocks differ; see `importing.ts`. */
const aheadMs = 24 * 60 * 60 * 1000

/**
 * Nearly every call was recorded when it was made: the segments, one after another and each put in order, give those. A call that is
 * older than what earlier segments hold is late: it was imported, or a clock was put back. Those are chosen out beforehand, so many at
 * a time as there is room for, and put in between.
 */
export function openCallsInOrder(source: CallSource, lateBound?: number): CallsInOrder {
  return async function* <Row>(asked: CallsAsked<Row>, signal: AbortSignal) {
    const parts = partsOf(source.now())
    const scan = scanPart(source, asked, signal)
    const late = lateFirst(parts, scan, asked, lateBound)
    const onTime = async function* (): AsyncGenerator<Timed<Row>[]> {
      const held: Timed<Row>[] = []
      for (const part of parts) {
        if (part.minT < asked.to && part.maxT + aheadMs >= asked.from) {
          for await (const calls of scan(part, (at) => at >= part.since)) for (const call of calls) held.push(call)
        }
        held.sort(byTime)
        // what is ahead of its own segment waits for the next one
        const fit = held.splice(0, countUpTo(held, { at: part.until, n: Infinity }))
        if (fit.length > 0) yield fit
      }
      if (held.length > 0) yield held
    }
    yield* merged(onTime(), late)
  }
}

async function* merged<Row>(
  onTime: AsyncGenerator<Timed<Row>[]>,
  late: AsyncGenerator<Timed<Row>[]>,
): AsyncGenerator<Row[]> {
  const nextLate = async (): Promise<Timed<Row>[]> => {
    const next = await late.next()
    return next.done ? [] : next.value
  }
  let held = await nextLate()
  for await (const some of onTime) {
    let rest = some
    for (let last = held.at(-1); last !== undefined; last = held.at(-1)) {
      const before = countUpTo(rest, last)
      if (before === rest.length) break
      yield joined(rest.slice(0, before), held)
      rest = rest.slice(before)
      held = await nextLate()
    }
    const end = rest.at(-1)
    const between = end === undefined ? 0 : countUpTo(held, end)
    yield joined(rest, held.slice(0, between))
    held = held.slice(between)
  }
  for (; held.length > 0; held = await nextLate()) yield joined([], held)
}

/** Of an ordered list, how many come no later. */
function countUpTo(calls: readonly Timed<unknown>[], last: { at: number; n: number }): number {
  let [low, high] = [0, calls.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const call = calls[middle]
    if (call !== undefined && byTime(call, last) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

function joined<Row>(a: readonly Timed<Row>[], b: readonly Timed<Row>[]): Row[] {
  const all = b.length === 0 ? a : [...a, ...b].sort(byTime)
  return all.map(({ row }) => row)
}
