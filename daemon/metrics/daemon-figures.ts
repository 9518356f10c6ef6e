/** What the daemon tells of itself over REST: read from the same families, and the same values, as `/metrics` is. */
import type { DaemonFigures } from '../../shared/contract/endpoints/metrics.ts'
import { quantileMs } from '../ledger/histogram.ts'
import { isoOf } from '../ledger/views/rows.ts'
import type { Family, Source } from './family.ts'

const prefix = /^tollkeeper_/

/** `families`: those that go among `figures`; of them, what has no labels. */
export function daemonFiguresOf(families: readonly Family[], source: Source): DaemonFigures {
  const { ledger, kind, now, figures, process } = source
  return {
    timestamp: isoOf(now),
    since: isoOf(process.startedAtSeconds * 1000),
    simulated: kind === 'simulated',
    figures: singlesOf(families, source),
    overhead: overheadOf(source),
    refusals: Object.fromEntries([...ledger.refusals.values()].map(({ code, count }) => [code, count])),
    journal: {
      backlog_lines: figures.backlog,
      unsynced_lines: figures.unsynced,
      synced_at: figures.lastFsyncAt === null ? null : isoOf(figures.lastFsyncAt),
    },
  }
}

function singlesOf(families: readonly Family[], source: Source): DaemonFigures['figures'] {
  const named = families.flatMap((family): [string, number][] => {
    if (family.type === 'histogram') return []
    const single = family.read(source).find(({ labels }) => Object.keys(labels).length === 0)
    return single === undefined ? [] : [[family.name.replace(prefix, ''), single.value]]
  })
  return Object.fromEntries(named)
}

function overheadOf({ ledger, kind }: Source): DaemonFigures['overhead'] {
  const { overhead } = ledger.meters[kind]
  const attempts = overhead.counts.reduce((sum, count) => sum + count, 0)
  return {
    attempts,
    average_ms: attempts === 0 ? null : Math.round(overhead.sumUs / attempts) / 1000,
    p50_ms: quantileMs(overhead, 'overhead', 0.5),
    p95_ms: quantileMs(overhead, 'overhead', 0.95),
  }
}
