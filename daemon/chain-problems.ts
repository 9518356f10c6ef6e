/** What is wrong with chains that only the providers in use can tell: targets at providers that are not there. */
import type { RoutingTable } from './routing/table.ts'
import type { ConfigProblem } from './store/config-words.ts'

/** One problem a chain, at the first such target; the rest of the chain works. `placeOf` tells where in the file it stands. */
export function chainProblemsOf(
  { chains }: RoutingTable,
  providers: ReadonlyMap<string, unknown>,
  placeOf: (path: (string | number)[]) => string,
): ConfigProblem[] {
  return [...chains.values()].flatMap(({ name, targets }) => {
    const strays = targets.flatMap(({ provider }, at) => (providers.has(provider) ? [] : [{ provider, at }]))
    const [first] = strays
    if (!first) return []
    const missing = [...new Set(strays.map(({ provider }) => `"${provider}"`))].join(', ')
    const rest = strays.length < targets.length ? 'its other targets are in use' : 'it leads nowhere'
    const place = placeOf(['chains', name, first.at])
    const text = `${place}: chain "${name}" asks for ${missing}, and no such provider is in use; ${rest}. Correct the name, or add the provider.`
    return [{ code: 'chain-incomplete', subject: name, text }]
  })
}
