/** Where a call on one of our own keys goes: the provider the path or the model's name says, else the dialect's home. */
import type { DialectName, Strategy } from '../../shared/contract/event.ts'

/** What routing has to know of a provider; whoever asks gets its own kind of provider back. */
export type Routable = {
  id: string
  dialects: readonly DialectName[]
  keyHeader: string
  apiKey?: string
  configured: boolean
}

export type Routed<P extends Routable> =
  /** `model` null: the body keeps the caller's. */
  | { kind: 'target'; provider: P; model: string | null; strategy: Strategy }
  | { kind: 'none'; code: 'unknown_provider' | 'unknown_route'; detail: string }

export type RouteAsked = {
  /** null: what passes unread is asked in no dialect. */
  dialect: DialectName | null
  /** The provider that such calls go to when nothing else is said. */
  home: string
  pinned: string | null
  model: string | null
}

export function lentTargetOf<P extends Routable>(providers: ReadonlyMap<string, P>, asked: RouteAsked): Routed<P> {
  if (asked.pinned !== null) return pinnedTargetOf(providers, asked.pinned, asked.dialect)
  const slash = asked.model?.indexOf('/') ?? -1
  const named = slash > 0 ? providers.get((asked.model as string).slice(0, slash)) : undefined
  if (named) return speaking(named, asked.dialect, (asked.model as string).slice(slash + 1), 'routed')
  const home = providers.get(asked.home)
  if (home && canLend(home)) return speaking(home, asked.dialect, null, 'routed')
  // a local server that nobody configured may not be there
  const able = [...providers.values()].filter(
    (provider) =>
      canLend(provider) && provider.configured && (asked.dialect === null || provider.dialects.includes(asked.dialect)),
  )
  const hint = able[0]
    ? `Ask for ${able[0].id}/MODEL, or use the path /p/${able[0].id}/….`
    : 'Give a provider an "apiKey" in config.jsonc first.'
  return {
    kind: 'none',
    code: 'unknown_route',
    detail: `No provider has a key to lend for ${asked.model ?? 'this call'}. ${hint}`,
  }
}

export function pinnedTargetOf<P extends Routable>(
  providers: ReadonlyMap<string, P>,
  id: string,
  dialect: DialectName | null,
): Routed<P> {
  const provider = providers.get(id)
  if (!provider) {
    return {
      kind: 'none',
      code: 'unknown_provider',
      detail: `There is no provider named ${JSON.stringify(id.slice(0, 64))}. Known are: ${[...providers.keys()].join(', ')}.`,
    }
  }
  return speaking(provider, dialect, null, 'pinned')
}

/** Whether a call without an own credential can be served there. */
export function canLend(provider: Routable): boolean {
  return provider.keyHeader === 'none' || provider.apiKey !== undefined
}

function speaking<P extends Routable>(
  provider: P,
  dialect: DialectName | null,
  model: string | null,
  strategy: Strategy,
): Routed<P> {
  if (dialect === null || provider.dialects.includes(dialect)) return { kind: 'target', provider, model, strategy }
  return {
    kind: 'none',
    code: 'unknown_route',
    detail: `Provider ${provider.id} does not speak ${dialect}, only ${provider.dialects.join(', ')}.`,
  }
}
