/** The newest ended attempts as they were: for lists, and to know an attempt that is told a second time. */
import { type AttemptEnded, attemptEnded } from '../../shared/contract/event.ts'
import { isArray, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** Real attempts kept, and simulated ones beside them, so that the sandbox never pushes a real one out. */
export const recentBound = { real: 2000, simulated: 200 }

export type RecentAttempt = { t: number; e: AttemptEnded }
/** By attempt id, in the order in which they were folded. */
export type Recent = { real: Map<string, RecentAttempt>; simulated: Map<string, RecentAttempt> }

export const recent: Slice<Recent> = {
  empty: () => ({ real: new Map(), simulated: new Map() }),

  fold(state, { e, t }) {
    if (e.type === 'attempt.ended') keep(state, { t, e })
  },

  write: (state) => [...state.real.values(), ...state.simulated.values()].map(({ t, e }) => [t, ...writeEnded(e)]),

  read(json) {
    const state = recent.empty()
    const rows = readAll(json, readAttempt)
    if (!rows) return undefined
    for (const row of rows) keep(state, row)
    return state
  },
}

function keep(state: Recent, row: RecentAttempt): void {
  const kind = row.e.billing === 'simulated' ? 'simulated' : 'real'
  const rows = state[kind]
  rows.set(row.e.attempt, row)
  if (rows.size <= recentBound[kind]) return
  const oldest = rows.keys().next()
  if (!oldest.done) rows.delete(oldest.value)
}

/** Whether the end of this attempt has been folded, as far back as the list reaches. */
export function hasEnded(state: Recent, attempt: string): boolean {
  return state.real.has(attempt) || state.simulated.has(attempt)
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
