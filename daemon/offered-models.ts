/** Which models holders of our keys are told that they may ask for at a provider. */
import { knownModels } from './pricing/known-models.ts'
import type { Provider } from './providers/provider.ts'
import { canLend } from './routing/route.ts'

/** What the user's config says, else what the price catalogue knows; none where it lends nothing. */
export function offeredModels(provider: Provider): readonly string[] {
  if (!canLend(provider)) return []
  return provider.models ?? (provider.catalogueId === null ? [] : knownModels(provider.catalogueId))
}
