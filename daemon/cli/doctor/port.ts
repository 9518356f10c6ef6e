/** Is the port the daemon's, or free for it; and if not, who has it? */
import { createServer } from 'node:net'
import { defaultPort } from '../../../shared/contract/discovery.ts'
import { isPort, keptPort } from '../../port.ts'
import { localFetchWithin } from '../http.ts'
import type { Around } from './around.ts'
import { fail, ok, type Said, warn } from './finding.ts'
import { type Holder, holderOfPort } from './port-holder.ts'

/** What came of listening there for a moment; `absent`: this machine has no such address. */
type Tried = 'free' | 'in-use' | 'denied' | 'absent' | { failed: string }
export type PortFacts = {
  port: number
  /** Where the port is from; assistants may point to one that is kept. */
  from: 'daemon' | 'asked' | 'kept' | 'default'
  kept: number | undefined
  platform: NodeJS.Platform
  /** Of 127.0.0.1 and ::1. Where the daemon has it nothing was tried. */
  tried: readonly [Tried, Tried]
  holder: Holder | null
  /** Who answers there says to be a Tollkeeper. */
  isTollkeeper: boolean
}

export async function port({ home, env, platform, daemon }: Around): Promise<Said[]> {
  const kept = keptPort(home)
  const nobody = { kept, platform, tried: ['free', 'free'], holder: null, isTollkeeper: false } as const
  if ('url' in daemon) return saidOfPort({ ...nobody, port: daemon.discovery.port, from: 'daemon' })
  const named = env.TOLLKEEPER_PORT
  if (named !== undefined && !isPort(named)) return [saidOfNoPort(named)]
  // 0 takes any that is free
  const asked = Number(named) || undefined
  const wanted = asked ?? kept ?? defaultPort
  const from = asked !== undefined ? 'asked' : kept !== undefined ? 'kept' : 'default'
  const tried = [await tryAt('127.0.0.1', wanted), await tryAt('::1', wanted)] as const
  if (!tried.includes('in-use')) return saidOfPort({ ...nobody, port: wanted, from, tried })
  const holder = await holderOfPort(wanted, platform, env)
  const isTollkeeper = await answersAsOurs(wanted, tried[0] === 'in-use' ? '127.0.0.1' : '[::1]')
  return saidOfPort({ kept, platform, port: wanted, from, tried, holder, isTollkeeper })
}

/** What stands there by mistake may be anything: it is not said. */
function saidOfNoPort(named: string): Said {
  const said = /^-?[\d.]{1,20}$/.test(named) ? ` is ${named}, which` : ''
  return fail(
    `TOLLKEEPER_PORT${said} is no port: no daemon starts with it.`,
    'Set it to a number from 1 to 65535 (0 takes any that is free), or unset it',
  )
}

function tryAt(host: string, port: number): Promise<Tried> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(triedOf(error.code ?? error.message)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve('free')))
  })
}

function triedOf(code: string): Tried {
  switch (code) {
    case 'EADDRINUSE':
      return 'in-use'
    case 'EACCES':
      return 'denied'
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return 'absent'
    default:
      return { failed: code }
  }
}

const answerMs = 2000

async function answersAsOurs(port: number, host: string): Promise<boolean> {
  try {
    const reply = await localFetchWithin(answerMs)(`http://${host}:${port}/health`, { method: 'GET', headers: {} })
    const said: unknown = JSON.parse(await reply.text())
    return typeof said === 'object' && said !== null && 'product' in said && said.product === 'tollkeeper'
  } catch {
    // silent, or not speaking HTTP or JSON: a stranger
    return false
  }
}

export function saidOfPort(facts: PortFacts): Said[] {
  const { port, from, kept, tried } = facts
  if (from === 'daemon') {
    if (kept === undefined || kept === port) return [ok(`Port ${port} is the daemon's.`)]
    const detail = `The daemon listens on port ${port}, and this home has kept ${kept}: assistants may point there.`
    return [warn(detail, 'Unset TOLLKEEPER_PORT, or leave --port off: tollkeeper restart')]
  }
  if (tried.includes('in-use')) return [saidOfHeld(facts)]
  if (tried.includes('denied')) return [fail(`This user may not listen on port ${port}.`, deniedFix(facts.platform))]
  const [failed] = tried.flatMap((one) => (typeof one === 'object' ? [one.failed] : []))
  if (failed !== undefined) return [fail(`Nothing can listen on port ${port} (${failed}).`, otherPort)]
  if (tried[0] === 'absent') return [fail('This machine has no address 127.0.0.1.', 'Bring its loopback interface up.')]
  return [ok(`Port ${port} is free.`)]
}

const otherPort = 'Set TOLLKEEPER_PORT to another one, and tell your assistants'

/** https://learn.microsoft.com/windows-server/networking: Hyper-V and others set ranges aside. */
function deniedFix(platform: NodeJS.Platform): string {
  if (platform !== 'win32') return otherPort
  return `${otherPort}; what is set aside: netsh interface ipv4 show excludedportrange protocol=tcp`
}

function saidOfHeld({ port, from, holder, isTollkeeper }: PortFacts): Said {
  const who = whoHas(holder, isTollkeeper)
  if (from === 'default') {
    const remedy = isTollkeeper
      ? 'Is this the right home? Else nothing has to be done.'
      : 'Nothing has to be done; or end that program.'
    return warn(`Port ${port} is used by ${who}: a first start takes the next free one.`, remedy)
  }
  const home = isTollkeeper ? 'Stop that one, or name its home with --home' : 'End that program'
  return fail(
    `Port ${port} is used by ${who}, and ${from === 'kept' ? 'this home has kept it' : 'TOLLKEEPER_PORT names it'}.`,
    `${home}; or: ${otherPort}`,
  )
}

function whoHas(holder: Holder | null, isTollkeeper: boolean): string {
  const pid = holder?.pid == null ? '' : `process ${holder.pid}`
  if (isTollkeeper) return `the Tollkeeper of another home${pid === '' ? '' : ` (${pid})`}`
  if (holder === null) return 'another program'
  if (pid === '') return "another user's program"
  return holder.name === null ? pid : `${holder.name} (${pid})`
}
