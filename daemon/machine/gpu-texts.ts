/** Reads what tools say of GPUs, and makes one figure of several. */
import type { Gpu } from '../../shared/contract/machine.ts'

export type Figures = Omit<Extract<Gpu, { available: true }>, 'available' | 'memory_usage_pct'>

/** In the order of `readNvidia`. https://docs.nvidia.com/deploy/nvidia-smi/ (2026-11) */
export const nvidiaQuery = [
  '--query-gpu=name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,power.limit',
  '--format=csv,noheader,nounits',
]

const mebi = 1 / 1024

/** A line a GPU; memory in MiB. null: this is something else. What a GPU does not know is `[N/A]`, `[Not Supported]` or the like. */
export function readNvidia(text: string): Figures[] | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const gpus = lines.map((line): Figures | null => {
    const parts = line.split(',').map((part) => part.trim())
    // a name may hold a comma
    const figures = parts.slice(-6)
    const device_name = parts.slice(0, -6).join(', ')
    if (figures.length < 6 || device_name === '' || !figures.every((part) => known.test(part) || unknown.test(part)))
      return null
    const [utilization_pct, used, total, temperature_c, power_draw_w, power_limit_w] = figures.map((part) =>
      known.test(part) ? Number(part) : null,
    )
    return {
      device_name: device_name.slice(0, 100),
      utilization_pct: utilization_pct ?? null,
      memory_used_gb: times(used, mebi),
      memory_total_gb: times(total, mebi),
      temperature_c: temperature_c ?? null,
      power_draw_w: power_draw_w ?? null,
      power_limit_w: power_limit_w ?? null,
    }
  })
  return gpus.length > 0 && gpus.every((gpu) => gpu !== null) ? gpus : null
}

const known = /^\d+(\.\d+)?$/
/** `[N/A]`, `[Not Supported]`, `[Unknown Error]`, `[GPU requires reset]` … */
const unknown = /^(\[[^\]]*\]|N\/A)$/

/** What `ioreg` prints of the graphics of a Mac, whose memory is everybody's: it has no total of its own. */
export function readApple(text: string): Figures[] | null {
  const gpus = text.split(/^\s*\+-o /m).flatMap((part): Figures[] => {
    const utilization = /"Device Utilization %"\s*=\s*(\d+)/.exec(part)?.[1]
    if (utilization === undefined) return []
    const used = /"In use system memory"\s*=\s*(\d+)/.exec(part)?.[1]
    return [
      {
        device_name: /"model"\s*=\s*<?"([^"]+)"/.exec(part)?.[1]?.slice(0, 100) ?? 'Apple GPU',
        utilization_pct: Number(utilization),
        memory_used_gb: used === undefined ? null : Number(used) / 2 ** 30,
        ...{ memory_total_gb: null, temperature_c: null, power_draw_w: null, power_limit_w: null },
      },
    ]
  })
  return gpus.length > 0 ? gpus : null
}

/** Several as one: what they have and draw together, the mean of how busy they are, the warmest. */
export function together(gpus: readonly Figures[]): Gpu {
  const all = (of: keyof Omit<Figures, 'device_name'>): number[] | null => {
    const found = gpus.map((one) => one[of])
    return found.every((value) => value !== null) ? found : null
  }
  const sum = (values: number[] | null) => values && values.reduce((a, b) => a + b, 0)
  const busy = sum(all('utilization_pct'))
  const used = sum(all('memory_used_gb'))
  const total = sum(all('memory_total_gb'))
  const warmest = all('temperature_c')
  return {
    available: true,
    device_name: nameOf(gpus.map((one) => one.device_name)),
    utilization_pct: rounded(busy === null ? null : busy / gpus.length),
    memory_used_gb: rounded(used),
    memory_total_gb: rounded(total),
    memory_usage_pct: rounded(used === null || !total ? null : (used / total) * 100),
    temperature_c: rounded(warmest && Math.max(...warmest)),
    power_draw_w: rounded(sum(all('power_draw_w'))),
    power_limit_w: rounded(sum(all('power_limit_w'))),
  }
}

function nameOf(names: readonly string[]): string {
  const different = [...new Set(names)]
  return different
    .map((name) => {
      const count = names.filter((one) => one === name).length
      return count === 1 ? name : `${count} × ${name}`
    })
    .join(', ')
}

/** Two places. */
export function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100
}

function times(value: number | null | undefined, factor: number): number | null {
  return value === null || value === undefined ? null : value * factor
}
