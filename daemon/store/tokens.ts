/** Tokens that stand for one of our keys for a day: made, known again, and void with their key, at their end, or when revoked. */
import { randomBytes } from 'node:crypto'
import { type Scope, scopeRank } from '../../shared/contract/endpoint.ts'
import type { Claims, Jwt } from './jwt.ts'
import type { KeyHolder, Keys } from './keys-file.ts'
import type { RevokedTokens, Secrets } from './secrets-file.ts'

/** Instants in unix seconds. */
export type TokenFacts = { id: string; key: string; issuedAt: number; expiresAt: number }

export type Tokens = {
  /** For the key of this id; it lives for a day, and not longer than the key. undefined: the key is no longer worth anything. */
  issue(key: string, scope: Scope): Promise<{ token: string; expiresIn: number } | undefined>
  /** Whose it is, and what that one may do now: never more than its key. undefined: it is worth nothing. */
  holderOf(token: string): Promise<(KeyHolder & { token: TokenFacts }) | undefined>
  isLive(token: TokenFacts): boolean
  /** Takes effect before anything is written; resolves once it is on disk. */
  revoke(token: TokenFacts): Promise<void>
  /** Calls `fn` after a key or a token was revoked; the returned function ends that. */
  watchRevoked(fn: () => void): () => void
}

const tokenSeconds = 24 * 3600
/** A token from further ahead was made while the clock was wrong, and would live too long now that it is right. */
const aheadSeconds = 300
/** Of one key; with a further one all that were made up to the oldest of them are void. */
const mostRevoked = 64

export function openTokens(options: { secrets: Secrets; keys: Keys; now: () => number }): Tokens {
  const { secrets, keys } = options
  const seconds = () => Math.floor(options.now() / 1000)
  const watchers = new Set<() => void>()
  const tell = () => {
    for (const fn of watchers) fn()
  }
  keys.watchRevoked(tell)
  let revoked: RevokedTokens = secrets.data.revoked_tokens ?? {}
  let opened: Promise<Jwt> | undefined
  const jwt = () => {
    opened ??= import('./jwt.ts').then(({ openJwt }) => openJwt(Buffer.from(secrets.data.token_secret, 'base64')))
    return opened
  }
  const isLive = (token: TokenFacts) => {
    const { until, ids } = revoked[token.key] ?? { until: 0, ids: {} }
    const isVoid = token.issuedAt <= until || ids[token.id] !== undefined
    const isAhead = token.issuedAt > seconds() + aheadSeconds || token.expiresAt > token.issuedAt + tokenSeconds
    return !isVoid && !isAhead && token.expiresAt > seconds() && keys.isLive(token.key)
  }

  return {
    async issue(key, scope) {
      const known = keys.list().find(({ id }) => id === key)
      if (!known || !keys.isLive(key)) return undefined
      const iat = seconds()
      const ends = known.expires_at === null ? Infinity : Math.ceil(Date.parse(known.expires_at) / 1000)
      const exp = Math.min(iat + tokenSeconds, ends)
      const jti = `tok_${randomBytes(12).toString('hex')}`
      return { token: await (await jwt()).sign({ sub: key, scope, jti, iat, exp }), expiresIn: exp - iat }
    },
    async holderOf(token) {
      const claims = token.startsWith('ey') ? await (await jwt()).read(token, options.now()) : undefined
      if (!claims) return undefined
      const facts = factsOf(claims)
      const holder = isLive(facts) ? keys.holderOfId(claims.sub) : undefined
      return holder && { ...holder, scope: lower(holder.scope, claims.scope), token: facts }
    },
    isLive,
    async revoke(token) {
      revoked = withRevoked(revoked, token, { now: seconds(), isKey: keys.isLive })
      tell()
      await secrets.change((data) => ({ ...data, revoked_tokens: revoked }), { forgetting: true })
    },
    watchRevoked(fn) {
      watchers.add(fn)
      return () => watchers.delete(fn)
    },
  }
}

function factsOf({ jti, sub, iat, exp }: Claims): TokenFacts {
  return { id: jti, key: sub, issuedAt: iat, expiresAt: exp }
}

function lower(one: Scope, other: Scope): Scope {
  return scopeRank[one] < scopeRank[other] ? one : other
}

/**
 * With `token` revoked. What has ended by itself is left out; that it stays void even if the clock goes back, `until` sees to: all
 * that the key's holder got up to then has ended with it.
 */
function withRevoked(
  revoked: RevokedTokens,
  token: TokenFacts,
  { now, isKey }: { now: number; isKey: (id: string) => boolean },
): RevokedTokens {
  const { until = 0, ids = {} } = revoked[token.key] ?? {}
  const all = Object.entries({ ...ids, [token.id]: token.issuedAt }).sort(([, a], [, b]) => b - a)
  const kept = all.filter(([, issuedAt]) => issuedAt + tokenSeconds > now).slice(0, mostRevoked)
  const left = all.filter((one) => !kept.includes(one))
  const theirs = { until: Math.max(until, ...left.map(([, issuedAt]) => issuedAt)), ids: Object.fromEntries(kept) }
  const others = Object.entries(revoked).filter(([key]) => key !== token.key && isKey(key))
  return Object.fromEntries([...others, [token.key, theirs]])
}
