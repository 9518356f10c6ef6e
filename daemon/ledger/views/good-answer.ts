/** Whether the end of an attempt is a good answer, and so proves that calls like it go through again. */
import type { AttemptEnded } from '../../../shared/contract/event.ts'
import type { Ledger } from '../ledger.ts'

/**
 * When it was sent, epoch ms, asked before its end is recorded; undefined: it proves nothing. A file sent, or a list asked for, says
 * nothing of what tokens are limited by.
 */
export function provenSince({ open }: Pick<Ledger, 'open'>, e: AttemptEnded): number | undefined {
  if (e.outcome !== 'ok' || e.usage === null || e.imported !== undefined) return undefined
  // after a failover that is later than the call's own beginning
  return open.get(e.attempt)?.t ?? e.startedAt
}
