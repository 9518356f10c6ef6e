/** One log line a call: model, tokens, cost, and how it ended. Imported ones come by the thousand and have one line together. */
import type { AttemptEnded, Event } from '../shared/contract/event.ts'
import type { Log } from '../shared/contract/log.ts'

export function logCall(log: Log, event: Event): void {
  if (event.type === 'attempt.ended' && event.imported === undefined) log.info('Call', fieldsOf(event))
}

function fieldsOf(event: AttemptEnded): Record<string, unknown> {
  const tokens = event.usage && {
    in: event.usage.input,
    cacheRead: event.usage.cacheRead,
    cacheWrite: event.usage.cacheWrite5m + event.usage.cacheWrite1h,
    out: event.usage.output,
  }
  return {
    id: event.call,
    provider: event.provider,
    model: event.model,
    client: event.client,
    outcome: event.outcome,
    status: event.status,
    tokens,
    ...(event.usageSource === 'estimated' && { estimated: true }),
    costUsd: event.cost === null ? null : event.cost / 1e9,
    billing: event.billing,
    ms: Math.round(event.latencyMs),
    ...(event.error !== null && { error: event.error }),
  }
}
