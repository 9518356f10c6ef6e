/** A connection through an HTTP proxy: asks it with CONNECT, so that what then passes is between us and the provider alone. */
import { type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Socket } from 'node:net'

export type TunnelOptions = { ca: readonly string[] | null; timeoutMs: number }

/** The `code` of an error that the proxy is to blame for. */
export const proxyFault = 'ERR_PROXY'

/** `target` is `host:port`, an IPv6 address in brackets. RFC 9110 section 9.3.6. */
export function openTunnel(proxy: URL, target: string, { ca, timeoutMs }: TunnelOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asking = askingFor(proxy, target, ca)
    const fail = (why: string) => {
      clearTimeout(timer)
      asking.destroy()
      reject(Object.assign(new Error(`the proxy ${proxy.host} ${why}`), { code: proxyFault }))
    }
    const timer = setTimeout(() => fail(`did not open a connection within ${timeoutMs / 1000} s`), timeoutMs)
    asking.on('error', (error: Error & { code?: string }) =>
      fail(`cannot be reached: ${error.message || error.code || 'no reason given'}`),
    )
    asking.on('response', (response) =>
      fail(`did not open a connection: it answered ${response.statusCode ?? 'nothing'}`),
    )
    asking.on('connect', (response, socket: Socket, head) => {
      const status = response.statusCode ?? 0
      if (status < 200 || status > 299) {
        socket.destroy()
        return fail(
          status === 407
            ? 'wants a user name and a password (407): write them into its URL'
            : `refused to open a connection (${status})`,
        )
      }
      clearTimeout(timer)
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    asking.end()
  })
}

function askingFor(proxy: URL, target: string, ca: readonly string[] | null): ClientRequest {
  const options = {
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    ...(proxy.port !== '' && { port: Number(proxy.port) }),
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...authorizationOf(proxy) },
    agent: false as const,
  }
  if (proxy.protocol === 'http:') return requestHttp(options)
  return requestHttps({ ...options, rejectUnauthorized: true, ...(ca && { ca: [...ca] }) })
}

function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const both = `${decoded(username)}:${decoded(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(both).toString('base64')}` }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // a percent sign that was meant as one
    return text
  }
}
