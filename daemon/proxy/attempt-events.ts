/** An attempt's two events, written out field by field: putting them together from parts costs several times as much. */
import type { AttemptEnded, AttemptStarted, Strategy } from '../../shared/contract/event.ts'
import type { RefusalKind, SkippedTarget } from '../../shared/contract/refusal.ts'
import type { AudioUsage, Billing, ServedWithin, ServiceTier } from '../../shared/contract/usage.ts'
import { userOf } from './attribution.ts'
import type { Call, Target } from './call.ts'
import type { KeptAs } from './kept-answers.ts'
import { safeName } from './names.ts'

/** Where an attempt stands among those of its call. */
export type Place = {
  /** From 1 on. */
  number: number
  chain: string | null
  strategy: Strategy
  /** Targets passed over since the attempt before; those passed over at last are added until it ends. */
  skipped: SkippedTarget[]
  /** What is held for it while it runs, and how it counts where nobody lives to see it ended. */
  estimate: AttemptStarted['estimate']
  /** Monotonic ms: since when it was ours to send it; null: since the request was complete. */
  sinceMs: number | null
}

/** Its name in events. */
export function attemptIdOf(call: Call, { number }: Place): string {
  return `${call.id}.${number}`
}

/** What an attempt is counted under. */
export type Standing = {
  call: Call
  target: Target
  place: Place
  attempt: string
  account: string
  billing: Billing
  /** As it came. */
  model: string
}

/** What only its end tells. */
export type Told = Pick<
  AttemptEnded,
  | 'last'
  | 'feature'
  | 'status'
  | 'outcome'
  | 'usage'
  | 'usageSource'
  | 'cost'
  | 'billed'
  | 'price'
  | 'startedAt'
  | 'latencyMs'
  | 'ttftMs'
  | 'overheadMs'
  | 'error'
  | 'upstreamId'
> & {
  refusal: RefusalKind | undefined
  tier: ServiceTier | undefined
  within: ServedWithin | undefined
  searches: number
  audio: AudioUsage | undefined
  kept: KeptAs | null
  images: true | undefined
}

export function startedOf({ call, target, place, attempt, account, billing, model }: Standing): AttemptStarted {
  const { attribution } = call
  const event: AttemptStarted = {
    type: 'attempt.started',
    call: call.id,
    attempt,
    dialect: call.dialect.name,
    endpoint: call.endpoint.path,
    stream: call.facts?.stream ?? false,
    strategy: place.strategy,
    provider: target.provider.id,
    account,
    model: safeName(model) || 'unknown',
    chain: place.chain,
    client: attribution.client,
    task: attribution.task,
    folder: call.folder,
    user: userOf(attribution, call.credentials.own, { provider: target.provider.id, account, billing }),
    feature: attribution.feature,
    session: attribution.session,
    billing,
    estimate: place.estimate,
  }
  if (call.keyId !== null) event.key = call.keyId
  return event
}

export function endedOf({ call, target, place, attempt, account, billing, model }: Standing, told: Told): AttemptEnded {
  const { attribution } = call
  const event: AttemptEnded = {
    type: 'attempt.ended',
    call: call.id,
    attempt,
    dialect: call.dialect.name,
    endpoint: call.endpoint.path,
    stream: call.facts?.stream ?? false,
    strategy: place.strategy,
    provider: target.provider.id,
    account,
    model: safeName(model) || 'unknown',
    chain: place.chain,
    client: attribution.client,
    task: attribution.task,
    folder: call.folder,
    user: userOf(attribution, call.credentials.own, { provider: target.provider.id, account, billing }),
    feature: told.feature,
    session: attribution.session,
    billing,
    last: told.last,
    attempts: place.number,
    startedAt: told.startedAt,
    status: told.status,
    outcome: told.outcome,
    usage: told.usage,
    usageSource: told.usageSource,
    cost: told.cost,
    billed: told.billed,
    price: told.price,
    latencyMs: told.latencyMs,
    ttftMs: told.ttftMs,
    overheadMs: told.overheadMs,
    error: told.error,
    upstreamId: told.upstreamId,
  }
  if (call.keyId !== null) event.key = call.keyId
  if (told.tier !== undefined) event.tier = told.tier
  if (told.within !== undefined) event.within = told.within
  if (told.searches > 0) event.searches = told.searches
  if (told.audio !== undefined) event.audio = told.audio
  if (told.kept !== null) event.keptAs = told.kept.id
  if (told.kept?.underWay) event.underWay = true
  if (told.images) event.images = true
  if (told.refusal !== undefined) event.refusal = told.refusal
  if (place.skipped.length > 0) event.skipped = place.skipped
  return event
}
