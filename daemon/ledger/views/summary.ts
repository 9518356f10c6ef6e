/** What a client sees first, in one answer. */
import type { Summary } from '../../../shared/contract/summary.ts'
import type { Warning } from '../../../shared/contract/warning.ts'
import type { Ledger } from '../ledger.ts'
import { budgetRowsOf } from './budgets.ts'
import type { CountedLimits } from './counted-limits.ts'
import { limitsOf } from './limits.ts'
import { newestCalls } from './requests.ts'
import { isoOf, requestRowOf, totalsOf } from './rows.ts'
import { kindShown } from './shown.ts'
import { standingOf } from './standing.ts'

/** How far back the journal reaches, `from` in epoch ms. */
type History = Omit<Summary['history'], 'from'> & { from: number | null }

/** What the ledger does not know of the daemon. */
export type About = {
  instanceId: string
  version: string
  url: string
  inFlight: number
  warnings: Warning[]
  /** The user's own limits. */
  counted?: readonly CountedLimits[]
  history: History
}

/** Calls that a summary shows. */
const recentShown = 50

export function summaryOf(ledger: Ledger, now: number, about: About): Summary {
  return {
    instance_id: about.instanceId,
    version: about.version,
    at: isoOf(now),
    url: about.url,
    time_zone: ledger.zone.name,
    ...standingOf(ledger, now, about.inFlight),
    all_time: totalsOf(ledger.lifetime[kindShown(ledger)]),
    limits: limitsOf(ledger, now, undefined, about.counted),
    budgets: budgetRowsOf(ledger, now),
    recent: newestCalls(ledger, recentShown).map(({ e, t }) => requestRowOf(e, t)),
    warnings: about.warnings,
    history: { ...about.history, from: about.history.from === null ? null : isoOf(about.history.from) },
  }
}
