/** The machine's GPU: NVIDIA's own tool, AMD's driver on Linux, or the registry of a Mac is asked, never in anyone's way. */
import type { Gpu } from '../../shared/contract/machine.ts'
import { readAmd } from './gpu-amd.ts'
import { nvidiaQuery, readApple, readNvidia, together } from './gpu-texts.ts'
import { openKept } from './kept.ts'
import { type Asking, ask } from './program.ts'

export type GpuWatch = {
  /** At once: as it was read last. */
  latest(): Gpu
  /** As it is read now, where that takes no longer than `ms`. */
  soon(ms: number): Promise<Gpu>
}

const none: Gpu = { available: false }
const freshMs = 10_000
/** Where there was none, or it does not say: a driver is not installed every minute. */
const absentMs = 5 * 60_000
/** Older figures say nothing of now; that the GPU is there they still do. */
const tellsMs = 60_000

export function openGpu(options: Asking & { sys?: string; clock(): number; failed(error: unknown): void }): GpuWatch {
  const kept = openKept({
    read: () => readGpu(options),
    freshMs: ({ available }) => (available ? freshMs : absentMs),
    failed: options.failed,
    clock: options.clock,
  })
  const shown = (found: ReturnType<typeof kept.latest>): Gpu => {
    if (!found) return none
    return found.value.available && found.ageMs > tellsMs ? unmeasured(found.value.device_name) : found.value
  }
  return {
    latest: () => shown(kept.latest()),
    soon: async (ms) => shown(await kept.soon(ms)),
  }
}

/** `sys`: where Linux has its files. Never rejects for what a tool may do. */
export async function readGpu(asking: Asking & { sys?: string }): Promise<Gpu> {
  const nvidia = await ask('nvidia-smi', nvidiaQuery, asking)
  if (nvidia.kind === 'said') {
    const gpus = readNvidia(nvidia.text)
    if (gpus) return together(gpus)
  }
  const other = await readOther(asking)
  if (other) return other
  if (nvidia.kind === 'missing') return none
  const why = nvidia.kind === 'failed' ? nvidia.why : 'said something that this version does not understand'
  return { available: false, error: `nvidia-smi ${why}` }
}

async function readOther(asking: Asking & { sys?: string }): Promise<Gpu | null> {
  if (asking.platform === 'linux') {
    const gpus = await readAmd(asking.sys ?? '/sys')
    return gpus && together(gpus)
  }
  if (asking.platform !== 'darwin') return null
  const apple = await ask('ioreg', ['-r', '-d', '1', '-w', '0', '-c', 'IOAccelerator'], asking)
  const gpus = apple.kind === 'said' ? readApple(apple.text) : null
  return gpus && together(gpus)
}

function unmeasured(device_name: string): Gpu {
  return {
    ...{ available: true, device_name, utilization_pct: null, memory_used_gb: null, memory_total_gb: null },
    ...{ memory_usage_pct: null, temperature_c: null, power_draw_w: null, power_limit_w: null },
  }
}
