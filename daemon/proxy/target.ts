/** Where a call goes: by its own credential to its pinned provider or its dialect's home, by one of our keys where that may. */
import type { Scope } from '../../shared/contract/endpoint.ts'
import type { Provider } from '../providers/provider.ts'
import { canLend, lentTargetOf, pinnedTargetOf } from '../routing/route.ts'
import type { Call, Plan, Target } from './call.ts'
import type { No } from './refuse.ts'

/** Who one of our keys was given to. `providers` null: all. */
export type KeyHolder = { id: string; name: string; scope: Scope; providers: string[] | null }

/** `readable`: the body could be read, or need not be. */
export function planOf(
  providers: ReadonlyMap<string, Provider>,
  call: Call,
  pinned: string | null,
  holder: KeyHolder | null,
  readable: boolean,
): Plan | No {
  const target = targetOf(providers, call, pinned, holder, readable)
  return 'code' in target ? target : { chain: null, targets: [target], skipped: [] }
}

function targetOf(
  providers: ReadonlyMap<string, Provider>,
  call: Call,
  pinned: string | null,
  holder: KeyHolder | null,
  readable: boolean,
): Target | No {
  // lists of models are a provider's own, whatever it speaks else
  const dialect = call.endpoint.unread || call.endpoint.models ? null : call.dialect.name
  // With an own credential the call goes to its pinned provider or its dialect's home, never anywhere else.
  if (call.credentials.own !== null || holder === null) {
    const routed = pinnedTargetOf(providers, pinned ?? homeOf(call), dialect)
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
  if (!call.facts && pinned === null && !call.endpoint.unread) {
    return readable
      ? { code: 'bad_json', detail: 'To route this call its body must be a JSON object; it is not.' }
      : {
          code: 'unreadable_encoding',
          detail: 'To route this call its body must be readable: send it without a content-encoding.',
        }
  }
  const routed = lentTargetOf(providers, { dialect, home: call.dialect.home, pinned, model: call.model })
  if (routed.kind === 'none') return routed
  const { provider } = routed
  if (!mayUse(holder, provider)) return notFor(holder, provider)
  if (!canLend(provider)) {
    return {
      code: 'key_not_for_provider',
      detail: `Provider ${provider.id} has no key to lend. Give it an "apiKey" in config.jsonc, or send your own credential for it.`,
    }
  }
  if (!isCounted(call) && !isAllowed(provider, call.rest)) {
    return {
      code: 'key_not_for_provider',
      detail: `Provider ${provider.id} lends its key to counted calls only. List this path under its "allowPaths" in config.jsonc if it may be used.`,
    }
  }
  return { provider, model: routed.model, strategy: routed.strategy, lent: true }
}

/** A ChatGPT login is known by the account it names, and is worth nothing at OpenAI's own API (seen 2026-11). */
function homeOf(call: Call): string {
  const isChatGpt = call.request.headers['chatgpt-account-id'] !== undefined && call.dialect.home === 'openai'
  return isChatGpt ? 'codex' : call.dialect.home
}

/** A list of models, a token count and the like are known by how a pinned path ends, and only where nothing else stands before it. */
function isCounted({ endpoint, rest }: Call): boolean {
  const first = (path: string) => bare(path).split('/')[0]
  return endpoint.counts === 'tokens' || (!endpoint.unread && first(rest) === first(endpoint.path))
}

function bare(path: string): string {
  return path.replace(/^\/+/, '').replace(/^v1(beta)?\//, '')
}

/** `/v1/files` allows itself and all below it, with or without its version. Dot segments are refused further on. */
function isAllowed(provider: Provider, rest: string): boolean {
  const path = bare(rest)
  return (provider.allowPaths ?? []).some((allowed) => {
    const stem = bare(allowed).replace(/\/+$/, '')
    return stem !== '' && (path === stem || path.startsWith(`${stem}/`))
  })
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
