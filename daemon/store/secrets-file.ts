/** `secrets.json` in the home, 0600: the hashes of our own keys and the pepper that foreign credentials are told apart with. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { scope } from '../../shared/contract/endpoints/core.ts'
import { openDurable } from './durable-file.ts'

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

const secrets = z.strictObject({
  format: z.literal(1),
  /** 32 random bytes in base64, made once a home. */
  pepper: z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/)),
  keys: z.array(storedKey),
})
export type SecretsData = z.infer<typeof secrets>

export type Secrets = {
  /** As last written. */
  readonly data: SecretsData
  /** Resolves when `data` is on the disk; rejects with the old one untouched. */
  write(data: SecretsData): Promise<void>
}

/** Fails with a sentence for the user where a file is there but no version of it can be read: its keys must not be lost silently. */
export async function openSecrets(home: string): Promise<Secrets> {
  const path = join(home, 'secrets.json')
  const empty = (): SecretsData => ({ format: 1, pepper: randomBytes(32).toString('base64'), keys: [] })
  const { low, source, unreadable } = await openDurable<SecretsData>(path, {
    empty: empty(),
    check: (json) => z.safeParse(secrets, json).data,
  })
  if (source === 'none' && unreadable.length > 0) {
    const why = unreadable.map((file) => `${file.path}: ${file.why}`).join('; ')
    throw new Error(
      `The keys of this home cannot be read (${why}). Put a backup in its place, or move it away to start without keys.`,
    )
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
  if (source === 'none' || wasRemoved) await write(written)
  return {
    get data() {
      return written
    },
    write,
  }
}
