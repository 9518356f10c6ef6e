/** What a request line asks for (RFC 9112 section 3.2): the path with its query, and the host where that stands before it. */

/** `host` is null where only a path came. A `path` without its leading slash is none that anything is served at (`*`, say). */
export type RequestTarget = { host: string | null; path: string }

/** A server must take a whole URL too (section 3.2.2); whether its host is ours, the guard says. */
export function requestTarget(url: string): RequestTarget {
  if (url.startsWith('/')) return { host: null, path: url }
  const [, host, rest = ''] = /^http:\/\/([^/?#]*)(.*)$/is.exec(url) ?? []
  if (host === undefined) return { host: null, path: url }
  return { host, path: rest.startsWith('/') ? rest : `/${rest}` }
}

/** As a router may be given it: at a fragment, which no target has, it would cut the path off. Node's parser lets nothing else odd in. */
export function encodedTarget(path: string): string {
  return path.replaceAll('#', '%23')
}
