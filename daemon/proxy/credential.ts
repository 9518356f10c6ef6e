/** Finds every credential of a request, tells ours from others, and says which headers must not leave with it. */
import type { IncomingMessage } from 'node:http'

/** Where a provider's credential may stand. */
const providerHeaders = ['authorization', 'x-api-key', 'x-goog-api-key'] as const
const ownHeader = 'x-tollkeeper-key'

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

/** `query` has its `?` or is empty. */
export function credentialsOf(request: IncomingMessage, query: string): Credentials {
  const taken = new Set<string>()
  const ours = new Set<string>()
  let own: string | null = null
  let inProviderPlace = false

  for (const name of providerHeaders) {
    for (const value of headerValues(request, name)) {
      const bare = name === 'authorization' ? bareOf(value) : value.trim()
      if (isOurs(bare)) {
        ours.add(bare)
        taken.add(name)
        inProviderPlace = true
      } else if (bare !== '') own ??= bare
    }
  }
  for (const value of headerValues(request, ownHeader)) ours.add(bareOf(value))

  const inQuery = queryKeyOf(query)
  let rest = query
  if (inQuery !== null && isOurs(inQuery)) {
    ours.add(inQuery)
    rest = withoutKey(query)
    inProviderPlace = true
  } else if (inQuery) own ??= inQuery

  // Ours in a provider's place: it stands for the caller, so nothing else of theirs may ride along.
  if (inProviderPlace) {
    for (const name of providerHeaders) taken.add(name)
    rest = withoutKey(rest)
    own = null
  }
  return { ours: [...ours][0] ?? null, severalOfOurs: ours.size > 1, own, taken, query: rest }
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
  const parts = credential.split('.')
  if (parts.length !== 3 || !credential.startsWith('ey')) return false
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] as string, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && 'iss' in claims && claims.iss === 'tollkeeper'
  } catch {
    // not a JWT after all
    return false
  }
}

function bareOf(value: string): string {
  return value.replace(/^(bearer|basic|token)\s+/i, '').trim()
}

function headerValues(request: IncomingMessage, name: string): string[] {
  // Node joins or drops repeated headers in `headers`; here each counts
  if (request.headers[name] === undefined) return []
  const values: string[] = []
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    if ((request.rawHeaders[i] as string).toLowerCase() === name) values.push(request.rawHeaders[i + 1] as string)
  }
  return values
}

const keyPart = /([?&])key=([^&]*)/

function queryKeyOf(query: string): string | null {
  const found = keyPart.exec(query)
  if (!found) return null
  try {
    return decodeURIComponent(found[2] as string)
  } catch {
    // broken percent-encoding: the raw text is all there is
    return found[2] as string
  }
}

function withoutKey(query: string): string {
  const left = query
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('key='))
  return left.length > 0 ? `?${left.join('&')}` : ''
}
