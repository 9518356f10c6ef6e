/** Starts what is measured, each in a process of its own, and looks at how long and how large the daemon is. */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Job, Measured } from './load.ts'

const daemonFile = join('dist', 'daemon', 'main.mjs')

export type Served = { port: number; stop(): void }

/** The same file again, in the role that its first argument names. It sends its port once it listens. */
export async function startRole(...args: string[]): Promise<Served> {
  const child = forkSelf(args)
  const port = await nextMessage<number>(child)
  return { port, stop: () => void child.kill('SIGKILL') }
}

export type Load = { run(job: Job): Promise<Measured>; stop(): void }

export function startLoad(): Load {
  const child = forkSelf(['load'])
  return {
    async run(job) {
      const measured = nextMessage<Measured>(child)
      child.send(job)
      return measured
    },
    stop: () => void child.kill('SIGKILL'),
  }
}

function forkSelf(args: string[]): ChildProcess {
  const self = process.argv[1]
  if (self === undefined) throw new Error('The bench does not know its own file.')
  return fork(self, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`A process of the bench ended with ${code ?? 'a signal'}.`))
    child.once('exit', died)
    child.once('message', (message) => {
      child.off('exit', died)
      resolve(message as T)
    })
  })
}

export type Daemon = { port: number; readyMs: number; rssMb(): number | null; stop(): Promise<void> }

/** The built daemon in an empty home, with one provider: the bench's upstream. */
export async function startDaemon(upstreamPort: number): Promise<Daemon> {
  const home = mkdtempSync(join(tmpdir(), 'tollkeeper-bench-'))
  const baseUrl = `http://127.0.0.1:${upstreamPort}/v1`
  writeFileSync(join(home, 'config.jsonc'), JSON.stringify({ providers: { bench: { extends: 'openai', baseUrl } } }))
  const daemon = await startDaemonOn(home)
  const stop = async () => {
    await daemon.stop()
    rmSync(home, { recursive: true, force: true })
  }
  return { ...daemon, stop }
}

/** The built daemon in a home that stays. */
export async function startDaemonOn(home: string): Promise<Daemon> {
  const begun = performance.now()
  const child = spawn(process.execPath, [daemonFile, 'serve', '--port', '0', '--home', home], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000)
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(killing)
  }
  try {
    const port = await portOnce(home, child, () => said)
    return { port, readyMs: performance.now() - begun, rssMb: () => rssOf(child.pid), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** `daemon.json` is written when the daemon listens. */
async function portOnce(home: string, child: ChildProcess, said: () => string): Promise<number> {
  const until = performance.now() + 20_000
  while (performance.now() < until && child.exitCode === null) {
    try {
      const { port } = JSON.parse(readFileSync(join(home, 'daemon.json'), 'utf8')) as { port: number }
      const health = await fetch(`http://127.0.0.1:${port}/health`)
      if (health.ok) return port
    } catch {
      // Not there yet, or not listening yet: that is what is waited for.
    }
    await pause(5)
  }
  throw new Error(`The daemon did not come up. It said: ${said() || 'nothing'}`)
}

/** Resident memory in MB; null where the system has no simple way to tell. */
function rssOf(pid: number | undefined): number | null {
  if (pid === undefined || process.platform === 'win32') return null
  const kib = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
  return Number.isFinite(kib) ? kib / 1024 : null
}
