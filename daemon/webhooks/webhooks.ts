/** Tells webhooks of alerts, and goes on telling those that did not hear: what is left to do stands in the ledger alone. */
import type { GivenUp } from '../../shared/contract/alert.ts'
import type { Event } from '../../shared/contract/event.ts'
import type { Warn } from '../../shared/contract/log.ts'
import type { Alert, Delivery } from '../ledger/alerts.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { alertBodyOf } from '../ledger/views/alerts.ts'
import { givenUpAfterMs, waitMs } from './backoff.ts'
import type { Hook, Hooks } from './hooks.ts'
import { openPosting, type Posted, type PostingOptions } from './post.ts'
import { signatureHeader, signatureOf } from './signature.ts'

export type WebhooksDeps = PostingOptions & {
  ledger: Ledger
  record(e: Event): unknown
  hooks(): Hooks
  /** Takes secrets out of a text. */
  clean(text: string): string
  warn: Warn
  version: string
  /** Epoch ms. */
  now(): number
  /** Calls `fn` once after so many ms; what it returns stops that. */
  later(fn: () => void, ms: number): () => void
  /** From 0 to 1. */
  chance(): number
}

export type Webhooks = {
  /** Something may be to be told: an alert was raised, or the config has changed. */
  look(): void
  close(): Promise<void>
}

/** Calls at once; each webhook has one at most. */
const mostAtOnce = 4
/** A clock may jump, and a machine sleeps: no wait is trusted for longer. */
const longestWaitMs = 60_000
/** One that failed so often in a row is worth a warning. */
const failingAfter = 3
/** How long calls that run may go on when the daemon stops. */
const closingMs = 1000

export function openWebhooks(deps: WebhooksDeps): Webhooks {
  const { ledger, record, now } = deps
  const posting = openPosting(deps)
  /** By webhook. */
  const running = new Map<string, Promise<void>>()
  const warned = new Set<string>()
  let stopWaiting = () => {}
  let closed = false
  let isCut = false

  function look(): void {
    if (closed) return
    stopWaiting()
    const hooks = deps.hooks()
    if (hooks.isWhole) for (const id of warned) if (!hooks.byId.has(id)) clear(id)
    let soonest = Infinity
    for (const { alert, delivery, next } of waiting(ledger)) {
      const hook = hooks.byId.get(delivery.hook)
      if (!hook && hooks.isWhole) giveUp(alert, delivery, 'removed')
      else if (now() - alert.t >= givenUpAfterMs) giveUp(alert, delivery, 'too-old')
      else {
        const mayGo = hook?.secret != null && !running.has(hook.id) && running.size < mostAtOnce
        if (hook && mayGo && next <= now()) begin(hook, alert, delivery)
        soonest = Math.min(soonest, Math.max(next, now()))
      }
    }
    // what runs looks again as it ends
    if (soonest < Infinity) {
      const wait = soonest > now() ? Math.min(soonest - now(), longestWaitMs) : longestWaitMs
      stopWaiting = deps.later(look, wait)
    }
  }

  function begin(hook: Hook, alert: Alert, delivery: Delivery): void {
    const over = deliver(hook, alert, delivery).finally(() => {
      running.delete(hook.id)
      look()
    })
    running.set(hook.id, over)
  }

  async function deliver(hook: Hook, alert: Alert, delivery: Delivery): Promise<void> {
    const body = JSON.stringify(alertBodyOf(alert))
    const headers = {
      'content-type': 'application/json',
      'user-agent': `tollkeeper/${deps.version}`,
      [signatureHeader]: signatureOf(hook.secret ?? '', now(), body),
    }
    const posted = await posting.post(hook.url, headers, body)
    // a call that the stop has cut says nothing of the webhook
    if (!isCut) take(hook, alert, delivery, posted)
  }

  function take(hook: Hook, alert: Alert, delivery: Delivery, posted: Posted): void {
    if (posted.kind === 'answered' && posted.status >= 200 && posted.status < 300) {
      record({ type: 'webhook.delivered', alert: alert.e.id, hook: hook.id, status: posted.status })
      clear(hook.id)
    } else if (posted.kind === 'answered' && posted.status === 410) {
      giveUp(alert, delivery, 'gone')
      raise(hook, 'says that it is gone (410). Take it out of "webhooks" in config.jsonc, or mend its address.')
    } else if (posted.kind === 'not-allowed') {
      giveUp(alert, delivery, 'not-allowed')
      raise(hook, `is not called: ${deps.clean(posted.error)}. Correct it under "webhooks" in config.jsonc.`)
    } else tryAgain(hook, alert, delivery, posted)
  }

  function tryAgain(hook: Hook, alert: Alert, delivery: Delivery, posted: Posted): void {
    const status = posted.kind === 'answered' ? posted.status : null
    const error = posted.kind === 'answered' ? errorOf(posted.status) : deps.clean(posted.error)
    const next = Math.min(now() + waitMs(delivery.tries, deps.chance()), alert.t + givenUpAfterMs)
    record({ type: 'webhook.tried', alert: alert.e.id, hook: hook.id, status, error, next: Math.floor(next) })
    warnOf(hook, delivery)
  }

  function giveUp(alert: Alert, { hook }: Delivery, why: GivenUp): void {
    record({ type: 'webhook.given-up', alert: alert.e.id, hook, why })
  }

  function warnOf(hook: Hook, { tries, error }: Delivery): void {
    if (tries < failingAfter) return
    raise(hook, `does not take alerts: ${error ?? 'no reason given'}. It is tried for a day from each alert on.`)
  }

  function raise(hook: Hook, what: string): void {
    warned.add(hook.id)
    deps.warn.raise('webhook-failing', hook.id, `The webhook at ${hook.url.origin} ${what}`)
  }

  function clear(id: string): void {
    if (warned.delete(id)) deps.warn.clear('webhook-failing', id)
  }

  for (const { delivery } of waiting(ledger)) {
    const hook = deps.hooks().byId.get(delivery.hook)
    if (hook) warnOf(hook, delivery)
  }

  return {
    look,
    async close() {
      closed = true
      stopWaiting()
      const isOver = Promise.all(running.values())
      let stop = () => {}
      const grace = new Promise<void>((resolve) => {
        stop = deps.later(resolve, closingMs)
      })
      await Promise.race([isOver, grace])
      stop()
      isCut = true
      await posting.close()
      await isOver
    },
  }
}

/** Every delivery that has not ended, of the oldest alert first. */
export function waiting({ alerts }: Ledger): { alert: Alert; delivery: Delivery; next: number }[] {
  const found: { alert: Alert; delivery: Delivery; next: number }[] = []
  for (const alert of alerts.values())
    for (const delivery of alert.deliveries)
      if (typeof delivery.next === 'number') found.push({ alert, delivery, next: delivery.next })
  return found
}

function errorOf(status: number): string {
  return status >= 300 && status < 400
    ? `it answered ${status}, and redirects are not followed`
    : `it answered ${status}`
}
