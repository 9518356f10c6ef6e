/** The real daemon with its simulated provider, as a process of its own in a test's home, and calls to it as a subscriber makes them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import { findDaemon } from '../daemon-attach.ts'

export type SandboxDaemon = {
  url: string
  pid: number
  /** As a crash: nothing is tidied up. */
  kill(): Promise<void>
}

const readyWithinMs = 20_000

/** `main`: the built daemon; `home` is created where it is not there. */
export async function startSandboxDaemon(main: string, home: string): Promise<SandboxDaemon> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const child = spawn(process.execPath, [main, 'serve', '--sandbox', '--port', '0', '--home', home], {
    // inside a desktop VS Code the program is Electron
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (said += data.toString('utf8')))
  const until = performance.now() + readyWithinMs
  while (performance.now() < until && child.exitCode === null) {
    const found = await findDaemon(home)
    if (found.kind === 'found' && found.daemon.discovery.pid === child.pid) {
      return { url: found.daemon.url, pid: found.daemon.discovery.pid, kill: () => killed(child) }
    }
    await after(50)
  }
  child.kill('SIGKILL')
  throw new Error(`the daemon did not become ready (exit code ${child.exitCode}):\n${said}`)
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** One call with a subscription's kind of credential, so that the reply states a 5-hour and a weekly window. Resolves to the reply's text. */
export async function callAsSubscriber(url: string, model = 'sandbox-small'): Promise<string> {
  const reply = await fetch(`${url}/p/sandbox/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer sk-ant-oat01-test',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model, max_tokens: 64, messages: [{ role: 'user', content: 'Say hello.' }] }),
  })
  const text = await reply.text()
  if (!reply.ok) throw new Error(`the sandbox answered ${reply.status}: ${text}`)
  return text
}

/** Looks again and again until `read` gives something; `what` is for the error when it never does. */
export async function eventually<T>(what: string, read: () => T | undefined | false, withinMs = 10_000): Promise<T> {
  const until = performance.now() + withinMs
  for (;;) {
    const value = read()
    if (value !== undefined && value !== false) return value
    if (performance.now() > until) throw new Error(`not within ${withinMs / 1000} s: ${what}`)
    await after(20)
  }
}
