/** Which program listens on a port of this machine, as far as the system tells this user. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Io } from '../io.ts'
import { runQuick } from './run-quick.ts'

/** `pid` null: it is another user's, and its number is not shown. `name` null: it is not known. */
export type Holder = { pid: number | null; name: string | null }

/** null: nothing is known of it. */
export async function holderOfPort(port: number, platform: NodeJS.Platform, env: Io['env']): Promise<Holder | null> {
  switch (platform) {
    case 'linux':
      return linuxHolder(port)
    case 'win32':
      return windowsHolder(port, env)
    default:
      // macOS has it where users' paths may not lead
      return lsofHolder(
        (await runQuick('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
          env: { ...env, PATH: `${env.PATH ?? ''}:/usr/sbin` },
        })) ?? '',
      )
  }
}

/** proc(5): the tables name a socket's inode, and the process that has it open has a link of that name. */
async function linuxHolder(port: number): Promise<Holder | null> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const inodes = new Set(tables.flatMap((text) => listenersIn(text, port)))
  if (inodes.size === 0) return null
  // what belongs to others, or ends meanwhile, cannot be looked into
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
      if (!inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '')) continue
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
      return { pid: Number(pid), name: name || null }
    }
  }
  return { pid: null, name: null }
}

/** Inodes of listening sockets. State 0A is LISTEN; the port is in hexadecimal digits. */
export function listenersIn(table: string, port: number): string[] {
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    const [, local = '', , state] = fields
    const isIt = state === '0A' && Number.parseInt(local.split(':').at(-1) ?? '', 16) === port
    return isIt && fields[9] !== undefined ? [fields[9]] : []
  })
}

/** lsof(8), -F: a line a field, `p` its process, `c` its command. */
export function lsofHolder(text: string): Holder | null {
  const pid = /^p(\d+)$/m.exec(text)?.[1]
  return pid === undefined ? null : { pid: Number(pid), name: /^c(.+)$/m.exec(text)?.[1] ?? null }
}

async function windowsHolder(port: number, env: Io['env']): Promise<Holder | null> {
  const pid = netstatHolder((await runQuick('netstat.exe', ['-ano'], { env })) ?? '', port)
  if (pid === null) return null
  const list = await runQuick('tasklist.exe', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'], { env })
  return { pid, name: /^"([^"]+)"/.exec(list?.trim() ?? '')?.[1] ?? null }
}

/** The word for LISTENING is in the user's language; a far side of port 0 is not. */
export function netstatHolder(text: string, port: number): number | null {
  for (const line of text.split(/\r?\n/)) {
    const [kind, local = '', far = '', , pid] = line.trim().split(/\s+/)
    if (kind === 'TCP' && local.endsWith(`:${port}`) && far.endsWith(':0') && pid !== undefined) return Number(pid)
  }
  return null
}
