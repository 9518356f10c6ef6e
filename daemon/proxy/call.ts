/** One client request as a value: what was asked, by whom, with which credential, and where it may go. */
import type { IncomingMessage } from 'node:http'
import type { Strategy } from '../../shared/contract/event.ts'
import type { SkippedTarget } from '../../shared/contract/refusal.ts'
import type { Billing } from '../../shared/contract/usage.ts'
import type { Dialect, DialectEndpoint, RequestFacts } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import type { Attribution } from './attribution.ts'
import { type Credentials, isPlanToken } from './credential.ts'
import { safeName } from './names.ts'
import type { No } from './refuse.ts'

export type Call = {
  /** `req_` and a ULID. */
  id: string
  request: IncomingMessage
  dialect: Dialect
  endpoint: DialectEndpoint
  /** The part of the path that names a model or a stored answer. */
  named: string | null
  /** Relative to the provider's base URL, without a leading slash. */
  rest: string
  /** Which the caller put in front of the path. */
  folder: string | null
  credentials: Credentials
  /** Of our key that it came with; null: it came with none. */
  keyId: string | null
  attribution: Attribution
  /** As it came; empty where it passes unread. */
  body: Buffer
  /** The same, unpacked where it was compressed and can be read. */
  plain: Buffer
  /** undefined: not JSON, or not readable; then the bytes pass as they are. */
  facts: RequestFacts | undefined
  /** As it was asked for. null: the request does not say; the reply may. */
  model: string | null
  /** Wall clock, epoch ms. */
  startedAt: number
  /** Monotonic ms: when the request's head was read, and when its body was complete. */
  beganMs: number
  readMs: number
}

/** One provider and one model. */
export type Target = {
  provider: Provider
  /** The name to put in place of the caller's; null: the body stays as it came. */
  model: string | null
  strategy: Strategy
  /** The provider's key goes instead of the caller's credential. */
  lent: boolean
}

/** Where a call may go, in this order: one target alone unless it goes through a chain. */
export type Plan = {
  chain: string | null
  targets: readonly Target[]
  /** Targets of the chain that this call can never go to, and why. */
  skipped: readonly SkippedTarget[]
  /** Where a budget leads the call that is near its limit: `chain:NAME` or `provider/model`. Absent: it may not be led. */
  elsewhere?: (to: string) => Plan | No
}

/** The model the call is counted under: as it was asked for. null: the request does not say; the reply may. */
export function modelOf(call: Call, target: Target): string | null {
  return target.model ?? call.model
}

/** As it stands in events. */
export function modelNameOf(call: Call, target: Target): string {
  return safeName(modelOf(call, target) ?? 'unknown') || 'unknown'
}

/** Who pays for the call, as far as the request tells; a reply may turn a plan into overage. */
export function billingOf(call: Call, target: Target): Billing {
  if (target.provider.simulated) return 'simulated'
  if (target.provider.local) return 'local'
  if (target.provider.plan) return 'plan'
  if (target.lent) return 'metered'
  const own = call.credentials.own ?? ''
  return isPlanToken(own) || call.request.headers['chatgpt-account-id'] !== undefined ? 'plan' : 'metered'
}
