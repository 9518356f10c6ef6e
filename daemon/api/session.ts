/** Sessions of the dashboard in a browser: a code that works once, traded for a cookie and a page value that only count together. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export const sessionCookie = 'tollkeeper_session'
export const pageHeader = 'x-tollkeeper-page'

const codeMs = 60_000
const idleMs = 24 * 3600_000
const maxCodes = 32
const maxSessions = 64

type Session = { cookie: Buffer; page: Buffer; until: number }

export type Sessions = {
  /** A code for a link; `expiresAt` in epoch ms. */
  link(): { code: string; expiresAt: number }
  /** What the code stands for: the cookie and the value that the page keeps; undefined where it is unknown, used or too old. */
  trade(code: string): { cookie: string; page: string } | undefined
  /** Both belong to one live session, which now lives on for a day. */
  isLive(cookie: string, page: string): boolean
  /** The cookie belongs to a live session; by itself it gives no right. */
  isKnown(cookie: string): boolean
}

/**
 * Browsers send a cookie to every port of a host, so any other local web page's requests carry it; the page value, kept in
 * `sessionStorage` and hence by origin with its port, is what those lack.
 */
export function openSessions(options: { now: () => number }): Sessions {
  const codes: { hash: Buffer; until: number }[] = []
  let sessions: Session[] = []

  return {
    link() {
      const code = randomBytes(32).toString('base64url')
      const expiresAt = options.now() + codeMs
      codes.push({ hash: hashOf(code), until: expiresAt })
      if (codes.length > maxCodes) codes.shift()
      return { code, expiresAt }
    },
    trade(code) {
      const hash = hashOf(code)
      const at = codes.findIndex((known) => timingSafeEqual(known.hash, hash))
      const found = at < 0 ? undefined : codes.splice(at, 1)[0]
      if (!found || found.until < options.now()) return undefined
      const cookie = randomBytes(32).toString('base64url')
      const page = randomBytes(32).toString('base64url')
      sessions = sessions.filter((session) => session.until > options.now()).slice(1 - maxSessions)
      sessions.push({ cookie: hashOf(cookie), page: hashOf(page), until: options.now() + idleMs })
      return { cookie, page }
    },
    isKnown(cookie) {
      const hash = hashOf(cookie)
      return sessions.some((s) => timingSafeEqual(s.cookie, hash) && s.until >= options.now())
    },
    isLive(cookie, page) {
      const [cookieHash, pageHash] = [hashOf(cookie), hashOf(page)]
      const session = sessions.find((s) => timingSafeEqual(s.cookie, cookieHash))
      if (!session || !timingSafeEqual(session.page, pageHash) || session.until < options.now()) return false
      session.until = options.now() + idleMs
      return true
    },
  }
}

/** Hashes are of one length, so comparing them in constant time needs no length check that would tell something. */
function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** One cookie's value out of a `Cookie` header; undefined where it is absent or stands there twice with different values. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1))
  return new Set(values).size === 1 ? values[0] : undefined
}
