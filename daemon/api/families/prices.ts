/** `/api/v1/prices`: what models cost, newer prices on demand, and the past at the prices of another day. */
import type { pricesRows } from '../../../shared/contract/endpoints/prices.ts'
import { isoOf } from '../../ledger/views/rows.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { modelPriceOf } from '../price-rows.ts'
import { problem } from '../problem.ts'
import { readReprice, reprice } from '../reprice.ts'

export function pricesHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof pricesRows> {
  return {
    prices({ query: { model, provider } }, { now }) {
      const inUse = deps.config.now()
      const asked = provider === undefined ? [...inUse.providers.values()] : [inUse.providers.get(provider)]
      const known = asked.filter((one) => one !== undefined)
      if (known.length === 0) {
        const detail = `There is no provider '${provider}'; GET /api/v1/providers lists those that are there.`
        return problem('bad_request', detail, { context: { parameter: 'provider' } })
      }
      const wanted = provider === undefined ? known.filter(({ simulated }) => !simulated) : known
      return {
        value: {
          catalogue: { version: inUse.catalogue.version, updated_at: deps.prices.updatedAt() },
          as_of: isoOf(now),
          prices: model === undefined ? [] : wanted.flatMap((one) => modelPriceOf(inUse, one, model, now) ?? []),
        },
      }
    },
    async updatePrices() {
      const updated = await deps.prices.update()
      return 'refused' in updated ? problem('upstream_failed', updated.refused) : { value: updated }
    },
    async reprice({ query }, { now, req }) {
      const asked = readReprice(deps.ledger(), now, query)
      if ('bad' in asked) return problem('bad_request', asked.why, { context: { parameter: asked.bad } })
      const gone = new AbortController()
      const leave = () => gone.abort()
      req.socket.once('close', leave)
      try {
        return { value: await reprice(asked, deps.history.calls, deps.config.now(), gone.signal) }
      } finally {
        req.socket.off('close', leave)
      }
    },
  }
}
