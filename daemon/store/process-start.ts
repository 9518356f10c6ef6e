/** Tells a process from a later one with the same id: what the system says of its start. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * `gone`: no process has this id (or only its corpse, which its parent has not buried). `running`: one has; `mark` is the same for
 * as long as it lives and differs from that of any other, undefined where this system does not tell.
 */
export type ProcessState = { kind: 'gone' } | { kind: 'running'; mark: string | undefined }

export async function processState(pid: number): Promise<ProcessState> {
  if (!exists(pid)) return { kind: 'gone' }
  switch (process.platform) {
    case 'linux':
      return readLinux(pid)
    case 'darwin':
      return readDarwin(pid)
    case 'win32':
      return readWindows(pid)
    default:
      return { kind: 'running', mark: undefined }
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** proc_pid_stat(5): field 3 is the state, field 22 the start in clock ticks since boot. */
async function readLinux(pid: number): Promise<ProcessState> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // Field 2, the name, stands in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return { kind: 'gone' }
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '') // not in every sandbox
    return { kind: 'running', mark: `${boot.trim()}/${fields[19] ?? ''}` }
  } catch {
    // Hidden (hidepid) or ended since: its being there is all that is known.
    return exists(pid) ? { kind: 'running', mark: undefined } : { kind: 'gone' }
  }
}

/** ps(1): state and start to the second, in one zone and language whoever asks. */
async function readDarwin(pid: number): Promise<ProcessState> {
  try {
    const env = { PATH: process.env.PATH ?? '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' }
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env, timeout: 2000 })
    const [, state = '', start = ''] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout) ?? []
    return state.startsWith('Z') ? { kind: 'gone' } : { kind: 'running', mark: start || undefined }
  } catch {
    // It ended since, or ps is not to be had.
    return exists(pid) ? { kind: 'running', mark: undefined } : { kind: 'gone' }
  }
}

/** The start costs a PowerShell of a second; the program's name costs a tenth and tells most strangers apart. */
async function readWindows(pid: number): Promise<ProcessState> {
  try {
    const { PATH, SystemRoot } = process.env
    // the keys that may stand beside these are nothing to it
    const options = { timeout: 2000, windowsHide: true, env: { PATH, SystemRoot } }
    const { stdout } = await run('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'], options)
    return { kind: 'running', mark: /^"([^"]+)"/.exec(stdout.trim())?.[1] }
  } catch {
    // tasklist is not to be had: the id alone must do.
    return { kind: 'running', mark: undefined }
  }
}
