/** `secrets.json` in the home, 0600: the hashes of our own keys, what our tokens are signed with, providers' keys to lend, and the pepper that foreign credentials are told apart with. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { scope } from '../../shared/contract/endpoints/core.ts'
import { openDurable, type Unreadable } from './durable-file.ts'

const storedKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  scope,
  prefix: z.string(),
  /** SHA-256 of the key in hex. A key is 32 random bytes: nothing slower is needed to keep it from being guessed. */
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  providers: z.nullable(z.array(z.string())),
  chains: z.nullable(z.array(z.string())),
  created_at: z.iso.datetime(),
  expires_at: z.nullable(z.iso.datetime()),
})
export type StoredKey = z.infer<typeof storedKey>

const storedProviderKey = z.strictObject({
  /** The only one that the key may go to: scheme, host and port. */
  origin: z.string(),
  key: z.string(),
  set_at: z.iso.datetime(),
})

/** By the id of the key: its tokens that were revoked, each with when it was made, and up to when all are void; in unix seconds. */
const revokedTokens = z.record(z.string(), z.strictObject({ until: z.int(), ids: z.record(z.string(), z.int()) }))
export type RevokedTokens = z.infer<typeof revokedTokens>

/** 32 random bytes in base64, made once a home. */
const random = z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/))

const secrets = z.strictObject({
  format: z.literal(1),
  pepper: random,
  /** Signs our JSON Web Tokens. Homes of before there were any get it at their next start. */
  token_secret: z.optional(random),
  revoked_tokens: z.optional(revokedTokens),
  keys: z.array(storedKey),
  /** By the provider's id. */
  provider_keys: z.optional(z.record(z.string(), storedProviderKey)),
})
type SecretsData = z.infer<typeof secrets> & { token_secret: string }

export type Secrets = {
  /** As last written. */
  readonly data: SecretsData
  /** Versions that were there at the start but could not be read: an older one is in use. */
  readonly passedOver: readonly Unreadable[]
  /**
   * One change after the other: `fn` gets what the one before left. Resolves when it is on the disk; rejects with the old data
   * untouched. `forgetting`: what goes must not stand in the version before either, which a broken file falls back to.
   */
  change(fn: (data: SecretsData) => SecretsData, how?: { forgetting: boolean }): Promise<void>
}

/** `unreadable`: a file is there, but no version of it can be read. */
export type ReadSecrets =
  | { kind: 'none' }
  | { kind: 'read'; data: z.infer<typeof secrets> }
  | { kind: 'unreadable'; why: string; fix: string }

/** As they stand; nothing is written. */
export async function readSecrets(home: string): Promise<ReadSecrets> {
  const { low, source, unreadable } = await openDurable<z.infer<typeof secrets> | null>(secretsPath(home), {
    empty: null,
    check: (json) => z.safeParse(secrets, json).data,
  })
  if (source === 'none' && unreadable.length > 0) {
    return { kind: 'unreadable', why: whyOf(unreadable), fix: fixOf(unreadable) }
  }
  // as `openSecrets` takes it: a file that somebody took away means no keys
  const wasRemoved = source === 'previous' && unreadable.length === 0
  return low.data === null || wasRemoved ? { kind: 'none' } : { kind: 'read', data: low.data }
}

const secretsPath = (home: string): string => join(home, 'secrets.json')

function whyOf(unreadable: readonly Unreadable[]): string {
  return unreadable.map((file) => `${file.path}: ${file.why}`).join('; ')
}

/** What is only closed to us may be well: its keys need not be given up. */
function fixOf(unreadable: readonly Unreadable[]): string {
  return unreadable.some(({ closed }) => closed)
    ? 'Make it yours and readable: a daemon may have run with sudo'
    : 'Put a backup in its place, or move it away to start without keys'
}

/** Fails with a sentence for the user where a file is there but no version of it can be read: its keys must not be lost silently. */
export async function openSecrets(home: string): Promise<Secrets> {
  const path = secretsPath(home)
  const made = () => randomBytes(32).toString('base64')
  const empty = (): SecretsData => ({ format: 1, pepper: made(), token_secret: made(), keys: [] })
  let isOlder = false
  const { low, source, unreadable } = await openDurable<SecretsData>(path, {
    empty: empty(),
    check: (json) => {
      const found = z.safeParse(secrets, json).data
      isOlder = found !== undefined && found.token_secret === undefined
      return found && { ...found, token_secret: found.token_secret ?? made() }
    },
  })
  if (source === 'none' && unreadable.length > 0) {
    throw new Error(`The keys of this home cannot be read (${whyOf(unreadable)}). ${fixOf(unreadable)}.`)
  }
  let written = low.data
  const write = async (data: SecretsData) => {
    low.data = data
    try {
      await low.write()
    } catch (error) {
      low.data = written
      throw error
    }
    written = data
  }
  // a file that somebody took away means: no keys any more. The version before it would bring revoked ones back.
  const wasRemoved = source === 'previous' && unreadable.length === 0
  if (wasRemoved) written = empty()
  if (source === 'none' || wasRemoved || isOlder) await write(written)
  let last: Promise<void> = Promise.resolve()
  return {
    passedOver: unreadable,
    get data() {
      return written
    },
    change(fn, how) {
      const turn = last.then(async () => {
        const next = fn(written)
        await write(next)
        if (how?.forgetting) await write(next)
      })
      // a failing change is told to whoever asked for it; the next one goes on all the same
      last = turn.catch(() => undefined)
      return turn
    },
  }
}
