/** One log line a call: model, tokens, cost, and how it ended. */
import type { AttemptEnded, Event } from '../shared/contract/event.ts'
import type { Log } from '../shared/contract/log.ts'

/** Takes every event. A line is written after the turn in which its attempt ended: the reply's last bytes go first. */
export function openCallLog(log: Log): (event: Event) => void {
  let waiting: AttemptEnded[] = []

  function write(): void {
    const ended = waiting
    waiting = []
    for (const event of ended) log.info('Call', fieldsOf(event))
  }

  return (event) => {
    if (event.type !== 'attempt.ended') return
    if (waiting.push(event) === 1) setImmediate(write)
  }
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
