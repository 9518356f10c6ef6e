/** Tells from a path alone what a request is: a call in a dialect, pinned to a provider or not; a base; or none of the proxy's business. */
import type { DialectName } from '../../shared/contract/event.ts'
import type { Dialect, DialectEndpoint } from '../dialects/dialect.ts'

export type Route =
  /** `rest` is what is appended to the provider's base URL, without a leading slash; `query` has its `?` or is empty. */
  | { kind: 'call'; dialect: Dialect; endpoint: DialectEndpoint; pinned: string | null; rest: string; query: string }
  /** A base URL itself, asked for with HEAD: clients do so to see whether anyone is there. */
  | { kind: 'base' }
  /** Under the proxy's paths, but nothing that is served. `dialect`: whose words the refusal speaks. */
  | { kind: 'unknown'; dialect: Dialect | null; path: string }
  /** Everything else belongs to the APIs. */
  | { kind: 'not-ours' }

/** What stays ours under `/v1`. */
const ownUnderV1 = /^\/v1\/(stats|ratelimits)(\/|$)/

/**
 * Reads the request target. The dialect is told by the path, never by the credential's header. Where dialects share a path
 * (lists of models), `preferred` says which one's own header came with the request.
 */
export function routeOf(
  dialects: readonly Dialect[],
  method: string,
  target: string,
  preferred: DialectName = 'openai-chat',
): Route {
  const first = dialects.find((dialect) => dialect.name === preferred)
  const ordered = !first || first === dialects[0] ? dialects : [first, ...dialects]

  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? '' : target.slice(mark)
  if (method === 'HEAD' && /^\/(v1\/?|p\/[^/]+(\/v1)?\/?)?$/.test(path)) return { kind: 'base' }
  if (path.startsWith('/p/')) return pinnedRoute(ordered, method, path, query)
  if (!path.startsWith('/v1/') || ownUnderV1.test(path)) return { kind: 'not-ours' }
  for (const dialect of ordered) {
    const endpoint = dialect.endpoints.find((row) => row.path === path && row.method === method)
    if (endpoint) return { kind: 'call', dialect, endpoint, pinned: null, rest: path.slice(1), query }
  }
  return { kind: 'unknown', dialect: dialectNear(dialects, path), path }
}

function pinnedRoute(dialects: readonly Dialect[], method: string, path: string, query: string): Route {
  const slash = path.indexOf('/', 3)
  const pinned = decodedName(slash < 0 ? path.slice(3) : path.slice(3, slash))
  const rest = slash < 0 ? '' : path.slice(slash + 1)
  let best: { dialect: Dialect; endpoint: DialectEndpoint } | undefined
  for (const dialect of dialects) {
    for (const endpoint of dialect.endpoints) {
      const ends = `/${rest}`.endsWith(endpoint.ends) && endpoint.method === method
      // the longest end wins: /messages/count_tokens is no /count_tokens of another dialect
      if (ends && endpoint.ends.length > (best?.endpoint.ends.length ?? 0)) best = { dialect, endpoint }
    }
  }
  return best
    ? { kind: 'call', ...best, pinned, rest, query }
    : { kind: 'unknown', dialect: dialectNear(dialects, path), path }
}

function dialectNear(dialects: readonly Dialect[], path: string): Dialect | null {
  return dialects.find((dialect) => dialect.endpoints.some((row) => path.includes(row.ends))) ?? null
}

function decodedName(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // not percent-encoded text: taken as it stands, and then no provider's name
    return segment
  }
}
