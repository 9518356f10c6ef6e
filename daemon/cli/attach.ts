/** How commands reach the daemon of a home: found by its proof, asked with its token; where it is absent, what to do. */
import { type Client, openClient } from '../../shared/client.ts'
import { type Discovery, defaultPort } from '../../shared/contract/discovery.ts'
import type { Ask, ReplyOf } from '../../shared/contract/endpoint.ts'
import type { EndpointName, Endpoints } from '../../shared/contract/endpoints/index.ts'
import { type FoundDaemon, findDaemon } from '../discovery.ts'
import { keptPort } from '../port.ts'
import { localFetch } from './http.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { refuse, refuseAs } from './say.ts'

export type Attached = { url: string; discovery: Discovery; client: Client }

/** Where the daemon of this home would listen: what to tell assistants while none runs. */
export function likelyUrl(home: string, env: Io['env']): string {
  return `http://127.0.0.1:${keptPort(home) ?? (Number(env.TOLLKEEPER_PORT) || defaultPort)}`
}

/** undefined: none runs, and the user was told so. */
export async function attach(home: string, io: Io, fetch = localFetch): Promise<Attached | undefined> {
  const found = await findDaemon(home)
  if ('absent' in found) {
    refuse(io, exit.fault, absentText(found, io), 'Not Running')
    return undefined
  }
  const { url, discovery } = found
  return { url, discovery, client: openClient({ url, token: discovery.token, fetch }) }
}

function absentText(found: Extract<FoundDaemon, { absent: string }>, io: Io): string {
  const other = io.env.TOLLKEEPER_HOME ? ' (TOLLKEEPER_HOME is set: is it the right home?)' : ''
  if (found.kind === 'unreadable')
    return `Tollkeeper cannot be found: ${found.absent}${other}. Make the home yours and readable, or name another one with --home or TOLLKEEPER_HOME.`
  return `Tollkeeper is not running: ${found.absent}${other}. Start it with \`npx tollkeeper start\`.`
}

type Answer<K extends EndpointName> =
  | { ok: true; value: ReplyOf<Endpoints[K]>; daemon: Attached }
  | { ok: false; code: ExitCode }

/** One question to the daemon of a home; where no answer came the user was told why, and `code` is what to end with. `reworded`: a reason in the words of the command. */
export async function askDaemon<K extends EndpointName>(
  home: string,
  io: Io,
  name: K,
  ask: Ask<Endpoints[K]>,
  { fetch = localFetch, reworded = (detail: string) => detail } = {},
): Promise<Answer<K>> {
  const daemon = await attach(home, io, fetch)
  if (!daemon) return { ok: false, code: exit.fault }
  const reply = await daemon.client.ask(name, ask)
  if (reply.ok) return { ok: true, value: reply.value, daemon }
  const { error, detail, status_code } = reply.error
  const code = status_code === 400 ? exit.badUsage : exit.fault
  return { ok: false, code: refuseAs(io, code, { error, detail: reworded(detail) }) }
}
