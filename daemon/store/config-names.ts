/** Finds what has the form of a secret where the config gives a name: names are recorded, shown, and sent on. */
import type { JSONPath } from 'jsonc-parser'
import type { Config } from '../../shared/contract/config.ts'
import { scrub } from '../../shared/scrub.ts'

export function secretNamesIn({ providers = {}, chains, routes, defaultChain, prices, budgets }: Config): JSONPath[] {
  // the rest of a provider's entry are addresses and keys, where secrets may stand
  const models = Object.fromEntries(
    Object.entries(providers).map(([id, provider]) => [id, { models: provider.models }]),
  )
  return placesIn({ providers: models, chains, routes, defaultChain, prices, budgets }, [])
}

function placesIn(value: unknown, path: JSONPath): JSONPath[] {
  if (typeof value === 'string') return isSecret(value) ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => {
    const place = [...path, Array.isArray(value) ? Number(name) : name]
    return isSecret(name) ? [place] : placesIn(one, place)
  })
}

function isSecret(text: string): boolean {
  return scrub(text) !== text
}
