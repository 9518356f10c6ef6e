/** Where a call on one of our own keys goes: what the path says, a chain, the provider that its model's name says, or the dialect's home. */
import type { DialectName, Strategy } from '../../shared/contract/event.ts'
import { askedChainOf, type Chain, type ChainAsked, type RoutingTable } from './table.ts'

/** What routing has to know of a provider; whoever asks gets its own kind of provider back. */
export type Routable = {
  id: string
  dialects: readonly DialectName[]
  keyHeader: string
  apiKey?: string
  configured: boolean
}

type Nowhere = { kind: 'none'; code: 'unknown_provider' | 'unknown_route'; detail: string }
export type Routed<P extends Routable> =
  /** `model` null: the body keeps the caller's. */
  { kind: 'target'; provider: P; model: string | null; strategy: Strategy } | Nowhere
export type LentRoute<P extends Routable> = Routed<P> | { kind: 'chain'; chain: Chain }

export type RouteAsked<P extends Routable> = ChainAsked & {
  /** null: what passes unread is asked in no dialect, and goes through no chain. */
  dialect: DialectName | null
  /** The provider that such calls go to when nothing else is said. */
  home: string
  pinned: string | null
  /** The key's rights: providers that it may use at all, chains, and whether it may use anything but chains. */
  mayUse(provider: P): boolean
  mayUseChain(name: string): boolean
  chainsOnly: boolean
  /** null: nobody knows what this provider sells. */
  sells(provider: P, model: string): boolean | null
}

type Providers<P> = ReadonlyMap<string, P>

export function lentRouteOf<P extends Routable>(
  providers: Providers<P>,
  table: RoutingTable,
  asked: RouteAsked<P>,
): LentRoute<P> {
  if (asked.pinned !== null) return pinnedTargetOf(providers, asked.pinned, asked.dialect)
  const found = asked.dialect === null ? null : askedChainOf(table, asked)
  if (found?.kind === 'unknown') return unknownChain(table, found.name, asked.mayUseChain)
  if (found) return found
  const slash = asked.model?.indexOf('/') ?? -1
  const named = slash > 0 ? providers.get((asked.model as string).slice(0, slash)) : undefined
  if (named) return speaking(named, asked.dialect, (asked.model as string).slice(slash + 1), 'routed')
  const seller = asked.chainsOnly ? undefined : sellerOf(providers, asked)
  if (seller) return speaking(seller, asked.dialect, null, 'routed')
  if (table.defaultChain && asked.dialect !== null) return { kind: 'chain', chain: table.defaultChain }
  const home = providers.get(asked.home)
  if (home && canLend(home)) return speaking(home, asked.dialect, null, 'routed')
  return { kind: 'none', code: 'unknown_route', detail: nobodyLends(providers, asked) }
}

/** The dialect's home also where nobody knows what it sells; another one only where it is known to sell the model. */
function sellerOf<P extends Routable>(providers: Providers<P>, asked: RouteAsked<P>): P | undefined {
  const { dialect, model, home, sells, mayUse } = asked
  if (dialect === null || model === null) return undefined
  const isAble = (provider: P) => canLend(provider) && provider.dialects.includes(dialect) && mayUse(provider)
  const first = providers.get(home)
  if (first && isAble(first) && sells(first, model) !== false) return first
  return [...providers.values()].find(
    (provider) => provider.configured && isAble(provider) && sells(provider, model) === true,
  )
}

export function unknownChain(table: RoutingTable, name: string, mayUse: (name: string) => boolean): Nowhere {
  const known = [...table.chains.keys()].filter(mayUse)
  const hint =
    known.length > 0
      ? `Known are: ${known.join(', ')}.`
      : 'Write one under "chains" in config.jsonc, or with "tollkeeper chain set".'
  const detail = `There is no chain named ${JSON.stringify(name.slice(0, 64))} for this key. ${hint}`
  return { kind: 'none', code: 'unknown_route', detail }
}

function nobodyLends<P extends Routable>(providers: Providers<P>, { dialect, model }: RouteAsked<P>): string {
  // a local server that nobody configured may not be there
  const able = [...providers.values()].find(
    (provider) => canLend(provider) && provider.configured && (dialect === null || provider.dialects.includes(dialect)),
  )
  const hint = able
    ? `Ask for ${able.id}/MODEL, or use the path /p/${able.id}/….`
    : 'Give a provider an "apiKey" in config.jsonc first.'
  return `No provider has a key to lend for ${model ?? 'this call'}. ${hint}`
}

export function pinnedTargetOf<P extends Routable>(
  providers: Providers<P>,
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
