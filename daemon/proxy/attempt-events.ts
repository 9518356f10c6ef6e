/** An attempt's two events, written out field by field: putting them together from parts costs several times as much. */
import type { AttemptEnded, AttemptStarted } from '../../shared/contract/event.ts'
import type { Billing } from '../../shared/contract/usage.ts'
import type { Call, Target } from './call.ts'
import { safeName } from './names.ts'

/** What an attempt is counted under. */
export type Standing = {
  call: Call
  target: Target
  attempt: string
  account: string
  billing: Billing
  /** As it came. */
  model: string
}

/** What only its end tells. */
export type Told = Pick<
  AttemptEnded,
  | 'feature'
  | 'status'
  | 'outcome'
  | 'usage'
  | 'usageSource'
  | 'cost'
  | 'billed'
  | 'price'
  | 'latencyMs'
  | 'ttftMs'
  | 'overheadMs'
  | 'error'
  | 'upstreamId'
>

export function startedOf({ call, target, attempt, account, billing, model }: Standing): AttemptStarted {
  const { attribution } = call
  return {
    type: 'attempt.started',
    call: call.id,
    attempt,
    dialect: call.dialect.name,
    endpoint: call.endpoint.path,
    stream: call.facts?.stream ?? false,
    strategy: target.strategy,
    provider: target.provider.id,
    account,
    model: safeName(model) || 'unknown',
    chain: null,
    client: attribution.client,
    task: attribution.task,
    folder: call.folder,
    user: attribution.user,
    feature: attribution.feature,
    session: attribution.session,
    billing,
    // four bytes a token is near enough for a call that nobody lives to see ended
    estimate: { input: Math.ceil(call.plain.length / 4), output: 0 },
  }
}

export function endedOf({ call, target, attempt, account, billing, model }: Standing, told: Told): AttemptEnded {
  const { attribution } = call
  return {
    type: 'attempt.ended',
    call: call.id,
    attempt,
    dialect: call.dialect.name,
    endpoint: call.endpoint.path,
    stream: call.facts?.stream ?? false,
    strategy: target.strategy,
    provider: target.provider.id,
    account,
    model: safeName(model) || 'unknown',
    chain: null,
    client: attribution.client,
    task: attribution.task,
    folder: call.folder,
    user: attribution.user,
    feature: told.feature,
    session: attribution.session,
    billing,
    last: true,
    attempts: 1,
    startedAt: call.startedAt,
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
}
