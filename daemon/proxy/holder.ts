/** Who one of our keys was given to, and what it may use. */
import type { Scope } from '../../shared/contract/endpoint.ts'
import type { No } from './refuse.ts'

/** `providers`, `chains` null: all. With chains named, a key goes through those and nowhere else. */
export type KeyHolder = {
  id: string
  name: string
  scope: Scope
  providers: readonly string[] | null
  chains: readonly string[] | null
}

export function mayUse({ providers }: KeyHolder, provider: string): boolean {
  return providers?.includes(provider) ?? true
}

export function mayUseChain({ chains }: KeyHolder, chain: string): boolean {
  return chains?.includes(chain) ?? true
}

/** Why the key may not go to this provider by itself; null: it may. */
export function noOfProvider(holder: KeyHolder, provider: string): No | null {
  if (holder.chains !== null) {
    const asked = `it may use nothing but ${namesOf(holder.chains)}`
    return refused(holder, `may not use provider ${provider} by itself: ${asked}`)
  }
  return mayUse(holder, provider) ? null : refused(holder, `may not use provider ${provider}`)
}

export function noOfChain(holder: KeyHolder, chain: string): No {
  return refused(holder, `may not use the chain ${chain}, only ${namesOf(holder.chains ?? [])}`)
}

function namesOf(chains: readonly string[]): string {
  return chains.length === 0 ? 'chains, and none is allowed' : `chain:${chains.join(', chain:')}`
}

function refused({ name }: KeyHolder, words: string): No {
  return { code: 'key_not_for_provider', detail: `The key ${JSON.stringify(name)} ${words}.` }
}
