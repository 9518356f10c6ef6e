/** The agents that connections to providers are made and kept by: one a connect time, renewed when the user's network settings change. */
import type { LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { type Proxies, proxyFor } from './proxy-choice.ts'
import { openTunnel } from './tunnel.ts'

export type Network = {
  proxies: Proxies
  /** All certificates to trust, in PEM; null: those that Node trusts by itself, NODE_EXTRA_CA_CERTS among them. */
  ca: readonly string[] | null
}
export const directNetwork: Network = { proxies: { http: null, https: null, noProxy: '' }, ca: null }

export type Agents = {
  agentFor(connectMs: number): Agent
  /** Cuts whatever still runs. */
  close(): Promise<void>
}

const maxHeaderBytes = 64 * 1024

/** How a host's name becomes its addresses, by what is asked for; where a proxy is asked, the proxy does that. */
export type LookupFor = (scheme: 'http' | 'https') => LookupFunction

/** `network` is asked for each request; a request that runs keeps the connection it has. */
export function openAgents(network: () => Network, lookupFor?: LookupFor): Agents {
  let now = network()
  let agents = new Map<number, Agent>()
  const retiring = new Set<Agent>()

  function retire(): void {
    for (const agent of agents.values()) {
      retiring.add(agent)
      // once what it carries has ended
      void agent.close().then(
        () => retiring.delete(agent),
        () => retiring.delete(agent),
      )
    }
    agents = new Map()
  }

  return {
    agentFor(connectMs) {
      const wanted = network()
      if (wanted !== now) {
        retire()
        now = wanted
      }
      const known = agents.get(connectMs)
      if (known) return known
      const agent = openAgent(now, connectMs, lookupFor)
      agents.set(connectMs, agent)
      return agent
    },
    async close() {
      await Promise.all([...agents.values(), ...retiring].map((agent) => agent.destroy()))
    },
  }
}

/** An agent of our own: the process-wide dispatcher is never touched and never used. */
function openAgent(network: Network, connectMs: number, lookupFor: LookupFor | undefined): Agent {
  return new Agent({
    connect: connectorOf(network, connectMs, lookupFor),
    keepAliveTimeout: 15_000,
    maxHeaderSize: maxHeaderBytes,
    pipelining: 1,
    allowH2: false,
  })
}

/** undici has a proxy agent, but it makes one object of all headers, and so loses repeated ones and their order. */
function connectorOf(
  { proxies, ca }: Network,
  connectMs: number,
  lookupFor: LookupFor | undefined,
): buildConnector.connector {
  const connectorFor = (scheme: 'http' | 'https') =>
    buildConnector({
      timeout: connectMs,
      // said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing
      rejectUnauthorized: true,
      allowH2: false,
      ...(ca && { ca: [...ca] }),
      ...(lookupFor && { lookup: lookupFor(scheme) }),
    })
  const connectors = { http: connectorFor('http'), https: connectorFor('https') }
  return (options, done) => {
    const { protocol, hostname, port } = options
    const scheme = protocol === 'https:' ? 'https' : 'http'
    const wantedPort = Number(port) || (scheme === 'https' ? 443 : 80)
    const name = hostname.replace(/^\[|\]$/g, '')
    const direct = connectors[scheme]
    const proxy = proxyFor(proxies, scheme, name, wantedPort)
    if (!proxy) return direct(options, done)
    openTunnel(proxy, `${name.includes(':') ? `[${name}]` : name}:${wantedPort}`, { ca, timeoutMs: connectMs }).then(
      (socket) => (scheme === 'https' ? direct({ ...options, httpSocket: socket }, done) : done(null, socket)),
      (error: Error) => done(error, null),
    )
  }
}
