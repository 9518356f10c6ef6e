/** `/api/v1`: snake_case, ISO 8601; each row shapes a view of the ledger and counts nothing itself. */
import type { core } from '../../../shared/contract/endpoints/core.ts'
import { receiptOf } from '../../ledger/views/receipt.ts'
import { summaryOf } from '../../ledger/views/summary.ts'
import { tallyUsage } from '../../ledger/views/usage.ts'
import type { Bad } from '../../ledger/views/usage-query.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { partsOfAttempt } from '../priced-again.ts'
import { type Problem, problem } from '../problem.ts'
import { addClosedMonths } from './closed-months.ts'
import { daemonHandlers } from './daemon.ts'
import { keyHandlers } from './keys.ts'

export function coreHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof core> {
  return {
    ...keyHandlers(deps),
    ...daemonHandlers(deps),
    summary: (_asked, context) => ({ value: summaryOf(deps.ledger(), context.now, aboutOf(deps)) }),
    async usage({ query }, context) {
      const tally = tallyUsage(deps.ledger(), context.now, query)
      if ('bad' in tally) return badQuery(tally)
      const missing = await addClosedMonths(deps, tally)
      const fault = tally.fault()
      return fault ? badQuery(fault) : { value: tally.reply(missing) }
    },
    async request({ params }) {
      const unknown = problem(
        'not_found',
        `Nothing is known of a call '${params.id.slice(0, 100)}'; its journal may be past its retention.`,
      )
      if (!/^req_[0-9A-HJKMNP-TV-Z]{26}$/.test(params.id)) return unknown
      const receipt = receiptOf(await deps.entriesOf(params.id), (e) => partsOfAttempt(deps.config.now(), e))
      return receipt ? { value: receipt } : unknown
    },
    warnings: () => ({ value: { warnings: deps.warnings() } }),
  }
}

function badQuery({ bad, why }: Bad): Problem {
  return problem('bad_request', why, { context: { parameter: bad } })
}

/** What a summary says beside the ledger. */
function aboutOf(
  deps: Pick<FamilyDeps, 'instanceId' | 'version' | 'port' | 'inFlight' | 'warnings' | 'countedLimits' | 'reach'>,
) {
  return {
    instanceId: deps.instanceId,
    version: deps.version,
    url: `http://127.0.0.1:${deps.port()}`,
    inFlight: deps.inFlight(),
    warnings: deps.warnings(),
    counted: deps.countedLimits(),
    history: deps.reach(),
  }
}
