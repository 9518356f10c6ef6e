/** alerts */
import type { alertsRows } from '../../../shared/contract/endpoints/alerts.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'

export function alertsHandlers(_deps: FamilyDeps): Pick<Handlers, keyof typeof alertsRows> {
  return {}
}
