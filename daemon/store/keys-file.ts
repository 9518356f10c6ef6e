/** Our own `tk_` keys: made, known again by their SHA-256, and revoked at once. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Scope } from '../../shared/contract/endpoint.ts'
import type { KeyRow } from '../../shared/contract/endpoints/core.ts'
import type { Secrets, StoredKey } from './secrets-file.ts'

type KeyWanted = {
  name: string
  scope: Scope
  providers?: readonly string[] | undefined
  chains?: readonly string[] | undefined
  /** Epoch ms. */
  expiresAt?: number | undefined
}

export type KeyHolder = {
  id: string
  name: string
  scope: Scope
  providers: string[] | null
  chains: string[] | null
}

export type Keys = {
  /** Resolves once the key is safely on disk; `key` is shown here and never again. */
  create(wanted: KeyWanted): Promise<{ row: KeyRow; key: string }>
  list(): KeyRow[]
  /** Takes effect before anything is written; resolves once it is on disk. undefined: there is no such key. */
  revoke(id: string): Promise<KeyRow | undefined>
  /** Whose key this is; undefined where it is unknown, revoked or expired. */
  principalOf(credential: string): KeyHolder | undefined
  /** The same of the key of this id. */
  holderOfId(id: string): KeyHolder | undefined
  /** Whether the key of this id may still be used. */
  isLive(id: string): boolean
  /** What we keep of a credential that is not ours: 12 hex digits of its HMAC-SHA-256 with this home's pepper. */
  fingerprint(foreignCredential: string): string
  /** Calls `fn` with the id of each key that is revoked; the returned function ends that. */
  watchRevoked(fn: (id: string) => void): () => void
}

/** `tk_` and 32 random bytes. */
const keyForm = /^tk_[A-Za-z0-9_-]{43}$/

/** Credentials whose fingerprint is remembered: a person has a few, and each of their calls asks. */
const mostFingerprints = 500

export function openKeys(options: { secrets: Secrets; now: () => number }): Keys {
  const { secrets } = options
  const pepper = Buffer.from(secrets.data.pepper, 'base64')
  let live = secrets.data.keys.map(withHash)
  const revoked = new Set<(id: string) => void>()
  // In memory only, as the credential itself is while its call runs.
  const fingerprints = new Map<string, string>()
  const liveById = (id: string) => live.find(({ stored }) => stored.id === id && isValid(stored))?.stored
  const isValid = (key: StoredKey) => key.expires_at === null || Date.parse(key.expires_at) > options.now()

  return {
    async create(wanted) {
      const key = `tk_${randomBytes(32).toString('base64url')}`
      const stored = storedOf(wanted, key, options.now())
      await secrets.change((data) => ({ ...data, keys: [...data.keys, stored] }))
      live = [...live, withHash(stored)]
      return { row: rowOf(stored), key }
    },
    list: () => live.map((known) => rowOf(known.stored)),
    async revoke(id) {
      const found = live.find((known) => known.stored.id === id)
      if (!found) return undefined
      live = live.filter((known) => known !== found)
      for (const fn of revoked) fn(id)
      await secrets.change((data) => ({ ...data, keys: data.keys.filter((key) => key.id !== id) }), {
        forgetting: true,
      })
      return rowOf(found.stored)
    },
    principalOf(credential) {
      if (!keyForm.test(credential)) return undefined
      const hash = sha256(credential)
      const found = live.find((known) => timingSafeEqual(known.hash, hash))?.stored
      return found && isValid(found) ? holderIn(found) : undefined
    },
    holderOfId(id) {
      const found = liveById(id)
      return found && holderIn(found)
    },
    isLive: (id) => liveById(id) !== undefined,
    fingerprint(credential) {
      const known = fingerprints.get(credential)
      if (known !== undefined) return known
      const made = createHmac('sha256', pepper).update(credential).digest('hex').slice(0, 12)
      fingerprints.set(credential, made)
      const oldest = fingerprints.keys().next()
      if (fingerprints.size > mostFingerprints && !oldest.done) fingerprints.delete(oldest.value)
      return made
    },
    watchRevoked(fn) {
      revoked.add(fn)
      return () => revoked.delete(fn)
    },
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function withHash(stored: StoredKey): { stored: StoredKey; hash: Buffer } {
  return { stored, hash: Buffer.from(stored.hash, 'hex') }
}

function storedOf(wanted: KeyWanted, key: string, now: number): StoredKey {
  return {
    id: `key_${randomBytes(8).toString('hex')}`,
    name: wanted.name,
    scope: wanted.scope,
    prefix: key.slice(0, 7),
    hash: sha256(key).toString('hex'),
    providers: wanted.providers ? [...wanted.providers] : null,
    chains: wanted.chains ? [...wanted.chains] : null,
    created_at: new Date(now).toISOString(),
    expires_at: wanted.expiresAt === undefined ? null : new Date(wanted.expiresAt).toISOString(),
  }
}

function holderIn({ id, name, scope, providers, chains }: StoredKey): KeyHolder {
  return { id, name, scope, providers, chains }
}

/** What lists show: all but the hash. */
function rowOf({ hash: _, ...row }: StoredKey): KeyRow {
  return row
}
