/** Attempts that were started and have not ended: what runs now, or what a daemon did not live to see ended. */
import { type AttemptStarted, attemptStarted } from '../../shared/contract/event.ts'
import { isArray, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** Far above what sockets allow; the oldest goes first. */
export const openBound = 10_000

type OpenAttempt = { t: number; e: AttemptStarted }
/** By attempt id, oldest first. */
export type Open = Map<string, OpenAttempt>

export const open: Slice<Open> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type === 'attempt.started') keep(state, { t, e })
    else if (e.type === 'attempt.ended') state.delete(e.attempt)
    else if (e.type === 'folded') for (const attempt of e.ended ?? []) state.delete(attempt)
  },

  write: (state) => [...state.values()].map(({ t, e }) => [t, e]),

  read(json) {
    const rows = readAll(json, readOpen)
    return rows && new Map(rows.map((row) => [row.e.attempt, row]))
  },
}

function keep(state: Open, row: OpenAttempt): void {
  state.set(row.e.attempt, row)
  if (state.size <= openBound) return
  const oldest = state.keys().next()
  if (!oldest.done) state.delete(oldest.value)
}

function readOpen(json: unknown): OpenAttempt | undefined {
  if (!isArray(json) || json.length !== 2) return undefined
  const [t, e] = json
  const found = attemptStarted.safeParse(e)
  return isInstant(t) && found.success ? { t, e: found.data } : undefined
}
