/** `/metrics` and the daemon's figures of itself: handed on to whoever reads them. */
import type { metricsRows } from '../../../shared/contract/endpoints/metrics.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function metricsHandlers(deps: Pick<FamilyDeps, 'metrics'>): Pick<Handlers, keyof typeof metricsRows> {
  return {
    metrics: ({ query }, { req }) => deps.metrics.text({ accept: req.headers.accept, simulated: query.simulated }),
    daemonFigures: ({ query }) => ({ value: deps.metrics.ofDaemon({ simulated: query.simulated }) }),
  }
}
