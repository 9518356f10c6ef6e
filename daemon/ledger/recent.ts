/** The newest ended attempts as they were: for lists, and to know an attempt that is told a second time. */
import { type AttemptEnded, attemptEnded } from '../../shared/contract/event.ts'
import { isArray, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** Real attempts kept, and simulated ones beside them, so that the sandbox never pushes a real one out. */
export const recentBound = { real: 2000, simulated: 200 }

export type RecentAttempt = { t: number; e: AttemptEnded }
/** A ring of the newest rows: what comes takes the place of the oldest. `known`: the attempts' ids. */
type Ring = { rows: RecentAttempt[]; oldest: number; known: Set<string> }
export type Recent = { real: Ring; simulated: Ring }

const emptyRing = (): Ring => ({ rows: [], oldest: 0, known: new Set() })

export const recent: Slice<Recent> = {
  empty: () => ({ real: emptyRing(), simulated: emptyRing() }),

  fold(state, { e, t }) {
    if (e.type === 'attempt.ended') keep(state, { t, e })
  },

  write: (state) => [...inOrder(state.real), ...inOrder(state.simulated)].map(({ t, e }) => [t, ...writeEnded(e)]),

  read(json) {
    const state = recent.empty()
    const rows = readAll(json, readAttempt)
    if (!rows) return undefined
    for (const row of rows) if (!hasEnded(state, row.e.attempt)) keep(state, row)
    return state
  },
}

function keep(state: Recent, row: RecentAttempt): void {
  const kind = row.e.billing === 'simulated' ? 'simulated' : 'real'
  const ring = state[kind]
  ring.known.add(row.e.attempt)
  if (ring.rows.length < recentBound[kind]) {
    ring.rows.push(row)
    return
  }
  const gone = ring.rows[ring.oldest]
  if (gone) ring.known.delete(gone.e.attempt)
  ring.rows[ring.oldest] = row
  ring.oldest = (ring.oldest + 1) % ring.rows.length
}

/** The rows in the order in which they were folded. */
export function inOrder({ rows, oldest }: Ring): RecentAttempt[] {
  return [...rows.slice(oldest), ...rows.slice(0, oldest)]
}

/** Whether the end of this attempt has been folded, as far back as the list reaches. */
export function hasEnded({ real, simulated }: Recent, attempt: string): boolean {
  return real.known.has(attempt) || simulated.known.has(attempt)
}

/** The order of a snapshot's rows. A change of it is a new snapshot format. */
const fields = [
  'call',
  'attempt',
  'dialect',
  'endpoint',
  'stream',
  'strategy',
  'provider',
  'account',
  'model',
  'chain',
  'client',
  'task',
  'folder',
  'user',
  'feature',
  'session',
  'billing',
  'last',
  'attempts',
  'startedAt',
  'status',
  'outcome',
  'usage',
  'usageSource',
  'cost',
  'billed',
  'price',
  'latencyMs',
  'ttftMs',
  'overheadMs',
  'error',
  'upstreamId',
] as const satisfies readonly (keyof AttemptEnded)[]

function writeEnded(e: AttemptEnded): unknown[] {
  return fields.map((field) => e[field])
}

function readAttempt(json: unknown): RecentAttempt | undefined {
  if (!isArray(json) || json.length !== fields.length + 1) return undefined
  const [t, ...values] = json
  const found = attemptEnded.safeParse({
    type: 'attempt.ended',
    ...Object.fromEntries(fields.map((field, at) => [field, values[at]])),
  })
  return isInstant(t) && found.success ? { t, e: found.data } : undefined
}
