/** How far a call has come on its way, and what the relay needs to take it further. */
import type { ServerResponse } from 'node:http'
import type { RefusalSaid } from '../providers/refusal.ts'
import type { Call, Target } from './call.ts'
import type { InFlight } from './inflight.ts'
import type { OpenedDeps } from './opened.ts'
import type { No } from './refuse.ts'
import type { Sender, SentDeps } from './sent.ts'
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
export type Ended = {
  target: Target
  /** undefined: the client left. */
  said: RefusalSaid | undefined
  status: number | null
  /** Monotonic ms. */
  overMs: number
}

export type Line = Sender & {
  way: Way
  /** Those that were asked before, in their order. */
  failed: Ended[]
  /** Ms since the last of them (or the request) that a provider asked to wait, or that the user's own limits made it wait. */
  waitedMs: number
  /** Monotonic ms: until then some target must have begun to answer. */
  deadlineMs: number
}
