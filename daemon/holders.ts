/** Who holds a credential of ours: one of our keys, a token made with one, or this start's local token, which only this machine may use. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isLoopbackPeer } from './api/peer.ts'
import type { KeyHolder } from './proxy/holder.ts'
import type { Keys } from './store/keys-file.ts'
import type { TokenFacts, Tokens } from './store/tokens.ts'

const keyPrefix = 'tk_'
const localPrefix = 'tk_local_'

/** `token`: what it is known by, where it is no key itself. */
type Holder = KeyHolder & { token: TokenFacts | null }

/** undefined: unknown, revoked, expired, or the local token from another machine. Only of a token it is a promise. */
export type HolderOf = (credential: string, request: IncomingMessage) => MaybeLater<Holder | undefined>
type MaybeLater<T> = T | Promise<T>

export function holdersOf(keys: Pick<Keys, 'principalOf'>, tokens: Pick<Tokens, 'holderOf'>, token: string): HolderOf {
  return (credential, request) => {
    if (!credential.startsWith(keyPrefix)) return tokens.holderOf(credential)
    if (!credential.startsWith(localPrefix)) {
      const holder = keys.principalOf(credential)
      return holder && { ...holder, token: null }
    }
    if (!isLoopbackPeer(request) || !isSame(credential, token)) return undefined
    return { id: 'local', name: 'local token', scope: 'admin', providers: null, chains: null, token: null }
  }
}

/** In constant time: the digests have one length whatever was given. */
function isSame(given: string, known: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(known))
}
