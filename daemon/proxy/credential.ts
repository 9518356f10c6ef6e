/** Finds every credential of a request, tells ours from others, and says which headers must not leave with it. */
import type { IncomingMessage } from 'node:http'

/** Where a provider's credential may stand; the last is Azure's. */
const providerHeaders: ReadonlySet<string> = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'])
const ownHeader = 'x-tollkeeper-key'
const none: ReadonlySet<string> = new Set()
/** What is shorter stands in other headers by chance, and is nobody's secret. */
const shortestSecret = 8

export type Credentials = {
  /** Ours, wherever it stood; more than one is taken for none. */
  ours: string | null
  severalOfOurs: boolean
  /** The caller's own, to be passed on untouched. */
  own: string | null
  /** Header names (lower case) that must not go upstream. */
  taken: ReadonlySet<string>
  /** The query with a credential of ours taken out; with its `?`, or empty. */
  query: string
}

/** `query` has its `?` or is empty. `inPath`: what stood behind `/k/`; whatever it is, it was meant as ours. */
export function credentialsOf(request: IncomingMessage, query: string, inPath: string | null = null): Credentials {
  const taken: string[] = []
  const ours: string[] = inPath === null ? [] : [inPath]
  let own: string | null = null
  let inProviderPlace = false
  const inPlace = (found: readonly string[], bare: string): boolean => {
    ours.push(...found)
    if (found.length > 0) inProviderPlace = true
    else if (bare !== '') own ??= bare
    return found.length > 0
  }

  const raw = request.rawHeaders
  // Node joins or drops repeated headers in `headers`; here each counts
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const value = raw[i + 1] as string
    if (providerHeaders.has(name)) {
      const bare = name === 'authorization' ? bareOf(value) : value.trim()
      if (inPlace(oursAmong(name === 'authorization' ? value : bare), bare)) taken.push(name)
    } else if (name === ownHeader) ours.push(bareOf(value))
    else if (holdsOurs(value)) taken.push(name)
  }
  let rest = query
  if (query.length > 1) {
    rest = queryOf(query, (name, value) => {
      if (name !== 'key') return !holdsOurs(name) && !holdsOurs(value)
      return !inPlace(isOurs(value) ? [value] : [], value)
    })
  }

  // Ours in a provider's place stands for the caller, so nothing else of theirs may ride along; nor may what is empty.
  if (inProviderPlace || (ours.length > 0 && own === null)) {
    taken.push(...providerHeaders)
    rest = queryOf(rest, (name) => name !== 'key')
    own = null
  }
  const severalOfOurs = ours.some((one) => one !== ours[0])
  return { ours: ours[0] ?? null, severalOfOurs, own, taken: taken.length === 0 ? none : new Set(taken), query: rest }
}

/**
 * What must not go to one target. Beside a key of ours goes no credential of the caller, wherever it stands: that is for one who
 * brought both, and whose call goes on past their own account. `lent`: ours goes.
 */
export function credentialFor(
  { own, taken, query }: Credentials,
  rawHeaders: readonly string[],
  lent: boolean,
): Pick<Credentials, 'taken' | 'query'> {
  if (!lent || own === null) return { taken, query }
  const holdsOwn = (text: string) => own.length >= shortestSecret && text.includes(own)
  const without = new Set(taken)
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (holdsOwn(decoded(rawHeaders[i + 1] as string))) without.add((rawHeaders[i] as string).toLowerCase())
  }
  return { taken: without, query: queryOf(query, (name, value) => name !== 'key' && !holdsOwn(value)) }
}

/** Known by its form: `tk_…`, `tk_local_…`, or a JWT that names us as its issuer. */
export function isOurs(credential: string): boolean {
  return credential.startsWith('tk_') || isOurJwt(credential)
}

/** A subscription's OAuth token, as Claude Code sends it. */
export function isPlanToken(credential: string): boolean {
  return credential.startsWith('sk-ant-oat')
}

function isOurJwt(credential: string): boolean {
  if (!credential.startsWith('ey')) return false
  const parts = credential.split('.')
  if (parts.length !== 3) return false
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] as string, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && 'iss' in claims && claims.iss === 'tollkeeper'
  } catch {
    // not a JWT after all
    return false
  }
}

function bareOf(value: string): string {
  return value.replace(/^(bearer|basic|token)(\s+|$)/i, '').trim()
}

/** Ours in a place for credentials, however it is wrapped: in a list, in quotes, behind any scheme, in Basic's base64 (RFC 7617). */
function oursAmong(value: string): string[] {
  const basic = /^basic\s+(\S+)/i.exec(value)?.[1]
  const text = basic === undefined ? value : `${value} ${Buffer.from(basic, 'base64').toString('latin1')}`
  // nearly every credential is a provider's
  if (!text.includes('tk_') && !text.includes('ey')) return []
  const pieces = text.split(/[\s,;:="']+/)
  const found = pieces.filter(isOurs)
  return found.length > 0 ? found : pieces.filter(isWrappedOdd)
}

/** What is no credential of anybody as it stands, and yet holds one of ours: as good as unknown, and it must not leave. */
function isWrappedOdd(piece: string): boolean {
  const isForeignJwt = piece.startsWith('ey') && piece.split('.').length === 3
  return !isForeignJwt && holdsOurs(piece)
}

/** Whether text that is no place for a credential holds one of ours all the same: our random part is 43 characters long. */
export function holdsOurs(written: string): boolean {
  const text = decoded(written)
  if (text.includes('tk_') && /(?<![A-Za-z0-9_-])tk_[A-Za-z0-9_-]{43}/.test(text)) return true
  return text.includes('eyJ') && (text.match(/eyJ[\w-]*\.[\w-]+\.[\w-]*/g) ?? []).some(isOurJwt)
}

/** The query without the parameters that do not pass; untouched where all do. */
function queryOf(query: string, passes: (name: string, value: string) => boolean): string {
  const parts = query.slice(1).split('&')
  const left = parts.filter((part) => {
    const mark = part.indexOf('=')
    const end = mark < 0 ? part.length : mark
    return passes(decoded(part.slice(0, end)), decoded(part.slice(end + 1)))
  })
  if (left.length === parts.length) return query
  return left.length > 0 ? `?${left.join('&')}` : ''
}

function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // broken percent-encoding: the raw text is all there is
    return text
  }
}
