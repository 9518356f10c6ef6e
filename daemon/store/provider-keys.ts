/** Providers' keys that the user gave the daemon to lend: kept in `secrets.json`, each for one origin, and never shown again. */
import type { Secrets } from './secrets-file.ts'

export type ProviderKeys = {
  /** undefined: there is none, or it was set for another origin. */
  keyFor(provider: string, origin: string): string | undefined
  /** The origin that the provider's key was set for; undefined: there is none. */
  originOf(provider: string): string | undefined
  providers(): string[]
  /** Resolves when it is on the disk. */
  set(provider: string, origin: string, key: string): Promise<void>
  /** Takes effect at once; resolves when it is on the disk. */
  drop(provider: string): Promise<void>
}

export function openProviderKeys({ secrets, now }: { secrets: Secrets; now: () => number }): ProviderKeys {
  const dropped = new Set<string>()
  const held = (provider: string) => {
    const all = secrets.data.provider_keys ?? {}
    return Object.hasOwn(all, provider) && !dropped.has(provider) ? all[provider] : undefined
  }
  return {
    keyFor(provider, origin) {
      const found = held(provider)
      return found?.origin === origin ? found.key : undefined
    },
    originOf: (provider) => held(provider)?.origin,
    providers: () => Object.keys(secrets.data.provider_keys ?? {}).filter((id) => !dropped.has(id)),
    async set(provider, origin, key) {
      const stored = { origin, key, set_at: new Date(now()).toISOString() }
      // the key before it may have leaked: that may be why there is a new one
      await secrets.change(
        (data) => {
          dropped.delete(provider)
          return { ...data, provider_keys: { ...data.provider_keys, [provider]: stored } }
        },
        { forgetting: true },
      )
    },
    async drop(provider) {
      dropped.add(provider)
      await secrets.change(
        (data) => {
          const { [provider]: _, ...provider_keys } = data.provider_keys ?? {}
          return { ...data, provider_keys }
        },
        { forgetting: true },
      )
      dropped.delete(provider)
    },
  }
}
