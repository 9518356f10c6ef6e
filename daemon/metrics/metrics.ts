/** `GET /metrics`: reads every family when somebody asks. Nothing is counted here. */
import type { Gauge } from '../../shared/contract/gauge.ts'
import type { Warning } from '../../shared/contract/warning.ts'
import type { CountedLimits } from '../ledger/views/counted-limits.ts'
import { kindShown } from '../ledger/views/shown.ts'
import type { Book } from '../store/book.ts'
import { callFamilies } from './call-families.ts'
import { formatFor, mediaTypes, write } from './exposition.ts'
import type { Family, Gpu, Source } from './family.ts'
import { ownFamilies } from './own-families.ts'
import { standingFamilies } from './standing-families.ts'

export type MetricsDeps = {
  book: Pick<Book, 'ledger' | 'figures'>
  countedLimits(): readonly CountedLimits[]
  warnings: { list(): readonly Warning[] }
  /** Calls that run now. */
  inFlight: { count(): number }
  /** As it was read last: at once. */
  gpu(): Gpu
  /** What other parts of the daemon keep of themselves. */
  gauges(): readonly Gauge[]
  version: string
  /** Epoch ms. */
  now(): number
}

/** `accept`: the header. `simulated`: the sandbox's calls, though there are real ones. */
export type MetricsAsked = { accept: string | undefined; simulated: 'only' | undefined }

const families: readonly Family[] = [...callFamilies, ...standingFamilies, ...ownFamilies]

/** Answers what was asked as bytes with their media type. */
export function openMetrics(deps: MetricsDeps): (asked: MetricsAsked) => { bytes: Buffer; type: string } {
  return ({ accept, simulated }) => {
    const format = formatFor(accept)
    const text = write([...families, ...handedIn(deps.gauges())], sourceOf(deps, simulated), format)
    return { bytes: Buffer.from(text), type: mediaTypes[format] }
  }
}

function sourceOf(deps: MetricsDeps, asked: 'only' | undefined): Source {
  const { ledger } = deps.book
  const kind = kindShown(ledger, asked)
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return {
    ledger,
    now: deps.now(),
    kind,
    asked,
    mark: kind === 'simulated' ? { simulated: 'true' } : {},
    figures: deps.book.figures(),
    counted: deps.countedLimits(),
    warnings: deps.warnings.list(),
    inFlight: deps.inFlight.count(),
    version: deps.version,
    gpu: deps.gpu(),
    process: {
      cpuSeconds: (user + system) / 1e6,
      residentBytes: rss,
      heapBytes: heapUsed,
      startedAtSeconds: Math.round(performance.timeOrigin) / 1000,
    },
  }
}

/** One family a name, with as many values as there are gauges of it. */
function handedIn(gauges: readonly Gauge[]): Family[] {
  const firsts = gauges.filter(({ name }, at) => gauges.findIndex((gauge) => gauge.name === name) === at)
  return firsts.map(({ name, help, counts }) => ({
    name,
    help,
    type: counts ? 'counter' : 'gauge',
    read: () => gauges.filter((gauge) => gauge.name === name).map(({ labels = {}, value }) => ({ labels, value })),
  }))
}
