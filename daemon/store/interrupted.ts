/** How an attempt ends that the daemon did not live to see ended: counted once, at its estimate, and said to be that. */
import type { AttemptEnded, AttemptStarted } from '../../shared/contract/event.ts'
import { noUsage, type PriceStamp, type Usage } from '../../shared/contract/usage.ts'

/** What the estimate would cost at `at`, in nano-dollars; null where no price is known. */
export type PriceOf = (
  started: AttemptStarted,
  usage: Usage,
  at: number,
) => { cost: number; billed: number; price: PriceStamp } | null

/** `startedAt`: when its start was recorded. `aliveUntil`: the newest time in the history, until which the daemon lived at least. */
export function interrupted(
  started: AttemptStarted,
  startedAt: number,
  aliveUntil: number,
  priceOf: PriceOf | undefined,
): AttemptEnded {
  const { type: _, estimate, billing, ...dimensions } = started
  const usage: Usage = { ...noUsage, input: estimate.input, output: estimate.output }
  const priced = priceOf?.(started, usage, startedAt) ?? null
  // what was held for it is what it counts as, though its price may have changed
  const cost = estimate.cost ?? priced?.cost ?? null
  const billed = estimate.billed ?? priced?.billed ?? null
  const attempts = Number(/\.(\d+)$/.exec(started.attempt)?.[1] ?? 1)
  return {
    type: 'attempt.ended',
    ...dimensions,
    // more is owed than a plan owes where the plan was used up
    billing: billing === 'plan' && (billed ?? 0) > 0 ? 'overage' : billing,
    last: true,
    attempts,
    startedAt,
    status: null,
    outcome: 'interrupted',
    usage,
    usageSource: 'estimated',
    cost,
    billed,
    price: priced?.cost === cost ? priced.price : null,
    latencyMs: Math.max(0, aliveUntil - startedAt),
    ttftMs: null,
    overheadMs: 0,
    error: 'the daemon ended before the answer did',
    upstreamId: null,
  }
}
