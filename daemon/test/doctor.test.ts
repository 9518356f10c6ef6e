/** `tollkeeper doctor` on homes, ports, providers and daemons that are really so. */
import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '../cli/doctor/finding.ts'
import { doctor } from '../cli/doctor.ts'
import type { Io } from '../cli/io.ts'
import { newLocalToken, proofOf, writeDiscovery } from '../discovery.ts'
import { takeHome } from '../store/home-lock.ts'
import { openSecrets } from '../store/secrets-file.ts'
import { certificatePath, startProxy, startSecure } from './secure.ts'
import { fillUp, mountSmall, unmount } from './small-disk.ts'
import { start } from './start.ts'

type Report = { ok: boolean; home: string; findings: Finding[] }

describe('tollkeeper doctor', function () {
  this.timeout(60_000)
  let home = ''
  const closers: (() => Promise<unknown> | void)[] = []
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'doctor-'))
    await chmod(home, 0o700)
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    await rm(home, { recursive: true, force: true })
  })

  async function run(options: { home?: string; env?: Io['env']; json?: boolean; offline?: boolean } = {}) {
    const said = { out: '', err: '' }
    const { offline = true, json = true } = options
    const io: Io = {
      json,
      columns: Infinity,
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      env: { PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], ...options.env },
      now: Date.now,
      platform: process.platform,
    }
    const code = await doctor({ home: options.home ?? home, offline }, io)
    assert.equal(said.err, '')
    return { code, out: said.out }
  }

  async function report(options: Parameters<typeof run>[0] = {}): Promise<Report & { of(check: string): Finding[] }> {
    const { code, out } = await run(options)
    const read = JSON.parse(out) as Report
    assert.equal(read.ok, !read.findings.some(({ state }) => state === 'fail'))
    assert.equal(code, read.ok ? 0 : 1)
    for (const { state, fix } of read.findings) assert.equal(fix === null, state === 'ok')
    return { ...read, of: (check) => read.findings.filter((one) => one.check === check) }
  }

  /** A port where some other program answers. */
  async function stranger(answer = 'hello'): Promise<number> {
    const server = createServer((_, reply) => reply.end(answer))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    closers.push(() => new Promise((done) => server.close(done)))
    return (server.address() as AddressInfo).port
  }

  const stateOf = (found: Finding[]) => found.map(({ state }) => state)

  it('finds an empty home well, names each check, and leaves nothing behind', async () => {
    const found = await report({ env: { TOLLKEEPER_PORT: '0' } })
    for (const check of [
      'versions',
      'port',
      'home',
      'permissions',
      'place',
      'disk',
      'config',
      'keys',
      'providers',
      'users',
      'clock',
    ])
      assert.ok(found.of(check).length > 0, check)
    assert.deepEqual(stateOf(found.of('daemon')), ['warn'])
    assert.deepEqual([found.of('home')[0]?.state, found.of('permissions')[0]?.state], ['ok', 'ok'])
    assert.deepEqual(await readdir(home), [])
  })

  it('makes no home where there is none', async () => {
    const missing = join(home, 'not', 'there')
    assert.match((await report({ home: missing })).of('home')[0]?.detail ?? '', /the first start makes it/)
    assert.deepEqual(await readdir(home), [])
  })

  it('says so where the home is a file', async () => {
    const file = join(home, 'file')
    await writeFile(file, '')
    const found = await report({ home: file })
    assert.match(found.of('home')[0]?.detail ?? '', /is no folder/)
    assert.equal(found.ok, false)
    assert.equal((await report({ home: join(file, 'below') })).of('home')[0]?.state, 'fail')
  })

  it('names the place of a fault in the config, and never what stands there', async () => {
    await writeFile(join(home, 'config.jsonc'), '{\n  "providers": { "openai": { "apiKey": "sk-SECRET" }\n')
    const found = await report()
    assert.equal(found.ok, false)
    assert.deepEqual([...new Set(stateOf(found.of('config')))], ['fail'])
    assert.match(found.of('config')[0]?.detail ?? '', /line 3, column 1: a closing brace/)
    assert.ok(!JSON.stringify(found.findings).includes('SECRET'))
  })

  if (process.platform !== 'win32') it('sees a home that others can read', othersCanRead)

  async function othersCanRead(): Promise<void> {
    await openSecrets(home)
    await chmod(home, 0o755)
    const config = join(home, 'config.jsonc')
    await writeFile(config, '{ "timeZone": "UTC" }', { mode: 0o644 })
    assert.deepEqual(stateOf((await report()).of('permissions')), ['warn'])
    await writeFile(config, '{ "providers": { "openai": { "apiKey": "sk-SECRET" } } }')
    assert.match((await report()).of('permissions')[0]?.detail ?? '', /can read config\.jsonc/)
    await rm(config)
    await chmod(join(home, 'secrets.json'), 0o644)
    const [said] = (await report()).of('permissions')
    assert.equal(said?.state, 'fail')
    assert.match(said?.fix ?? '', /^chmod 700 /)
    await chmod(home, 0o700)
    assert.deepEqual(stateOf((await report()).of('permissions')), ['ok'])
  }

  it('says who holds the port that the home has kept', async () => {
    const port = await stranger()
    await writeFile(join(home, 'port'), `${port}\n`)
    const [said] = (await report()).of('port')
    assert.equal(said?.state, 'fail')
    assert.match(said?.detail ?? '', new RegExp(`^Port ${port} is used by `))
    // where the system tells at all, it tells of the caller's own processes
    if (process.platform === 'linux') assert.match(said?.detail ?? '', new RegExp(`\\(process ${process.pid}\\)`))
  })

  for (const [named, said] of [
    ['70000', / is 70000, which is no port/],
    ['-1', / is -1, which/],
    ['', /TOLLKEEPER_PORT is no port/],
    ['auto', /TOLLKEEPER_PORT is no port/],
  ] as const) {
    it(`says that no daemon starts with the port '${named}'`, async () => {
      const [found] = (await report({ env: { TOLLKEEPER_PORT: named } })).of('port')
      assert.equal(found?.state, 'fail')
      assert.match(found.detail, said)
    })
  }

  it('knows another Tollkeeper on that port', async () => {
    const other = await start()
    closers.push(other.end)
    await writeFile(join(home, 'port'), new URL(other.url).port)
    assert.match((await report()).of('port')[0]?.detail ?? '', /used by the Tollkeeper of another home/)
  })

  it('says which process holds the home where no daemon answers', async () => {
    const taken = await takeHome(home)
    assert.ok(taken.kind === 'taken')
    closers.push(taken.release)
    const [said] = (await report()).of('daemon')
    assert.match(`${said?.state} ${said?.detail}`, new RegExp(`^fail Process ${process.pid} holds this home`))
  })

  it('connects to providers and asks nothing of them', async () => {
    const secure = await startSecure('{}')
    closers.push(secure.close)
    const alive = await stranger()
    const dead = createServer()
    await new Promise<void>((done) => dead.listen(0, '127.0.0.1', done))
    const { port } = dead.address() as AddressInfo
    await new Promise((done) => dead.close(done))
    const providers = {
      alive: { baseUrl: `http://127.0.0.1:${alive}/v1` },
      dead: { baseUrl: `http://127.0.0.1:${port}/v1`, local: true },
      safe: { baseUrl: `https://localhost:${secure.port}/v1` },
    }
    await writeFile(join(home, 'config.jsonc'), JSON.stringify({ providers }))
    const seen = (await report()).of('providers')
    assert.deepEqual(stateOf(seen), ['ok', 'fail', 'fail'])
    assert.match(seen[1]?.detail ?? '', /^dead: .*ECONNREFUSED/)
    assert.match(seen[1]?.fix ?? '', /^Start that server/)
    assert.match(seen[2]?.fix ?? '', /network\.caFile/)
    await writeFile(join(home, 'config.jsonc'), JSON.stringify({ providers, network: { caFile: certificatePath } }))
    assert.deepEqual(stateOf((await report()).of('providers')), ['ok', 'fail', 'ok'])
    assert.equal(secure.seen.length, 0)
  })

  it('goes through the proxy of the user, and tells neither its password nor any key', async () => {
    const secure = await startSecure('{}')
    const proxy = await startProxy(secure.port)
    const refusing = await startProxy(secure.port, 403)
    closers.push(secure.close, proxy.close, refusing.close)
    const providers = { gate: { baseUrl: 'https://llm.example.test/v1', apiKey: 'sk-SECRET-1' } }
    await writeFile(join(home, 'config.jsonc'), JSON.stringify({ providers, network: { caFile: certificatePath } }))
    const through = (port: number) =>
      run({ offline: false, env: { HTTPS_PROXY: `http://ann:SECRET-2@127.0.0.1:${port}`, NO_PROXY: '' } })
    const reached = await through(proxy.port)
    assert.match(
      reached.out,
      new RegExp(`gate: https://llm\\.example\\.test is reached through the proxy 127\\.0\\.0\\.1:${proxy.port}`),
    )
    assert.deepEqual([proxy.asked.map(({ target }) => target), secure.seen], [['llm.example.test:443'], []])
    const refused = await through(refusing.port)
    assert.match(refused.out, /is not reached through the proxy .*ERR_PROXY/)
    for (const { out } of [reached, refused]) assert.doesNotMatch(out, /SECRET/)
    assert.match((await run({ offline: true })).out, /Not asked, as --offline says: gate/)
  })

  // Windows' refusals are in the table of codes alone
  if (process.platform !== 'win32') it('sees a home that cannot be written', cannotBeWritten)

  /** A disk of one's own needs an administrator of Linux; else rights stand for it. */
  async function cannotBeWritten(): Promise<void> {
    if (mountSmall(home, 'ro')) {
      closers.push(() => unmount(home))
      const [said] = (await report()).of('home')
      assert.match(`${said?.state} ${said?.detail}`, /^fail .* read-only/)
    } else {
      await chmod(home, 0o500)
      closers.push(() => chmod(home, 0o700))
      const [said] = (await report()).of('home')
      assert.match(`${said?.state} ${said?.detail}`, /^fail .* cannot be written \(EACCES\)/)
    }
  }

  it('sees a full disk under the home', async () => {
    if (!mountSmall(home)) {
      assert.equal((await report()).of('home')[0]?.state, 'ok')
      return
    }
    closers.push(() => unmount(home))
    fillUp(join(home, 'filler'))
    const found = await report()
    assert.match(`${found.of('home')[0]?.state} ${found.of('home')[0]?.detail}`, /^fail There is no room left .*ENOSPC/)
    assert.deepEqual(stateOf(found.of('disk')), ['fail'])
    assert.match(found.of('place')[0]?.detail ?? '', /in memory \(tmpfs\)/)
    assert.deepEqual(await readdir(home), ['filler'])
  })

  it('asks the running daemon, which knows variables that this shell does not', async () => {
    const config = {
      providers: { mine: { baseUrl: `http://127.0.0.1:${await stranger()}/v1`, apiKey: '${MINE}' } },
      chains: { c: ['mine/m'] },
    }
    const story = await start({ config, env: { MINE: 'sk-SECRET' } })
    closers.push(story.end)
    const found = await report({ home: story.home })
    assert.ok(found.ok, JSON.stringify(found.findings))
    assert.match(
      found.of('daemon')[0]?.detail ?? '',
      /^Tollkeeper \S+ runs on http:\/\/127\.0\.0\.1:\d+, process \d+\.$/,
    )
    assert.deepEqual([stateOf(found.of('config')), stateOf(found.of('port'))], [['ok'], ['ok']])
    assert.ok(found.of('keys').some(({ detail }) => detail === 'Keys to lend: mine.'))
    assert.match(found.of('versions')[1]?.detail ?? '', /both speak contract/)
    const whole = JSON.stringify(found)
    assert.ok(!whole.includes('SECRET') && !whole.includes(story.daemon.token))
    await story.daemon.close(0)
    const stopped = await report({ home: story.home })
    assert.match(
      stopped
        .of('config')
        .map(({ detail }) => detail)
        .join(),
      /MINE is not set/,
    )
    assert.deepEqual(stateOf(stopped.of('daemon')), ['warn'])
    story.daemon = { ...story.daemon, close: () => Promise.resolve() }
  })

  it('tells what a running daemon warns of', async () => {
    const story = await start({ config: '{ "usage-statistics-enabled": false, "bugdets": [] }' })
    closers.push(story.end)
    const found = await report({ home: story.home })
    assert.ok(found.of('daemon').some(({ state, detail }) => state === 'warn' && /It warns since /.test(detail)))
    assert.match(found.of('config')[0]?.detail ?? '', /unknown key "bugdets"/)
  })

  it('knows a daemon of an older contract, and asks it nothing', async () => {
    const token = newLocalToken()
    const paths: string[] = []
    const server = createServer((request, reply) => {
      const url = new URL(request.url ?? '', 'http://x')
      paths.push(url.pathname)
      const { port } = server.address() as AddressInfo
      const proof = proofOf(token, 'i', port, url.searchParams.get('nonce') ?? '')
      reply.end(JSON.stringify({ product: 'tollkeeper', version: '0.0.1', proof }))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    closers.push(() => new Promise((done) => server.close(done)))
    const { port } = server.address() as AddressInfo
    const contract = { min: 0, max: 0 }
    await writeDiscovery(home, {
      pid: 1,
      port,
      token,
      instanceId: 'i',
      version: '0.0.1',
      contract,
      startedAt: '2026-01-01T00:00:00Z',
    })
    const found = await report()
    const [, said] = found.of('versions')
    assert.match(`${said?.state} ${said?.detail}`, /^fail The daemon \(0\.0\.1\) speaks contract 0/)
    assert.equal(said?.fix, 'tollkeeper restart')
    assert.deepEqual(paths, ['/health'])
    assert.ok(!JSON.stringify(found).includes(token))
  })

  it('is a table for people, with what to do under what is not well', async () => {
    await writeFile(join(home, 'config.jsonc'), '{')
    const { out, code } = await run({ json: false })
    assert.equal(code, 1)
    assert.match(out, /^Tollkeeper \d+\.\d+\.\d+, home /)
    assert.match(out, /\nfail {2}config +config\.jsonc, line 1, .*\n +→ Put .*config\.jsonc right/)
    assert.match(out, /\nOne thing fails; .*\.\n$/)
  })
})
