/** What the last call to each provider says of it: whether it can be reached and answers, as far as that still tells of now. */
import type { AttemptEnded } from '../../../shared/contract/event.ts'
import type { Ledger } from '../ledger.ts'
import { inOrder } from '../recent.ts'

/** `at`: when that call ended, epoch ms. `down`: what went wrong; null: it answered. */
export type Heard = { at: number; latencyMs: number; down: string | null }

/**
 * A failure tells of now for this long. Whoever stops calling a provider because it is said to be down would never hear that it is well
 * again, as we ask nobody unasked.
 */
const failureTellsMs = 15 * 60_000

export function lastHeard({ recent }: Ledger, now: number): Map<string, Heard> {
  const heard = new Map<string, Heard>()
  for (const rows of [recent.simulated, recent.real]) {
    // oldest first: what remains is the newest one's
    for (const { t, e } of inOrder(rows)) {
      if (!saysNothing(e)) heard.set(e.provider, { at: t, latencyMs: e.latencyMs, down: whyDown(e) })
    }
  }
  for (const one of heard.values()) if (now - one.at >= failureTellsMs) one.down = null
  return heard
}

/** The client left before the provider had said anything, or the daemon did not live to see the end. */
function saysNothing({ outcome, status }: AttemptEnded): boolean {
  return outcome === 'interrupted' || (outcome === 'aborted' && status === null)
}

/** Who asked for something wrong, or too much, says nothing against the provider: it has answered. */
function whyDown({ outcome, status, error }: AttemptEnded): string | null {
  const isDown = outcome === 'failed' || outcome === 'truncated' || (status !== null && status >= 500)
  if (!isDown) return null
  if (error !== null) return `the last call ${outcome === 'truncated' ? 'broke off' : 'failed'}: ${error}`
  return status === null ? 'the last call had no answer' : `the last call was answered with status ${status}`
}
