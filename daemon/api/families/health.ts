/** `GET /health`: is it well, and with a nonce the proof that it is the daemon whose token stands in the home. */
import { createHmac } from 'node:crypto'
import { proofText } from '../../../shared/contract/discovery.ts'
import type { ReplyOf } from '../../../shared/contract/endpoint.ts'
import type { Endpoints } from '../../../shared/contract/endpoints/index.ts'
import type { AttemptEnded } from '../../../shared/contract/event.ts'
import { inOrder } from '../../ledger/recent.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { isLoopbackPeer } from '../peer.ts'

type Health = ReplyOf<Endpoints['health']>
type Service = Health['services'][string]

export function healthHandlers(deps: FamilyDeps): Pick<Handlers, 'health'> {
  return {
    health({ query }, context) {
      const near = isLoopbackPeer(context.req)
      const store = storeOf(deps)
      const all = { ...providersOf(deps), store, prices: well }
      const value: Health = {
        status: Object.values(all).every((service) => service.status === 'ok') ? 'healthy' : 'degraded',
        product: 'tollkeeper',
        instance_id: deps.instanceId,
        timestamp: new Date(context.now).toISOString(),
        version: deps.version,
        // which providers somebody uses is nobody else's business
        services: near ? all : {},
        gpu: { available: false },
      }
      // only a peer on this machine may learn anything made with the token
      if (near && query.nonce !== undefined) value.proof = proofOf(deps, query.nonce)
      return { value, status: store.status === 'ok' ? 200 : 503 }
    },
  }
}

const well: Service = { status: 'ok', latency_ms: null }

function proofOf(deps: FamilyDeps, nonce: string): string {
  return createHmac('sha256', deps.token)
    .update(proofText(deps.instanceId, deps.port(), nonce))
    .digest('hex')
}

/** The store says itself when it cannot keep what happens. */
function storeOf(deps: FamilyDeps): Service {
  const failing = deps.warnings().find((warning) => warning.code === 'journal-failing')
  return failing ? { status: 'error', latency_ms: null, error: failing.text } : well
}

/** The providers that the user's config names or a call went to, from their last attempt: never from a call of our own. */
function providersOf(deps: FamilyDeps): Record<string, Service> {
  const services: Record<string, Service> = {}
  const known = new Set<string>()
  for (const { id, configured } of deps.providers()) {
    known.add(id)
    if (configured) services[id] = well
  }
  const { real, simulated } = deps.ledger().recent
  for (const rows of [simulated, real]) {
    // oldest first: what remains is the newest one's
    for (const { e } of inOrder(rows)) {
      if (known.has(e.provider)) services[e.provider] = serviceOf(e)
    }
  }
  return services
}

/** A client that left, or asked for something wrong, says nothing against the provider. */
function serviceOf(e: AttemptEnded): Service {
  const latency_ms = Math.round(e.latencyMs)
  const isDown = e.outcome === 'failed' || e.outcome === 'truncated' || (e.status !== null && e.status >= 500)
  if (!isDown) return { status: 'ok', latency_ms }
  return { status: 'error', latency_ms, error: e.error ?? `the last call ended as '${e.outcome}'` }
}
