/** A home that a newer version wrote is refused by name, and left as it is. */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { takeKnownHome } from './known-home.ts'
import { makeHome, recordCalls, type TestHome } from './test-home.ts'

describe('a home of a newer version', () => {
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  /** Every file but the lock's. */
  async function contents(): Promise<unknown> {
    const names = await readdir(home.path, { recursive: true, withFileTypes: true })
    const files = names
      .filter((one) => one.isFile() && !one.name.startsWith('lock'))
      .map((one) => join(one.parentPath, one.name))
    return Promise.all(files.sort().map(async (path) => [path, await readFile(path, 'utf8')]))
  }

  const newer = '{"format":9,"all":"else"}'
  for (const [name, parts, text] of [
    ['snapshot', ['ledger.json'], newer],
    ['snapshot before the newest', ['ledger.json.prev'], newer],
    ['month', ['rollups', '2026-02.json'], newer],
    ['segment', ['journal', '000000000099-7.jsonl'], '{"c":"00000000","format":9,"all":"else"}\n'],
  ] as const) {
    it(`is refused where it has a ${name} of a format to come`, async () => {
      const book = await home.open()
      recordCalls(book, 2)
      await book.compact()
      await book.close()
      const path = join(home.path, ...parts)
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(path, text)
      const before = await contents()
      const taken = await takeKnownHome(home.path)
      assert.equal(taken.kind, 'unusable')
      assert.ok('why' in taken && taken.why.startsWith(`${path} was written by a newer version`), JSON.stringify(taken))
      assert.match(taken.why, /format 9.* up to [12]\. Update Tollkeeper/)
      assert.deepEqual(await contents(), before)
      await rm(path)
      // and nothing of the refused one is in the way
      const again = await takeKnownHome(home.path)
      assert.equal(again.kind, 'taken')
      if (again.kind === 'taken') await again.release()
    })
  }

  it('is one also where its newest segment is packed', async () => {
    await mkdir(join(home.path, 'journal'))
    await writeFile(join(home.path, 'journal', '000000000001-7.jsonl.gz'), gzipSync('{"c":"00000000","format":9}\n'))
    assert.equal((await takeKnownHome(home.path)).kind, 'unusable')
  })

  it('is none where files are damaged, empty or of a former version', async () => {
    await mkdir(join(home.path, 'journal'))
    for (const text of ['', '{', '{"format":1,', '{"format":"9"}', `x${newer}`, '\0\0']) {
      await writeFile(join(home.path, 'ledger.json'), text)
      await writeFile(join(home.path, 'journal', '000000000001-7.jsonl.gz'), text)
      const taken = await takeKnownHome(home.path)
      assert.equal(taken.kind, 'taken', text)
      if (taken.kind === 'taken') await taken.release()
    }
  })
})
