/** Adds to an answer in the making what the files of closed months hold. */
import type { Buckets } from '../../ledger/buckets.ts'
import type { MonthName } from '../../ledger/months.ts'
import type { FamilyDeps } from '../handlers.ts'

type Tally = { months: readonly string[]; names: readonly MonthName[]; add(days: Buckets): void }

/** Answers those that cannot be read. */
export async function addClosedMonths({ daysOfMonth }: Pick<FamilyDeps, 'daysOfMonth'>, tally: Tally) {
  const missing: string[] = []
  // One after another: between two of them the loop is free.
  for (const month of tally.months) {
    const days = await daysOfMonth(month, tally.names)
    if (days) tally.add(days)
    else missing.push(month)
  }
  return missing
}
