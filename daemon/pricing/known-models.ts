/** The models that the price catalogue knows of a provider, for whoever asks what there is. */
import { findProvider } from '@pydantic/genai-prices'

/** Names as the provider sells them, without those it has given up. `catalogueId` is the provider's name in the catalogue. */
export function knownModels(catalogueId: string): readonly string[] {
  const models = findProvider({ providerId: catalogueId })?.models ?? []
  return models.filter((model) => model.deprecated !== true).map((model) => model.id)
}
