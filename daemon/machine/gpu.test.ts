import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeProgram, printing } from '../test/fake-program.ts'
import { eventually } from '../test/start.ts'
import { openGpu, readGpu } from './gpu.ts'

const line = 'NVIDIA GeForce RTX 3060, 52, 6554, 12288, 57, 115.23, 170.00\n'
/** A real program can only be run as this system runs them. */
const { platform } = process

describe('the GPU', () => {
  let folder = ''
  let stop: AbortController
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gpu-'))
    stop = new AbortController()
  })
  afterEach(() => {
    stop.abort()
    rmSync(folder, { recursive: true, force: true })
  })

  const asking = (more = {}) => ({
    env: { PATH: join(folder, 'bin'), ...(process.env.SystemRoot && { SystemRoot: process.env.SystemRoot }) },
    platform,
    timeoutMs: 20_000,
    signal: stop.signal,
    sys: join(folder, 'sys'),
    ...more,
  })
  const nvidia = (script: string) => fakeProgram(join(folder, 'bin'), 'nvidia-smi', script)

  it('is not there where no tool is', async () => {
    assert.deepEqual(await readGpu(asking()), { available: false })
    assert.deepEqual(await readGpu(asking({ env: {} })), { available: false })
  })

  it('is asked by the tool of NVIDIA', async () => {
    const query = 'name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,power.limit'
    nvidia(
      `if (process.argv[2] !== '--query-gpu=${query}' || process.argv[3] !== '--format=csv,noheader,nounits') process.exit(2)
       ${printing(line)}`,
    )
    assert.deepEqual(await readGpu(asking()), {
      available: true,
      device_name: 'NVIDIA GeForce RTX 3060',
      utilization_pct: 52,
      memory_used_gb: 6.4,
      memory_total_gb: 12,
      memory_usage_pct: 53.34,
      temperature_c: 57,
      power_draw_w: 115.23,
      power_limit_w: 170,
    })
  })

  it('is not there where the tool fails, and its words say why', async () => {
    nvidia(printing("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\nMore.\n", 9))
    const error = "nvidia-smi failed (9): NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
    assert.deepEqual(await readGpu(asking()), { available: false, error })
  })

  it('is not there where the tool says nonsense, or no end of it', async () => {
    nvidia(printing('42 bananas\n'))
    const error = 'nvidia-smi said something that this version does not understand'
    assert.deepEqual(await readGpu(asking()), { available: false, error })
    nvidia('setInterval(() => process.stdout.write("x".repeat(65536)), 1)')
    assert.deepEqual(await readGpu(asking()), { available: false, error: 'nvidia-smi said more than 256 KiB' })
  })

  it('is not there where the tool takes too long: it is killed', async () => {
    nvidia('setInterval(() => {}, 1000)')
    const error = 'nvidia-smi did not answer within 0.3 s'
    assert.deepEqual(await readGpu(asking({ timeoutMs: 300 })), { available: false, error })
  })

  it('is read of AMD’s driver on Linux', async () => {
    const device = join(folder, 'sys', 'class', 'drm', 'card1', 'device')
    const files = {
      vendor: '0x1002\n',
      gpu_busy_percent: '31\n',
      mem_info_vram_used: `${2 * 2 ** 30}\n`,
      mem_info_vram_total: `${8 * 2 ** 30}\n`,
      'hwmon/hwmon3/temp1_input': '48000\n',
      'hwmon/hwmon3/power1_average': '87500000\n',
      'hwmon/hwmon3/power1_cap': 'rubbish\n',
    }
    mkdirSync(join(device, 'hwmon', 'hwmon3'), { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(device, name), text)
    const other = join(folder, 'sys', 'class', 'drm', 'card0', 'device')
    mkdirSync(other, { recursive: true })
    writeFileSync(join(other, 'vendor'), '0x8086\n')
    assert.deepEqual(await readGpu(asking({ platform: 'linux' })), {
      available: true,
      device_name: 'AMD GPU',
      utilization_pct: 31,
      memory_used_gb: 2,
      memory_total_gb: 8,
      memory_usage_pct: 25,
      temperature_c: 48,
      power_draw_w: 87.5,
      power_limit_w: null,
    })
    rmSync(device, { recursive: true })
    assert.deepEqual(await readGpu(asking({ platform: 'linux' })), { available: false })
  })

  if (platform !== 'win32')
    it('is read of the registry of a Mac', async () => {
      fakeProgram(
        join(folder, 'bin'),
        'ioreg',
        printing('+-o AGX\n "model" = "Apple M2"\n {"Device Utilization %"=7}\n'),
      )
      const gpu = await readGpu(asking({ platform: 'darwin' }))
      assert.ok(gpu.available)
      assert.deepEqual([gpu.device_name, gpu.utilization_pct, gpu.memory_total_gb], ['Apple M2', 7, null])
    })

  it('keeps nobody waiting: a reading is begun, and shown to the next who ask, until it says nothing of now', async () => {
    let now = 0
    nvidia(printing(line))
    const failed = (error: unknown) => assert.fail(String(error))
    const gpu = openGpu({ ...asking(), clock: () => now, failed })
    assert.deepEqual(gpu.latest(), { available: false })
    await eventually('the reading', () => gpu.latest().available, 20_000)
    nvidia('setInterval(() => {}, 1000)')
    now = 60_000
    const kept = gpu.latest()
    assert.ok(kept.available && kept.utilization_pct === 52)
    now = 60_001
    const old = await gpu.soon(1)
    assert.ok(old.available && old.utilization_pct === null)
    assert.equal(old.device_name, 'NVIDIA GeForce RTX 3060')
  })
})
