/** `GET /metrics`, and the daemon's own figures over REST: reads families when somebody asks. Nothing is counted here. */
import type { DaemonFigures } from '../../shared/contract/endpoints/metrics.ts'
import type { Gauge } from '../../shared/contract/gauge.ts'
import type { Warning } from '../../shared/contract/warning.ts'
import type { CountedLimits } from '../ledger/views/counted-limits.ts'
import { kindShown } from '../ledger/views/shown.ts'
import type { Book } from '../store/book.ts'
import { callFamilies } from './call-families.ts'
import { daemonFiguresOf } from './daemon-figures.ts'
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
type MetricsAsked = { accept: string | undefined; simulated: 'only' | undefined }

export type Metrics = {
  /** All figures, as bytes with their media type. */
  text(asked: MetricsAsked): { bytes: Buffer; type: string }
  /** What the daemon tells of itself. */
  ofDaemon(asked: Pick<MetricsAsked, 'simulated'>): DaemonFigures
}

export function openMetrics(deps: MetricsDeps): Metrics {
  const own = () => [...ownFamilies, ...handedIn(deps.gauges())]
  return {
    text({ accept, simulated }) {
      const format = formatFor(accept)
      const text = write([...callFamilies, ...standingFamilies, ...own()], sourceOf(deps, simulated), format)
      return { bytes: Buffer.from(text), type: mediaTypes[format] }
    },
    ofDaemon: ({ simulated }) => daemonFiguresOf(own(), sourceOf(deps, simulated)),
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
