import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { eventually } from '../test/start.ts'
import { openSystem, type System } from './system.ts'
import { unknownFigures } from './system-figures.ts'

const unknown = unknownFigures(availableParallelism())

describe('the thread that reads the machine', () => {
  let folder = ''
  let system: System | undefined
  let failures: string[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'machine-'))
    failures = []
  })
  afterEach(async () => {
    await system?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = (script?: string, answerMs?: number) => {
    const file = join(folder, 'worker.mjs')
    if (script !== undefined)
      writeFileSync(file, `import { parentPort, workerData } from 'node:worker_threads'\n${script}`)
    system = openSystem({
      home: folder,
      env: { ...process.env, ANTHROPIC_API_KEY: 'sk-SECRET' },
      failed: (error) => void failures.push(String(error)),
      ...(script !== undefined && { file }),
      ...(answerMs !== undefined && { answerMs }),
    })
    return system
  }

  it('tells what this machine has', async () => {
    const { cpu, memory, disk } = await open().read()
    assert.deepEqual(failures, [])
    assert.equal(cpu.cores, availableParallelism())
    for (const [used, total] of [
      [memory.used_gb, memory.total_gb],
      [disk.used_gb, disk.total_gb],
    ])
      assert.ok(
        used !== null && total !== null && used !== undefined && total !== undefined && 0 < used && used <= total,
      )
    for (const share of [cpu.usage_pct, memory.usage_pct, disk.usage_pct])
      assert.ok(share !== null && 0 <= share && share <= 100)
    if (process.platform !== 'win32') assert.equal(cpu.load_average?.length, 3)
  })

  it('tells nothing where it does not answer in time, and is begun anew', async () => {
    open(`let n = 0; parentPort.on('message', () => { if (++n > 1) parentPort.postMessage('never asked twice') })`, 100)
    assert.deepEqual(await system?.read(), unknown)
    assert.deepEqual(await system?.read(), unknown)
    assert.deepEqual(failures, ['Error: no answer within 0.1 s', 'Error: no answer within 0.1 s'])
  })

  it('tells nothing where it fails, or ends', async () => {
    open(`parentPort.on('message', () => { throw new Error('no such thing') })`)
    assert.deepEqual(await system?.read(), unknown)
    assert.deepEqual(failures, ['Error: no such thing', 'Error: the thread ended without an answer'])
    open(`parentPort.on('message', () => process.exit(0))`)
    assert.deepEqual(await system?.read(), unknown)
  })

  it('is asked again after an answer, and may fail meanwhile without harm', async () => {
    const figures = JSON.stringify({ ...unknown, cpu: { ...unknown.cpu, cores: 99 } })
    open(`parentPort.on('message', () => {
      parentPort.postMessage(${figures})
      setTimeout(() => { throw new Error('later') }, 1)
    })`)
    assert.equal((await system?.read())?.cpu.cores, 99)
    await eventually('the failure', () => failures.length === 1)
    assert.deepEqual(failures, ['Error: later'])
    assert.equal((await system?.read())?.cpu.cores, 99)
  })

  it('gives what it starts no key of ours', async () => {
    const print = `console.log('PATH' in process.env, JSON.stringify(process.env).includes('SECRET'))`
    open(`import { execFileSync } from 'node:child_process'
      parentPort.on('message', () => parentPort.postMessage(
        execFileSync(${JSON.stringify(process.execPath)}, ['-e', ${JSON.stringify(print)}], { encoding: 'utf8' }).trim()
      ))`)
    assert.equal(await system?.read(), 'true false')
  })

  it('is the only part of the daemon that the library is in', async () => {
    const { metafile } = await build({
      ...{ entryPoints: ['daemon/main.ts'], outdir: folder, write: false, metafile: true, logLevel: 'silent' },
      ...{ bundle: true, platform: 'node', format: 'esm', mainFields: ['module', 'main'] },
    })
    const inputs = Object.keys(metafile?.inputs ?? {})
    assert.ok(inputs.includes('daemon/machine/system.ts'))
    assert.deepEqual(
      inputs.filter((input) => input.includes('systeminformation')),
      [],
    )
  })
})
