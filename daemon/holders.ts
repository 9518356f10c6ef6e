/** Who holds a credential of ours: one of our keys, or this start's local token, which only this machine may use. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isLoopbackPeer } from './api/peer.ts'
import type { KeyHolder } from './proxy/holder.ts'

const localPrefix = 'tk_local_'

/** undefined: unknown, revoked, expired, or the local token from another machine. */
export type HolderOf = (credential: string, request: IncomingMessage) => KeyHolder | undefined

export function holdersOf(keys: { principalOf(credential: string): KeyHolder | undefined }, token: string): HolderOf {
  return (credential, request) => {
    if (!credential.startsWith(localPrefix)) return keys.principalOf(credential)
    if (!isLoopbackPeer(request) || !isSame(credential, token)) return undefined
    return { id: 'local', name: 'local token', scope: 'admin', providers: null, chains: null }
  }
}

/** In constant time: the digests have one length whatever was given. */
function isSame(given: string, known: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(known))
}
