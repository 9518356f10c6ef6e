/**
 * One log line a call: model, tokens, cost, and how it ended; of an attempt that another target followed one of its own; imported ones
 * come by the thousand and have one line together. And one as a target begins to be avoided, or no longer is.
 */
import type { AttemptEnded, Event } from '../shared/contract/event.ts'
import type { Log } from '../shared/contract/log.ts'
import { isoOf } from './ledger/views/rows.ts'

export function logCall(log: Log, event: Event): void {
  switch (event.type) {
    case 'attempt.ended':
      if (event.imported === undefined) log.info(event.last ? 'Call' : 'Attempt', fieldsOf(event))
      return
    case 'cooldown.set': {
      const { provider, account, model, until, refusal, strikes, attempt } = event
      log.info('Avoided', { provider, account, model: model ?? '*', until: isoOf(until), refusal, strikes, attempt })
      return
    }
    case 'cooldown.lifted':
    case 'cooldown.ended': {
      const { provider, account, model, why } = event
      log.info('No longer avoided', { provider, account: account ?? '*', model: model ?? '*', why })
      return
    }
    case 'budget.set':
      log.info('Budget set', event.budget)
      return
    case 'budget.removed':
      log.info('Budget removed', { id: event.id })
      return
    case 'alert.raised':
      log.warn('Alert', { id: event.id, text: event.about.text })
      return
    case 'webhook.tried':
    case 'webhook.delivered':
    case 'webhook.given-up': {
      const { type: _, ...about } = event
      log.info('Webhook', { what: event.type.slice('webhook.'.length), ...about })
      return
    }
    case 'admin.changed':
      log.info('Changed', { action: event.action, subject: event.subject, by: event.who.name })
      return
    case 'attempt.started':
    case 'call.refused':
    case 'quota.read':
    case 'folded':
      return
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
    ...((event.attempts > 1 || !event.last) && { attempt: event.attempts }),
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
