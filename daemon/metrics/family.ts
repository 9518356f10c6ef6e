/** What a family of figures is: its name, what it says, and how its values are read when somebody asks. */
import type { Warning } from '../../shared/contract/warning.ts'
import type { Histogram, Measure } from '../ledger/histogram.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { CountedLimits } from '../ledger/views/counted-limits.ts'
import type { Kind } from '../ledger/views/shown.ts'
import type { BookFigures } from '../store/book.ts'

export type Labels = Readonly<Record<string, string>>
export type Sample = { labels: Labels; value: number }
export type Spread = { labels: Labels; histogram: Histogram; measure: Measure }

/** A counter's name ends in `_total`. Names, once given, stay: people's dashboards and alerts go by them. */
export type Family = { name: string; help: string } & (
  | { type: 'counter' | 'gauge'; read(source: Source): Sample[] }
  | { type: 'histogram'; read(source: Source): Spread[] }
)

/** What the GPU's tool said last. */
export type Gpu =
  | { available: false }
  | { available: true; utilization_pct: number | null; memory_used_gb: number | null }

/** What the values of one answer are read from. */
export type Source = {
  ledger: Ledger
  /** Epoch ms. */
  now: number
  /** Whose calls are shown, as in every view, and what marks those of the sandbox. */
  kind: Kind
  asked: 'only' | undefined
  mark: Labels
  figures: BookFigures
  counted: readonly CountedLimits[]
  warnings: readonly Warning[]
  inFlight: number
  version: string
  gpu: Gpu
  process: { cpuSeconds: number; residentBytes: number; heapBytes: number; startedAtSeconds: number }
}

/** One value without labels. */
export function alone(value: number | null): Sample[] {
  return value === null ? [] : [{ labels: {}, value }]
}
