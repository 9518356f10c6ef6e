/** How a window starts the daemon: on its own, awaited by its proof, and with the reason said when it does not come up. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDaemon } from './daemon-process.ts'
import { startLoopbackDaemon } from './test/loopback-daemon.ts'

/** Writes its file and proves itself, as the real one does; `exit` makes it fail instead. */
const program = (exit: string) => `
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), env: Object.keys(process.env) }))
${exit}
const server = createServer((request, response) => {
  const nonce = new URL(request.url, 'http://x').searchParams.get('nonce')
  const proof = createHmac('sha256', 'tk_local_x').update('one\\n' + server.address().port + '\\n' + nonce).digest('hex')
  response.end(JSON.stringify({ proof }))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  const contract = { min: 1, max: 1 }
  const discovery = { pid: process.pid, port, token: 'tk_local_x', instanceId: 'one', version: '1', contract, startedAt: '' }
  writeFileSync(join(process.env.TOLLKEEPER_HOME, 'daemon.json'), JSON.stringify(discovery))
})
setTimeout(() => process.exit(), 60_000)
`

describe('startDaemon', () => {
  let home = ''
  const options = (main: string, port?: number) => ({
    home,
    built: '',
    version: '1.0.0',
    program: main,
    port,
    proxy: undefined,
    env: { ...process.env, NODE_OPTIONS: '--no-warnings' },
    log: () => {},
  })
  const write = async (exit: string) => {
    const main = join(home, 'main.mjs')
    await writeFile(main, program(exit))
    return main
  }

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'tk-start-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  it('starts it in the home, with the port that was asked for and a clean environment, and its output in the log', async () => {
    const started = await startDaemon(options(await write(''), 9000))
    assert.equal(started.kind, 'found')
    if (started.kind !== 'found') return
    process.kill(started.daemon.discovery.pid)
    const log = JSON.parse((await readFile(join(home, 'daemon.log'), 'utf8')).split('\n')[0] ?? '') as {
      args: string[]
      cwd: string
      env: string[]
    }
    assert.deepEqual(log.args, ['serve', '--port', '9000'])
    assert.ok(log.cwd.endsWith(home.split(/[\\/]/).at(-1) ?? home))
    assert.ok(log.env.includes('TOLLKEEPER_HOME'))
    assert.ok(!log.env.includes('NODE_OPTIONS'))
  })

  it('attaches to one that runs already', async () => {
    const daemon = await startLoopbackDaemon(home)
    const started = await startDaemon(options('/nowhere.mjs'))
    assert.equal(started.kind === 'found' && started.daemon.discovery.instanceId, daemon.discovery.instanceId)
    await daemon.stop()
  })

  it('attaches to the one of a faster window', async () => {
    const main = await write('process.exit(3)')
    let daemon: Awaited<ReturnType<typeof startLoopbackDaemon>> | undefined
    const log = (line: string) => {
      // said once the loser has ended
      if (line.startsWith('another daemon')) void startLoopbackDaemon(home).then((started) => (daemon = started))
    }
    const started = await startDaemon({ ...options(main), log })
    assert.equal(started.kind, 'found')
    await daemon?.stop()
  })

  it('says why it did not come up, with the end of its log', async () => {
    const main = await write('console.error("the home cannot be written"); process.exit(1)')
    const started = await startDaemon(options(main))
    assert.equal(started.kind, 'failed')
    assert.match(
      started.kind === 'failed' ? started.why : '',
      /exit code 1\. Its log ends with: [^]*the home cannot be written/,
    )
  })

  it('says so where the extension lacks its daemon', async () => {
    const started = await startDaemon({ ...options(''), built: join(home, 'nowhere') })
    assert.match(started.kind === 'failed' ? started.why : '', /lacks its daemon/)
  })
})
