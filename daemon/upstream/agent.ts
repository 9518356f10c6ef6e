/** The agents that connections to providers are made and kept by: one a connect time, renewed when the user's network settings change. */
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

/** `network` is asked for each request; a request that runs keeps the connection it has. */
export function openAgents(network: () => Network): Agents {
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
      const agent = openAgent(now, connectMs)
      agents.set(connectMs, agent)
      return agent
    },
    async close() {
      await Promise.all([...agents.values(), ...retiring].map((agent) => agent.destroy()))
    },
  }
}

/** An agent of our own: the process-wide dispatcher is never touched and never used. */
function openAgent(network: Network, connectMs: number): Agent {
  return new Agent({
    connect: connectorOf(network, connectMs),
    keepAliveTimeout: 15_000,
    maxHeaderSize: maxHeaderBytes,
    pipelining: 1,
    allowH2: false,
  })
}

/** undici has a proxy agent, but it makes one object of all headers, and so loses repeated ones and their order. */
function connectorOf({ proxies, ca }: Network, connectMs: number): buildConnector.connector {
  // said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing
  const direct = buildConnector({
    timeout: connectMs,
    rejectUnauthorized: true,
    allowH2: false,
    ...(ca && { ca: [...ca] }),
  })
  return (options, done) => {
    const { protocol, hostname, port } = options
    const scheme = protocol === 'https:' ? 'https' : 'http'
    const wantedPort = Number(port) || (scheme === 'https' ? 443 : 80)
    const name = hostname.replace(/^\[|\]$/g, '')
    const proxy = proxyFor(proxies, scheme, name, wantedPort)
    if (!proxy) return direct(options, done)
    openTunnel(proxy, `${name.includes(':') ? `[${name}]` : name}:${wantedPort}`, { ca, timeoutMs: connectMs }).then(
      (socket) => (scheme === 'https' ? direct({ ...options, httpSocket: socket }, done) : done(null, socket)),
      (error: Error) => done(error, null),
    )
  }
}
