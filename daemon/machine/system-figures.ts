/** Makes the figures that are shown of what the library and the system told; what is no number of something is unknown. */
import type { MachineFigures } from '../../shared/contract/machine.ts'
import { rounded } from './gpu-texts.ts'

export type SystemFigures = Omit<MachineFigures, 'gpu'>

/** As they were told; undefined: not at all. Bytes, percent, and counts a second. */
export type SystemTold = {
  cores: number
  load: readonly number[] | undefined
  busyPct: unknown
  memory: { total: unknown; available: unknown }
  /** Blocks of the file system: all, those that nobody uses, those that we may use, and the bytes of one. */
  disk: { blocks: unknown; bfree: unknown; bavail: unknown; bsize: unknown }
  operations: { read: unknown; written: unknown }
  network: { received: unknown; sent: unknown }
  connections: unknown
}

const giga = 2 ** 30

export function figuresOf(told: SystemTold): SystemFigures {
  const total = amount(told.memory.total)
  const available = amount(told.memory.available)
  const used = minus(total, available)
  return {
    cpu: {
      cores: told.cores,
      usage_pct: rounded(amount(told.busyPct)),
      load_average: told.load === undefined ? null : told.load.map((load) => Math.round(load * 100) / 100),
    },
    memory: {
      total_gb: inGb(total),
      used_gb: inGb(used),
      available_gb: inGb(available),
      usage_pct: share(used, total),
    },
    disk: {
      ...diskOf(told.disk),
      iops_read: rounded(amount(told.operations.read)),
      iops_write: rounded(amount(told.operations.written)),
    },
    network: {
      throughput_mbps_in: inMbps(told.network.received),
      throughput_mbps_out: inMbps(told.network.sent),
      connections_active: amount(told.connections),
    },
  }
}

/** Where nothing was told at all. */
export function unknownFigures(cores: number): SystemFigures {
  const none = undefined
  return figuresOf({
    cores,
    load: none,
    busyPct: none,
    memory: { total: none, available: none },
    disk: { blocks: none, bfree: none, bavail: none, bsize: none },
    operations: { read: none, written: none },
    network: { received: none, sent: none },
    connections: none,
  })
}

/** The share is of what we may use, as `df` counts it: some is kept for the system. */
function diskOf({ blocks, bfree, bavail, bsize }: SystemTold['disk']) {
  const size = amount(bsize)
  const bytes = (count: unknown) => {
    const known = amount(count)
    return known === null || size === null ? null : known * size
  }
  const used = minus(bytes(blocks), bytes(bfree))
  const available = bytes(bavail)
  return {
    total_gb: inGb(bytes(blocks)),
    used_gb: inGb(used),
    available_gb: inGb(available),
    usage_pct: share(used, used === null || available === null ? null : used + available),
  }
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}

function minus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(0, a - b)
}

function inGb(bytes: number | null): number | null {
  return bytes === null ? null : rounded(bytes / giga)
}

function share(part: number | null, whole: number | null): number | null {
  return part === null || !whole ? null : rounded((part / whole) * 100)
}

function inMbps(bytesPerSecond: unknown): number | null {
  const known = amount(bytesPerSecond)
  return known === null ? null : rounded((known * 8) / 1e6)
}
