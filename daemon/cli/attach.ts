/** How commands reach the daemon of a home: found by its proof, asked with its token; where it is absent, what to do. */
import type { Client } from '../../shared/client.ts'
import { openClient } from '../../shared/client.ts'
import type { Discovery } from '../../shared/contract/discovery.ts'
import type { ApiError } from '../../shared/contract/error.ts'
import { type FoundDaemon, findDaemon } from '../discovery.ts'
import { localFetch } from './http.ts'
import type { Io } from './io.ts'

export type Attached = { url: string; discovery: Discovery; client: Client }

/** undefined: none runs, and the user was told so. */
export async function attach(home: string, io: Io): Promise<Attached | undefined> {
  const found = await findDaemon(home)
  if ('absent' in found) {
    io.err(`${absentText(found, io)}\n`)
    return undefined
  }
  const { url, discovery } = found
  return { url, discovery, client: openClient({ url, token: discovery.token, fetch: localFetch }) }
}

function absentText(found: Extract<FoundDaemon, { absent: string }>, io: Io): string {
  const other = io.env.TOLLKEEPER_HOME ? ' (TOLLKEEPER_HOME is set: is it the right home?)' : ''
  return `Tollkeeper is not running: ${found.absent}${other}. Start it with \`npx tollkeeper start\`.`
}

/** Tells the user what the daemon or the way to it said. */
export function sayError(io: Io, error: ApiError): void {
  io.err(`${error.error}: ${error.detail}\n`)
}
