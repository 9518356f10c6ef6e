/** AMD's GPUs on Linux, as the driver's files tell of them: no program is started. https://docs.kernel.org/gpu/amdgpu/thermal.html (2026-11) */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Figures } from './gpu-texts.ts'

const amd = '0x1002'

/** `sys`: where the system's files are, `/sys`. null: there is none. */
export async function readAmd(sys: string): Promise<Figures[] | null> {
  const drm = join(sys, 'class', 'drm')
  const cards = (await namesIn(drm)).filter((name) => /^card\d+$/.test(name))
  const gpus: Figures[] = []
  for (const card of cards) {
    const device = join(drm, card, 'device')
    if ((await textIn(join(device, 'vendor'))) === amd) gpus.push(await readCard(device))
  }
  return gpus.length > 0 ? gpus : null
}

async function readCard(device: string): Promise<Figures> {
  const [sensors = ''] = await namesIn(join(device, 'hwmon'))
  const sensor = (name: string) => numberIn(join(device, 'hwmon', sensors, name))
  const scaled = (value: number | null, unit: number) => (value === null ? null : value / unit)
  return {
    device_name: (await textIn(join(device, 'product_name'))) || 'AMD GPU',
    utilization_pct: await numberIn(join(device, 'gpu_busy_percent')),
    memory_used_gb: scaled(await numberIn(join(device, 'mem_info_vram_used')), 2 ** 30),
    memory_total_gb: scaled(await numberIn(join(device, 'mem_info_vram_total')), 2 ** 30),
    temperature_c: scaled(await sensor('temp1_input'), 1000),
    // newer cards tell the present draw alone
    power_draw_w: scaled((await sensor('power1_average')) ?? (await sensor('power1_input')), 1e6),
    power_limit_w: scaled(await sensor('power1_cap'), 1e6),
  }
}

/** What is not there, or sleeps and cannot be read, is unknown. */
async function textIn(file: string): Promise<string | null> {
  return readFile(file, 'utf8').then(
    (text) => text.trim().slice(0, 100),
    () => null,
  )
}

async function numberIn(file: string): Promise<number | null> {
  const text = await textIn(file)
  return text !== null && /^\d+$/.test(text) ? Number(text) : null
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
