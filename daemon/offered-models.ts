/** Which models a provider has: what holders of our keys are told they may ask for, and what tells where a name leads. */
import type { Catalogue } from './pricing/catalogue.ts'
import { isKnownModel, knownModels } from './pricing/known-models.ts'
import type { Provider } from './providers/provider.ts'
import { canLend } from './routing/route.ts'

/** What the user's config says, else what the price catalogue knows; none where it lends nothing. */
export function offeredModels(catalogue: Catalogue, provider: Provider): readonly string[] {
  if (!canLend(provider)) return []
  return provider.models ?? (provider.catalogueId === null ? [] : knownModels(catalogue, provider.catalogueId))
}

/** By the same two; null: neither knows. `at` is epoch ms. */
export function sellsModel(catalogue: Catalogue, provider: Provider, model: string, at: number): boolean | null {
  if (provider.models) return provider.models.includes(model)
  return provider.catalogueId === null ? null : isKnownModel(catalogue, provider.catalogueId, model, at)
}
