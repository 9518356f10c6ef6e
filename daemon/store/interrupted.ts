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
  const { type: _, estimate, ...dimensions } = started
  const usage: Usage = { ...noUsage, input: estimate.input, output: estimate.output }
  const priced = priceOf?.(started, usage, startedAt) ?? null
  const attempts = Number(/\.(\d+)$/.exec(started.attempt)?.[1] ?? 1)
  return {
    type: 'attempt.ended',
    ...dimensions,
    last: true,
    attempts,
    startedAt,
    status: null,
    outcome: 'interrupted',
    usage,
    usageSource: 'estimated',
    cost: priced?.cost ?? null,
    billed: priced?.billed ?? null,
    price: priced?.price ?? null,
    latencyMs: Math.max(0, aliveUntil - startedAt),
    ttftMs: null,
    overheadMs: 0,
    error: 'the daemon ended before the answer did',
    upstreamId: null,
  }
}
