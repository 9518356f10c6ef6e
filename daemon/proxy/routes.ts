/** Tells from a path alone what a request is: a call in a dialect, pinned to a provider or not; a base; or none of the proxy's business. */
import type { DialectName } from '../../shared/contract/event.ts'
import type { AskedAt, Dialect, DialectEndpoint } from '../dialects/dialect.ts'
import { safeName } from './names.ts'

/** `rest` is what is appended to the provider's base URL, without a leading slash; `query` has its `?` or is empty. */
export type CallRoute = AskedAt & {
  kind: 'call'
  dialect: Dialect
  pinned: string | null
  rest: string
  query: string
} & Prefixed

/** What stood before the path: the folder a call is counted under, and a key of ours. */
type Prefixed = { folder: string | null; key: string | null }

type Route =
  | CallRoute
  /** A base URL itself, asked for with HEAD: clients do so to see whether anyone is there. */
  | { kind: 'base' }
  /** Under the proxy's paths, but nothing that is served. `dialect`: whose words the refusal speaks. */
  | { kind: 'unknown'; dialect: Dialect | null; path: string }
  /** Everything else belongs to the APIs. */
  | { kind: 'not-ours' }

/** What stays ours under `/v1`. */
const ownUnderV1 = /^\/v1\/(stats|ratelimits)(\/|$)/
const underVersion = /^\/(v1|v1beta)\//
/** Google's uploads stand before its version. */
const served = /^\/(upload\/)?(v1|v1beta)\//
const folderPrefix = /^\/f\/([A-Za-z0-9._-]{1,64})(?=\/|$)/
const keyPrefix = /^\/k\/([^/?]{1,4096})(?=\/|$)/
const passedMethods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
/** How many paths are remembered with what they are, and how long one may be, in characters. */
const mostKnown = 200
const longestKnown = 1000

type Row = {
  dialect: Dialect
  endpoint: DialectEndpoint
  /** Of the whole path, and of a pinned path's end. */
  whole: RegExp
  end: RegExp
  /** How many characters are neither version nor placeholder: of two rows that fit, the one that says more. */
  said: number
}

/** Reads a request target. Where dialects share a path (lists of models), `preferred` is whose own header came with it. */
export type RouteOf = (method: string, target: string, preferred?: DialectName) => Route

/** The dialect is told by the path, never by the credential's header. */
export function routesOf(dialects: readonly Dialect[]): RouteOf {
  const rows = dialects.flatMap((dialect) => dialect.endpoints.map((endpoint) => rowOf(dialect, endpoint)))
  // clients ask for the same few paths, call after call
  const known = new Map<string, CallRoute>()

  return (method, target, preferred = 'openai-chat') => {
    const mark = target.indexOf('?')
    const path = mark < 0 ? target : target.slice(0, mark)
    const query = mark < 0 ? '' : target.slice(mark)
    const asked = `${preferred} ${method} ${path}`
    const found = known.get(asked)
    if (found) return query === '' ? found : { ...found, query }
    const route = read(method, path, query, preferred)
    // a key in the path, or in the query, must not stay in memory
    if (route.kind === 'call' && route.key === null && path.length <= longestKnown) {
      if (known.size >= mostKnown) known.clear()
      known.set(asked, query === '' ? route : { ...route, query: '' })
    }
    return route
  }

  function read(method: string, asked: string, query: string, preferred: DialectName): Route {
    const { path, prefixed } = withoutPrefixes(asked)
    if (method === 'HEAD' && /^\/((v1|v1beta)\/?|p\/[^/]+(\/v1|\/v1beta)?\/?)?$/.test(path)) return { kind: 'base' }
    if (path.startsWith('/p/')) return pinnedRoute(method, path, query, prefixed, preferred)
    const isOurs = !served.test(path) || ownUnderV1.test(path)
    // a prefix leads to calls and to nothing else
    if (isOurs) return path === asked ? { kind: 'not-ours' } : { kind: 'unknown', dialect: null, path }
    const found = best(rows, method, path, 'whole', preferred)
    if (found) return callAt(found.row, null, path.slice(1), query, prefixed, found.named)
    return unread(method, path, path.slice(1), query, null, prefixed, preferred)
  }

  function pinnedRoute(method: string, path: string, query: string, prefixed: Prefixed, preferred: DialectName): Route {
    const slash = path.indexOf('/', 3)
    const pinned = decoded(slash < 0 ? path.slice(3) : path.slice(3, slash))
    const rest = slash < 0 ? '' : path.slice(slash + 1)
    const found = best(rows, method, `/${rest}`, 'end', preferred)
    if (found) return callAt(found.row, pinned, rest, query, prefixed, found.named)
    return unread(method, path, rest, query, pinned, prefixed, preferred)
  }

  /** Whatever else a provider serves below a version or a pinned base passes through unread. */
  function unread(
    method: string,
    path: string,
    rest: string,
    query: string,
    pinned: string | null,
    prefixed: Prefixed,
    preferred: DialectName,
  ): Route {
    const near = dialectNear(rest) ?? dialects.find(({ name }) => name === preferred) ?? null
    if (near === null || rest === '' || !passedMethods.has(method)) return { kind: 'unknown', dialect: near, path }
    const template = pinned === null ? `/${rest.split('/')[0]}/*` : '/*'
    const counts = method === 'HEAD' ? 'nothing' : 'request'
    const endpoint: DialectEndpoint = { method, path: template, counts, unread: true }
    return { kind: 'call', dialect: near, endpoint, named: null, pinned, rest, query, ...prefixed }
  }

  /** By how the path begins behind its version: OpenAI's threads hold messages too, and are none of Anthropic's. All have models. */
  function dialectNear(rest: string): Dialect | undefined {
    const behind = /(?:^|\/)(?:v1|v1beta)(\/.*)$/.exec(rest)?.[1] ?? `/${rest}`
    return rows.find(({ endpoint }) => {
      const stem = stemOf(endpoint.path)
      return stem !== '/models' && `${behind}/`.startsWith(`${stem}/`)
    })?.dialect
  }
}

function callAt(
  { dialect, endpoint }: Row,
  pinned: string | null,
  rest: string,
  query: string,
  prefixed: Prefixed,
  named: string | null,
): CallRoute {
  return {
    kind: 'call',
    dialect,
    endpoint,
    named,
    pinned,
    rest,
    query,
    folder: prefixed.folder,
    key: prefixed.key,
  }
}

function withoutPrefixes(asked: string): { path: string; prefixed: Prefixed } {
  const prefixed: Prefixed = { folder: null, key: null }
  let path = asked
  for (;;) {
    const folder = prefixed.folder === null ? folderPrefix.exec(path) : null
    const key = prefixed.key === null ? keyPrefix.exec(path) : null
    if (folder?.[1] !== undefined && !/^\.+$/.test(folder[1])) prefixed.folder = safeName(folder[1])
    else if (key?.[1] !== undefined) prefixed.key = decoded(key[1])
    else return { path, prefixed }
    path = path.slice((folder ?? key)?.[0].length)
    if (path === '') path = '/'
  }
}

/** A provider's own names of models hold slashes too. Bounded where more follows: nobody may make the search for it long. */
const placeholders: Record<string, string> = { '{model}': '(.{1,400})', '{id}': '([^/]+)', '{name}': '(.+)' }

function rowOf(dialect: Dialect, endpoint: DialectEndpoint): Row {
  const pattern = (template: string) =>
    template
      .split(/(\{[a-z]+\})/)
      // some clients encode the colon, which means the same here (RFC 3986 section 3.3)
      .map((part) => placeholders[part] ?? part.replace(/\./g, '\\.').replace(/:/g, '(?::|%3[Aa])'))
      .join('')
  return {
    dialect,
    endpoint,
    whole: new RegExp(`^${pattern(endpoint.path)}$`),
    end: new RegExp(`${pattern(behindVersion(endpoint.path))}$`),
    said: behindVersion(endpoint.path).replace(/\{[a-z]+\}/g, '').length,
  }
}

function behindVersion(template: string): string {
  return template.replace(underVersion, '/')
}

/** The row that says most of the path; of equals the preferred dialect's, then that of the same version, else the first. */
function best(
  rows: readonly Row[],
  method: string,
  path: string,
  part: 'whole' | 'end',
  preferred: DialectName,
): { row: Row; named: string | null } | undefined {
  let found: { row: Row; named: string | null; rank: number } | undefined
  for (const row of rows) {
    if (row.endpoint.method !== method) continue
    const match = row[part].exec(path)
    if (!match) continue
    const rank = row.said + (row.dialect.name === preferred ? 0.5 : 0) + (row.whole.test(path) ? 0.25 : 0)
    if (rank > (found?.rank ?? -1)) found = { row, named: match[1] ? decoded(match[1]) : null, rank }
  }
  return found
}

/** What all of a dialect's paths of one kind have in common: `/messages` of `/v1/messages/count_tokens`. */
function stemOf(template: string): string {
  return behindVersion(template).replace(/^(\/[A-Za-z]+).*$/, '$1')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // not percent-encoded text: taken as it stands, and then no provider's or model's name
    return segment
  }
}
