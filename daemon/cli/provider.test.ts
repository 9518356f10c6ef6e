/** `tollkeeper provider` against a real API: entries in the file, keys from standard input, nothing shown of them. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { writeDiscovery } from '../discovery.ts'
import { localToken, startApi } from '../test/start-api.ts'
import type { Io } from './io.ts'
import { addProvider, listProviders, removeProvider, setProviderKey } from './provider.ts'
import { readSecret } from './secret-input.ts'

describe('tollkeeper provider', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  let said = { out: '', err: '' }
  const io: Io = {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    json: false,
    columns: Infinity,
    env: {},
    now: () => 0,
    platform: 'linux',
  }
  beforeEach(async () => {
    said = { out: '', err: '' }
    api = await startApi()
    const discovery = { pid: 1, port: api.port(), instanceId: 'instance-1', version: '0.1.0', token: localToken }
    await writeDiscovery(api.home, { ...discovery, contract: { min: 1, max: 1 }, startedAt: '2026-03-10T11:00:00Z' })
  })
  afterEach(() => api.close())

  it('adds, lists and removes, and leaves comments alone', async () => {
    const path = join(api.home, 'config.jsonc')
    await writeFile(path, '// mine\n{\n  "timeZone": "UTC" // here\n}\n')
    const add = { home: api.home, id: 'work', body: { extends: 'anthropic', base_url: 'https://llm.example.com' } }
    assert.equal(await addProvider(add, io), 0)
    assert.match(said.out, /^Provider work is at https:\/\/llm\.example\.com\.\n$/)
    assert.match(said.err, /lends no key yet: tollkeeper provider set-key work/)
    assert.match(
      await readFile(path, 'utf8'),
      /^\/\/ mine\n\{\n {2}"timeZone": "UTC", \/\/ here\n {2}"providers": \{\n {4}"work"/,
    )
    assert.equal(await addProvider(add, io), 1)
    assert.match(said.err, /has an entry for 'work' already/)
    said.out = ''
    assert.equal(await listProviders({ home: api.home }, io), 0)
    assert.match(said.out, /\nwork +https:\/\/llm\.example\.com +anthropic +– +config\.jsonc\n/)
    assert.equal(await removeProvider({ home: api.home, id: 'work' }, io), 0)
    assert.match(
      await readFile(path, 'utf8'),
      /^\/\/ mine\n\{\n {2}"timeZone": "UTC", \/\/ here\n {2}"providers": \{\n? *\}\n\}\n$/,
    )
    assert.equal(await removeProvider({ home: api.home, id: 'work' }, io), 1)
  })

  it('refuses what could not be used, in one sentence', async () => {
    assert.equal(await addProvider({ home: api.home, id: 'work', body: { base_url: 'http://llm.example.com' } }, io), 2)
    assert.match(said.err, /plain http: to another machine/)
    assert.equal(await addProvider({ home: api.home, id: 'My Own', body: { extends: 'openai' } }, io), 2)
    assert.match(said.err, /a provider id is a–z/)
  })

  it('stores a key that is typed in or piped, and shows none', async () => {
    const piped = new PassThrough()
    piped.end('key-from-a-pipe-1\n')
    const read = (prompt: string) =>
      readSecret(prompt, Object.assign(piped, { isTTY: false, setRawMode: () => piped }) as never)
    assert.equal(await setProviderKey({ home: api.home, id: 'openai' }, io, read), 0)
    assert.match(said.out, /is stored, for https:\/\/api\.openai\.com\/v1 alone/)
    assert.equal(api.config.now().providers.get('openai')?.apiKey, 'key-from-a-pipe-1')
    assert.equal(await listProviders({ home: api.home }, io), 0)
    assert.match(said.out, /\nopenai .* stored /)
    assert.doesNotMatch(said.out + said.err, /key-from-a-pipe/)
    assert.equal(await setProviderKey({ home: api.home, id: 'openai' }, io, () => Promise.resolve('')), 2)
    assert.equal(await setProviderKey({ home: api.home, id: 'nobody' }, io, () => Promise.resolve('abc')), 1)
    assert.match(said.err, /There is no provider "nobody"/)
  })

  it('asks a terminal without an echo', async () => {
    for (const [typed, secret] of [
      ['abX\u007fc\r', 'abc'],
      ['abc\u0004', 'abc'],
      ['abc\u0003', undefined],
    ] as const) {
      const terminal = new PassThrough()
      const modes: boolean[] = []
      const input = Object.assign(terminal, { isTTY: true, setRawMode: (on: boolean) => modes.push(on) })
      let shown = ''
      const reading = readSecret('Key: ', input as never, { write: (text: string) => (shown += text) })
      for (const one of typed) terminal.write(one)
      assert.equal(await reading, secret)
      assert.deepEqual([shown, modes], ['Key: \n', [true, false]])
    }
  })
})
