/** `GET /health`: is it well, and with a nonce the proof that it is the daemon whose token stands in the home; and how its machine does. */
import { createHmac } from 'node:crypto'
import { proofText } from '../../../shared/contract/discovery.ts'
import type { Health, ServiceHealth } from '../../../shared/contract/endpoints/health.ts'
import type { WarningCode } from '../../../shared/contract/warning.ts'
import { type Heard, lastHeard } from '../../ledger/views/last-heard.ts'
import type { ServerLook } from '../../providers/loaded-models.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { isLoopbackPeer } from '../peer.ts'

export function healthHandlers(deps: FamilyDeps): Pick<Handlers, 'health' | 'machine'> {
  return {
    health({ query }, context) {
      const services = servicesOf(deps, context.now)
      const down = Object.entries(services).filter(([, { status }]) => status === 'error')
      const isStopping = deps.isStopping()
      const said: Pick<Health, 'status' | 'product' | 'timestamp'> = {
        status: down.length === 0 && !isStopping ? 'healthy' : 'degraded',
        product: 'tollkeeper',
        timestamp: new Date(context.now).toISOString(),
      }
      const status = isStopping || down.some(([, { critical }]) => critical) ? 503 : 200
      // which providers somebody uses, and what runs here, is nobody else's business
      if (!isLoopbackPeer(context.req)) return { value: { ...said, services: {}, gpu: { available: false } }, status }
      const value: Health = {
        ...said,
        instance_id: deps.instanceId,
        version: deps.version,
        ...within(mostDetails, {
          reasons: [
            ...(isStopping ? ['the daemon is stopping: it takes no new calls'] : []),
            ...down.map(([name, { error }]) => `${name}: ${error ?? 'it is down'}`),
          ],
          services,
        }),
        gpu: deps.gpu(),
      }
      // only a peer on this machine may learn anything made with the token
      if (query.nonce !== undefined) value.proof = proofOf(deps, query.nonce)
      return { value, status }
    },
    async machine(_asked, { now }) {
      return { value: { timestamp: new Date(now).toISOString(), ...(await deps.machine()) } }
    },
  }
}

function proofOf(deps: FamilyDeps, nonce: string): string {
  return createHmac('sha256', deps.token)
    .update(proofText(deps.instanceId, deps.port(), nonce))
    .digest('hex')
}

/** Clients read no more than 64 KiB of an answer before they trust it: what this many bytes of details leave is for all else. */
const mostDetails = 32 * 1024
const mostErrorText = 200
const mostReasons = 20

type Details = { reasons: string[]; services: Health['services'] }

/** Every service keeps its state; where all that is said of them is too much, details are left out. */
function within(bytes: number, said: Details): Details {
  const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
  if (size(said) <= bytes) return said
  const each = (shown: (service: ServiceHealth) => ServiceHealth): Details['services'] =>
    Object.fromEntries(Object.entries(said.services).map(([name, service]) => [name, shown(service)]))
  const reasons = said.reasons.slice(0, mostReasons)
  const shorter = { reasons, services: each(({ models_loaded: _, ...service }) => service) }
  if (size(shorter) <= bytes) return shorter
  return {
    reasons,
    services: each(({ status, latency_ms, critical }) => ({ status, latency_ms, ...(critical && { critical }) })),
  }
}

/** The providers that the user's config names or a call went to, and what of our own a call needs. */
function servicesOf(deps: FamilyDeps, now: number): Health['services'] {
  const services: Health['services'] = {}
  const own: Health['services'] = {
    store: { ...ownOf(deps, 'journal-failing'), critical: true },
    prices: ownOf(deps, 'prices-unreadable'),
  }
  const heard = lastHeard(deps.ledger(), now)
  for (const { id, configured, critical } of deps.providers()) {
    const last = heard.get(id)
    const look = deps.serverOf(id)
    if (!configured && !last) continue
    services[Object.hasOwn(own, id) ? `provider ${id}` : id] = { ...newer(last, look), ...(critical && { critical }) }
  }
  return { ...services, ...own }
}

/** A look of our own at a server nearby, or its last call: whichever was later. */
function newer(last: Heard | undefined, look: ServerLook | undefined): ServiceHealth {
  if (look && (!last || look.at >= last.at)) return { ...ofLook(look), checked_at: new Date(look.at).toISOString() }
  if (!last) return well
  const models = look && modelsOf(look)
  return { ...ofCall(last), ...models, checked_at: new Date(last.at).toISOString() }
}

function ofLook(look: ServerLook): ServiceHealth {
  if ('why' in look) return { status: 'error', latency_ms: null, error: `it ${look.why}`.slice(0, mostErrorText) }
  return { status: 'ok', latency_ms: Math.round(look.latencyMs), ...modelsOf(look) }
}

function modelsOf(look: ServerLook): Pick<ServiceHealth, 'models_loaded'> {
  return 'why' in look || look.models === null ? {} : { models_loaded: [...look.models] }
}

function ofCall({ latencyMs, down }: Heard): ServiceHealth {
  const latency_ms = Math.round(latencyMs)
  if (down === null) return { status: 'ok', latency_ms }
  return { status: 'error', latency_ms, error: down.slice(0, mostErrorText) }
}

const well: ServiceHealth = { status: 'ok', latency_ms: null }

/** What is our own says itself what is wrong with it. */
function ownOf(deps: FamilyDeps, code: WarningCode): ServiceHealth {
  const failing = deps.warnings().find((warning) => warning.code === code)
  return failing ? { status: 'error', latency_ms: null, error: failing.text } : well
}
