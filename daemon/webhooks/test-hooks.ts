/** For the tests of this folder: webhooks over a real home, with a clock and timers that the test moves. */
import type { AlertAbout } from '../../shared/contract/alert.ts'
import type { WebhookConfig } from '../../shared/contract/config-webhooks.ts'
import type { Entry } from '../../shared/contract/event.ts'
import { makeHome } from '../store/test-home.ts'
import { directNetwork } from '../upstream/agent.ts'
import { type Hooks, hooksOf } from './hooks.ts'
import { openWebhooks, type Webhooks, type WebhooksDeps } from './webhooks.ts'

export const start = Date.parse('2026-03-10T12:00:00Z')
export const hookSecret = 'secret-of-the-hook'

export function aboutBudget(changes: Partial<AlertAbout> = {}): AlertAbout {
  return {
    kind: 'budget',
    budget: 'day',
    limit: 10,
    unit: 'usd',
    usedPct: 81.23456,
    threshold: 80,
    since: Date.parse('2026-03-10T00:00:00Z'),
    until: Date.parse('2026-03-11T00:00:00Z'),
    overAt: null,
    text: 'Daily budget: 81% of $10.00 used.',
    ...changes,
  }
}

/** A stand-in for the keyed hash: tells which address it was made of. */
export const hookIdOf = (url: string) => `hash-of-${new URL(url).pathname.slice(1)}`

/** Timers that go off as the clock is moved past them. */
export function openTestClock() {
  const clock = { now: start }
  let timers: { at: number; fn: () => void }[] = []
  return {
    now: () => clock.now,
    later(fn: () => void, ms: number) {
      const timer = { at: clock.now + ms, fn }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    /** Answers whether any went off. */
    moveTo(at: number) {
      clock.now = at
      const due = timers.filter((one) => one.at <= at)
      timers = timers.filter((one) => one.at > at)
      for (const { fn } of due) fn()
      return due.length > 0
    },
  }
}

export type HookStory = Awaited<ReturnType<typeof startHooks>>

export async function startHooks(webhooks: readonly WebhookConfig[], more: Partial<WebhooksDeps> = {}) {
  const clock = openTestClock()
  const home = await makeHome()
  const set: { hooks: Hooks } = { hooks: hooksOf(webhooks, hookIdOf) }
  const told: Entry[] = []
  const open = async () => {
    const book = await home.open({ now: clock.now })
    book.watch((entry) => void told.push(entry))
    const hooks = openWebhooks({
      ledger: book.ledger,
      record: book.record,
      hooks: () => set.hooks,
      network: () => directNetwork,
      clean: (text) => text,
      warn: book.warn,
      version: '0.1.0',
      now: clock.now,
      later: clock.later,
      chance: () => 0.5,
      ...more,
    })
    return { book, hooks }
  }
  let now: { book: Awaited<ReturnType<typeof home.open>>; hooks: Webhooks } = await open()
  const story = {
    clock,
    set,
    told,
    get ledger() {
      return now.book.ledger
    },
    get warnings() {
      return now.book.warn.standing
    },
    look: () => now.hooks.look(),
    /** Raises an alert for all webhooks there are. */
    raise(id: string, about: AlertAbout = aboutBudget()) {
      now.book.record({ type: 'alert.raised', id, about, hooks: [...set.hooks.byId.keys()] })
      now.hooks.look()
    },
    delivery: (alert: string, at = 0) => now.book.ledger.alerts.get(alert)?.deliveries[at],
    async restart() {
      await now.hooks.close()
      await now.book.close()
      now = await open()
      now.hooks.look()
    },
    async end() {
      await now.hooks.close()
      await now.book.close()
      await home.remove()
    },
  }
  return story
}
