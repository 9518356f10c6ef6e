/** What was told once, newest last, and which webhooks still have to hear of it. */
import { type GivenUp, givenUp } from '../../shared/contract/alert.ts'
import { type AlertRaised, alertRaised, type WebhookTried } from '../../shared/contract/event-money.ts'
import { isArray, isCount, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** The oldest goes first, with what was not delivered of it. */
const alertBound = 1000

/** How a webhook stands with an alert. */
export type Delivery = {
  hook: string
  /** Those that failed. */
  tries: number
  /** The last answer, and why the last try failed. */
  status: number | null
  error: string | null
  /** When it is tried, epoch ms; or how it ended. */
  next: number | 'delivered' | GivenUp
}
export type Alert = { t: number; e: AlertRaised; deliveries: Delivery[] }
/** By id. */
export type Alerts = Map<string, Alert>

export const alerts: Slice<Alerts> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type === 'alert.raised') raise(state, e, t)
    else if (e.type === 'webhook.tried') tried(deliveryOf(state, e), e)
    else if (e.type === 'webhook.delivered') ended(deliveryOf(state, e), 'delivered', e.status)
    else if (e.type === 'webhook.given-up') ended(deliveryOf(state, e), e.why)
  },

  write: (state) =>
    [...state.values()].map(({ t, e, deliveries }) => [
      t,
      e,
      deliveries.map(({ hook, tries, status, error, next }) => [hook, tries, status, error, next]),
    ]),

  read(json) {
    const rows = readAll(json, readAlert)
    return rows && new Map(rows.map((row) => [row.e.id, row]))
  },
}

function raise(state: Alerts, e: AlertRaised, t: number): void {
  if (state.has(e.id)) return
  const deliveries = e.hooks.map((hook): Delivery => ({ hook, tries: 0, status: null, error: null, next: t }))
  state.set(e.id, { t, e, deliveries })
  const oldest = state.keys().next()
  if (state.size > alertBound && !oldest.done) state.delete(oldest.value)
}

/** undefined: none that waits. */
function deliveryOf(state: Alerts, { alert, hook }: { alert: string; hook: string }): Delivery | undefined {
  const found = state.get(alert)?.deliveries.find((one) => one.hook === hook)
  return typeof found?.next === 'number' ? found : undefined
}

function tried(delivery: Delivery | undefined, { status, error, next }: WebhookTried): void {
  if (!delivery) return
  delivery.tries++
  delivery.status = status
  delivery.error = error
  delivery.next = next
}

function ended(delivery: Delivery | undefined, how: 'delivered' | GivenUp, status?: number): void {
  if (!delivery) return
  delivery.next = how
  if (status === undefined) return
  delivery.status = status
  delivery.error = null
}

function readAlert(json: unknown): Alert | undefined {
  if (!isArray(json) || json.length !== 3) return undefined
  const [t, e, list] = json
  const found = alertRaised.safeParse(e).data
  const deliveries = readAll(list, readDelivery)
  return isInstant(t) && found && deliveries ? { t, e: found, deliveries } : undefined
}

function readDelivery(json: unknown): Delivery | undefined {
  if (!isArray(json) || json.length !== 5) return undefined
  const [hook, tries, status, error, then] = json
  const next = isInstant(then) || then === 'delivered' ? then : givenUp.safeParse(then).data
  if (typeof hook !== 'string' || !isCount(tries) || next === undefined) return undefined
  if (status !== null && typeof status !== 'number') return undefined
  return error === null || typeof error === 'string' ? { hook, tries, status, error, next } : undefined
}
