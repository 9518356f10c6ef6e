/** Days by one name whose sums are kept alone: by user, feature, session or key, each beside what names none. */
import { byMarginal, reachOf } from '../by-marginal.ts'
import type { Ledger } from '../ledger.ts'
import type { Marginal } from '../marginals.ts'
import { isFiled, monthOf } from '../months.ts'
import { dateOf } from '../zone.ts'
import type { Bad } from './usage-query.ts'
import type { Placed } from './usage-tally.ts'

/** Sessions and keys are forgotten after a while; `from` is epoch ms. */
export function tooEarly({ marginals, zone }: Ledger, marginal: Marginal, from: number): Bad | undefined {
  const since = reachOf(marginals, marginal)
  if (since === undefined || from >= zone.startOfDay(since)) return undefined
  return { bad: 'from', why: `'from' is too early: ${marginal} is counted since ${dateOf(since)}. Give a later one.` }
}

/**
 * Of days that the ledger itself holds. Where a day's month is closed they are what came late for it, and the names that no file
 * holds wait for that file: without it they would be more than the whole.
 */
export function* daysByMarginal(ledger: Ledger, name: Marginal, days: Iterable<Placed>): Generator<Placed> {
  for (const { at, bucket } of days) {
    const day = ledger.zone.dayOf(at)
    const waits = !isFiled(name) && ledger.months.has(monthOf(day))
    yield { at, bucket: byMarginal(bucket, waits ? undefined : ledger.marginals[name].get(day)) }
  }
}

/** Of days that the file of a closed month holds. */
export function* monthDaysByMarginal(ledger: Ledger, name: Marginal, days: Iterable<Placed>): Generator<Placed> {
  for (const { at, bucket } of days) {
    const named = () => byMarginal(bucket, ledger.marginals[name].get(ledger.zone.dayOf(at)))
    yield { at, bucket: isFiled(name) ? bucket : named() }
  }
}
