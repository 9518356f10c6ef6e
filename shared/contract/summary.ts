/** What a client sees first: everything the status bar, the tooltip and the top of the dashboard need, in one answer. */
import * as z from 'zod/mini'
import { budgetRow } from './budget.ts'
import { limitRow, requestRow, standing } from './rows.ts'
import { warning } from './warning.ts'

export const summary = z.object({
  instance_id: z.string(),
  version: z.string(),
  at: z.string(),
  url: z.string(),
  time_zone: z.string(),
  ...standing.shape,
  all_time: standing.shape.today,
  limits: z.array(limitRow),
  budgets: z.array(budgetRow),
  /** Newest first, at most 50. */
  recent: z.array(requestRow),
  warnings: z.array(warning),
  /** Single calls, as far as the journal still holds them; sums reach back further. */
  history: z.object({
    /** null: none is kept. */
    from: z.nullable(z.string()),
    segments: z.int(),
    /** On the disk. */
    bytes: z.int(),
    /** Events that are past their retention, or lost. */
    dropped: z.int(),
  }),
})
export type Summary = z.infer<typeof summary>
