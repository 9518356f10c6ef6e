/** Figures of the daemon and its machine: what runs, the history on the disk, the process, the GPU. REST tells all of them too. */
import { alone, type Family, type Source } from './family.ts'

const bytesOfGb = 1024 ** 3

export const ownFamilies: readonly Family[] = [
  gauge('requests_in_flight', 'Calls that run now.', ({ inFlight }) => inFlight),
  counter('journal_events', 'Events that were ever recorded.', ({ figures }) => figures.last),
  counter('journal_folded_lines', 'Lines added up as the disk refused them for too long.', (s) => s.figures.foldedAway),
  gauge('journal_backlog_lines', 'Lines that wait in memory for the disk.', ({ figures }) => figures.backlog),
  gauge('journal_unsynced_lines', 'Lines written, but not yet known to be on the disk.', (s) => s.figures.unsynced),
  gauge('journal_synced_timestamp_seconds', 'When lines were last known to be on the disk.', ({ figures }) =>
    figures.lastFsyncAt === null ? null : figures.lastFsyncAt / 1000,
  ),
  gauge('store_segments', 'Files of the journal.', ({ figures }) => figures.segments),
  gauge('store_bytes', 'Size of the journal on the disk.', ({ figures }) => figures.bytes),
  gauge('store_snapshot_event', 'Number of the event up to which the newest snapshot holds everything.', (source) => {
    return source.figures.snapshot
  }),
  gauge('gpu_utilization_pct', 'How busy the GPU is, in percent; nothing where there is none.', ({ gpu }) =>
    gpu.available ? gpu.utilization_pct : null,
  ),
  gauge('gpu_memory_used_bytes', 'Memory of the GPU that is in use; nothing where there is none.', ({ gpu }) =>
    gpu.available && gpu.memory_used_gb !== null ? Math.round(gpu.memory_used_gb * bytesOfGb) : null,
  ),
  {
    name: 'tollkeeper_build_info',
    type: 'gauge',
    help: 'Always 1; its label is the version.',
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  // the names that every exporter gives these
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time of the daemon.',
    read: ({ process }) => alone(process.cpuSeconds),
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory of the daemon.',
    read: ({ process }) => alone(process.residentBytes),
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the daemon was started.',
    read: ({ process }) => alone(process.startedAtSeconds),
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'What of its memory holds values of the program.',
    read: ({ process }) => alone(process.heapBytes),
  },
]

function gauge(what: string, help: string, valueOf: (source: Source) => number | null): Family {
  return { name: `tollkeeper_${what}`, type: 'gauge', help, read: (source) => alone(valueOf(source)) }
}

function counter(what: string, help: string, valueOf: (source: Source) => number): Family {
  return { name: `tollkeeper_${what}_total`, type: 'counter', help, read: (source) => alone(valueOf(source)) }
}
