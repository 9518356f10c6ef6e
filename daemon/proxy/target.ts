/** Where a call goes: by its own credential to its pinned provider or its dialect's home, by one of our keys where that may. */
import type { Scope } from '../../shared/contract/endpoint.ts'
import type { Provider } from '../providers/provider.ts'
import { canLend, lentTargetOf, pinnedTargetOf } from '../routing/route.ts'
import type { Call, Target } from './call.ts'
import type { No } from './refuse.ts'

/** Who one of our keys was given to. `providers` null: all. */
export type KeyHolder = { id: string; name: string; scope: Scope; providers: string[] | null }

/** `encoded`: the body is compressed and so was not read. */
export function targetOf(
  providers: ReadonlyMap<string, Provider>,
  call: Call,
  pinned: string | null,
  holder: KeyHolder | null,
  encoded: boolean,
): Target | No {
  const asked = { dialect: call.dialect.name, home: call.dialect.home, pinned, model: call.facts?.model ?? null }
  // With an own credential the call goes to its pinned provider or its dialect's home, never anywhere else.
  if (call.credentials.own !== null || holder === null) {
    const routed = pinnedTargetOf(providers, pinned ?? call.dialect.home, asked.dialect)
    if (routed.kind === 'none') return routed
    const { provider } = routed
    // what needs no credential is lent, whatever credential came along
    if (provider.keyHeader === 'none' && !provider.passthrough) {
      if (holder === null) {
        return {
          code: 'no_credential',
          detail: `Provider ${provider.id} is lent only to holders of a Tollkeeper key: bring one ("tollkeeper key create"), or set "passthrough": true on it in config.jsonc.`,
        }
      }
      if (!mayUse(holder, provider)) return notFor(holder, provider)
    }
    return { provider, model: null, strategy: pinned === null ? 'direct' : 'pinned', lent: false }
  }
  if (!call.facts && pinned === null) {
    return encoded
      ? {
          code: 'unreadable_encoding',
          detail: 'To route this call its body must be readable: send it without a content-encoding.',
        }
      : { code: 'bad_json', detail: 'To route this call its body must be a JSON object; it is not.' }
  }
  const routed = lentTargetOf(providers, asked)
  if (routed.kind === 'none') return routed
  const { provider } = routed
  if (!mayUse(holder, provider)) return notFor(holder, provider)
  if (!canLend(provider)) {
    return {
      code: 'key_not_for_provider',
      detail: `Provider ${provider.id} has no key to lend. Give it an "apiKey" in config.jsonc, or send your own credential for it.`,
    }
  }
  return { provider, model: routed.model, strategy: routed.strategy, lent: true }
}

function mayUse(holder: KeyHolder, provider: Provider): boolean {
  return holder.providers === null || holder.providers.includes(provider.id)
}

function notFor(holder: KeyHolder, provider: Provider): No {
  return {
    code: 'key_not_for_provider',
    detail: `The key ${JSON.stringify(holder.name)} may not use provider ${provider.id}.`,
  }
}
