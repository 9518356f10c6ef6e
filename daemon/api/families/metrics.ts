/** `/metrics`: handed on to whoever writes them. */
import type { metricsRows } from '../../../shared/contract/endpoints/metrics.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function metricsHandlers(deps: Pick<FamilyDeps, 'metrics'>): Pick<Handlers, keyof typeof metricsRows> {
  return {
    metrics: ({ query }, { req }) => deps.metrics({ accept: req.headers.accept, simulated: query.simulated }),
  }
}
