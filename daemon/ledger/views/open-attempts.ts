/** Attempts that were started and have not ended, oldest first. */
import type { AttemptStarted } from '../../../shared/contract/event.ts'
import type { Ledger } from '../ledger.ts'

export function openAttemptsOf(ledger: Ledger): AttemptStarted[] {
  return [...ledger.open.values()].map(({ e }) => e)
}

/** When an open attempt was started, epoch ms. */
export function startedAtOf(ledger: Ledger, attempt: string): number | undefined {
  return ledger.open.get(attempt)?.t
}
