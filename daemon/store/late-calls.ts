/** Calls that stand in the history behind younger ones, oldest first: chosen out by reading the segments that hold them, as often as it takes. */
import { byTime, type CallsAsked, type Part, type Scan, type Timed } from './scan-calls.ts'

/** So many are in memory at once, twice that while they are chosen. */
const usualBound = 50_000

/** `bound` at a time: each batch takes one reading of the segments that hold any. */
export async function* lateFirst<Row>(
  parts: readonly Part[],
  scan: Scan<Row>,
  { from, to }: CallsAsked<Row>,
  bound = usualBound,
): AsyncGenerator<Timed<Row>[]> {
  const holding = parts.filter(({ minT, since }) => minT < since && minT < to)
  let after = { at: from, n: 0 }
  for (let isFull = holding.length > 0; isFull; ) {
    const batch = openBatch<Row>(bound)
    for (const part of holding) {
      const mayFit = (at: number) => at < part.since && at >= after.at && at <= batch.until()
      for await (const calls of scan(part, mayFit)) {
        for (const call of calls) if (byTime(call, after) > 0) batch.add(call)
      }
    }
    const calls = batch.end()
    isFull = calls.length === bound
    after = calls.at(-1) ?? after
    if (calls.length > 0) yield calls
  }
}

/** Keeps the oldest ones. */
function openBatch<Row>(bound: number) {
  const calls: Timed<Row>[] = []
  let until = Infinity
  function cut(): Timed<Row>[] {
    calls.sort(byTime)
    if (calls.length > bound) {
      calls.length = bound
      until = calls.at(-1)?.at ?? until
    }
    return calls
  }
  return {
    /** What is younger cannot be among them any more; epoch ms. */
    until: () => until,
    add(call: Timed<Row>): void {
      if (calls.push(call) >= bound * 2) cut()
    },
    end: cut,
  }
}
