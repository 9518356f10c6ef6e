import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeys } from './keys-file.ts'
import { openSecrets, readSecrets } from './secrets-file.ts'

describe('our own keys', () => {
  let home = ''
  let now = Date.parse('2026-01-01T00:00:00Z')
  const open = async () => openKeys({ secrets: await openSecrets(home), now: () => now })
  beforeEach(async () => {
    now = Date.parse('2026-01-01T00:00:00Z')
    home = await mkdtemp(join(tmpdir(), 'keys-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  const everything = async () =>
    (await Promise.all((await readdir(home)).map((file) => readFile(join(home, file), 'utf8')))).join('\n')

  it('are known again after a restart, and only by their hash on disk', async () => {
    const { key, row } = await (await open()).create({
      name: 'ci',
      scope: 'read',
      providers: ['openai'],
      chains: ['fast'],
    })
    assert.match(key, /^tk_[A-Za-z0-9_-]{43}$/)
    assert.equal((await everything()).includes(key), false)
    const again = await open()
    const holder = { id: row.id, name: 'ci', scope: 'read', providers: ['openai'], chains: ['fast'] }
    assert.deepEqual(again.principalOf(key), holder)
    assert.deepEqual(again.list(), [row])
    assert.equal(row.prefix, key.slice(0, 7))
    assert.equal(JSON.stringify(row).includes(key.slice(8)), false)
  })

  it('are not known where one character differs', async () => {
    const keys = await open()
    const { key } = await keys.create({ name: 'a', scope: 'proxy' })
    const other = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A')
    for (const wrong of [other, `${key}A`, key.slice(0, -1), '', 'tk_', `sk-${key}`]) {
      assert.equal(keys.principalOf(wrong), undefined, wrong)
    }
  })

  it('are revoked at once, told to watchers, and stay revoked when the newest file is broken', async () => {
    const keys = await open()
    const { key, row } = await keys.create({ name: 'a', scope: 'proxy' })
    const kept = await keys.create({ name: 'b', scope: 'proxy' })
    const told: string[] = []
    keys.watchRevoked((id) => told.push(id))
    const revoking = keys.revoke(row.id)
    assert.equal(keys.principalOf(key), undefined)
    assert.equal(keys.isLive(row.id), false)
    assert.deepEqual(told, [row.id])
    assert.equal((await revoking)?.id, row.id)
    assert.equal(await keys.revoke(row.id), undefined)
    await writeFile(join(home, 'secrets.json'), '{"format":')
    const again = await open()
    assert.equal(again.principalOf(key), undefined)
    assert.equal(again.principalOf(kept.key)?.name, 'b')
  })

  it('expire', async () => {
    const keys = await open()
    const { key, row } = await keys.create({ name: 'a', scope: 'proxy', expiresAt: now + 1000 })
    assert.equal(keys.principalOf(key)?.id, row.id)
    now += 1000
    assert.equal(keys.principalOf(key), undefined)
    assert.equal(keys.isLive(row.id), false)
  })

  it('are all kept when made at the same time', async () => {
    const keys = await open()
    const made = await Promise.all([1, 2, 3, 4].map((n) => keys.create({ name: String(n), scope: 'read' })))
    const again = await open()
    assert.deepEqual(
      made.map(({ key }) => again.principalOf(key)?.name),
      ['1', '2', '3', '4'],
    )
  })

  it('give a foreign credential the same fingerprint in this home and another one elsewhere', async () => {
    const first = (await open()).fingerprint('sk-ant-api03-x')
    assert.match(first, /^[0-9a-f]{12}$/)
    assert.equal((await open()).fingerprint('sk-ant-api03-x'), first)
    await rm(join(home, 'secrets.json'))
    assert.notEqual((await open()).fingerprint('sk-ant-api03-x'), first)
  })

  it('give each of many foreign credentials its fingerprint, every time it is asked', async () => {
    const keys = await open()
    const prints = new Set<string>()
    for (let n = 0; n < 1500; n++) prints.add(keys.fingerprint(`sk-${n}`))
    assert.equal(prints.size, 1500)
    const again = await open()
    for (const n of [0, 1, 999, 1499]) assert.equal(keys.fingerprint(`sk-${n}`), again.fingerprint(`sk-${n}`))
  })

  it('are gone, revoked ones too, once their file was taken away', async () => {
    const keys = await open()
    const { key, row } = await keys.create({ name: 'a', scope: 'read' })
    await keys.revoke(row.id)
    await keys.create({ name: 'b', scope: 'read' })
    await rm(join(home, 'secrets.json'))
    const again = await open()
    assert.deepEqual(again.list(), [])
    assert.equal(again.principalOf(key), undefined)
  })

  it('are read as they stand, and nothing is written for that', async () => {
    assert.deepEqual(await readSecrets(home), { kind: 'none' })
    assert.deepEqual(await readdir(home), [])
    const { row } = await (await open()).create({ name: 'a', scope: 'proxy' })
    const read = await readSecrets(home)
    assert.ok(read.kind === 'read')
    assert.deepEqual(
      read.data.keys.map(({ id }) => id),
      [row.id],
    )
    await rm(join(home, 'secrets.json'))
    assert.deepEqual(await readSecrets(home), { kind: 'none' })
    await writeFile(join(home, 'secrets.json'), '{"format":2}')
    await rm(join(home, 'secrets.json.prev'), { force: true })
    const broken = await readSecrets(home)
    assert.ok(broken.kind === 'unreadable')
    assert.match(broken.why, /secrets\.json: it is not in the form this version writes/)
    assert.match(broken.fix, /backup/)
  })

  it('need not be given up where their file is only closed to us', async () => {
    // a folder cannot be read as a file, whoever asks
    await mkdir(join(home, 'secrets.json'))
    const closed = await readSecrets(home)
    assert.ok(closed.kind === 'unreadable')
    assert.equal(closed.fix, 'Make it yours and readable: a daemon may have run with sudo')
    await assert.rejects(open(), /cannot be opened \(\w+\).*Make it yours and readable/)
  })

  it('are not silently lost where no version can be read', async () => {
    await (await open()).create({ name: 'a', scope: 'read' })
    for (const file of ['secrets.json', 'secrets.json.prev']) await writeFile(join(home, file), '{"keys":[]}')
    await assert.rejects(open(), /cannot be read .*secrets\.json: it is not in the form/)
  })

  it('stand in a file that only its owner can read', async () => {
    await open()
    if (process.platform !== 'win32') assert.equal((await stat(join(home, 'secrets.json'))).mode & 0o777, 0o600)
  })
})
