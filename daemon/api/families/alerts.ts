/** `/api/v1/alerts`: what was told once, a page at a time. */
import type { alertsRows } from '../../../shared/contract/endpoints/alerts.ts'
import { alertsOf } from '../../ledger/views/alerts.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'

export function alertsHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof alertsRows> {
  return {
    alerts({ query }) {
      const page = alertsOf(deps.ledger(), query, deps.webhookOrigin)
      if ('bad' in page) return problem('bad_request', page.why, { context: { parameter: page.bad } })
      return { value: page }
    },
  }
}
