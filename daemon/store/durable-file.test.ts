/** A document is whole at every moment: after a broken write, a broken read and out of order asking. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDurable } from './durable-file.ts'

type Doc = { n: number }
const check = (json: unknown): Doc | undefined =>
  typeof json === 'object' && json !== null && 'n' in json && typeof json.n === 'number' ? { n: json.n } : undefined
const openDoc = (path: string) => openDurable<Doc>(path, { empty: { n: 0 }, check })

describe('a durable file', () => {
  let folder = ''
  let path = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'durable-'))
    path = join(folder, 'doc.json')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function writeTwice() {
    const doc = await openDoc(path)
    doc.low.data = { n: 1 }
    await doc.low.write()
    doc.low.data = { n: 2 }
    await doc.low.write()
  }

  it('is empty where there is none', async () => {
    const doc = await openDoc(path)
    assert.deepEqual(doc.low.data, { n: 0 })
    assert.equal(doc.source, 'none')
    assert.deepEqual(doc.unreadable, [])
  })

  it('keeps the previous version and leaves nothing else behind', async () => {
    await writeTwice()
    assert.deepEqual((await readdir(folder)).sort(), ['doc.json', 'doc.json.prev'])
    assert.deepEqual(JSON.parse(await readFile(`${path}.prev`, 'utf8')), { n: 1 })
    assert.deepEqual((await openDoc(path)).low.data, { n: 2 })
    if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  for (const [name, text] of [
    ['cut off', '{"n":'],
    ['empty', ''],
    ['of another form', '[]'],
    ['null', 'null'],
    ['full of NUL', '\0\0\0\0'],
  ] as const) {
    it(`falls back to the previous version where the newest is ${name}`, async () => {
      await writeTwice()
      await writeFile(path, text)
      const doc = await openDoc(path)
      assert.deepEqual(doc.low.data, { n: 1 })
      assert.equal(doc.source, 'previous')
      assert.deepEqual(
        doc.unreadable.map((u) => u.path),
        [path],
      )
    })
  }

  it('does not let a broken version push out the good one before it', async () => {
    await writeTwice()
    await writeFile(path, '{"n":')
    const doc = await openDoc(path)
    doc.low.data = { n: 3 }
    await doc.low.write()
    assert.deepEqual(JSON.parse(await readFile(`${path}.prev`, 'utf8')), { n: 1 })
    assert.equal(await readFile(`${path}.broken`, 'utf8'), '{"n":')
    assert.deepEqual((await openDoc(path)).low.data, { n: 3 })
  })

  it('names both versions where neither can be read', async () => {
    await writeTwice()
    await writeFile(path, '{')
    await writeFile(`${path}.prev`, '{')
    const doc = await openDoc(path)
    assert.equal(doc.source, 'none')
    assert.deepEqual(
      doc.unreadable.map((u) => u.path),
      [path, `${path}.prev`],
    )
  })

  it('writes in the order it was asked', async () => {
    const doc = await openDoc(path)
    const writes = [1, 2, 3, 4, 5].map((n) => {
      doc.low.data = { n }
      return doc.low.write()
    })
    await Promise.all(writes)
    assert.deepEqual((await openDoc(path)).low.data, { n: 5 })
    assert.deepEqual(JSON.parse(await readFile(`${path}.prev`, 'utf8')), { n: 4 })
  })

  it('rejects where it cannot write, leaves the old version, and writes again once it can', async () => {
    await writeTwice()
    const doc = await openDoc(path)
    await rm(folder, { recursive: true })
    doc.low.data = { n: 9 }
    await assert.rejects(doc.low.write(), { code: 'ENOENT' })
    await mkdir(folder)
    await doc.low.write()
    assert.deepEqual((await openDoc(path)).low.data, { n: 9 })
  })
})
