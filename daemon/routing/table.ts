/** Chains and routes as the user wrote them, made ready for asking: which chain serves a requested name. */
import type { Config } from '../../shared/contract/config.ts'
import { fits, isPattern } from '../../shared/glob.ts'

export type ChainTarget = { provider: string; model: string }
export type Chain = { name: string; targets: readonly ChainTarget[] }

/** Never changed in place. */
export type RoutingTable = {
  chains: ReadonlyMap<string, Chain>
  /** By full name. */
  named: ReadonlyMap<string, Chain>
  /** In the order in which they were written: the first that fits counts. */
  patterns: readonly { pattern: string; chain: Chain }[]
  defaultChain: Chain | null
}

/** What a request for a chain begins with in place of a model's name. */
export const chainPrefix = 'chain:'

/** A route to a chain that is not there leads nowhere; the check of the config lets none through. */
export function routingOf({
  chains,
  routes,
  defaultChain,
}: Pick<Config, 'chains' | 'routes' | 'defaultChain'>): RoutingTable {
  const all = new Map(
    Object.entries(chains ?? {}).map(([name, targets]) => [name, { name, targets: targets.map(targetOf) }]),
  )
  const named = new Map<string, Chain>()
  const patterns: { pattern: string; chain: Chain }[] = []
  for (const [asked, to] of Object.entries(routes ?? {})) {
    const chain = all.get(to)
    if (chain === undefined) continue
    if (isPattern(asked)) patterns.push({ pattern: asked, chain })
    else named.set(asked, chain)
  }
  return { chains: all, named, patterns, defaultChain: all.get(defaultChain ?? '') ?? null }
}

/** The model's own name may hold slashes. */
function targetOf(written: string): ChainTarget {
  const slash = written.indexOf('/')
  return { provider: written.slice(0, slash), model: written.slice(slash + 1) }
}

export type ChainAsked = {
  /** By header. */
  chain: string | null
  model: string | null
}

/** `byName`: the caller named the chain itself. null: neither the caller nor a route says one. */
export type ChainFound = { kind: 'chain'; chain: Chain; byName: boolean } | { kind: 'unknown'; name: string } | null

export function askedChainOf(table: RoutingTable, { chain, model }: ChainAsked): ChainFound {
  const name = chain ?? (model?.startsWith(chainPrefix) ? model.slice(chainPrefix.length) : null)
  if (name !== null) {
    const found = table.chains.get(name)
    return found ? { kind: 'chain', chain: found, byName: true } : { kind: 'unknown', name }
  }
  if (model === null) return null
  const routed = table.named.get(model) ?? table.patterns.find(({ pattern }) => fits(pattern, model))?.chain
  return routed ? { kind: 'chain', chain: routed, byName: false } : null
}
