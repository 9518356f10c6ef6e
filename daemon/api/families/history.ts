/** `/api/v1/requests` and `/api/v1/store`: calls of any age from the disk, and its compaction. */
import type { historyRows } from '../../../shared/contract/endpoints/history.ts'
import { readRequestQuery } from '../../ledger/views/request-query.ts'
import { requestRowOf } from '../../ledger/views/rows.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'

export function historyHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof historyRows> {
  return {
    async requestRows({ query }, context) {
      const asked = readRequestQuery(deps.ledger(), context.now, query)
      if ('bad' in asked) return problem('bad_request', asked.why, { context: { parameter: asked.bad } })
      const { attempts, next } = await deps.history.attempts(asked)
      const requests = attempts.map(({ e, t }) => requestRowOf(e, t))
      return { value: { requests, next_cursor: next === null ? null : String(next) } }
    },
    async compact() {
      await deps.history.compact()
      const failed = deps.warnings().find(({ code }) => code === 'compaction-failed')
      if (failed) return problem('internal', failed.text)
      const { snapshot, segments, bytes } = deps.history.figures()
      return { value: { snapshot, segments, bytes } }
    },
  }
}
