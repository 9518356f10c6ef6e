/** What was told once, newest last, and which webhooks still have to hear of it. */
import { type AlertRaised, alertRaised } from '../../shared/contract/event-money.ts'
import { isArray, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** The oldest goes first. */
export const alertBound = 1000

/** How a webhook stands with an alert. `tries`: those that failed; `next`: when it is tried again, epoch ms, or why it is not. */
export type Delivery = { hook: string; tries: number; next: number | 'delivered' | 'given-up'; status: number | null }
export type Alert = { t: number; e: AlertRaised; deliveries: Delivery[] }
/** By id. */
export type Alerts = Map<string, Alert>

export const alerts: Slice<Alerts> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type === 'alert.raised') raise(state, e, t)
    else if (e.type === 'webhook.tried') told(state, e.alert, e.hook, e.status, e.next)
    else if (e.type === 'webhook.delivered') told(state, e.alert, e.hook, e.status, 'delivered')
    else if (e.type === 'webhook.given-up') told(state, e.alert, e.hook, null, 'given-up')
  },

  write: (state) =>
    [...state.values()].map(({ t, e, deliveries }) => [
      t,
      e,
      deliveries.map(({ hook, tries, next, status }) => [hook, tries, next, status]),
    ]),

  read(json) {
    const rows = readAll(json, readAlert)
    return rows && new Map(rows.map((row) => [row.e.id, row]))
  },
}

function raise(state: Alerts, e: AlertRaised, t: number): void {
  if (state.has(e.id)) return
  state.set(e.id, { t, e, deliveries: e.hooks.map((hook) => ({ hook, tries: 0, next: t, status: null })) })
  const oldest = state.keys().next()
  if (state.size > alertBound && !oldest.done) state.delete(oldest.value)
}

function told(state: Alerts, alert: string, hook: string, status: number | null, next: Delivery['next']): void {
  const found = state.get(alert)?.deliveries.find((one) => one.hook === hook)
  if (!found) return
  if (next !== 'delivered' && next !== 'given-up') found.tries++
  found.next = next
  found.status = status ?? found.status
}

function readAlert(json: unknown): Alert | undefined {
  if (!isArray(json) || json.length !== 3) return undefined
  const [t, e, list] = json
  const found = alertRaised.safeParse(e).data
  const deliveries = readAll(list, readDelivery)
  return isInstant(t) && found && deliveries ? { t, e: found, deliveries } : undefined
}

function readDelivery(json: unknown): Delivery | undefined {
  if (!isArray(json) || json.length !== 4) return undefined
  const [hook, tries, next, status] = json
  if (typeof hook !== 'string' || typeof tries !== 'number') return undefined
  if (next !== 'delivered' && next !== 'given-up' && !isInstant(next)) return undefined
  return status === null || typeof status === 'number' ? { hook, tries, next, status } : undefined
}
