/** What every feed message about a call carries: today, this month, the headline. */
import type { Standing } from '../../../shared/contract/rows.ts'
import type { Ledger } from '../ledger.ts'
import { addSums, emptySums, type Sums } from '../sums.ts'
import type { Times } from '../times.ts'
import { firstOfMonth } from '../zone.ts'
import { headlineOf } from './headline.ts'
import { totalsOf } from './rows.ts'
import { type Kind, kindShown } from './shown.ts'
import { wholeTimes } from './whole-times.ts'

/** `now` in epoch ms; `inFlight`: calls that run. Days and months are those of the ledger's time zone. */
export function standingOf(ledger: Ledger, now: number, inFlight: number): Standing {
  const kind = kindShown(ledger)
  const today = ledger.zone.dayOf(now)
  const first = firstOfMonth(today)
  const sumsToday = sumsOfDays(ledger, kind, today, today)
  const timesToday = timesOfDays(ledger, kind, today, today)
  return {
    simulated: kind === 'simulated',
    today: totalsOf(sumsToday, timesToday),
    month: totalsOf(sumsOfDays(ledger, kind, first, today), [
      ...timesOfDays(ledger, kind, first, today - 1),
      ...timesToday,
    ]),
    headline: headlineOf(ledger, now, sumsToday),
    in_flight: inFlight,
  }
}

/** Both days included. */
function sumsOfDays(ledger: Ledger, kind: Kind, first: number, last: number): Sums {
  const sums = emptySums()
  for (let day = first; day <= last; day++) {
    const bucket = ledger.totals.days.get(day)
    if (bucket) addSums(sums, bucket[kind])
  }
  return sums
}

/** Both days included. */
function timesOfDays(ledger: Ledger, kind: Kind, first: number, last: number): Times[] {
  const lists: Times[] = []
  for (let day = first; day <= last; day++) {
    const bucket = ledger.totals.days.get(day)
    if (bucket) lists.push(wholeTimes(bucket)[kind])
  }
  return lists
}
