/** What every card is given to show. */
import type { Standing } from '../../../shared/contract/rows.ts'
import type { View } from '../../../shared/view.ts'
import type { Metric, Range } from '../ranges.ts'
import type { Usage } from '../use-usage.ts'

export type Shown = {
  view: View
  standing: Standing
  /** Epoch ms; moves on by itself so that ages do. */
  now: number
  timeZone: string
  usage: Usage | undefined
  range: Range
  metric: Metric
  asTable: boolean
  choose: (choice: { range?: Range; metric?: Metric; asTable?: boolean }) => void
}
