/** Signs our JSON Web Tokens and reads them again: HS256 and nothing else. Loaded with the first token, as few homes ever see one. */
import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod/mini'
import { scope } from '../../shared/contract/endpoints/core.ts'

const issuer = 'tollkeeper'
const algorithm = 'HS256'

const claims = z.object({ sub: z.string(), scope, jti: z.string(), iat: z.int(), exp: z.int() })
/** RFC 7519 section 4.1; `sub` names the key, `iat` and `exp` are in unix seconds. */
export type Claims = z.infer<typeof claims>

export type Jwt = {
  sign(claims: Claims): Promise<string>
  /** undefined: it is not ours, was changed, or its time is over. `now` in epoch ms. */
  read(token: string, now: number): Promise<Claims | undefined>
}

/** The key is taken in once: from raw bytes that would be done again for every token. */
export async function openJwt(secret: Uint8Array<ArrayBuffer>): Promise<Jwt> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  return {
    sign: (made) => new SignJWT(made).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).setIssuer(issuer).sign(key),
    async read(token, now) {
      try {
        const checks = { algorithms: [algorithm], issuer, typ: 'JWT', currentDate: new Date(now) }
        return z.safeParse(claims, (await jwtVerify(token, key, checks)).payload).data
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}
