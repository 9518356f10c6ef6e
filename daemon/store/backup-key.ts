/** The key of a backup that holds secrets, made from a passphrase; its parameters stand in the file's header. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import * as z from 'zod/mini'

const hex = (bytes: number) => z.string().check(z.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)))

/** Within bounds: a file from elsewhere must not take all memory before its passphrase is known. */
export const sealed = z.strictObject({
  cipher: z.literal('aes-256-gcm'),
  kdf: z.literal('scrypt'),
  n: z.int().check(z.minimum(2 ** 14), z.maximum(2 ** 20)),
  r: z.int().check(z.minimum(8), z.maximum(16)),
  p: z.int().check(z.minimum(1), z.maximum(4)),
  salt: hex(16),
  iv: hex(12),
  /** Made from the passphrase beside the key: tells a wrong one from a damaged file. */
  check: hex(16),
})
export type Sealed = z.infer<typeof sealed>

export const tagBytes = 16

/** OWASP's advice of 2025 for scrypt: N 2^17, r 8, p 1; a tenth of a second and 128 MiB. */
const cost = { n: 2 ** 17, r: 8, p: 1 }

export async function newKey(passphrase: string): Promise<{ sealed: Sealed; key: Buffer }> {
  const of = { ...cost, salt: randomBytes(16).toString('hex') }
  const { key, check } = await derive(passphrase, of)
  const iv = randomBytes(12).toString('hex')
  return { sealed: { cipher: 'aes-256-gcm', kdf: 'scrypt', ...of, iv, check: check.toString('hex') }, key }
}

/** undefined: it is another passphrase. */
export async function keyOf(passphrase: string, of: Sealed): Promise<Buffer | undefined> {
  const { key, check } = await derive(passphrase, of)
  return timingSafeEqual(check, Buffer.from(of.check, 'hex')) ? key : undefined
}

function derive(
  passphrase: string,
  { n, r, p, salt }: Pick<Sealed, 'n' | 'r' | 'p' | 'salt'>,
): Promise<{ key: Buffer; check: Buffer }> {
  return new Promise((resolve, reject) => {
    // the same passphrase typed on another system may come in other code points
    const text = passphrase.normalize('NFKC')
    const done = (error: Error | null, bytes: Buffer) => {
      if (error) reject(error)
      else resolve({ key: bytes.subarray(0, 32), check: bytes.subarray(32) })
    }
    scrypt(text, Buffer.from(salt, 'hex'), 48, { N: n, r, p, maxmem: 256 * n * r }, done)
  })
}

/** `header`: the file's first line, which is so held to what follows. */
export function sealer(key: Buffer, { iv }: Sealed, header: string) {
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(iv, 'hex'))
  return cipher.setAAD(Buffer.from(header))
}

export function opener(key: Buffer, { iv }: Sealed, header: string, tag: Buffer) {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'hex'))
  return decipher.setAAD(Buffer.from(header)).setAuthTag(tag)
}
