/** Where a relative part goes at a provider: appended as text, and never beyond the provider's origin and base path. */
import { splitBaseUrl } from './base-url.ts'

export type TargetUrl = { origin: string; path: string }

/** Where a provider is. `unversioned`: its paths have no version, so that a client's is taken off. */
export type Place = { baseUrl: string; unversioned?: boolean }

/** More layers of percent-encoding than any honest client writes. */
const mostLayers = 3

/**
 * `rest` as it stood in the request line, with or without its leading slash; `query` with or without its question mark,
 * '' for none. The `path` of the answer holds the query and is written to the wire as it is. `bad` completes the sentence
 * "the path …".
 */
export function targetUrl(place: Place, rest: string, query: string): TargetUrl | { bad: string } {
  // a query may hold a key, and is not kept
  if (query !== '') return joinedUrl(place, rest, query)
  const asked = `${place.baseUrl} ${place.unversioned === true} ${rest}`
  const known = joined.get(asked)
  if (known) return known
  const made = joinedUrl(place, rest, query)
  if (joined.size >= mostKept) joined.clear()
  if (asked.length <= longestKept) joined.set(asked, made)
  return made
}

/** Every call asks, and nearly always the same. */
const joined = new Map<string, TargetUrl | { bad: string }>()
const mostKept = 200
const longestKept = 1000

function joinedUrl({ baseUrl, unversioned = false }: Place, rest: string, query: string): TargetUrl | { bad: string } {
  const base = splitBaseUrl(baseUrl)
  if ('bad' in base) return { bad: `cannot be joined to the provider's base URL, which ${base.bad}` }
  const relative = rest.startsWith('/') ? rest.slice(1) : rest
  const bad = faultOf(relative) ?? (isPlain(query) ? undefined : 'has a query with characters that must be encoded')
  if (bad !== undefined) return { bad }
  const kept = withoutVersion(relative, base.path, unversioned)
  const path = kept === '' ? base.path || '/' : `${base.path}/${kept}`
  const asked = query.startsWith('?') ? query.slice(1) : query
  return { origin: base.origin, path: asked === '' ? path : `${path}?${asked}` }
}

/**
 * SDKs of some dialects want the version in their base URL and some do not: it must not stand there twice. Groq's own SDK writes
 * `openai/v1`, all that stands behind Groq's host.
 */
function withoutVersion(relative: string, basePath: string, unversioned: boolean): string {
  const upToVersion = /^(?:[^/]+\/){0,2}?v1(?:beta)?(?=\/|$)/.exec(relative)?.[0]
  if (upToVersion === undefined) return relative
  const isTwice = basePath.endsWith(`/${upToVersion}`) || (unversioned && !upToVersion.includes('/'))
  return isTwice ? relative.slice(upToVersion.length + 1) : relative
}

/** Printable ASCII without a space or `#`: what a request line can carry (RFC 9112 §3.2). */
function isPlain(text: string): boolean {
  return /^[\x21-\x22\x24-\x7e]*$/.test(text)
}

function faultOf(relative: string): string | undefined {
  if (!isPlain(relative)) return 'holds characters that must be encoded'
  if (relative.startsWith('/')) return 'begins with two slashes'
  if (relative.includes('?')) return 'holds a question mark that is no query'
  const decoded = decode(relative)
  if (decoded === undefined) return 'is percent-encoded too many times'
  if (decoded.includes('\0')) return 'holds an encoded NUL'
  if (decoded.includes('\\')) return 'holds a backslash'
  // Some servers cut path parameters off (`..;x`) before they look for dot segments.
  if (decoded.split('/').some((segment) => /^\.{1,2}(;|$)/.test(segment))) return 'holds a dot segment'
  return undefined
}

const meaning: Record<string, string> = { '25': '%', '2e': '.', '2f': '/', '5c': '\\', '00': '\0', '3b': ';' }

/** Undoes only what could build a way out, layer by layer; undefined where there are too many layers. */
function decode(text: string): string | undefined {
  let now = text
  for (let layer = 0; layer <= mostLayers; layer++) {
    const next = now.replace(/%(25|2e|2f|5c|00|3b)/gi, (all, hex: string) => meaning[hex.toLowerCase()] ?? all)
    if (next === now) return now
    now = next
  }
  return undefined
}
