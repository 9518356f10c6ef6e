/** How long things took, as counts between fixed bounds and a sum in whole microseconds: no order of adding changes either. */
import { isArray, isCount } from './reading.ts'

/** `counts`: one a bound, of what took as long or shorter but longer than the bound before; the last is of all that took longer. */
export type Histogram = { counts: number[]; sumUs: number }

/** Milliseconds. A change of bounds is a new snapshot format. */
export const boundsMs = {
  /** From a short answer out of a cache to ten minutes of reasoning. */
  latency: [100, 250, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000],
  firstToken: [50, 100, 250, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000],
  /** It is measured in tenths of a millisecond. */
  overhead: [0.1, 0.2, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 1000],
} as const satisfies Record<string, readonly number[]>
export type Measure = keyof typeof boundsMs

export function emptyHistogram(measure: Measure): Histogram {
  return { counts: [...boundsMs[measure].map(() => 0), 0], sumUs: 0 }
}

/** Adds one that took this many milliseconds. */
export function observe(histogram: Histogram, measure: Measure, ms: number): void {
  const bounds = boundsMs[measure]
  let at = 0
  while (at < bounds.length && ms > (bounds[at] ?? 0)) at++
  histogram.counts[at] = (histogram.counts[at] ?? 0) + 1
  histogram.sumUs += Math.max(0, Math.round(ms * 1000))
}

/**
 * In ms, as Prometheus' `histogram_quantile` makes it of these buckets: even within one; beyond the last bound, that bound.
 * null: it is of nothing.
 */
export function quantileMs({ counts }: Histogram, measure: Measure, quantile: number): number | null {
  const bounds: readonly number[] = boundsMs[measure]
  const rank = quantile * counts.reduce((sum, count) => sum + count, 0)
  let below = 0
  for (const [at, count] of counts.entries()) {
    if (count > 0 && below + count >= rank) {
      const from = bounds[at - 1] ?? 0
      const ms = from + ((bounds[at] ?? from) - from) * ((rank - below) / count)
      return Math.round(ms * 1000) / 1000
    }
    below += count
  }
  return null
}

export function writeHistogram({ counts, sumUs }: Histogram): number[] {
  return [sumUs, ...counts]
}

/** undefined: not what `writeHistogram` writes. */
export function readHistogram(json: unknown, measure: Measure): Histogram | undefined {
  if (!isArray(json) || json.length !== boundsMs[measure].length + 2 || !json.every(isCount)) return undefined
  const [sumUs = 0, ...counts] = json
  return { counts, sumUs }
}
