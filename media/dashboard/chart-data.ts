/** What a chart draws and says, made of a usage reply; nothing is added up here. */
import type { UsageReply } from '../../shared/contract/endpoints/core.ts'
import { type Metric, metrics, type Range, ranges } from './ranges.ts'
import { metricText, stepText } from './text.ts'

/** Starts in epoch seconds, the whole of each step, and the part of it that is drawn over it; null draws nothing, not even a line at 0. */
export type Columns = [number[], (number | null)[], (number | null)[]]

export function columnsOf(reply: UsageReply, metric: Metric): Columns {
  const { whole, part } = metrics[metric]
  return [
    reply.series.map((step) => Date.parse(step.start) / 1000),
    reply.series.map((step) => whole.of(step.totals) || null),
    reply.series.map((step) => part.of(step.totals) || null),
  ]
}

/** One sentence for whoever does not see the chart. */
export function sentenceOf(reply: UsageReply, range: Range, metric: Metric): string {
  const { whole, part } = metrics[metric]
  const { words, step } = ranges[range]
  const total = whole.of(reply.total)
  const opening = `${whole.label} of ${words} by ${step}`
  const busiest = reply.series.reduce<UsageReply['series'][number] | undefined>(
    (most, one) => (most && whole.of(most.totals) >= whole.of(one.totals) ? most : one),
    undefined,
  )
  if (!busiest || total === 0) return `${opening}: none.`
  const when = stepText(busiest.start, reply.period.time_zone, ranges[range].bucket === 'day' ? 'day' : 'minute')
  const most = metricText(metric, whole.of(busiest.totals))
  return `${opening}: ${metricText(metric, total)}, of it ${metricText(metric, part.of(reply.total))} ${part.label}; most from ${when}, ${most}.`
}
