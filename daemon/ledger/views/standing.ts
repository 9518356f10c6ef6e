/** What every feed message about a call carries: today, this month, the headline. */
import type { Standing } from '../../../shared/contract/rows.ts'
import { rowsOf } from '../buckets.ts'
import type { Ledger } from '../ledger.ts'
import { addSums, emptySums, type Sums } from '../sums.ts'
import { emptySpread, spread, type Times, timesIn } from '../times.ts'
import { isSimulatedRow } from '../totals.ts'
import { firstOfMonth } from '../zone.ts'
import { headlineOf } from './headline.ts'
import { totalsOf } from './rows.ts'
import { type Kind, kindShown } from './shown.ts'

/** `now` in epoch ms; `inFlight`: calls that run. Days and months are those of the ledger's time zone. */
export function standingOf(ledger: Ledger, now: number, inFlight: number): Standing {
  const kind = kindShown(ledger)
  const today = ledger.zone.dayOf(now)
  const sumsToday = sumsOfDays(ledger, kind, today, today)
  return {
    simulated: kind === 'simulated',
    today: totalsOf(sumsToday, [timesOfDays(ledger, kind, today, today)]),
    month: totalsOf(sumsOfDays(ledger, kind, firstOfMonth(today), today), timesOfMonth(ledger, kind, today)),
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

/** Days gone by apart from today's: they hardly change. */
function timesOfMonth(ledger: Ledger, kind: Kind, today: number): Times[] {
  return [timesOfDays(ledger, kind, firstOfMonth(today), today - 1), timesOfDays(ledger, kind, today, today)]
}

type Known = { attempts: number; times: Times }
/** What was added up last, by kind and days: each message of the feed asks for it, and days gone by hardly change. */
const known = new WeakMap<Ledger, Map<string, Known>>()
const knownBound = 8

/** Both days included. The same attempts in the same days took the same time. */
function timesOfDays(ledger: Ledger, kind: Kind, first: number, last: number): Times {
  const { attempts } = sumsOfDays(ledger, kind, first, last)
  const ofLedger = known.get(ledger) ?? new Map<string, Known>()
  known.set(ledger, ofLedger)
  const key = `${kind} ${first} ${last}`
  const found = ofLedger.get(key)
  if (found?.attempts === attempts) return found.times
  const sum = emptySpread()
  for (let day = first; day <= last; day++) {
    for (const row of rowsOf(ledger.totals.days.get(day))) {
      if ((isSimulatedRow(row.names) ? 'simulated' : 'real') === kind) spread(sum, row.times)
    }
  }
  const times = timesIn(sum)
  if (ofLedger.size >= knownBound) ofLedger.clear()
  ofLedger.set(key, { attempts, times })
  return times
}
