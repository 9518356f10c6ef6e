/** `/v1/stats` and `/v1/ratelimits`: camelCase, epoch milliseconds; each row shapes a view of the ledger. */
import type { stats } from '../../../shared/contract/endpoints/stats.ts'
import { rateLimitsOf } from '../../ledger/views/rate-limits.ts'
import { statsRequestsOf } from '../../ledger/views/requests.ts'
import { chainStatsOf, providerStatsOf, statsSummaryOf } from '../../ledger/views/stats.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'

export function statsHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof stats> {
  return {
    providers: ({ query }) => ({ value: { providers: providerStatsOf(deps.ledger(), query.simulated) } }),
    provider({ params, query }) {
      const found = providerStatsOf(deps.ledger(), query.simulated).find((row) => row.providerId === params.providerId)
      if (found) return { value: found }
      const shown = params.providerId.slice(0, 100)
      const detail = `No call has gone to '${shown}' yet; GET /v1/stats/providers lists those that were used.`
      return problem('not_found', detail, { title: 'No usage data for provider' })
    },
    chains: ({ query }) => ({ value: { chains: chainStatsOf(deps.ledger(), query.simulated) } }),
    chain({ params, query }) {
      const found = chainStatsOf(deps.ledger(), query.simulated).find((row) => row.chainName === params.chainName)
      if (found) return { value: found }
      const shown = params.chainName.slice(0, 100)
      const detail = `No call has gone through '${shown}' yet; GET /v1/stats/chains lists those that were used.`
      return problem('not_found', detail, { title: 'No usage data for chain' })
    },
    statsSummary: ({ query }) => ({ value: statsSummaryOf(deps.ledger(), query.simulated) }),
    requests: ({ query }) => ({
      value: { requests: statsRequestsOf(deps.ledger(), query.limit, query.simulated) },
    }),
    ratelimits: ({ query }, context) => ({
      value: { ratelimits: rateLimitsOf(deps.ledger(), context.now, query.simulated) },
    }),
  }
}
