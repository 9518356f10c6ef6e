import assert from 'node:assert/strict'
import { figuresOf, type SystemTold, unknownFigures } from './system-figures.ts'

const giga = 2 ** 30
const told: SystemTold = {
  cores: 12,
  load: [2.1, 2.3456, 2.5],
  busyPct: 45.321,
  memory: { total: 64 * giga, available: 31.5 * giga },
  disk: { blocks: 500 * 2 ** 18, bfree: 260 * 2 ** 18, bavail: 240 * 2 ** 18, bsize: 4096 },
  operations: { read: 1234.567, written: 0 },
  network: { received: 5_650_000, sent: 1_600_000 },
  connections: 127,
}

describe('the figures of the machine', () => {
  it('are in GB of 2^30 bytes, Mbit/s and percent, with two places', () => {
    assert.deepEqual(figuresOf(told), {
      cpu: { cores: 12, usage_pct: 45.32, load_average: [2.1, 2.35, 2.5] },
      memory: { total_gb: 64, used_gb: 32.5, available_gb: 31.5, usage_pct: 50.78 },
      // of 480 that anybody may use 240 are used, as df counts
      disk: { total_gb: 500, used_gb: 240, available_gb: 240, usage_pct: 50, iops_read: 1234.57, iops_write: 0 },
      network: { throughput_mbps_in: 45.2, throughput_mbps_out: 12.8, connections_active: 127 },
    })
  })

  it('are null where nothing, or nothing of sense, was told', () => {
    const none = {
      cpu: { cores: 2, usage_pct: null, load_average: null },
      memory: { total_gb: null, used_gb: null, available_gb: null, usage_pct: null },
      disk: {
        ...{ total_gb: null, used_gb: null, available_gb: null, usage_pct: null },
        ...{ iops_read: null, iops_write: null },
      },
      network: { throughput_mbps_in: null, throughput_mbps_out: null, connections_active: null },
    }
    assert.deepEqual(unknownFigures(2), none)
    const nonsense: SystemTold = {
      ...{ cores: 2, load: undefined, busyPct: Number.NaN, connections: '7' },
      memory: { total: -1, available: Number.POSITIVE_INFINITY },
      disk: { blocks: 1, bfree: 1, bavail: 1, bsize: null },
      operations: { read: null, written: undefined },
      network: { received: -1, sent: {} },
    }
    assert.deepEqual(figuresOf(nonsense), none)
  })

  it('have no share of nothing', () => {
    const empty = { blocks: 0, bfree: 0, bavail: 0, bsize: 4096 }
    const { memory, disk } = figuresOf({ ...told, memory: { total: 0, available: 0 }, disk: empty })
    assert.deepEqual([memory.usage_pct, disk.usage_pct], [null, null])
  })
})
