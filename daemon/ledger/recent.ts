/** The newest ended attempts as they were: for lists, and to know an attempt that is told a second time. */
import { type AttemptEnded, attemptEnded } from '../../shared/contract/event.ts'
import { isArray, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** Real attempts kept, and simulated and imported ones beside them, so that neither ever pushes a real one out. */
export const recentBound = { real: 2000, simulated: 200, imported: 500 }

export type RecentAttempt = { t: number; e: AttemptEnded }
/** A ring of the newest rows: what comes takes the place of the oldest. `known`: the attempts' ids. */
type Ring = { rows: RecentAttempt[]; oldest: number; known: Set<string> }
/** Imported ones, by attempt id: those that were made last are kept, twice as many as their bound at most. */
export type Recent = { real: Ring; simulated: Ring; imported: Map<string, RecentAttempt> }

const emptyRing = (): Ring => ({ rows: [], oldest: 0, known: new Set() })

export const recent: Slice<Recent> = {
  empty: () => ({ real: emptyRing(), simulated: emptyRing(), imported: new Map() }),

  fold(state, { e, t }) {
    if (e.type === 'attempt.ended') keep(state, { t, e })
  },

  write: (state) =>
    [...inOrder(state.real), ...inOrder(state.simulated), ...state.imported.values()].map(({ t, e }) => [
      t,
      ...writeEnded(e),
    ]),

  read(json) {
    const state = recent.empty()
    const rows = readAll(json, readAttempt)
    if (!rows) return undefined
    for (const row of rows) if (!hasEnded(state, row.e.attempt)) keep(state, row)
    return state
  },
}

function keep(state: Recent, row: RecentAttempt): void {
  if (row.e.imported !== undefined) return keepImported(state.imported, row)
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

/** They come in the order of the files that they stood in: now and then the older half is dropped. */
function keepImported(rows: Map<string, RecentAttempt>, row: RecentAttempt): void {
  rows.set(row.e.attempt, row)
  if (rows.size < 2 * recentBound.imported) return
  const older = [...rows.values()].sort((a, b) => a.e.startedAt - b.e.startedAt).slice(0, -recentBound.imported)
  for (const { e } of older) rows.delete(e.attempt)
}

/** The rows in the order in which they were folded. */
export function inOrder({ rows, oldest }: Ring): RecentAttempt[] {
  return [...rows.slice(oldest), ...rows.slice(0, oldest)]
}

/** Whether the end of this attempt has been folded, as far back as the list reaches. */
export function hasEnded({ real, simulated, imported }: Recent, attempt: string): boolean {
  return real.known.has(attempt) || simulated.known.has(attempt) || imported.has(attempt)
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

/** What few attempts have stands behind the row of fields: where it was imported from as text, else an object of the others. */
function writeEnded(e: AttemptEnded): unknown[] {
  const row: unknown[] = fields.map((field) => e[field])
  const { imported, refusal, skipped, key, tier, within, searches, audio, images, keptAs, underWay } = e
  const others = { refusal, skipped, key, tier, within, searches, audio, images, keptAs, underWay }
  if (Object.values(others).some((field) => field !== undefined)) row.push({ imported, ...others })
  else if (imported !== undefined) row.push(imported)
  return row
}

function readAttempt(json: unknown): RecentAttempt | undefined {
  if (!isArray(json)) return undefined
  const [t, ...values] = json
  const extra = values.length - fields.length
  if (extra !== 0 && extra !== 1) return undefined
  const more = values[fields.length]
  const found = attemptEnded.safeParse({
    type: 'attempt.ended',
    ...Object.fromEntries(fields.map((field, at) => [field, values[at]])),
    ...(typeof more === 'object' ? more : extra === 1 && { imported: more }),
  })
  return isInstant(t) && found.success ? { t, e: found.data } : undefined
}
