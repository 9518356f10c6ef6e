/** What the config means while it changes: stored keys stay bound to their origin, and warnings come and go with their cause. */
import assert from 'node:assert/strict'
import { lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConfigInUse, openConfigInUse } from './config-in-use.ts'
import { openLog } from './log.ts'
import { watchFile } from './store/file-watch.ts'
import { openProviderKeys } from './store/provider-keys.ts'
import { openSecrets } from './store/secrets-file.ts'
import { eventually } from './test/start.ts'
import { openWarnings } from './warnings.ts'

const log = openLog({ write: () => {}, level: 'silent' })
const now = () => Date.parse('2026-03-10T12:00:00Z')

describe('a stored key', () => {
  let home: string
  let inUse: ConfigInUse
  let warnings: ReturnType<typeof openWarnings>
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'tk-in-use-'))
    await open()
  })
  afterEach(() => {
    inUse.close()
    rmSync(home, { recursive: true, force: true })
  })
  async function open() {
    warnings = openWarnings({ log, now })
    const secrets = await openSecrets(home)
    inUse = openConfigInUse({ home, env: {}, log, warnings, keys: openProviderKeys({ secrets, now }) })
  }
  const reopen = async (text?: string) => {
    inUse.close()
    if (text !== undefined) writeFileSync(join(home, 'config.jsonc'), text)
    await open()
  }
  const provider = (id: string) => {
    const found = inUse.now().providers.get(id)
    assert.ok(found)
    return found
  }
  const codes = () => warnings.list().map(({ code, subject }) => `${code} ${subject}`)
  const at = (baseUrl: string) => JSON.stringify({ providers: { mistral: { baseUrl } } })

  it('is lent after a restart, and counts among what no text may hold', async () => {
    await inUse.setKey(provider('mistral'), 'stored-key-1')
    await reopen()
    assert.equal(provider('mistral').apiKey, 'stored-key-1')
    assert.ok(inUse.lent.has('stored-key-1'))
    await inUse.dropKey('mistral')
    assert.equal(provider('mistral').apiKey, undefined)
    await reopen()
    assert.equal(provider('mistral').apiKey, undefined)
  })

  it('is dropped with a warning once the file says another origin, until there is a new one', async () => {
    await inUse.setKey(provider('mistral'), 'stored-key-1')
    await reopen(at('https://mirror.example.com/v1'))
    assert.equal(provider('mistral').apiKey, undefined)
    assert.deepEqual(codes(), ['key-dropped mistral'])
    assert.match(warnings.list()[0]?.text ?? '', /set for https:\/\/api\.mistral\.ai and is dropped.*set-key mistral/)
    await eventually(
      'it is off the disk',
      () => !readFileSync(join(home, 'secrets.json'), 'utf8').includes('stored-key-1'),
    )
    await inUse.setKey(provider('mistral'), 'stored-key-2')
    assert.deepEqual(codes(), [])
    assert.equal(provider('mistral').apiKey, 'stored-key-2')
  })

  it('is not lent, but kept, while the file is broken or gone', async () => {
    await reopen(at('https://mirror.example.com/v1'))
    await inUse.setKey(provider('mistral'), 'stored-key-1')
    await reopen('{ "providers" }')
    assert.equal(provider('mistral').apiKey, undefined)
    rmSync(join(home, 'config.jsonc'))
    await reopen()
    assert.equal(provider('mistral').apiKey, undefined)
    await reopen(at('https://mirror.example.com/v1'))
    assert.equal(provider('mistral').apiKey, 'stored-key-1')
  })

  it('gives way to a key that the file says', async () => {
    await inUse.setKey(provider('mistral'), 'stored-key-1')
    await reopen('{ "providers": { "mistral": { "apiKey": "key-of-the-file" } } }')
    assert.equal(provider('mistral').apiKey, 'key-of-the-file')
  })

  it('makes a local provider one that asks for a key', async () => {
    await reopen('{ "providers": { "box": { "baseUrl": "http://127.0.0.1:1/v1", "local": true } } }')
    assert.equal(provider('box').keyHeader, 'none')
    await inUse.setKey(provider('box'), 'stored-key-1')
    assert.deepEqual([provider('box').keyHeader, provider('box').apiKey], ['authorization', 'stored-key-1'])
  })

  it('of an edit through a link changes the file behind it', async function () {
    // Windows lets only some users make links
    const real = join(home, 'elsewhere.jsonc')
    writeFileSync(real, '{ "timeZone": "UTC" } // kept')
    try {
      symlinkSync(real, join(home, 'config.jsonc'))
    } catch (error) {
      assert.equal(process.platform, 'win32', String(error))
      writeFileSync(join(home, 'config.jsonc'), '{ "timeZone": "UTC" } // kept')
    }
    await reopen()
    const no = await inUse.live.edit(undefined, (written) => ({ value: { ...written, allowedHosts: ['box'] } }))
    assert.equal(no, undefined)
    assert.match(readFileSync(join(home, 'config.jsonc'), 'utf8'), /"allowedHosts": \["box"\] \} \/\/ kept/)
    if (process.platform !== 'win32') assert.ok(lstatSync(join(home, 'config.jsonc')).isSymbolicLink())
  })
})

describe('connections to providers', () => {
  it('outlive every change that is not about the network', async () => {
    const home = mkdtempSync(join(tmpdir(), 'tk-in-use-'))
    const secrets = await openSecrets(home)
    const keys = openProviderKeys({ secrets, now })
    writeFileSync(join(home, 'config.jsonc'), '{ "network": { "proxy": "http://corp:8080" } }')
    const inUse = openConfigInUse({ home, env: {}, log, warnings: openWarnings({ log, now }), keys })
    const { network } = inUse.now()
    assert.equal(network.proxies.https?.host, 'corp:8080')
    await inUse.live.edit(undefined, (written) => ({ value: { ...written, allowedHosts: ['box'] } }))
    assert.deepEqual(inUse.now().settings.access.allowedHosts, ['box'])
    assert.equal(inUse.now().network, network)
    await inUse.live.edit(undefined, (written) => ({ value: { ...written, network: { proxy: 'none' } } }))
    assert.equal(inUse.now().network.proxies.https, null)
    inUse.close()
    rmSync(home, { recursive: true, force: true })
  })
})

describe('a watched file', () => {
  it('is looked at now and then where the system does not tell', async () => {
    let looks = 0
    const watching = watchFile(join(tmpdir(), 'tk-there-is-no-such-folder', 'file'), () => void looks++, log, 5)
    await eventually('it is looked at', () => looks > 2)
    watching.close()
    const then = looks
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(looks, then)
  })

  it('is looked at when another takes its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tk-watch-'))
    let looks = 0
    const watching = watchFile(join(folder, 'file'), () => void looks++, log, 2 ** 30)
    writeFileSync(join(folder, 'new'), 'x')
    renameSync(join(folder, 'new'), join(folder, 'file'))
    await eventually('it is looked at', () => looks > 0)
    watching.close()
    rmSync(folder, { recursive: true, force: true })
  })
})
