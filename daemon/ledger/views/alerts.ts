/** Alerts as the API, the feed and webhooks show them. */
import type { AlertBody, AlertRow } from '../../../shared/contract/alert.ts'
import type { Alert, Delivery } from '../alerts.ts'
import type { Ledger } from '../ledger.ts'
import { isoOf, percentOf } from './rows.ts'

/** Scheme, host and port of a webhook that is configured now, by the name that the history has for it. */
export type OriginOf = (hook: string) => string | undefined

export type AlertsAsked = { limit?: string | undefined; cursor?: string | undefined }
export type AlertsPage = { alerts: AlertRow[]; next_cursor: string | null }

const usual = 50
const most = 500

/** `bad`: the parameter that is no good. */
export function alertsOf(
  ledger: Ledger,
  asked: AlertsAsked,
  originOf: OriginOf,
): AlertsPage | { bad: string; why: string } {
  const limit = asked.limit === undefined ? usual : Number(asked.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    return { bad: 'limit', why: `'limit' must be a whole number from 1 to ${most}.` }
  const newestFirst = [...ledger.alerts.values()].reverse()
  const before = asked.cursor === undefined ? -1 : newestFirst.findIndex(({ e }) => e.id === asked.cursor)
  if (asked.cursor !== undefined && before < 0)
    return { bad: 'cursor', why: "'cursor' is the next_cursor of no page that is still kept. Begin without one." }
  const page = newestFirst.slice(before + 1, before + 1 + limit)
  const last = page.at(-1)
  const isMore = before + 1 + limit < newestFirst.length
  return {
    alerts: page.map((alert) => alertRowOf(alert, originOf)),
    next_cursor: isMore && last ? last.e.id : null,
  }
}

/** undefined: there is none of this id, or no longer. */
export function alertOf(ledger: Ledger, id: string, originOf: OriginOf): AlertRow | undefined {
  const found = ledger.alerts.get(id)
  return found && alertRowOf(found, originOf)
}

function alertRowOf(alert: Alert, originOf: OriginOf): AlertRow {
  return {
    ...alertBodyOf(alert),
    deliveries: alert.deliveries.map((delivery) => deliveryRowOf(delivery, originOf)),
  }
}

/** What a webhook is sent. */
export function alertBodyOf({ e, t }: Alert): AlertBody {
  const { kind, limit, unit, usedPct, threshold, since, until, overAt, text, ...names } = e.about
  return {
    type: kind,
    id: e.id,
    at: isoOf(t),
    text,
    ...names,
    limit,
    unit,
    used_pct: percentOf(usedPct),
    threshold,
    since: isoOf(since),
    until: until === null ? null : isoOf(until),
    over_at: overAt === null ? null : isoOf(overAt),
  }
}

function deliveryRowOf(
  { hook, tries, status, error, next }: Delivery,
  originOf: OriginOf,
): AlertRow['deliveries'][number] {
  const waits = typeof next === 'number'
  return {
    to: originOf(hook) ?? null,
    state: waits ? 'waiting' : next === 'delivered' ? 'delivered' : 'given-up',
    why: waits || next === 'delivered' ? null : next,
    tries,
    status,
    error,
    next_at: waits ? isoOf(next) : null,
  }
}
