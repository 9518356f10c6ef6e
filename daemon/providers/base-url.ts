/** Takes a configured base URL apart as text, and refuses what would make its origin or path doubtful. */

export type BaseUrl = { scheme: 'http' | 'https'; origin: string; path: string; loopback: boolean }

/** `path` has no slash at its end: '' or '/openai/v1'. `bad` completes the sentence "its base URL …". */
export function splitBaseUrl(baseUrl: string): BaseUrl | { bad: string } {
  const parts = /^(https?):\/\/([^/?#]*)([^?#]*)(.*)$/.exec(baseUrl)
  const [, scheme, authority = '', path = '', rest = ''] = parts ?? []
  if (scheme !== 'http' && scheme !== 'https') return { bad: 'does not begin with https:// or http://' }
  if (authority.includes('@')) return { bad: 'holds a user name or password; use apiKey instead' }
  if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.test(authority)) return { bad: 'has no plain host name' }
  if (rest !== '') return { bad: 'holds a query or a fragment; take it off' }
  if (/[^\x21-\x7e]|\\|%|\/\//.test(path) || path.split('/').some((segment) => segment === '.' || segment === '..')) {
    return { bad: 'has a path with dot segments, double slashes, spaces or encoded characters' }
  }
  const host = authority.replace(/:\d+$/, '')
  const loopback = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/i.test(host)
  return { scheme, origin: `${scheme}://${authority}`, path: path.replace(/\/+$/, ''), loopback }
}

/** Scheme, host and port, so written that two which mean the same are the same text; '' where the base URL is no good. */
export function originOf(baseUrl: string): string {
  const split = splitBaseUrl(baseUrl)
  if ('bad' in split) return ''
  return split.origin.toLowerCase().replace(split.scheme === 'https' ? /:0*443$/ : /:0*80$/, '')
}
