/** Which target a call left for which other one, and why, counted since the ledger began. */
import type { AttemptEnded } from '../../shared/contract/event.ts'
import { keyOf } from './buckets.ts'
import { fieldOf, isArray, isCount, nameAt, readAll } from './reading.ts'
import type { Slice } from './slice.ts'
import { other } from './totals.ts'

/** Rows kept, and calls that are on their way to their next target; of those the oldest goes. */
export const failoverBound = 300
export const leftBound = 1000

/** `from`, `to`: providers. `reason`: which refusal it was, else how the attempt ended. */
type FailoverRow = { from: string; to: string; reason: string; simulated: boolean; count: number }
/** The attempt that a call has just left behind. */
type Left = { provider: string; account: string; model: string; reason: string }

/** `left`: by call. Lines that became one of sums are in none. */
export type Failovers = { rows: Map<string, FailoverRow>; left: Map<string, Left> }

export const failovers: Slice<Failovers> = {
  empty: () => ({ rows: new Map(), left: new Map() }),

  fold({ rows, left }, { e }) {
    if (e.type !== 'attempt.ended') return
    if (e.attempts > 1) arrive(rows, left, e)
    if (!e.last) leave(left, e)
  },

  write: ({ rows, left }, names) => ({
    rows: [...rows.values()].map((row) => [
      ...[row.from, row.to, row.reason].map(names.idOf),
      row.simulated ? 1 : 0,
      row.count,
    ]),
    left: [...left].map(([call, at]) => [call, ...[at.provider, at.account, at.model, at.reason].map(names.idOf)]),
  }),

  read(json, names) {
    const rows = readAll(fieldOf(json, 'rows'), (part) => readRow(part, names))
    const left = readAll(fieldOf(json, 'left'), (part) => readLeft(part, names))
    return rows && left && { rows: new Map(rows.map((row) => [keyOfRow(row), row])), left: new Map(left) }
  },
}

function leave(left: Failovers['left'], e: AttemptEnded): void {
  const { provider, account, model } = e
  left.set(e.call, { provider, account, model, reason: e.refusal ?? e.outcome })
  const oldest = left.keys().next()
  if (left.size > leftBound && !oldest.done) left.delete(oldest.value)
}

/** The same target once more is no failover. */
function arrive(rows: Failovers['rows'], left: Failovers['left'], e: AttemptEnded): void {
  const before = left.get(e.call)
  if (!before) return
  left.delete(e.call)
  if (before.provider === e.provider && before.account === e.account && before.model === e.model) return
  const simulated = e.billing === 'simulated'
  const asked = { from: before.provider, to: e.provider, reason: before.reason, simulated, count: 0 }
  const isKept = rows.size < failoverBound || rows.has(keyOfRow(asked))
  const named = isKept ? asked : { ...asked, from: other, to: other, reason: other }
  const row = rows.get(keyOfRow(named)) ?? named
  row.count++
  rows.set(keyOfRow(row), row)
}

function keyOfRow({ from, to, reason, simulated }: FailoverRow): string {
  return keyOf([from, to, reason, simulated ? 'simulated' : ''])
}

function readRow(json: unknown, names: readonly string[]): FailoverRow | undefined {
  if (!isArray(json) || json.length !== 5) return undefined
  const named = readNames(json.slice(0, 3), names)
  const [kind, count] = json.slice(3)
  if (!named || (kind !== 0 && kind !== 1) || !isCount(count)) return undefined
  const [from = '', to = '', reason = ''] = named
  return { from, to, reason, simulated: kind === 1, count }
}

function readLeft(json: unknown, names: readonly string[]): [string, Left] | undefined {
  if (!isArray(json) || json.length !== 5) return undefined
  const [call, ...ids] = json
  const named = readNames(ids, names)
  if (typeof call !== 'string' || !named) return undefined
  const [provider = '', account = '', model = '', reason = ''] = named
  return [call, { provider, account, model, reason }]
}

function readNames(ids: readonly unknown[], names: readonly string[]): string[] | undefined {
  return readAll([...ids], (id) => nameAt(names, id))
}
