/** Whether fetched prices can be what they say they are: newer prices of the same models, and more of them. */
import type { Provider } from '@pydantic/genai-prices'
import type { Catalogue } from './catalogue.ts'

/** Models are added all the time and seldom taken out: with fewer, something is missing. */
const leastShare = 0.8

/** `catalogueIds`: the providers to look at. `why` ends the sentence "the fetched prices …"; undefined: nothing speaks against them. */
export function whyImplausible(
  fresh: readonly Provider[],
  before: Catalogue,
  catalogueIds: readonly string[],
): string | undefined {
  const found = new Map(fresh.map((provider) => [provider.id, provider]))
  const missing = catalogueIds.find((id) => before.modelsOf(id) !== null && !found.has(id))
  if (missing !== undefined) return `lack the provider "${missing}", which is known here`
  const known = sum(catalogueIds.map((id) => before.modelsOf(id)?.length ?? 0))
  const now = sum(catalogueIds.map((id) => found.get(id)?.models.filter((model) => !model.deprecated).length ?? 0))
  if (now < known * leastShare) return `have ${now} models, where ${known} are known here: something is missing`
  const newest = newestIn(catalogueIds.flatMap((id) => found.get(id) ?? []))
  const newestKnown = newestIn(catalogueIds.flatMap((id) => before.providerOf(id) ?? []))
  if (newest < newestKnown)
    return `are older than those at hand: their last dated price is of ${newest || 'no day'}, here one is of ${newestKnown}`
  return undefined
}

function newestIn(providers: readonly Provider[]): string {
  let newest = ''
  for (const { models } of providers)
    for (const { prices } of models)
      for (const { constraint } of Array.isArray(prices) ? prices : [])
        if (constraint?.type === 'start_date' && constraint.start_date > newest) newest = constraint.start_date
  return newest
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0)
}

/** How many models are new, and of how many the prices are others than before. */
export function differencesOf(fresh: readonly Provider[], before: Catalogue): { added: number; changed: number } {
  let [added, changed] = [0, 0]
  for (const { id, models } of fresh) {
    const known = new Map(before.providerOf(id)?.models.map((model) => [model.id, model]))
    for (const model of models) {
      const was = known.get(model.id)
      if (!was) added++
      else if (textOf(was.prices) !== textOf(model.prices)) changed++
    }
  }
  return { added, changed }
}

/** The same for the same values, in whatever order they stand. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
