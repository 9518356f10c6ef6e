/** Which HTTP proxy a request goes through, if any: by the user's config, or by the variables that other programs read too. */
import { splitBaseUrl } from '../providers/base-url.ts'

/** URLs of proxies, by the scheme of what is asked for. */
export type Proxies = { http: URL | null; https: URL | null; noProxy: string }
type Env = Readonly<Record<string, string | undefined>>

/** `bad` completes the sentence "the proxy in NAME …". */
export type ReadProxies = { proxies: Proxies; bad: { name: string; bad: string }[] }

/**
 * `proxy`: `none`, a URL, or `auto`, for the variables of https://curl.se/docs/manpage.html#ENVIRONMENT in small letters first.
 * What is not to be had counts as none, and is named.
 */
export function readProxies(proxy: string, noProxy: string | undefined, env: Env): ReadProxies {
  const bad: ReadProxies['bad'] = []
  const excepted = noProxy ?? env.no_proxy ?? env.NO_PROXY ?? ''
  const read = (text: string, name: string): URL | null => {
    const found = urlOf(text)
    if (found instanceof URL) return found
    bad.push({ name, ...found })
    return null
  }
  if (proxy === 'none') return { proxies: { http: null, https: null, noProxy: excepted }, bad }
  if (proxy !== 'auto') {
    const url = read(proxy, 'network.proxy')
    return { proxies: { http: url, https: url, noProxy: excepted }, bad }
  }
  const named = (...names: string[]) => {
    const name = names.find((one) => (env[one] ?? '') !== '')
    return name === undefined ? null : read(env[name] ?? '', name)
  }
  const https = named('https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY')
  const http = named('http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY')
  return { proxies: { http, https, noProxy: excepted }, bad }
}

function urlOf(text: string): URL | { bad: string } {
  // as curl reads it: without a scheme it is an HTTP proxy
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(full)) return { bad: 'is no URL' }
  const url = new URL(full)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { bad: `is of the kind ${url.protocol}//, not http:// or https://` }
  return url
}

/** `hostname` without brackets. Loopback is never asked for through a proxy. */
export function proxyFor(proxies: Proxies, scheme: 'http' | 'https', hostname: string, port: number): URL | null {
  const proxy = proxies[scheme]
  if (!proxy) return null
  const host = hostname.toLowerCase().replace(/\.$/, '')
  const base = splitBaseUrl(`http://${host.includes(':') ? `[${host}]` : host}`)
  if ('loopback' in base && base.loopback) return null
  return isExcepted(host, port, proxies.noProxy) ? null : proxy
}

/** `example.com` means its subdomains too, with or without a dot before it; `*` everything; a port only that one. */
function isExcepted(host: string, port: number, noProxy: string): boolean {
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '') return false
      if (entry === '*') return true
      const [, bracketed, plain = entry, wantedPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? []
      if (wantedPort !== undefined && Number(wantedPort) !== port) return false
      const name = (bracketed ?? plain).replace(/^\*?\./, '')
      return host === name || host.endsWith(`.${name}`)
    })
}
