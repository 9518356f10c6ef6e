/** Wires what raises alerts to what tells webhooks of them, with the webhooks that the config names now. */
import type { AlertRow } from '../shared/contract/alert.ts'
import type { WebhookConfig } from '../shared/contract/config-webhooks.ts'
import { openAlerting } from './alerting.ts'
import type { ConfigInUse } from './config-in-use.ts'
import { alertOf } from './ledger/views/alerts.ts'
import { budgetRowsOf } from './ledger/views/budgets.ts'
import type { Book } from './store/book.ts'
import { version } from './version.ts'
import type { Warnings } from './warnings.ts'
import { type Hooks, hooksOf, noHooks } from './webhooks/hooks.ts'
import { openWebhooks, waiting } from './webhooks/webhooks.ts'

export type AlertsDeps = {
  book: Book
  inUse: ConfigInUse
  /** A keyed hash of a secret text. */
  fingerprint(text: string): string
  warnings: Warnings
  clean(text: string): string
  now(): number
}

export type Alerts = {
  /** Scheme, host and port of a webhook that is configured, by the name that the history has for it. */
  originOf(hook: string): string | undefined
  /** How an alert stands; undefined: it is not kept. */
  alertOf(id: string): AlertRow | undefined
  /** How many deliveries to webhooks are still to be made. */
  waiting(): number
  close(): Promise<void>
}

export function openAlerts({ book, inUse, fingerprint, warnings, clean, now }: AlertsDeps): Alerts {
  let of: readonly WebhookConfig[] | undefined
  let made: Hooks = noHooks

  /** Made anew when the config is. Without a file that can be read, nobody knows which webhooks there are. */
  function hooks(): Hooks {
    const { webhooks } = inUse.now().settings
    if (of !== webhooks) made = hooksOf(webhooks, fingerprint)
    of = webhooks
    return inUse.live.isKnown() ? made : { ...made, isWhole: false }
  }

  const webhooks = openWebhooks({
    ledger: book.ledger,
    record: book.record,
    hooks,
    network: () => inUse.now().network,
    clean,
    warn: warnings,
    version,
    now,
    later,
    chance: Math.random,
  })
  const alerting = openAlerting({
    book,
    budgetRows: () => budgetRowsOf(book.ledger, now()),
    isSimulated: (provider) => inUse.now().providers.get(provider)?.simulated === true,
    hooks,
    now,
    later,
  })
  const originOf = (hook: string) => hooks().byId.get(hook)?.url.origin
  const stopWatching = book.watch(({ e }) => {
    if (e.type === 'alert.raised') webhooks.look()
  })
  inUse.watch(() => webhooks.look())
  webhooks.look()

  return {
    originOf,
    alertOf: (id) => alertOf(book.ledger, id, originOf),
    waiting: () => waiting(book.ledger).length,
    async close() {
      alerting.close()
      stopWatching()
      await webhooks.close()
    },
  }
}

function later(fn: () => void, ms: number): () => void {
  const timer = setTimeout(fn, ms).unref()
  return () => clearTimeout(timer)
}
