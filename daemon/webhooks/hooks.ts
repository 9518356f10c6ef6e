/** The webhooks of the config, ready to be called: each known by a keyed hash of its address. */
import { type HookEvent, hookEvent } from '../../shared/contract/alert.ts'
import type { WebhookConfig } from '../../shared/contract/config-webhooks.ts'

export type Hook = {
  /** What the history knows it by: an address may hold a secret. */
  id: string
  url: URL
  /** null: its variable is not set, and what it is to hear waits for it. */
  secret: string | null
  events: ReadonlySet<HookEvent>
}

/** `isWhole` false: there may be more than these, as an address is not to be had now. */
export type Hooks = { byId: ReadonlyMap<string, Hook>; isWhole: boolean }

export const noHooks: Hooks = { byId: new Map(), isWhole: false }

/** A text that still holds a variable has no value: a warning of the config says so. */
export function hooksOf(webhooks: readonly WebhookConfig[], fingerprint: (url: string) => string): Hooks {
  const usable = webhooks.filter(({ url }) => !url.includes('${') && URL.canParse(url))
  const hooks = usable.map(({ url, secret, events }): Hook => {
    const parsed = new URL(url)
    return {
      id: fingerprint(parsed.href),
      url: parsed,
      secret: secret.includes('${') ? null : secret,
      events: new Set(events ?? hookEvent.options),
    }
  })
  return { byId: new Map(hooks.map((hook) => [hook.id, hook])), isWhole: usable.length === webhooks.length }
}
