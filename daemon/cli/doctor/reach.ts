/** Opens a connection to where a provider is, through the user's proxy where there is one, and closes it: nothing is asked for. */
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { codeOf } from '../../store/disk.ts'
import type { Network } from '../../upstream/agent.ts'
import { proxyFor } from '../../upstream/proxy-choice.ts'
import { openTunnel } from '../../upstream/tunnel.ts'

/** `code` is the system's or OpenSSL's word; `proxy`: who is asked first, host and port alone. */
export type Reached = { kind: 'reached'; proxy: string | null } | { kind: 'failed'; code: string; proxy: string | null }

export const silent = 'ETIMEDOUT'

/** `origin`: scheme, host and port. Never rejects. */
export async function reach(origin: string, network: Network, timeoutMs: number): Promise<Reached> {
  const url = new URL(origin)
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (scheme === 'https' ? 443 : 80)
  const via = proxyFor(network.proxies, scheme, host, port)
  const proxy = via?.host ?? null
  try {
    const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const tunnel = via ? await openTunnel(via, target, { ca: network.ca, timeoutMs }) : undefined
    const socket = scheme === 'https' ? tlsTo(host, port, network, tunnel) : (tunnel ?? connectPlain({ host, port }))
    await opened(socket, scheme === 'https' ? 'secureConnect' : 'connect', timeoutMs, socket === tunnel)
    return { kind: 'reached', proxy }
  } catch (error) {
    return { kind: 'failed', code: codeIn(error), proxy }
  }
}

function tlsTo(host: string, port: number, { ca }: Network, socket: Socket | undefined): Socket {
  return connectTls({
    host,
    port,
    ...(socket && { socket }),
    // a name is told to the far side, an address never is (RFC 6066 section 3)
    ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
    // said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing
    rejectUnauthorized: true,
    ...(ca && { ca: [...ca] }),
  })
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', timeoutMs: number, isOpen: boolean): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: silent })), timeoutMs)
    const end = (done: () => void) => {
      clearTimeout(timer)
      done()
    }
    socket.once('error', (error) => end(() => reject(error)))
    if (isOpen) end(resolve)
    else socket.once(event, () => end(resolve))
  }).finally(() => {
    // its end is no fault of anybody's any more
    socket.on('error', () => {})
    socket.destroy()
  })
}

/** Where several addresses were tried, the first one's. */
function codeIn(error: unknown): string {
  const one: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error
  return codeOf(one) ?? 'unknown'
}
