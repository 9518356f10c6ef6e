/** `/api/usage`: snake_case, ISO 8601; each row shapes a view of the ledger. */
import type { Allowance, allowanceRows } from '../../../shared/contract/endpoints/allowance.ts'
import { allowanceOf, tierOf } from '../../ledger/views/allowance.ts'
import { tallyHistory } from '../../ledger/views/allowance-history.ts'
import { kindShown } from '../../ledger/views/shown.ts'
import { tallyUsage } from '../../ledger/views/usage.ts'
import { etagOf } from '../answer.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'
import { answerAllowed } from './allowed.ts'
import { addClosedMonths } from './closed-months.ts'

export function allowanceHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof allowanceRows> {
  return {
    async allowance({ query }, { now }) {
      const ledger = deps.ledger()
      if (ledger.lifetime[kindShown(ledger, query.simulated)].attempts === 0) return noData
      const value = await monthNow(deps, now, query.simulated)
      return { value, headers: { etag: etagOf(value), 'cache-control': 'private, max-age=5' } }
    },
    async allowanceHistory({ query }, { now }) {
      const tally = tallyHistory(deps.ledger(), now, query)
      if ('bad' in tally) return problem('bad_request', tally.why, { context: { parameter: tally.bad } })
      return { value: tally.reply(await addClosedMonths(deps, tally)) }
    },
    allowed: async ({ query }, context) =>
      answerAllowed(deps, query, context, await monthNow(deps, context.now, undefined)),
  }
}

const noData = problem(
  'not_found',
  'No call has been recorded yet, so there is no usage to tell of. It is there from the first call through the daemon on.',
  { title: 'No usage data' },
)

/** A month that a clock which was put back lies in may be closed. */
async function monthNow(deps: FamilyDeps, now: number, simulated: 'only' | undefined): Promise<Allowance> {
  const ledger = deps.ledger()
  const tally = tallyUsage(ledger, now, { simulated })
  // no parameter is given that could be at fault
  if ('bad' in tally) throw new Error(tally.why)
  const { total } = tally.reply(await addClosedMonths(deps, tally))
  return allowanceOf(ledger, now, total, tierOf(deps.config.live.config()))
}
