/** The log's files: their bound, their order, and a disk that refuses them. */
import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOutput, openLogFile } from './log-file.ts'
import { fillUp, mountSmall, unmount } from './test/small-disk.ts'

describe('the log file', () => {
  let folder = ''
  let path = ''
  const bounds = { files: 3, bytes: 1000, waiting: 2000, gatherMs: 5 }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-log-'))
    path = join(folder, 'daemon.log')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const line = (n: number) => `{"n":${n},"pad":"${'x'.repeat(80)}"}\n`
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const numbersIn = (text: string) => [...text.matchAll(/"n":(\d+)/g)].map((found) => Number(found[1]))

  it('keeps its files within their number and size, the newest lines in order', async () => {
    const file = openLogFile(path, bounds)
    for (let n = 0; n < 100; n++) {
      file.write(line(n))
      await file.close()
    }
    const names = readdirSync(folder).sort()
    assert.deepEqual(names, ['daemon.log', 'daemon.log.1', 'daemon.log.2'])
    for (const name of names) assert.ok(statSync(join(folder, name)).size <= bounds.bytes, name)
    const kept = numbersIn(['daemon.log.2', 'daemon.log.1', 'daemon.log'].map(read).join(''))
    assert.equal(kept.at(-1), 99)
    assert.deepEqual(
      kept,
      kept.map((_, i) => 100 - kept.length + i),
    )
    assert.ok(kept.length > 20)
    assert.equal(file.lost(), 0)
  })

  it('goes on in a file that is there, and begins a new one where that has grown too large', async () => {
    writeFileSync(path, 'before\n')
    const file = openLogFile(path, bounds)
    file.write(line(1))
    await file.close()
    assert.equal(read('daemon.log'), `before\n${line(1)}`)
    writeFileSync(path, `${'y'.repeat(5000)}\n`)
    file.write(line(2))
    await file.close()
    assert.equal(read('daemon.log'), line(2))
    assert.equal(read('daemon.log.1').length, 5001)
  })

  it('writes of itself, and in the order in which lines came', async () => {
    const file = openLogFile(path, { ...bounds, bytes: 1e6 })
    for (let n = 0; n < 10; n++) file.write(`{"n":${n}}\n`)
    while (readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    for (let n = 10; n < 20; n++) file.write(`{"n":${n}}\n`)
    await file.close()
    assert.deepEqual(
      numbersIn(read('daemon.log')),
      Array.from({ length: 20 }, (_, i) => i),
    )
  })

  it('writes what waits at once where the process ends', () => {
    const file = openLogFile(path, bounds)
    file.write(line(1))
    file.closeNow()
    assert.equal(read('daemon.log'), line(1))
    file.closeNow()
    assert.equal(read('daemon.log'), line(1))
  })

  it('loses lines, and neither throws nor waits, where the disk refuses them; later it says how many', async () => {
    // what stands in the file's place cannot be written to
    mkdirSync(path)
    const file = openLogFile(path, bounds)
    file.write(line(1) + line(2))
    await file.close()
    file.write(line(3))
    file.closeNow()
    assert.equal(file.lost(), 3)
    rmdirSync(path)
    file.write(line(4))
    await file.close()
    assert.match(
      read('daemon.log'),
      /^\n\{"level":"warn","time":"[^"]+","lines":3,"msg":"Lines of this log were lost"\}\n/,
    )
    assert.deepEqual(numbersIn(read('daemon.log')), [4])
    file.write(line(5))
    await file.close()
    assert.equal(read('daemon.log').match(/were lost/g)?.length, 1)
  })

  it('holds a bounded number of characters for a disk that dawdles', async () => {
    const file = openLogFile(path, { ...bounds, bytes: 1e6 })
    for (let n = 0; n < 100; n++) file.write(line(n))
    await file.close()
    const kept = numbersIn(read('daemon.log'))
    assert.ok(kept.length > 15 && kept.length < 25)
    assert.equal(file.lost(), 100 - kept.length)
  })

  it('tells later of lines that found no room while others were written', async () => {
    const file = openLogFile(path, { ...bounds, bytes: 1e6 })
    file.write(line(1))
    const written = file.close()
    file.write(`${'y'.repeat(bounds.waiting)}\n`)
    await written
    assert.equal(file.lost(), 1)
    file.write(line(2))
    await file.close()
    assert.match(read('daemon.log'), /"lines":1,"msg":"Lines of this log were lost"/)
    assert.deepEqual(numbersIn(read('daemon.log')), [1, 2])
  })

  it('begins a new file where somebody has taken it away, or moved it', async () => {
    const file = openLogFile(path, bounds)
    file.write(line(1))
    await file.close()
    renameSync(path, join(folder, 'moved'))
    file.write(line(2))
    await file.close()
    assert.deepEqual([numbersIn(read('moved')), numbersIn(read('daemon.log'))], [[1], [2]])
    rmSync(path)
    file.write(line(3))
    await file.close()
    assert.deepEqual(numbersIn(read('daemon.log')), [3])
    assert.equal(file.lost(), 0)
  })

  it('keeps its bound, and says so, where older lines cannot be moved', async () => {
    for (const n of [1, 2]) mkdirSync(join(`${path}.${n}`, 'in the way'), { recursive: true })
    writeFileSync(path, 'y'.repeat(5000))
    const file = openLogFile(path, bounds)
    file.write(line(1))
    await file.close()
    assert.match(read('daemon.log'), /"msg":"Older lines of this log could not be kept"/)
    assert.deepEqual(numbersIn(read('daemon.log')), [1])
    assert.ok(statSync(path).size <= bounds.bytes)
  })

  it('keeps its bound on a full disk, says that older lines are gone, and loses none that come', async () => {
    const isSmall = mountSmall(folder)
    try {
      writeFileSync(path, `${'y'.repeat(600_000)}\n`)
      if (isSmall) fillUp(join(folder, 'other'))
      const file = openLogFile(path, { ...bounds, bytes: 600_000 })
      file.write(line(1))
      await file.close()
      assert.equal(file.lost(), 0)
      assert.deepEqual(numbersIn(read('daemon.log')), [1])
      assert.equal(/"why":"ENOSPC","msg":"Older lines of this log could not/.test(read('daemon.log')), isSmall)
    } finally {
      if (isSmall) unmount(folder)
    }
  })

  it('is not the output of a process that has another one', () => {
    writeFileSync(path, '')
    assert.equal(isOutput(path), false)
    assert.equal(isOutput(join(folder, 'nowhere')), false)
  })
})
