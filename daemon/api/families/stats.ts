/** `/v1/stats` and `/v1/ratelimits`: camelCase, epoch milliseconds; each row shapes a view of the ledger. */
import type { stats } from '../../../shared/contract/endpoints/stats.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { cooldownsOf } from '../../ledger/views/cooling.ts'
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
      value: { ratelimits: rateLimitsOf(deps.ledger(), context.now, query.simulated, deps.countedLimits()) },
    }),
    liftCooldowns({ params: { provider, model } }, { now }) {
      const lifted = cooldownsOf(deps.ledger(), provider, model, now)
      if (lifted.length === 0) return problem('not_found', nothingToLift(deps.ledger(), provider, model, now))
      deps.record({
        type: 'cooldown.lifted',
        provider,
        account: null,
        model: model === '*' ? null : model,
        why: 'asked',
      })
      return {
        value: {
          lifted: lifted.map(({ account, model, until, refusal }) => ({
            provider,
            account,
            model: model ?? '*',
            cooldownUntil: until,
            refusal,
          })),
        },
      }
    },
  }
}

function nothingToLift(ledger: Ledger, provider: string, model: string, now: number): string {
  const shown = `'${provider.slice(0, 100)}'`
  if (model === '*') return `Nothing of ${shown} is avoided; GET /v1/ratelimits shows what is.`
  const ofAccount = cooldownsOf(ledger, provider, '*', now).some((row) => row.model === null)
  const no = `No cooldown of ${shown} is for '${model.slice(0, 100)}' alone`
  return ofAccount
    ? `${no}, but one is for all its models: DELETE /v1/ratelimits/${encodeURIComponent(provider.slice(0, 100))}/* lifts that.`
    : `${no}; GET /v1/ratelimits shows what is avoided.`
}
