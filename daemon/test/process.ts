/** The real daemon as a process of its own, so that it can be killed as people's machines kill it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as z from 'zod/mini'
import { type Discovery, discovery } from '../../shared/contract/discovery.ts'

export type DaemonProcess = {
  child: ChildProcess
  url: string
  discovery: Discovery
  output(): string
  /** kill -9 (TerminateProcess on Windows): nothing of the daemon runs after it. */
  kill(): Promise<void>
}

const main = resolve('dist/daemon/main.mjs')

/** What a failed test left running must not keep the run alive. */
const started = new Set<ChildProcess>()
export function killLeft(): void {
  for (const child of started) child.kill('SIGKILL')
  started.clear()
}

/** Runs `tollkeeper` with these arguments to its end. `input`: what it reads from standard input. */
export async function tollkeeper(
  home: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
  input = '',
): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, TOLLKEEPER_HOME: home, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // most end without having read it
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let out = ''
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (out += piece.toString()))
  await once(child, 'close')
  return { code: child.exitCode, out }
}

/**
 * Starts `serve` and resolves when it is ready; fails with its output where it ends instead. `under`: a command that is given
 * the program and its arguments, and runs it in its own place.
 */
export async function startProcess(
  home: string,
  args: string[] = ['--port', '0'],
  under: readonly string[] = [],
): Promise<DaemonProcess> {
  const [command = '', ...rest] = [...under, process.execPath, main, 'serve', ...args]
  const child = spawn(command, rest, {
    env: { ...process.env, TOLLKEEPER_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.add(child)
  child.once('exit', () => started.delete(child))
  let output = ''
  const ready = new Promise<void>((done, failed) => {
    const take = (piece: Buffer) => {
      output += piece.toString()
      if (output.includes('"msg":"Ready"')) done()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('exit', (code) => failed(new Error(`the daemon ended with ${code} before it was ready:\n${output}`)))
  })
  await ready
  const url = /"url":"(http:[^"]+)"/.exec(output)?.[1]
  assert.ok(url)
  const found = z.parse(discovery, JSON.parse(readFileSync(join(home, 'daemon.json'), 'utf8')))
  return {
    child,
    url,
    discovery: found,
    output: () => output,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
