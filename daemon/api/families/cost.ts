/** `/api/v1/cost`: each row shapes a view of the ledger, or passes single calls on as they are read. */
import type { costRows } from '../../../shared/contract/endpoints/cost.ts'
import { tallyBudgetStatus } from '../../ledger/views/budget-status.ts'
import { exportRecordOf, readExportQuery } from '../../ledger/views/cost-export.ts'
import { tallyCostUsage } from '../../ledger/views/cost-usage.ts'
import { csvOf, jsonOf } from '../export-text.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { untilLeft } from '../pieces.ts'
import { problem } from '../problem.ts'
import { addClosedMonths } from './closed-months.ts'

/** Each holds a segment's records in memory for as long as its reader takes. */
const mostExports = 4

export function costHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof costRows> {
  let exports = 0
  return {
    async costBudgetStatus(_asked, { now }) {
      const tally = tallyBudgetStatus(deps.ledger(), now)
      await addClosedMonths(deps, tally)
      const configured = [...deps.providers()].filter((provider) => provider.configured)
      return { value: tally.reply(configured.map(({ id }) => id)) }
    },
    async costUsage({ query }, { now }) {
      const tally = tallyCostUsage(deps.ledger(), now, query)
      if ('bad' in tally) return problem('bad_request', tally.why, { context: { parameter: tally.bad } })
      const missing = new Set<string>()
      for (const part of tally.parts) for (const month of await addClosedMonths(deps, part)) missing.add(month)
      return { value: tally.reply([...missing]) }
    },
    costExport({ query }, { now, req }) {
      const asked = readExportQuery(deps.ledger(), now, query, deps.reach().from)
      if ('bad' in asked) return problem('bad_request', asked.why, { context: { parameter: asked.bad } })
      const { period, ...which } = asked
      const format = query.format ?? 'csv'
      const file = ['tollkeeper', ...(asked.simulated ? ['simulated'] : []), period.start_date, period.end_date].join(
        '-',
      )
      const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8'
      const headers = { 'content-disposition': `attachment; filename="${file}.${format}"` }
      // of a HEAD no piece is ever made
      const isRead = req.method !== 'HEAD'
      if (isRead && exports >= mostExports) return tooManyExports
      if (isRead) exports++
      const read = (signal: AbortSignal) => {
        const records = deps.history.calls({ ...which, rowOf: exportRecordOf }, signal)
        return format === 'csv' ? csvOf(records) : jsonOf({ export_date: new Date(now).toISOString(), period }, records)
      }
      return { pieces: untilLeft(read, () => exports--), type, headers }
    },
  }
}

const tooManyExports = problem(
  'rate_limited',
  `${mostExports} exports are being read already. Try again once one of them is through, or was stopped.`,
  { retryAfter: 10 },
)
