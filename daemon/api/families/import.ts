/** `/api/v1/import`: hands over the calls that somebody read elsewhere. */
import type { importRows } from '../../../shared/contract/endpoints/import.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'

export function importHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof importRows> {
  return {
    async importCalls({ body }) {
      const taken = await deps.importCalls(body)
      if ('refused' in taken) return problem('conflict', taken.refused)
      return { value: taken, unchanged: body.dry_run === true || taken.added === 0 }
    },
  }
}
