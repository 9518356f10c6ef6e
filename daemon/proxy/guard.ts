/** Who may knock at all, and with how much: the headers of every request and upgrade, before anything else looks at it. */
import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import type { ErrorCode } from '../../shared/contract/error.ts'
import { safeName } from './names.ts'
import { requestTarget } from './request-target.ts'

export type GuardRules = {
  port: number
  allowedHosts: readonly string[]
  /** Beyond our own dashboard's. */
  allowedOrigins: readonly string[]
}

/** `origin`: the member origin whose browser may read the answer. */
export type Verdict =
  | { kind: 'pass'; origin: string | null }
  | { kind: 'preflight'; origin: string }
  | { kind: 'stop'; code: ErrorCode; detail: string }

/** Of all headers and the request's target together. */
export const mostHeaderBytes = 64 * 1024

const ownNames = ['127.0.0.1', '[::1]', 'localhost']
const builtInOrigins = ['vscode-file://vscode-app']

/** `row` is the endpoint that the path means after normalising, if it means one. */
export function guard(request: IncomingMessage, row: Endpoint | undefined, rules: GuardRules): Verdict {
  const misdirected = wrongHost(request, rules)
  if (misdirected) return misdirected

  if (headerBytes(request) > mostHeaderBytes)
    return stop('headers_too_large', `The request headers are over the limit of ${mostHeaderBytes / 1024} KiB.`)

  const origins = valuesOf(request.rawHeaders, 'origin')
  if (origins.length > 0) {
    const origin = origins[0] as string
    const own = ownNames.map((name) => `http://${name}:${rules.port}`)
    const member = origins.length === 1 && [...builtInOrigins, ...own, ...rules.allowedOrigins].includes(origin)
    if (!member)
      return stop(
        'origin_not_allowed',
        `Origin ${quoted(origins)} may not call this daemon. Add it to "allowedOrigins" in config.jsonc if you trust it.`,
      )
    return request.method === 'OPTIONS' ? { kind: 'preflight', origin } : { kind: 'pass', origin }
  }
  if (request.method === 'OPTIONS')
    return stop('cross_site', 'OPTIONS is answered for the origins listed under "allowedOrigins" only.')

  const metadata = crossSite(request, row)
  return metadata ?? { kind: 'pass', origin: null }
}

/** A whole URL as target must name us as well as the one Host does: neither speaks for the other. */
function wrongHost({ rawHeaders, url = '/', method }: IncomingMessage, rules: GuardRules): Verdict | undefined {
  const isOurs = (written: string) => {
    const host = written.toLowerCase()
    const isName = (name: string) => isHost(host, name, rules.port)
    return ownNames.some(isName) || rules.allowedHosts.some(isName)
  }
  const no = (what: string, was: string) =>
    stop(
      'wrong_host',
      `${what} must be 127.0.0.1:${rules.port}, [::1]:${rules.port}, localhost:${rules.port} or a name listed under "allowedHosts" in config.jsonc; it was ${was}.`,
    )
  const hosts = valuesOf(rawHeaders, 'host')
  if (hosts.length !== 1 || !isOurs(hosts[0] as string)) return no('Host', quoted(hosts))
  const { host, path } = requestTarget(url)
  if (host !== null && !isOurs(host)) return no("The host in the request's target", quoted([host]))
  if (!path.startsWith('/') && method !== 'OPTIONS')
    return stop(
      'bad_request',
      "A request's target must be a path, such as /v1/messages, or a whole http:// URL of this daemon.",
    )
  return undefined
}

/** Fetch metadata of a request without an Origin (W3C Fetch Metadata): what only a browser sends, and only for a page. */
function crossSite(request: IncomingMessage, row: Endpoint | undefined): Verdict | undefined {
  const mode = request.headers['sec-fetch-mode']
  const dest = request.headers['sec-fetch-dest']
  const site = request.headers['sec-fetch-site']
  const page = row?.page === true
  const jsonPost = request.method === 'POST' && isJson(request)
  // our own page asking us again; the value is checked with its cookie where rights are
  const ownPage = site === 'same-origin' && (page || request.headers['x-tollkeeper-page'] !== undefined)
  const why =
    mode === 'websocket' || (mode === 'navigate' && !page)
      ? `sec-fetch-mode: ${mode}`
      : dest !== undefined && dest !== 'empty' && !page
        ? `sec-fetch-dest: ${String(dest)}`
        : site !== undefined && site !== 'none' && !jsonPost && !ownPage && !(page && mode === 'navigate')
          ? `sec-fetch-site: ${String(site)}`
          : undefined
  return why === undefined
    ? undefined
    : stop(
        'cross_site',
        `A browser sent this for another page (${why}). Only programs and the dashboard may call this address.`,
      )
}

function isJson(request: IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')
}

/** RFC 9110 section 7.2: the port may be left out where it is the scheme's own. */
function isHost(host: string, name: string, port: number): boolean {
  return host === `${name}:${port}` || (port === 80 && host === name)
}

/** Node gives them as one character a byte. */
function headerBytes({ url = '', rawHeaders }: IncomingMessage): number {
  let bytes = url.length
  for (const text of rawHeaders) bytes += text.length
  return bytes
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const found = rawHeaders[i] as string
    if (found.length === name.length && found.toLowerCase() === name) values.push(rawHeaders[i + 1] as string)
  }
  return values
}

function quoted(values: readonly string[]): string {
  return values.length === 0 ? 'missing' : values.map((value) => JSON.stringify(safeName(value))).join(' and ')
}

function stop(code: ErrorCode, detail: string): Verdict {
  return { kind: 'stop', code, detail }
}
