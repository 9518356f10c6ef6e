/** Which window of an account binds what is used now: the one that stops it first. */
import type { QuotaNow } from './limits.ts'
import { countsModel, isExhausted, isSubscriptionWindow, type WindowNow } from './windows.ts'

/** A window with the quota that it is of. */
export type Candidate = { window: WindowNow; quota: QuotaNow['quota'] }

/**
 * Of the account's subscription windows that count the model in use: a used-up one, else the one that runs out first at its pace,
 * else the fullest.
 */
export function bindingWindow(quotas: readonly QuotaNow[], model: string | undefined): Candidate | undefined {
  const all = candidatesOf(quotas).filter(({ window }) => isSubscriptionWindow(window.name))
  const counting = all.filter(
    ({ quota, window }) =>
      model === undefined || window.name === quota.representative || countsModel(window.name, model),
  )
  const candidates = counting.length > 0 ? counting : all
  const exhausted = candidates.filter(({ window }) => isExhausted(window))
  // until the last of them is reset nothing goes on, whatever the others say
  if (exhausted.length > 0) return greatest(exhausted, ({ window }) => window.resetsAt ?? 0)
  const runningOut = candidates.filter(({ window }) => window.runsOutAt !== null)
  if (runningOut.length > 0) return greatest(runningOut, ({ window }) => -(window.runsOutAt ?? 0))
  return fullest(candidates)
}

export function candidatesOf(quotas: readonly QuotaNow[]): Candidate[] {
  return quotas.flatMap(({ quota, windows }) => windows.map((window) => ({ quota, window })))
}

export function fullest(candidates: readonly Candidate[]): Candidate | undefined {
  return greatest(candidates, ({ window }) => window.usedPct ?? -1)
}

/** The first of equals. */
function greatest(candidates: readonly Candidate[], by: (one: Candidate) => number): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (best, next) => (!best || by(next) > by(best) ? next : best),
    undefined,
  )
}
