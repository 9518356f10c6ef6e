/** How far a call has come on its way, and what the relay needs to take it further. */
import type { ServerResponse } from 'node:http'
import type { RefusalSaid } from '../providers/refusal.ts'
import type { Call, Target } from './call.ts'
import type { InFlight } from './inflight.ts'
import type { OpenedDeps } from './opened.ts'
import type { No } from './refuse.ts'
import type { Sender, Sent, SentDeps } from './sent.ts'
import type { Way } from './way.ts'

export type RelayDeps = SentDeps &
  OpenedDeps & {
    /** Resolves once the lines of all events so far stand in the journal, or the disk refused them. */
    written(): Promise<void>
    inFlight: InFlight
    /** Of what a budget stops; null: what makes its client stop. */
    budgetRefusalStatus(): 429 | null
    /** Says no before anything was sent, and has it counted as a refusal. */
    refuse(response: ServerResponse, call: Call, no: No, provider: string | null): void
    /** Says that the upstream failed; the attempt is counted already. */
    answer(response: ServerResponse, call: Call, no: No): void
  }

/** What is kept of an attempt that failed. Its request and its reply are let go: the answer after it may last long. */
export type PastFailure = {
  target: Target
  /** undefined: the client left. */
  said: RefusalSaid | undefined
  status: number | null
  /** Monotonic ms. */
  overMs: number
}

export function pastFailureOf({ step, reply }: Sent, said: RefusalSaid | undefined, deps: RelayDeps): PastFailure {
  return { target: step.target, said, status: reply?.status ?? null, overMs: deps.clock() }
}

export type Relaying = Sender & {
  way: Way
  /** The targets that were asked before, in their order. */
  failed: PastFailure[]
  /** How long it has waited since the last of them (or since the request), ms: a provider asked for it, or the user's own limits did. */
  waitedMs: number
  /** Monotonic ms: until then some target must have begun to answer. */
  deadlineMs: number
}
