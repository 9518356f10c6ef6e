/** Who asks: finds the credential of a request and what it may do. */
import type { IncomingMessage } from 'node:http'
import type { Scope } from '../../shared/contract/endpoint.ts'
import { feedSubprotocol } from '../../shared/contract/feed.ts'
import type { TokenFacts } from '../store/tokens.ts'
import { isLoopbackPeer } from './peer.ts'
import type { Sessions } from './session.ts'
import { cookieOf, pageHeader, sessionCookie } from './session.ts'

/** `id` names the key, so that what it opened can be closed when it is revoked. */
export type Principal = {
  kind: 'key' | 'local' | 'page'
  id: string
  name: string
  scope: Scope
  /** What it is known by, where a token stood for the key. */
  token: TokenFacts | null
}

/** `none`: nothing was brought. `unknown`: something was, and it is worth nothing here. */
export type Asking = { principal: Principal } | { principal?: undefined; why: 'none' | 'unknown' }

type Holder = Pick<Principal, 'id' | 'name' | 'scope' | 'token'>

export type PrincipalDeps = {
  /** Who holds this credential of ours; undefined: nobody. The local token's holder has the id `local`. */
  holderOf(credential: string, req: IncomingMessage): Holder | undefined | Promise<Holder | undefined>
  sessions: Sessions
}

/**
 * Of a REST request: a key, a token made with one or the local token, else the dashboard's cookie together with its page value. `keyHeader`: one more
 * header in which the row takes a key.
 */
export async function askingOf(req: IncomingMessage, deps: PrincipalDeps, keyHeader?: string): Promise<Asking> {
  const page = req.headers[pageHeader]
  return (await byCredential(req, deps, keyHeader)) ?? byPage(req, deps, typeof page === 'string' ? page : undefined)
}

/** Of an upgrade to the feed: a browser cannot set headers there, so the page value comes as a second subprotocol. */
export async function feedAskingOf(req: IncomingMessage, deps: PrincipalDeps): Promise<Asking> {
  const protocols = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  const page = protocols[0] === feedSubprotocol ? protocols[1] : undefined
  return (await byCredential(req, deps)) ?? byPage(req, deps, page)
}

async function byCredential(
  req: IncomingMessage,
  deps: PrincipalDeps,
  keyHeader?: string,
): Promise<Asking | undefined> {
  const credential = credentialOf(req, keyHeader)
  if (credential === undefined) return undefined
  const holder = await deps.holderOf(credential, req)
  if (!holder) return { why: 'unknown' }
  const { id, name, scope, token } = holder
  return { principal: { kind: id === 'local' ? 'local' : 'key', id, name, scope, token } }
}

function byPage(req: IncomingMessage, deps: PrincipalDeps, page: string | undefined): Asking {
  const cookie = cookieOf(req.headers.cookie, sessionCookie)
  // the cookie alone is no failed attempt: a browser adds it to whatever goes to this host
  if (page === undefined) return { why: 'none' }
  if (cookie === undefined || !isLoopbackPeer(req) || !deps.sessions.isLive(cookie, page)) return { why: 'unknown' }
  return { principal: { kind: 'page', id: 'dashboard', name: 'dashboard', scope: 'read', token: null } }
}

/** RFC 9110 section 11.1: the scheme is case-insensitive. */
function credentialOf(req: IncomingMessage, keyHeader: string | undefined): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1]
  const also = keyHeader === undefined ? undefined : req.headers[keyHeader]
  const found = bearer ?? req.headers['x-api-key'] ?? req.headers['x-tollkeeper-key'] ?? also
  return typeof found === 'string' && found !== '' ? found : undefined
}
