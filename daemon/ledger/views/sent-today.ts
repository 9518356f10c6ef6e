/** How many calls went to a provider today: what a limit by the day is held against. */
import { rowsOf } from '../buckets.ts'
import type { Ledger } from '../ledger.ts'
import { importedAccount } from './account-label.ts'

/** Each sending counts, whatever became of it; `endsAt`: when the next day of the ledger's time zone begins, epoch ms. */
export type SentToday = { sent: number; endsAt: number }

/** Those that still run are among them. Calls that were imported are not: they did not come through here. */
export function sentToday({ zone, totals, open }: Ledger, provider: string, now: number): SentToday {
  const day = zone.dayOf(now)
  let sent = 0
  for (const { names, sums } of rowsOf(totals.days.get(day))) {
    // the first two of a row's names
    if (names[0] === provider && names[1] !== importedAccount) sent += sums.attempts
  }
  for (const { e } of open.values()) if (e.provider === provider) sent++
  return { sent, endsAt: zone.startOfDay(day + 1) }
}
