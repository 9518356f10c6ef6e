/** The models that the price catalogue knows of a provider, for whoever asks what there is. */
import type { Catalogue } from './catalogue.ts'
import { otherNames } from './names.ts'
import { overrideOf } from './overrides.ts'

/** Names as the provider sells them, without those it has given up. `catalogueId` is the provider's name in the catalogue. */
export function knownModels(catalogue: Catalogue, catalogueId: string): readonly string[] {
  return catalogue.modelsOf(catalogueId) ?? []
}

/** Whether the provider sells a model of this name; null: the catalogue does not know the provider. `at` is epoch ms. */
export function isKnownModel(catalogue: Catalogue, catalogueId: string, model: string, at: number): boolean | null {
  const own = { catalogueId, model }
  for (const { catalogueId: id, model: name } of [own, ...otherNames(own, 0)]) {
    if (id !== null && (overrideOf(id, name) || catalogue.ratesOf(id, name, at))) return true
  }
  return catalogue.modelsOf(catalogueId) ? false : null
}
